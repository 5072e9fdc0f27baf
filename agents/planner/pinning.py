"""Planned supply that is left as it is: what of it is still needed, and can still be done in time."""

from __future__ import annotations

from collections.abc import Iterable

from agents.planner.book import Book, Commitment
from agents.planner.netting import OTHERS
from knowledge.pegging import Dated, peg
from knowledge.supply import STOCK, Supply, WorkOrder


def still_needed(book: Book, group: int, extra: Iterable[Commitment]) -> tuple[Supply, ...]:
    """The planned supply of a group that some need is pegged to, from finished items down to raw ones.

    An order that nothing is pegged to goes, and with it what its components were planned for.
    """
    chosen = dict(book.commitments.get(group, {}))
    chosen.update((commitment.key, commitment) for commitment in extra)
    needs: dict[str, list[Dated]] = {
        item: [Dated(max(time, book.now), units, OTHERS) for time, units in events]
        for item, events in book.others.items()
    }
    for commitment in chosen.values():
        for item, units, document in commitment.needs:
            needs.setdefault(item, []).append(Dated(max(commitment.time, book.now), -units, document))
    planned: dict[str, list[Supply]] = {}
    for supply in book.planned.get(group, {}).values():
        if supply.begin >= book.now:
            planned.setdefault(supply.item, []).append(supply)
    kept: list[Supply] = []
    for item in book.shop.groups[group]:
        for supply in _pegged(book, item, planned.get(item, []), needs.get(item, [])):
            kept.append(supply)
            for part, units in supply.components if isinstance(supply, WorkOrder) else ():
                needs.setdefault(part, []).append(Dated(supply.begin, -units, supply.document))
    return tuple(kept)


def _pegged(book: Book, item: str, planned: list[Supply], needs: list[Dated]) -> list[Supply]:
    """The planned supply of an item that is for something else than stock."""
    if not planned:
        return []
    receipts = [Dated(max(s.time, book.now), s.receipt, s.document) for s in book.firm_supply(item) if s.receipt]
    receipts.extend(Dated(s.time, s.receipt, s.document) for s in planned)
    safety_stock = book.shop.plant.items[item].safety_stock
    pegs = peg(book.on_hand.get(item, 0), [*receipts, *needs], safety_stock).of_supply()
    return [s for s in planned if any(need != STOCK for need, _ in pegs.get(s.document, ()))]
