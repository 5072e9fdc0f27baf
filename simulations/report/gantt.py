"""The Gantt chart's content: which stretch of time, which lanes, what each bar says."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_low

from knowledge.instants import DAY, Instant, local_date, midnight
from knowledge.plant import Plant
from knowledge.wording import show_end, show_of, show_time
from simulations.report.axis import Axis, axis
from simulations.report.cells import plain
from simulations.report.lines import CANCELLED, OrderLine
from simulations.report.pegs import STOCK, Pegging
from simulations.report.records import Operation, Records, WorkOrder

WIDTH = 1040
MOST_LANES = 40
MOST_DAYS = 56
_NARROWEST = 12  # pixels that the median operation should have
_MOST_GROUPS = 9

FOR_STOCK = "for stock"
OTHERS = "others"


@dataclass(frozen=True, slots=True)
class Bar:
    """An operation on its lane. `group` decides the colour, `told` is what the pointer shows."""

    lane: str
    start: Instant
    finish: Instant
    work_order: str
    group: str
    told: str


@dataclass(frozen=True, slots=True)
class Gantt:
    """What is drawn, and what is not: operations outside the stretch, lanes beyond the most, idle machines."""

    axis: Axis
    lanes: tuple[str, ...]
    bars: tuple[Bar, ...]
    groups: tuple[str, ...]
    operations: int
    lanes_left_out: int
    idle: tuple[str, ...]


def lay_out(
    records: Records, lines: Sequence[OrderLine], pegs: Pegging, plant: Plant, zone: dt.tzinfo, now: Instant
) -> Gantt | None:
    """The Gantt chart of the operations that are not cancelled; None where there are none."""
    orders = {order.number: order for order in records.work_orders if order.status != CANCELLED}
    live = [operation for operation in records.operations if operation.work_order in orders]
    if not live:
        return None
    begin, end = window(live, zone, now)
    shop = _Shop(_machines(plant, live), orders, pegs, {line.name: line.items[0] for line in lines}, zone)
    bars = [shop.bar(operation) for operation in live if operation.start < end and operation.finish > begin]
    busy = Counter(bar.lane for bar in bars)
    kept = set(sorted(busy, key=lambda name: (-busy[name], name))[:MOST_LANES])
    shown = tuple(bar for bar in bars if bar.lane in kept)
    return Gantt(
        axis(begin, end, zone, 14),
        tuple(name for name in shop.lanes if name in kept),
        shown,
        _groups(shown),
        len(live),
        len(busy) - len(kept),
        tuple(name for name in shop.lanes if not busy[name]),
    )


def window(operations: Sequence[Operation], zone: dt.tzinfo, now: Instant) -> tuple[Instant, Instant]:
    """A readable stretch of whole days: long enough for the next operations, short enough to see the median one.

    It begins with the first operation not over yet from which at least half as many operations follow as in
    the fullest stretch of that length, so that a lonely early one does not take the picture.
    """
    ahead = [operation for operation in operations if operation.finish > now] or list(operations)
    starts = sorted(operation.start for operation in ahead)
    typical = median_low(sorted(operation.finish - operation.start for operation in ahead))
    days = min(max(typical * WIDTH // _NARROWEST // DAY, 1), MOST_DAYS)
    within = [bisect_left(starts, start + days * DAY) - number for number, start in enumerate(starts)]
    fullest = max(within)
    first = next(start for start, held in zip(starts, within, strict=True) if held * 2 >= fullest)
    begin = midnight(local_date(first, zone), zone)
    last = max(operation.finish for operation in ahead)
    end = max(min(begin + days * DAY, last), begin + 1)
    return begin, midnight(local_date(end - 1, zone) + dt.timedelta(days=1), zone)


@dataclass(frozen=True, slots=True)
class _Shop:
    """What bars are made from; `products` is the item of each order line."""

    machines: Mapping[str, Sequence[str]]
    orders: Mapping[str, WorkOrder]
    pegs: Pegging
    products: Mapping[str, str]
    zone: dt.tzinfo

    @property
    def lanes(self) -> list[str]:
        """Every machine of the work centres in use, in order."""
        return [self._lane(code, machine) for code, machines in self.machines.items() for machine in machines]

    def _lane(self, work_centre: str, machine: str) -> str:
        """The work centre, and the machine where it has several."""
        return f"{work_centre} {machine}" if len(self.machines[work_centre]) > 1 else work_centre

    def bar(self, operation: Operation) -> Bar:
        order = self.orders[operation.work_order]
        where = self._lane(operation.work_centre, operation.machine)
        purpose = self.pegs.purpose(order.number)
        span = f"{show_time(operation.start, self.zone)} to {show_end(operation.finish, self.zone)}"
        goods = f"{show_of(order.quantity, order.item, self.pegs.plant)} of {order.item}"
        aim = plain(purpose) if purpose in STOCK else purpose
        told = f"{order.number} step {operation.step}: {goods}, on {where}, {span}, for {aim}"
        return Bar(where, operation.start, operation.finish, order.number, self._group(order, purpose), told)

    def _group(self, order: WorkOrder, purpose: str) -> str:
        """The product at the top of the pegs; `for stock` where nobody ordered it."""
        if purpose in self.products:
            return self.products[purpose] or purpose
        return FOR_STOCK if purpose in STOCK else order.item


def _machines(plant: Plant, operations: Sequence[Operation]) -> dict[str, list[str]]:
    """The machines of each work centre in use: those that the plant has, and any other that the table names."""
    found: dict[str, set[str]] = {}
    for operation in operations:
        found.setdefault(operation.work_centre, set()).add(operation.machine)
    for code, machines in found.items():
        centre = plant.work_centres.get(code)
        if centre is not None and all(machine.isdigit() for machine in machines):
            first = 0 if "0" in machines else 1
            machines.update(str(number) for number in range(first, first + min(centre.machines, 1000)))
    return {code: sorted(found[code], key=_numerically) for code in sorted(found)}


def _numerically(machine: str) -> tuple[int, str]:
    return (int(machine) if machine.isdecimal() else -1, machine)


def _groups(bars: Sequence[Bar]) -> tuple[str, ...]:
    """The groups that get a colour of their own, in order of their names; `for stock` and `others` have theirs."""
    tally = Counter(bar.group for bar in bars if bar.group != FOR_STOCK)
    most = sorted(tally, key=lambda group: (-tally[group], group))[:_MOST_GROUPS]
    return tuple(sorted(most))
