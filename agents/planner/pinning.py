"""Planned supply that is left as it is: what of it is still needed, and can still be done as it was planned."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from agents.planner.book import Book, Commitment, Shop
from agents.planner.netting import OTHERS
from agents.planner.purchases import monday, priced
from agents.planner.routing import Operation, operations_of
from knowledge.instants import MINUTE, Instant, local_date
from knowledge.pegging import Dated, first_used, peg
from knowledge.quantities import Units
from knowledge.supply import STOCK, OperationSlot, PurchaseRow, Supply, WorkOrder


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands of the plan of a group without anything new, by item: the planned supply that can be done as it was
    planned, what needs there are, and what of the supply they still need."""

    planned: dict[str, list[Supply]]
    needs: dict[str, list[Dated]]
    kept: dict[str, list[Supply]]


def still_needed(book: Book, group: int, extra: Iterable[Commitment]) -> tuple[Supply, ...]:
    """The planned supply of a group that some need is pegged to, from finished items down to raw ones.

    An order that nothing is pegged to goes, and with it what its components were planned for.
    """
    version = book.versions.get(group, 0), book.now
    known = book.standing.get(group)
    if known is None or known[0] != version:
        known = book.standing[group] = version, _standing(book, group)
    standing: Standing = known[1]
    other: dict[str, list[Dated]] = {}

    def change(item: str, document: str, time: Instant, units: Units) -> None:
        """The need of a document is other than before, or gone (0 units)."""
        found = other.get(item)
        if found is None:
            found = standing.needs.get(item, [])
        other[item] = [need for need in found if need.document != document]
        if units:
            other[item].append(Dated(time, -units, document))

    for commitment in extra:
        old = book.find(commitment.key)
        for item, _, document in old.needs if old is not None else ():
            change(item, document, book.now, 0)
        for item, units, document in commitment.needs:
            change(item, document, max(commitment.time, book.now), units)
    found: list[Supply] = []
    for item in book.shop.groups[group]:
        kept = standing.kept.get(item, [])
        if item in other and item in standing.planned:
            without = {supply.document: supply for supply in kept}
            kept = pegged(book, item, standing.planned[item], other[item])
            with_it = {supply.document: supply for supply in kept}
            for document in sorted(without.keys() ^ with_it.keys()):
                supply = with_it.get(document) or without[document]
                for part, units in supply.components if isinstance(supply, WorkOrder) else ():
                    change(part, document, supply.begin, units if document in with_it else 0)
        found.extend(kept)
    return tuple(found)


def _standing(book: Book, group: int) -> Standing:
    needs: dict[str, list[Dated]] = {
        item: [Dated(max(time, book.now), units, OTHERS) for time, units in events]
        for item, events in book.others.items()
    }
    for commitment in book.commitments.get(group, {}).values():
        for item, units, document in commitment.needs:
            needs.setdefault(item, []).append(Dated(max(commitment.time, book.now), -units, document))
    busy = _busy(book, group)
    planned: dict[str, list[Supply]] = {}
    for supply in book.planned_in(group):
        if supply.begin >= book.now and can_be_done(book, supply) and not _in_the_way(busy, supply):
            planned.setdefault(supply.item, []).append(supply)
    for item, members in planned.items():
        planned[item] = _within_weeks(book, item, members)
    kept: dict[str, list[Supply]] = {}
    for item in book.shop.groups[group]:
        kept[item] = pegged(book, item, planned.get(item, []), needs.get(item, []))
        for supply in kept[item]:
            for part, units in supply.components if isinstance(supply, WorkOrder) else ():
                needs.setdefault(part, []).append(Dated(supply.begin, -units, supply.document))
    return Standing(planned, needs, kept)


_Busy: TypeAlias = dict[tuple[str, int], tuple[list[Instant], list[Instant]]]
"""By machine, when times begin at which it is busy, in order, and when they end."""


def _busy(book: Book, group: int) -> _Busy:
    """When each machine of a group is busy with firm work."""
    found: dict[tuple[str, int], list[tuple[Instant, Instant]]] = {}
    for order in book.firm_work_orders(book.shop.groups[group]):
        for slot in order.operations:
            if slot.finish > book.now:
                found.setdefault((slot.work_centre, slot.machine), []).append((slot.start, slot.finish))
    busy: _Busy = {}
    for machine, times in found.items():
        starts, ends = busy[machine] = [], []
        for start, end in sorted(times):
            if ends and start < ends[-1]:
                ends[-1] = max(end, ends[-1])
            else:
                starts.append(start)
                ends.append(end)
    return busy


def _in_the_way(busy: _Busy, supply: Supply) -> bool:
    """Whether firm work, which may have moved, stands where a planned order does."""
    for slot in supply.operations if isinstance(supply, WorkOrder) else ():
        times = busy.get((slot.work_centre, slot.machine))
        if times is not None:
            last = bisect_left(times[0], slot.finish) - 1
            if last >= 0 and times[1][last] > slot.start:
                return True
    return False


def _within_weeks(book: Book, item: str, planned: list[Supply]) -> list[Supply]:
    """Purchases of limited offers only as far as their weeks hold them beside what is firm, the first due first."""
    zone = book.shop.plant.zone
    caps = {entry.offer.supplier: entry.offer.capacity_per_week for entry in priced(book, item)}
    if all(cap is None for cap in caps.values()):
        return planned
    taken: Counter[tuple[str, dt.date]] = Counter()

    def week(row: PurchaseRow) -> tuple[str, dt.date]:
        return row.supplier, monday(local_date(row.due, zone))

    for firm in book.firm_purchases([item]):
        taken[week(firm)] += firm.quantity
    kept: list[Supply] = []
    for row in sorted(planned, key=lambda s: s.time):
        if isinstance(row, PurchaseRow) and (cap := caps.get(row.supplier)) is not None:
            if taken[week(row)] + row.quantity > cap:
                continue
            taken[week(row)] += row.quantity
        kept.append(row)
    return kept


def can_be_done(book: Book, supply: Supply) -> bool:
    """Whether a work order is as its lot, bill and route are now, in open time; whether a purchase's offer stands."""
    offers = None if isinstance(supply, WorkOrder) else priced(book, supply.item)
    known = book.shop.doable.get(supply.document)
    if known is None or known[0] is not supply or known[1] is not offers:
        known = book.shop.doable[supply.document] = supply, offers, _can_be_done(book, supply)
    return bool(known[2])


def _can_be_done(book: Book, supply: Supply) -> bool:
    shop = book.shop
    if not isinstance(supply, WorkOrder):
        offers = (entry.offer for entry in priced(book, supply.item) if entry.offer.supplier == supply.supplier)
        return any(
            offer.lead_time.backward(supply.due) >= supply.order_by
            and offer.unit_price(supply.quantity) == supply.unit_price
            and offer.lot.raise_to(supply.quantity) == supply.quantity
            for offer in offers
        )
    item = shop.plant.items[supply.item]
    if supply.components != shop.parts(supply.item, supply.quantity):
        return False
    if item.lot.split(supply.quantity) != [supply.quantity]:
        return False
    operations = operations_of(shop, supply.item, supply.quantity)
    if not operations and supply.start > item.lead_time.backward(supply.finish):
        return False
    if len(operations) != len(supply.operations):
        return False
    return all(_stands(shop, operation, slot) for operation, slot in zip(operations, supply.operations, strict=True))


def _stands(shop: Shop, operation: Operation, slot: OperationSlot) -> bool:
    way = next((way for way in operation.ways if way.work_centre == slot.work_centre), None)
    if way is None or operation.step != slot.step or slot.machine > shop.plant.work_centres[way.work_centre].machines:
        return False
    axis = shop.axes[slot.work_centre]
    seconds = axis.open_seconds(slot.finish) - axis.open_seconds(slot.start)
    return seconds == slot.minutes * MINUTE and (bool(way.changeover) or seconds == way.seconds)


def pegged(book: Book, item: str, planned: list[Supply], needs: list[Dated]) -> list[Supply]:
    """The planned supply of an item that is for something else than stock."""
    if not planned:
        return []
    receipts = [Dated(max(s.time, book.now), s.receipt, s.document) for s in book.firm_supply(item) if s.receipt]
    receipts.extend([Dated(s.time, s.receipt, s.document) for s in planned])
    on_hand, safety_stock = book.on_hand.get(item, 0), book.shop.plant.items[item].safety_stock
    marks = book.earmarked(item, planned)
    if marks is None:
        used = first_used(on_hand, [*receipts, *needs], safety_stock)
        return [s for s in planned if s.document in used]
    pegs = peg(on_hand, [*receipts, *needs], safety_stock, marks).of_supply()
    return [s for s in planned if any(need != STOCK for need, _ in pegs.get(s.document, ()))]
