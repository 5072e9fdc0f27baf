"""Promising by slack: the first time by which work centres can have done one more order, in any sequence.

A work centre is given open time as time passes, and owes each operation by the time when that has to end. The slack at
a time is the least, over all later times, of what is given until then less what is owed by then; one more operation can
be due where the slack is as long as it takes. For one machine that may be interrupted this is exact; for several
machines, operations that cannot be interrupted and orders of several levels nothing earlier is possible either.

What is taken from the shelf has to be made again for those who need it later: so much more of an item can be needed
only at a time after which it is not short before it could be made.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from agents.planner.book import Shop
from agents.planner.netting import Need
from agents.planner.placing import Placing
from agents.planner.routing import operations_of
from knowledge.instants import Instant
from knowledge.quantities import Units

_FIRST: Instant = -(2**62)

_ROUNDS = 2
"""How often the least quantity that has to be made is looked for, given the time from which it may have to be."""


class Bound(NamedTuple):
    """Nothing is possible before `time`, because of `item`: until then `work_centre` is full, if any is."""

    time: Instant
    item: str = ""
    work_centre: str = ""


class Balance(NamedTuple):
    """An item as it is planned: the balance at first, what firm supply brings, and the needs with the balance after
    each."""

    on_hand: Units
    receipts: Sequence[tuple[Instant, Units]]
    needs: Sequence[Need]
    after: Sequence[Units | None]

    @property
    def left(self) -> Units:
        """What nobody needs."""
        if not self.needs:
            return self.on_hand + sum(units for _, units in self.receipts)
        last = self.needs[-1].time
        return (self.after[-1] or 0) + sum(units for time, units in self.receipts if time > last)

    def most(self, begin: Instant) -> Units:
        """The most that is there at any time from then on."""
        index = bisect_left(self.needs, (begin,))
        later = [after or 0 for after in self.after[index:]]
        before = (self.after[index - 1] or 0) if index else self.on_hand
        return max([before, *later]) + sum(units for time, units in self.receipts)

    def lasts_from(self, quantity: Units, until: Instant) -> Instant:
        """The first time from which on so much more can be needed without a shortage before another time."""
        index = stop = bisect_left(self.needs, (until,))
        while index and (self.after[index - 1] or 0) >= quantity:
            index -= 1
        if not index and self.on_hand >= quantity:
            return _FIRST
        short = self.needs[index - 1].time if index else _FIRST
        times = [time for time, _ in self.receipts if short < time < until]
        if index < stop:
            times.append(self.needs[index].time)
        return min(times, default=until)


@dataclass(slots=True)
class Slack:
    """The slack of the work centres of one plan, as it stands; `balance` is how an item is planned, where that is known
    to be so simple."""

    shop: Shop
    placing: Placing
    balance: Callable[[str], Balance | None]
    _owed: dict[str, list[tuple[int, int]]] = field(default_factory=dict)

    def needed(self, item: str, quantity: Units) -> Bound:
        """The first time at which so much more of an item can be needed."""
        now = self.placing.now
        balance = self.balance(item) if self.shop.makes(item) else None
        if balance is None or quantity <= balance.left:
            return Bound(now)
        bound, lots = Bound(now), self.shop.plant.items[item].lot
        for _ in range(_ROUNDS):
            lot = lots.split(max(1, quantity - balance.most(bound.time)))[0]
            made = self._made(item, lot)
            bound = made._replace(time=max(now, balance.lasts_from(quantity, made.time)))
        return bound

    def _made(self, item: str, quantity: Units) -> Bound:
        """The first time by which so much of an item can be made in one order.

        Operations that can be done at several work centres are taken to fit.
        """
        bom = self.shop.plant.boms.get(item)
        bound = Bound(self.placing.now, item)
        for component in bom.components if bom else ():
            bound = max(bound, self.needed(component.item, component.need(quantity)), key=_time_of)
        for operation in operations_of(self.shop, item, quantity):
            if len(operation.ways) != 1 or not operation.ways[0].seconds:
                continue
            way = operation.ways[0]
            axis = self.placing.centre(way.work_centre).axis
            bound = bound._replace(time=axis.finish_at(axis.open_seconds(bound.time) + way.seconds))
            free = self._free_from(way.work_centre, way.seconds)
            if free > bound.time:
                bound = Bound(free, item, way.work_centre)
        return bound

    def _free_from(self, work_centre: str, seconds: int) -> Instant:
        """The first time from which on so much slack is left."""
        centre, floor = self.placing.centre(work_centre), self.placing.floor(work_centre)
        machines, needed = len(centre.machines), seconds
        for position, total in reversed(self._owed_by(work_centre)):
            if machines * (position - floor) < total + seconds:
                needed += total
                break
        return centre.axis.finish_at(floor - (-needed // machines))

    def _owed_by(self, work_centre: str) -> list[tuple[int, int]]:
        """(position, seconds owed by then), for each position by which something is owed."""
        found = self._owed.get(work_centre)
        if found is None:
            centre, floor = self.placing.centre(work_centre), self.placing.floor(work_centre)
            open_seconds = centre.axis.open_seconds
            firm = (stretch for machine in centre.machines for stretch in machine.firm.stretches)
            owed = [(end, end - max(start, floor)) for start, end in firm if end > floor]
            owed += [
                (open_seconds(operation.end), operation.stop - operation.position)
                for operation in centre.queue
                if operation.machine is not None and operation.machine.work_centre == work_centre
            ]
            owed.sort()
            totals = accumulate(length for _, length in owed)
            found = self._owed[work_centre] = [(end, total) for (end, _), total in zip(owed, totals, strict=True)]
        return found


def _time_of(bound: Bound) -> Instant:
    return bound.time
