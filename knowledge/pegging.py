"""Pegging: which supply is for which need, derived from an item's dated events by one rule.

Needs take what is earmarked for them first, then stock, then receipts in order of time: the earliest need the earliest
supply. Stock below zero is a need, the first of all. Pegs are therefore not stored; whoever has the events and the
earmarks has the pegs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from knowledge.earmarks import Allotted, Earmarks, Wanted, allot, is_line
from knowledge.instants import Instant
from knowledge.quantities import Units
from knowledge.supply import SAFETY_STOCK, STOCK

OWED = "owed"
"""The need of what left the shelf before it was booked in: the first receipts make up for it."""


class Dated(NamedTuple):
    """A receipt (units above 0) or requirement (below 0) of one item."""

    time: Instant
    units: Units
    document: str


class Peg(NamedTuple):
    """So many units of a supply document (or `stock`) are for a need document (or `stock`, `safety_stock`)."""

    supply: str
    need: str
    units: Units


@dataclass(slots=True)
class Pegs:
    """The pegs of one item. `short` lists the needs that nothing covers."""

    pegs: list[Peg] = field(default_factory=list)
    short: list[tuple[str, Units]] = field(default_factory=list)

    def of_supply(self) -> dict[str, list[tuple[str, Units]]]:
        """(need, units) by supply document."""
        found: dict[str, list[tuple[str, Units]]] = {}
        for peg in self.pegs:
            found.setdefault(peg.supply, []).append((peg.need, peg.units))
        return found

    def of_need(self) -> dict[str, list[tuple[str, Units]]]:
        """(supply, units) by need document."""
        found: dict[str, list[tuple[str, Units]]] = {}
        for peg in self.pegs:
            found.setdefault(peg.need, []).append((peg.supply, peg.units))
        return found


def peg(on_hand: Units, events: Iterable[Dated], safety_stock: Units = 0, earmarks: Earmarks | None = None) -> Pegs:
    """The pegs of an item: what is left over at the end is for the safety stock, then for stock.

    What `earmarks` keep for a custom line that does not need it is free, what they reserve for a customer is not.
    """
    receipts: list[Dated] = []
    needs: list[Dated] = []
    for event in events:
        (receipts if event.units > 0 else needs).append(event)
    receipts.sort(key=_order)
    needs.sort(key=_order)
    own = _own(earmarks, needs) if earmarks else Allotted([], {})
    used: dict[str, Units] = {}
    first: dict[int, list[tuple[str, Units]]] = {}
    for index, supply, units in own.taken:
        used[supply] = used.get(supply, 0) + units
        first.setdefault(index, []).append((supply, units))
    supplies = [(document, units - used.get(document, 0)) for _, units, document in receipts]
    free = on_hand - used.get(STOCK, 0) - sum(units for holder, units in own.shelf.items() if not is_line(holder))
    if free > 0:
        supplies.insert(0, (STOCK, free))
    result, position = Pegs(), 0
    owed = [(OWED, -on_hand, ())] if on_hand < 0 else []
    asked = ((need.document, -need.units, first.get(index, ())) for index, need in enumerate(needs))
    for document, left, mine in (*owed, *asked):
        for supply, units in mine:
            result.pegs.append(Peg(supply, document, units))
            left -= units
        while left and position < len(supplies):
            supply, available = supplies[position]
            taken = min(left, available)
            if taken:
                result.pegs.append(Peg(supply, document, taken))
            left -= taken
            supplies[position] = supply, available - taken
            if taken == available:
                position += 1
        if left:
            result.short.append((document, left))
    _left_over(result, supplies[position:], safety_stock)
    return result


def first_used(on_hand: Units, events: Iterable[Dated], safety_stock: Units = 0) -> set[str]:
    """The receipts of an item, of which nothing is earmarked, that are pegged to a need or the safety stock.

    The same as `peg` says: whatever the order of the needs, together they take the first receipts.
    """
    receipts: list[Dated] = []
    left = max(0, safety_stock) - on_hand
    for event in events:
        if event.units > 0:
            receipts.append(event)
        else:
            left -= event.units
    receipts.sort(key=_order)
    used: set[str] = set()
    for _, units, document in receipts:
        if left <= 0:
            break
        used.add(document)
        left -= units
    return used


def _own(earmarks: Earmarks, needs: list[Dated]) -> Allotted:
    """What the needs, in order of time, take of their own."""
    return allot(earmarks, [Wanted(need.time, -need.units, need.document) for need in needs])


def _order(event: Dated) -> tuple[Instant, list[str | int]]:
    """In order of time; among equals as people count: what is named first is served first, by what is made first."""
    return event.time, counting(event.document)


@lru_cache(maxsize=50_000)
def counting(document: str) -> list[str | int]:
    """A name with its numbers as numbers, so that 9 comes before 10."""
    return [int(part) if part.isdecimal() else part for part in re.split(r"([0-9]+)", document)]


def _left_over(result: Pegs, supplies: list[tuple[str, Units]], safety_stock: Units) -> None:
    for supply, available in supplies:
        kept = min(available, max(0, safety_stock))
        safety_stock -= kept
        if supply == STOCK:
            continue
        if kept:
            result.pegs.append(Peg(supply, SAFETY_STOCK, kept))
        if available > kept:
            result.pegs.append(Peg(supply, STOCK, available - kept))


def events_by_item(rows: Iterable[Mapping[str, object]]) -> dict[str, list[Dated]]:
    """Dated events by item from rows of the `inventory_event` table."""
    found: dict[str, list[Dated]] = {}
    for row in rows:
        time, units = row["time"], row["quantity"]
        assert isinstance(time, int)
        assert isinstance(units, int)
        found.setdefault(str(row["item"]), []).append(Dated(time, units, str(row["document"])))
    return found
