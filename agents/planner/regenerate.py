"""Planned supply from scratch: the contract's netting, level by level, on finite work centres, backwards.

`regenerate` is a pure function of a book: commitments in, planned orders out. Levels go from finished items down to
raw ones; at each, orders are placed as late as keeps their date, the latest due first, which is the earliest-due-date
sequence seen from the end. An order that would have to begin in the past is a violation.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from heapq import heapify, heappop, heappush

from agents.planner.book import Book, Commitment, Shop
from agents.planner.capacity import Load, Way
from agents.planner.covering import Cover, Covering, Violation, order_key
from agents.planner.netting import OTHERS, Need
from agents.planner.pinning import pegged, still_needed
from agents.planner.purchases import Buyer, Buying
from agents.planner.routing import Operation, operations_of, way_to
from knowledge.instants import MINUTE, Instant
from knowledge.pegging import Dated
from knowledge.plant import Item
from knowledge.quantities import Units
from knowledge.supply import OperationSlot, PurchaseRow, Supply, WorkOrder

_MOST_TRIES = 5
"""How often planned supply that is of no use any more is left out before the plan is taken as it is."""


@dataclass(slots=True)
class Making:
    """A planned work order under construction. `document` is its key until it is numbered.

    `kept` of it is for the custom line that it is made for alone.
    """

    item: str
    quantity: Units
    due: Instant
    cause: str
    document: str
    start: Instant = 0
    finish: Instant = 0
    slots: list[OperationSlot] = field(default_factory=list)
    kept: Units = 0
    turn: int = 0


@dataclass(slots=True)
class Plan:
    """Planned supply of one group, with the needs that it was made from and the machines that it fills."""

    group: int
    making: dict[str, list[Making]] = field(default_factory=dict)
    buying: dict[str, list[Buying]] = field(default_factory=dict)
    needs: dict[str, list[Need]] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)
    violations: list[Violation] = field(default_factory=list)
    ordered: frozenset[tuple[str, dt.date]] = frozenset()
    """Suppliers and days on which an order that costs something goes out."""
    pinned: tuple[Supply, ...] = ()
    """Planned supply that was left as it is: the plan is what comes besides."""
    rebuilds: bool = False
    """Whether safety stock of made items is in it."""
    version: int = -1
    """The version of the group in the book that the plan is of, and when it was made."""
    now: Instant = 0

    @property
    def feasible(self) -> bool:
        """Whether everything comes in time."""
        return not self.violations

    def staircase_of(self, item: str) -> tuple[list[Need], list[tuple[Instant, Units]]]:
        """The needs of an item in this plan, and when what it plans of it comes, and how much."""
        receipts = [(s.time, s.receipt) for s in self.pinned if s.item == item]
        receipts += [(making.due, making.quantity) for making in self.making.get(item, ())]
        receipts += [(row.due, row.quantity) for row in self.buying.get(item, ())]
        return self.needs.get(item, []), receipts

    def load(self, work_centre: str) -> Load | None:
        """What a work centre has to do, as an independent copy; None for nothing."""
        load = self.loads.get(work_centre)
        return load.copy() if load is not None else None


def regenerate(
    book: Book,
    group: int,
    extra: Iterable[Commitment] = (),
    *,
    safety_from: dict[str, Instant] | None = None,
    complete: bool = False,
    ordered: frozenset[tuple[str, dt.date]] = frozenset(),
) -> Plan:
    """Plan a group for its commitments and `extra` ones (which replace those of the same key).

    Stops at the first violation, unless `complete`: then what cannot be in time is planned as early as possible,
    and every violation is listed. `safety_from` says from when on safety stock of made items is asked for (never,
    where it does not name the item); bought items' is asked for as soon as somebody can deliver. On the
    supplier days in `ordered` an order goes out anyway and costs nothing more.

    Placing everything anew can fail where it is in place already (lots and sequences have such anomalies). In a group
    where that is known to happen, what is planned is then left as it is, and only what is new is planned besides; with
    `extra` that is not even tried otherwise.
    """
    extra = tuple(extra)
    fragile = group in book.fragile
    if extra and fragile:
        return besides(book, group, extra, complete=complete)
    plan = _new_plan(book, group)
    _Regeneration(book, plan, safety_from or {}, complete, ordered).run(extra)
    if plan.violations and fragile:
        found = besides(book, group, complete=complete)
        return found if found.feasible else plan
    return plan


def besides(book: Book, group: int, extra: Iterable[Commitment] = (), *, complete: bool = False) -> Plan:
    """What is new besides what is planned already, as far as that is still of use then."""
    pinned = still_needed(book, group, extra)
    found: Plan | None = None
    gone = _Gone()
    for _ in range(_MOST_TRIES):
        plan = replace(_new_plan(book, group), pinned=pinned)
        _Regeneration(book, plan, {}, complete, frozenset()).run(extra)
        if not plan.feasible:
            if found is None:
                return plan
            break
        found, gone = plan, _gone(book, plan, gone.parts)
        if not gone:
            return found
        pinned = gone.without(pinned)
    assert found is not None
    return _without(book, found, gone)


@dataclass(frozen=True, slots=True)
class _Gone:
    """Of pinned supply what nothing needs besides what is new, and what is bought for one day with new rows; the
    `parts` of such supply are needed less."""

    unneeded: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.unneeded or self.joined)

    def without(self, supply: Iterable[Supply]) -> tuple[Supply, ...]:
        """The supply that stays."""
        return tuple(s for s in supply if s.document not in self.unneeded and s.document not in self.joined)


def _gone(book: Book, plan: Plan, parts: Iterable[str]) -> _Gone:
    """What of pinned supply is superfluous now; `parts` are items that are needed less than when it was pinned."""
    day_end = book.shop.day_end
    bought = {(row.item, row.supplier, day_end(row.due)) for rows in plan.buying.values() for row in rows}
    news: dict[str, list[tuple[Instant, Units]]] = {}
    for making in (making for makings in plan.making.values() for making in makings):
        news.setdefault(making.item, []).append((making.due, making.quantity))
    for row in (row for rows in plan.buying.values() for row in rows):
        news.setdefault(row.item, []).append((row.due, row.quantity))
    unneeded, joined, fewer = set[str](), set[str](), set(parts)
    pinned: dict[str, list[Supply]] = {}
    for supply in plan.pinned:
        pinned.setdefault(supply.item, []).append(supply)
    for item in book.shop.groups[plan.group]:  # from finished items down to raw ones
        if item not in pinned or (item not in news and item not in fewer):
            continue
        needs = (need for need in plan.needs.get(item, ()) if need.document not in unneeded)
        events = [Dated(need.time, -need.quantity, need.document) for need in needs]
        events += [Dated(time, units, "new") for time, units in news.get(item, ())]
        useful = {supply.document for supply in pegged(book, item, pinned[item], events)}
        for supply in pinned[item]:
            if supply.document not in useful:
                unneeded.add(supply.document)
                fewer.update([part for part, _ in supply.components] if isinstance(supply, WorkOrder) else ())
            elif isinstance(supply, PurchaseRow) and (item, supply.supplier, day_end(supply.due)) in bought:
                joined.add(supply.document)
    return _Gone(frozenset(unneeded), frozenset(joined), frozenset(fewer))


def _without(book: Book, plan: Plan, gone: _Gone) -> Plan:
    """A plan as it is without pinned supply that is gone, where what that is for cannot be planned anew: new rows are
    as much more as those that they join."""
    if gone.joined:
        buyer = Buyer(book, ())
        for row in (row for row in plan.pinned if isinstance(row, PurchaseRow) and row.document in gone.joined):
            plan.buying[row.item] = buyer.joined([*plan.buying[row.item], buyer.again(row)])
    plan.pinned = gone.without(plan.pinned)
    for item, needs in plan.needs.items():
        plan.needs[item] = [need for need in needs if need.document not in gone.unneeded]
    return plan


@dataclass(frozen=True, slots=True)
class _Taken:
    """What a planned order that stays takes: its components, and (work centre, start, machine, length, way)."""

    needs: tuple[tuple[str, Need], ...]
    places: tuple[tuple[str, int, int, int, Way], ...]


def _taken(shop: Shop, order: WorkOrder) -> _Taken:
    known = shop.taken.get(order.document)
    if known is None or known[0] is not order:
        needs = tuple((item, Need(order.start, 0, units, order.document)) for item, units in order.components)
        places = []
        for slot in order.operations:
            axis = shop.axes[slot.work_centre]
            start, end = axis.open_seconds(slot.start), axis.open_seconds(slot.finish)
            if end > start:
                way = way_to(shop, order.item, order.quantity, slot.step, slot.work_centre, end - start)
                places.append((slot.work_centre, start, slot.machine - 1, end - start, way))
        known = shop.taken[order.document] = order, _Taken(needs, tuple(places))
    found: _Taken = known[1]
    return found


def _new_plan(book: Book, group: int) -> Plan:
    return Plan(group, version=book.versions.get(group, 0), now=book.now)


class _Regeneration:
    def __init__(
        self,
        book: Book,
        plan: Plan,
        safety_from: dict[str, Instant],
        complete: bool,
        ordered: frozenset[tuple[str, dt.date]],
    ) -> None:
        self.book, self.shop, self.now = book, book.shop, book.now
        self.plant = book.shop.plant
        self.group = plan.group
        self.safety_from, self.complete = safety_from, complete
        self.items = self.shop.groups[plan.group]
        self.plan = plan
        self.buyer = Buyer(book, self.items, ordered=set(ordered))
        self.pinned: dict[str, list[Supply]] = {}
        for supply in plan.pinned:
            self.pinned.setdefault(supply.item, []).append(supply)
            if isinstance(supply, PurchaseRow):
                self.buyer.count(supply)

    def run(self, extra: Iterable[Commitment]) -> None:
        """Fill the plan."""
        self._seed(extra)
        self._occupy()
        position, items = 0, self.items
        while position < len(items):
            level = self.shop.level[items[position]]
            end = position
            while end < len(items) and self.shop.level[items[end]] == level:
                end += 1
            self._level(items[position:end])
            if self.plan.violations and not self.complete:
                break
            position = end
        if self.shop.changeovers:
            self._tighten()
        self.plan.ordered = frozenset(self.buyer.ordered)

    def _tighten(self) -> None:
        """Operations on machines with changeovers begin when the set-up that they really need makes them."""
        tight = {
            (centre, number): machine.tight()
            for centre, load in self.plan.loads.items()
            for number, machine in enumerate(load.changeovers, 1)
        }
        for making in (m for makings in self.plan.making.values() for m in makings):
            for index, slot in enumerate(making.slots):
                begins = tight.get((slot.work_centre, slot.machine))
                if begins is not None:
                    axis = self.shop.axes[slot.work_centre]
                    end = axis.open_seconds(slot.finish)
                    way = way_to(self.shop, making.item, making.quantity, slot.step, slot.work_centre, 0)
                    entry = next(entry for entry in begins[end] if entry[0] == way)
                    begins[end].remove(entry)
                    begin = entry[1]
                    minutes = (end - begin) // MINUTE
                    start = axis.start_at(begin) if minutes else slot.finish
                    making.slots[index] = replace(slot, start=start, minutes=minutes)
            if making.slots:
                making.start = making.slots[0].start

    def _seed(self, extra: Iterable[Commitment]) -> None:
        """The needs of the commitments."""
        needs, now, group_of = self.plan.needs, self.now, self.shop.group_of
        chosen = dict(self.book.commitments.get(self.group, {}))
        for commitment in extra:
            chosen[commitment.key] = commitment
        for commitment in chosen.values():
            time = max(commitment.time, now)
            for item, quantity, document in commitment.needs:
                if group_of[item] == self.group:
                    needs.setdefault(item, []).append(Need(time, commitment.sequence, quantity, document))
        for item in (i for i in self.book.others if group_of[i] == self.group):
            found = ((max(time, now), -units) for time, units in self.book.others[item] if units < 0)
            needs.setdefault(item, []).extend(Need(time, -1, units, OTHERS) for time, units in found)
        for order in (s for s in self.plan.pinned if isinstance(s, WorkOrder)):
            for item, need in _taken(self.shop, order).needs:
                needs.setdefault(item, []).append(need)

    def _occupy(self) -> None:
        """Machines are busy with what is firm, or left as it is."""
        for order in self.book.firm_work_orders(self.items):
            for slot in order.operations:
                axis = self.shop.axes[slot.work_centre]
                start = axis.open_seconds(max(slot.start, self.now))
                end = axis.open_seconds(slot.finish)
                if end > start:
                    way = way_to(self.shop, order.item, order.quantity, slot.step, slot.work_centre, end - start)
                    self._load(slot.work_centre).take(start, slot.machine - 1, end - start, way, fixed=True)
        for order in (s for s in self.plan.pinned if isinstance(s, WorkOrder)):
            for work_centre, start, machine, length, way in _taken(self.shop, order).places:
                self._load(work_centre).take(start, machine, length, way, fixed=True)

    def _load(self, work_centre: str) -> Load:
        load = self.plan.loads.get(work_centre)
        if load is None:
            load = self.plan.loads[work_centre] = self.shop.idle(work_centre)
        return load

    def _level(self, items: tuple[str, ...]) -> None:
        """Net the items of one level, then place what is to be made."""
        makings: list[Making] = []
        for code in items:
            item = self.plant.items[code]
            if code not in self.plan.needs and not item.safety_stock:
                continue
            self.plan.needs.setdefault(code, []).sort()
            if self.shop.makes(code):
                makings.extend(self._make(item))
            else:
                self._buy(item)
            if self.plan.violations and not self.complete:
                return
        self._place(makings)

    def _make(self, item: Item) -> list[Making]:
        makings = []
        for document, cover in self._net(item).items():
            for number, lot in enumerate(cover.lots):
                key = order_key(item.code, document, number)
                makings.append(Making(item.code, lot.quantity, cover.time, document, key, kept=lot.kept))
        if makings:
            self.plan.making[item.code] = makings
        return makings

    def _buy(self, item: Item) -> None:
        covers = self._net(item).values()
        self.plan.violations.extend(cover.violation for cover in covers if cover.violation)
        if rows := [row for cover in covers for row in cover.bought(self.buyer, item.code)]:
            self.plan.buying[item.code] = self.buyer.joined(rows)

    def _net(self, item: Item) -> dict[str, Cover]:
        pinned, begin = self.pinned.get(item.code, ()), self.safety_from.get(item.code)
        covering = Covering(self.book, item, self.plan.needs[item.code], self.buyer, pinned, begin)
        covering.run()
        return covering.covers

    def _place(self, makings: list[Making]) -> None:
        """Give every order of a level its times and machines, and its components their needs."""
        waiting: list[tuple[int, int, int, int]] = []
        turns = self.book.turns
        routed: list[tuple[Making, list[Operation]]] = []
        for making in makings:
            operations = operations_of(self.shop, making.item, making.quantity)
            if operations:
                turn = making.turn = turns.get(making.document, 0) if turns else 0
                waiting.append((turn, -making.due, len(routed), len(operations) - 1))
                routed.append((making, operations))
            elif self._by_lead_time(making):
                self._explode(making)
            elif not self.complete:
                return
        heapify(waiting)
        follows = self._followed(routed) if turns and self.shop.changeovers else {}
        while waiting:
            turn, end, index, step = heappop(waiting)
            making, operations = routed[index]
            start = self._latest(operations[step], -end, turn, follows.get(index, {}))
            if start is None and making.slots and (begin := self._settled(making.slots)) is not None:
                start = self._latest(operations[step], begin, turn, follows.get(index, {}))
            if start is None:
                self._violate(making, operations[step].ways[0].work_centre)
                if not self.complete:
                    return
                self._forwards(making, operations)
                continue
            making.slots.append(start)
            if step:
                heappush(waiting, (turn, -start.start, index, step - 1))
            else:
                self._finish(making)

    def _finish(self, making: Making) -> None:
        making.slots.reverse()
        making.start, making.finish = making.slots[0].start, making.slots[-1].finish
        self._explode(making)

    def _by_lead_time(self, making: Making) -> bool:
        lead = self.plant.items[making.item].lead_time
        making.start, making.finish = lead.backward(making.due), making.due
        if making.start >= self.now:
            return True
        self._violate(making)
        making.start, making.finish = self.now, lead.forward(self.now)
        return False

    def _violate(self, making: Making, work_centre: str = "") -> None:
        found = Violation(making.item, making.quantity, making.due, making.cause, None, work_centre)
        self.plan.violations.append(found)

    def _followed(self, routed: list[tuple[Making, list[Operation]]]) -> dict[int, dict[str, list[str]]]:
        """By order that is in turn, and by work centre, the group of what is to come directly before it there."""
        found: dict[int, dict[str, list[str]]] = {}
        last: dict[tuple[str, int], int] = {}
        for turn, index in sorted((making.turn, n) for n, (making, _) in enumerate(routed) if making.turn > 0):
            making, operations = routed[index]
            for code in {way.work_centre for operation in operations for way in operation.ways}:
                if code in self.shop.changeovers:
                    machine = code, turn % self.plant.work_centres[code].machines
                    if machine in last:
                        found.setdefault(last[machine], {})[code] = [self.plant.items[making.item].group]
                    last[machine] = index
        return found

    def _latest(
        self, operation: Operation, due: Instant, turn: int, follows: Mapping[str, Collection[str]]
    ) -> OperationSlot | None:
        """The latest place of an operation among its alternatives, taken; None if it would begin in the past."""
        best: tuple[Instant, Way, tuple[int, int, int]] | None = None
        for way in operation.ways:
            axis = self.shop.axes[way.work_centre]
            floor = axis.open_seconds(self.now)
            load, known = self._load(way.work_centre), follows.get(way.work_centre, ())
            place = load.latest(axis.open_seconds(due), way, floor, turn, known)
            if place is not None:
                start = axis.start_at(place[0]) if place[2] else max(self.now, min(due, axis.finish_at(place[0])))
                if best is None or start > best[0]:
                    best = start, way, place
        if best is None:
            return None
        start, way, (position, machine, length) = best
        load = self._load(way.work_centre)
        load.take(position, machine, length, way, turn, settled=way.work_centre in follows)
        finish = self.shop.axes[way.work_centre].finish_at(position + length) if length else start
        return OperationSlot(operation.step, way.work_centre, machine + 1, start, finish, length // MINUTE)

    def _settled(self, slots: list[OperationSlot]) -> Instant | None:
        """When the operation placed last really begins, as long as nothing else comes before it; None where it did."""
        slot = slots[-1]
        load = self._load(slot.work_centre)
        if not load.changeovers or not slot.minutes:
            return None
        axis = self.shop.axes[slot.work_centre]
        begin = axis.start_at(load.changeovers[slot.machine - 1].settle(axis.open_seconds(slot.finish)))
        if begin <= slot.start:
            return None
        slots[-1] = replace(slot, start=begin)
        return begin

    def _forwards(self, making: Making, operations: list[Operation]) -> None:
        """What cannot be placed backwards is placed forwards from now; only ever in a `complete` run."""
        making.slots.clear()
        time = self.now
        for operation in operations:
            way = operation.ways[0]
            axis = self.shop.axes[way.work_centre]
            load = self._load(way.work_centre)
            position, machine, length = load.earliest(axis.open_seconds(time), way)
            load.take(position, machine, length, way)
            start, time = axis.start_at(position), axis.finish_at(position + length)
            making.slots.append(
                OperationSlot(operation.step, way.work_centre, machine + 1, start, time, length // MINUTE)
            )
        making.slots.reverse()
        self._finish(making)

    def _explode(self, making: Making) -> None:
        """The components of an order are needed when it starts."""
        needs, time = self.plan.needs, max(making.start, self.now)
        for item, units in self.shop.parts(making.item, making.quantity):
            needs.setdefault(item, []).append(Need(time, 0, units, making.document))
