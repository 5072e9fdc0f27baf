"""From planned to firm to released: what is due is issued, where its components are on the shelf."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heappop
from typing import TypeAlias

from agents.planner.book import Shelf
from agents.planner.giving_way import GivingWay
from agents.planner.opening import opened_work_order
from knowledge.availability import Availability
from knowledge.instants import DAY, Instant
from knowledge.pegging import Dated, peg
from knowledge.plant import SupplyStatus
from knowledge.supply import (
    PurchaseRow,
    Supply,
    WorkOrder,
    base_document,
    readable,
)

_Seen: TypeAlias = dict[str, tuple[list[Dated], Availability]]
"""The events of items, and the functions that they make."""


class Issuing(GivingWay):
    """The state, with issuing."""

    __slots__ = ()

    def take_open_orders(self, work_orders: Iterable[WorkOrder], purchases: Iterable[PurchaseRow]) -> None:
        """Take the orders that existed before, and plan everything for the first time."""
        work_orders, purchases = list(work_orders), list(purchases)
        self.taken.update(order.number for order in work_orders)
        self.taken.update(row.number for row in purchases)
        for order in sorted(work_orders, key=lambda o: (-o.finish, o.number)):
            opened = opened_work_order(self.book, order)
            if opened.status is SupplyStatus.PLANNED:
                self._spare(opened.item, "", opened.number)
            else:
                self.set_firm(opened)
        for row in purchases:
            if row.status is SupplyStatus.PLANNED:
                self._spare(row.item, row.supplier, row.number)
            else:
                self.set_firm(row)
        self.repair(self.book.shop.groups, "opening orders", "")

    def _spare(self, item: str, supplier: str, number: str) -> None:
        """Planned supply that was there before is planned anew, but its number is used again."""
        key = item, supplier
        self.journal.set(self.spare, key, (*self.spare.get(key, ()), number))

    def release_due(self, asks: Callable[[Supply], bool] = lambda supply: False) -> tuple[set[int], list[Supply]]:
        """Issue planned and firm supply that is due, where its components are on the shelf.

        Returns the groups touched, and what could not be issued although its start has come. What waits for an
        approval, itself or its order, waits on; `asks` tells whether policy wants one before this supply is issued.
        """
        horizon = int(self.plant.release_horizon_days * DAY)
        waiting = {s for planned in self.orders.values() for s in planned.pending} if self.plant.approvals else set()
        groups: set[int] = set()
        stuck: list[Supply] = []
        seen: _Seen = {}
        for document, item in sorted(self.due.pop_until(self.now), key=self._begin):
            supply = self._open(document, item)
            if supply is None or supply.status is SupplyStatus.RELEASED or supply.begin - self._lead > self.now:
                continue
            held = base_document(document) in waiting or (bool(waiting) and self._held(supply))
            blocked = held or asks(supply)
            if supply.begin - horizon <= self.now and not blocked and self._issue(supply, seen):
                seen.clear()
                groups |= self.book.shop.groups_of(supply)
                continue
            self.due.stuck[document] = item
            if supply.status is SupplyStatus.PLANNED:
                if not blocked and supply.begin - self.plant.frozen_horizon_days * DAY <= self.now < supply.begin:
                    self.drop_planned(supply)
                    self.set_firm(replace(supply, status=SupplyStatus.FIRM))
                    seen.clear()
                    groups |= self.book.shop.groups_of(supply)
                elif supply.begin < self.now:
                    stuck.append(supply)
        return groups, stuck

    def _begin(self, due: tuple[str, str]) -> Instant:
        """When what is due begins: what begins first draws first."""
        supply = self._open(*due)
        return supply.begin if supply is not None else 0

    def next_release(self) -> Instant | None:
        """When the next supply is to be issued. What is no longer so is forgotten, as a restart would."""
        heap = self.due.heap
        while heap:
            time, document, item = heap[0]
            supply = self._open(document, item)
            if supply is not None and supply.status is not SupplyStatus.RELEASED and supply.begin - self._lead == time:
                return time
            heappop(heap)
        return None

    def late_to_issue(self) -> bool:
        """Whether something begins before now that was not looked at when it was due."""
        due = self.next_release()
        return due is not None and due + self._lead < self.now

    def overdue(self) -> list[Supply]:
        """Planned supply whose start has passed."""
        found = (self._open(document, item) for document, item in sorted(self.due.stuck.items()))
        return [s for s in found if s is not None and s.status is SupplyStatus.PLANNED and s.begin < self.now]

    def why_not_begun(self, supply: Supply) -> tuple[str, Supply]:
        """Why a supply has not begun in time, and the supply that is to blame: one of a component, or itself."""
        parts = supply.components if isinstance(supply, WorkOrder) else ()
        for item, units in parts:
            if self.book.free(item) < units:
                for other in sorted(self.book.firm_supply(item), key=lambda s: (s.time, s.document)):
                    if other.time <= self.now and other.receipt:
                        return f"{readable(other.document)} for {item} is overdue", other
        return f"{readable(supply.document)} could not begin in time", supply

    def _held(self, supply: Supply) -> bool:
        """Whether the need that a supply was made for waits for an approval."""
        cause = supply.cause
        for _ in range(64):
            parent = self.find_supply(cause)
            if parent is None:
                break
            cause = parent.cause
        release = self.releases.get(cause)
        return release is not None and release.held

    def _issue(self, supply: Supply, seen: _Seen) -> bool:
        if isinstance(supply, WorkOrder):
            if supply.starved or not all(self._spared(item, units, supply, seen) for item, units in supply.components):
                return False
            for item, units in supply.components:
                self.move(item, -units)
            issued: Supply = replace(supply, status=SupplyStatus.RELEASED, drawn=True)
        else:
            issued = replace(supply, status=SupplyStatus.RELEASED)
        self.drop_planned(supply)
        self.set_firm(issued)
        return True

    def _spared(self, item: str, units: int, supply: WorkOrder, seen: _Seen) -> bool:
        """Whether so much is on the shelf, and can leave it now without being missed elsewhere.

        `seen` keeps what was looked up of items, for as long as nothing is issued.
        """
        if self.book.free(item) < units:
            return False
        on_hand = self.book.on_hand.get(item, 0)
        if item not in seen:
            found = self.events(item)
            dated = {f"{event.document} {event.units > 0}": (event.time, event.units) for event in found}
            seen[item] = found, Availability(on_hand, dated)
        events, function = seen[item]
        need = f"{supply.document} False"
        own = function.events.get(need)
        function.remove(need)
        lowest = function.lowest(self.now)
        if own is not None:
            function.set(need, *own)
        if lowest < units or not self.book.earmarks.get(item):
            return lowest >= units
        return self._in_time(item, on_hand - units, [each for each in events if each.document != supply.document])

    def _in_time(self, item: str, on_hand: int, events: list[Dated]) -> bool:
        """Whether with so much on the shelf everybody has in time what is needed, though some of it is others'."""
        marks = self.book.earmarked(item, self.planned.get(item, Shelf()).values())
        found = peg(on_hand, events, 0, marks)
        comes = {event.document: event.time for event in events if event.units > 0}
        needed = {event.document: max(event.time, self.now) for event in events if event.units < 0}
        late = (p for p in found.pegs if p.need in needed and comes.get(p.supply, self.now) > needed[p.need])
        return not found.short and not any(late)

    def firm_up(self, subject: str) -> None:
        """Planned supply becomes firm: the society does not change it any more. `subject` is an order's number."""
        for members in self.planned.values():
            for document in [d for d in members if base_document(d) == subject]:
                supply = members[document]
                self.drop_planned(supply)
                self.set_firm(replace(supply, status=SupplyStatus.FIRM))
