"""The machines of a plan as bars in lanes: work and set-ups, by set-up group, and what is for somebody served late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from knowledge.calendars import OpenTime
from knowledge.instants import HOUR, MINUTE, Instant
from knowledge.plant import Alternative, Plant
from knowledge.wording import count
from simulations.report.lines import CANCELLED
from simulations.report.pegs import pegging
from simulations.report.records import Operation, Records, WorkOrder

SET_UP = "set-up"


@dataclass(frozen=True, slots=True)
class Bar:
    """Work, or a set-up, on a lane. `late` is what is for an order line that is promised late."""

    lane: str
    start: Instant
    finish: Instant
    group: str
    late: bool


@dataclass(frozen=True, slots=True)
class Sequence:
    """The bars of one plan, and what they come to: lines late, their hours, and hours of set-up."""

    bars: tuple[Bar, ...]
    late: int
    late_hours: Fraction
    set_up_hours: Fraction

    @property
    def told(self) -> str:
        """The key figures in a line."""
        lines = (
            f"{count(self.late, 'line')} late, {float(self.late_hours):,.0f} h in sum" if self.late else "nothing late"
        )
        return f"{lines}; {float(self.set_up_hours):,.0f} h of set-up"


def sequence_of(records: Records, plant: Plant) -> Sequence:
    """The bars of all operations that are not cancelled."""
    orders = {order.number: order for order in records.work_orders if order.status != CANCELLED}
    pegs, late = pegging(records, plant), _late(records)
    bars: list[Bar] = []
    for operation in records.operations:
        order = orders.get(operation.work_order)
        if order is not None:
            bars += _bars(operation, order, plant, pegs.purpose(order.number) in late)
    set_up = sum(bar.finish - bar.start for bar in bars if bar.group == SET_UP)
    return Sequence(tuple(bars), len(late), Fraction(sum(late.values()), HOUR), Fraction(set_up, HOUR))


def _late(records: Records) -> Mapping[str, int]:
    """Seconds by which order lines are promised late."""
    found: dict[str, int] = {}
    for promise in records.promises:
        if promise.late_seconds > 0:
            name = f"{promise.order}/{promise.line}"
            found[name] = max(promise.late_seconds, found.get(name, 0))
    return found


def _bars(operation: Operation, order: WorkOrder, plant: Plant, late: bool) -> Iterator[Bar]:
    centre, item = plant.work_centres.get(operation.work_centre), plant.items.get(order.item)
    several = centre is not None and centre.machines > 1
    lane = f"{operation.work_centre} {operation.machine}" if several else operation.work_centre
    group = (item.group if item else "") or order.item
    start, way = operation.start, _way(operation, order, plant)
    if centre is not None and way is not None:
        axis = OpenTime(centre.calendar, operation.start)
        run = (way.run_minutes * order.quantity + way.teardown_minutes) * MINUTE * 100 / centre.efficiency_percent
        set_up = axis.open_seconds(operation.finish) - _whole(run)
        if set_up >= MINUTE:
            start = axis.finish_at(set_up)
            yield Bar(lane, operation.start, start, SET_UP, late)
    if start < operation.finish:
        yield Bar(lane, start, operation.finish, group, late)


def _way(operation: Operation, order: WorkOrder, plant: Plant) -> Alternative | None:
    """How the route says that an operation is done where it is done."""
    route = plant.routes.get(order.item)
    ways = (way for step in (route.steps if route else ()) if step.step == operation.step for way in step.alternatives)
    return next((way for way in ways if way.work_centre == operation.work_centre), None)


def _whole(seconds: Decimal) -> int:
    return int(seconds.to_integral_value("ROUND_CEILING"))
