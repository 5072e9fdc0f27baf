"""The earliest time at which a quantity could be had, planning forwards on top of a plan and disturbing nothing in it.

It is an estimate that the search for a promise starts from; a promise is given only for a date at which
`regenerate` finds everything in time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agents.planner.book import Book
from agents.planner.capacity import Load
from agents.planner.live import Live
from agents.planner.netting import Need
from agents.planner.purchases import Buyer
from agents.planner.regenerate import Plan
from agents.planner.routing import Operation, operations_of
from knowledge.earmarks import Earmarks, Wanted, allot
from knowledge.instants import Instant
from knowledge.plant import Item, Replenishment
from knowledge.quantities import Units

_MOST_STEPS = 12
"""How many steps of an availability staircase are tried before the last is taken."""


@dataclass(slots=True)
class Forward:
    """One forward pass. What it takes is remembered, so that two needs of one pass do not take the same piece.

    `holders` are those for whom it looks: what on the shelf belongs to them is theirs to take, besides what is free.
    """

    book: Book
    plan: Plan | Live
    taken: dict[str, list[tuple[Instant, Units]]] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)
    blocked: list[str] = field(default_factory=list)
    """Items that nobody can supply, found on the way."""
    holders: frozenset[str] = frozenset()

    def earliest(self, needs: Iterable[tuple[str, Units]]) -> Instant | None:
        """When all of (item, units) are there; None if one of them never is."""
        times = [self.supply(item, quantity) for item, quantity in needs]
        return None if None in times else max((t for t in times if t is not None), default=self.book.now)

    def staircase(self, item: str) -> list[tuple[Instant, Units]]:
        """(time, promisable from then on), rising: every step of what may still be promised."""
        now = self.book.now
        events = [(max(s.time, now), s.receipt) for s in self.book.firm_supply(item)]
        events += [(max(time, now), units) for time, units in self.book.others.get(item, ()) if units > 0]
        needs: Sequence[Need]
        needs, receipts = self.plan.staircase_of(item)
        events += receipts
        balance = self.book.on_hand.get(item, 0)
        if item in self.book.earmarks:
            balance, needs = self._on_shelf(item, needs)
        events += [(n.time, -n.quantity) for n in needs]
        events += [(time, -quantity) for time, quantity in self.taken.get(item, ())]
        by_time: dict[Instant, Units] = {now: 0}
        for time, quantity in events:
            by_time[time] = by_time.get(time, 0) + quantity
        projected = []
        for time in sorted(by_time):
            balance += by_time[time]
            projected.append((time, balance))
        steps: list[tuple[Instant, Units]] = []
        lowest = projected[-1][1]
        for time, value in reversed(projected):
            lowest = min(lowest, value)
            if steps and steps[-1][1] == lowest:
                steps[-1] = time, lowest
            else:
                steps.append((time, lowest))
        steps.reverse()
        return steps

    def _on_shelf(self, item: str, needs: Sequence[Need]) -> tuple[Units, Sequence[Need]]:
        """What on the shelf the holders may take, and the needs that are not met by what is their own there."""
        shelf = self.book.earmarks[item]
        wanted = [Wanted(n.time, n.quantity, n.document) for n in needs]
        own = allot(Earmarks(shelf, (), self.book.customers), wanted)
        left = [need.quantity for need in needs]
        for index, _, units in own.taken:
            left[index] -= units
        ours = sum(units for holder, units in own.shelf.items() if holder in self.holders)
        return self.book.free(item) + ours, [n._replace(quantity=u) for n, u in zip(needs, left, strict=True)]

    def supply(self, code: str, quantity: Units) -> Instant | None:
        """When a quantity of an item is there: from what is promisable, and from new supply for the rest."""
        best: tuple[Instant, Units, Forward] | None = None
        for time, available in self.staircase(code)[:_MOST_STEPS]:
            have = max(0, min(available, quantity))
            if best is not None and time >= best[0]:
                break
            trial = self
            if have < quantity:
                trial = self._trial()
                made = trial.replenish(code, quantity - have)
                if made is None:
                    continue
                time = max(time, made) if have else made
            if best is None or time < best[0]:
                best = time, have, trial
            if have == quantity:
                break
        if best is None:
            self.blocked.append(code)
            return None
        time, have, trial = best
        self.taken, self.loads = trial.taken, trial.loads
        if have:
            self.taken.setdefault(code, []).append((time, have))
        return time

    def _trial(self) -> Forward:
        """A pass that goes on from here and takes nothing from this one."""
        return Forward(
            self.book,
            self.plan,
            {item: list(taken) for item, taken in self.taken.items()},
            {centre: load.copy() for centre, load in self.loads.items()},
            self.blocked,
            self.holders,
        )

    def replenish(self, code: str, quantity: Units) -> Instant | None:
        item = self.book.shop.plant.items[code]
        if self.book.shop.makes(code):
            times = [self._make(item, lot) for lot in item.lot.split(quantity)]
            return None if None in times else max(t for t in times if t is not None)
        if item.supply is Replenishment.BUY:
            return Buyer(self.book, ()).earliest(code, quantity)
        return None

    def _make(self, item: Item, quantity: Units) -> Instant | None:
        time = self.book.now
        bom = self.book.shop.plant.boms.get(item.code)
        for part in bom.components if bom else ():
            there = self.supply(part.item, part.need(quantity))
            if there is None:
                return None
            time = max(time, there)
        return self.make_from(item.code, quantity, time)

    def make_from(self, code: str, quantity: Units, time: Instant) -> Instant:
        """When an order is finished whose components are there at `time`."""
        operations = operations_of(self.book.shop, code, quantity)
        if not operations:
            return self.book.shop.plant.items[code].lead_time.forward(time)
        for operation in operations:
            time = self._work(operation, time)
        return time

    def _work(self, operation: Operation, begin: Instant) -> Instant:
        """The earliest finish of an operation among its alternatives, taken."""
        best: tuple[Instant, int, tuple[int, int, int]] | None = None
        for index, way in enumerate(operation.ways):
            axis = self.book.shop.axes[way.work_centre]
            place = self._load(way.work_centre).earliest(axis.open_seconds(begin), way)
            finish = axis.finish_at(place[0] + place[2]) if place[2] else begin
            if best is None or finish < best[0]:
                best = finish, index, place
        assert best is not None
        finish, index, place = best
        way = operation.ways[index]
        self._load(way.work_centre).take(*place, way)
        return finish

    def _load(self, work_centre: str) -> Load:
        load = self.loads.get(work_centre)
        if load is None:
            load = self.loads[work_centre] = self.plan.load(work_centre) or self.book.shop.idle(work_centre)
        return load
