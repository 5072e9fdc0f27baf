"""The laws of one item, by definition: every need is met when it is there, and nothing is planned that nobody needs.

Needs are gone through in order of time, at one instant after the receipts. What is dated before now counts now. What
belongs to somebody is taken by its holder first, and what has expired is of no use.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from agents.planner.validator.values import Dates
from knowledge.earmarks import Allotted, Earmarks, Wanted, allot, is_line, owned
from knowledge.instants import Instant
from knowledge.pegging import Dated, counting, peg
from knowledge.plant import Item, SupplyStatus
from knowledge.quantities import Units
from knowledge.shelf_life import EXPIRED, Lots, Shelf, counted, expiries
from knowledge.supply import STOCK, Supply

OTHERS = "others"
"""The document of what other planners have reserved."""


class Short(NamedTuple):
    """A need that is not met: so much is missing then, for a document."""

    time: Instant
    units: Units
    document: str


@dataclass(slots=True)
class Account:
    """All there is of one item: stock, receipts, and needs as (time, units, document)."""

    item: Item
    now: Instant
    on_hand: Units = 0
    lots: Lots = ()
    shelf: Mapping[str, Units] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)
    others: Dates = ()
    supply: Iterable[Supply] = ()
    needs: Iterable[tuple[Instant, Units, str]] = ()

    def first_short(self) -> Short | None:
        """The first need that is not met; None where all are. What others lack is not the planner's to give."""
        now = self.now
        wanted = [Wanted(max(time, now), units, document) for time, units, document in self.needs]
        wanted.extend(Wanted(max(time, now), -units, OTHERS) for time, units in self.others if units < 0)
        wanted.sort(key=lambda want: (want.time, counting(want.document)))
        free, receipts, left = self._free(wanted)
        shelf = self._shelf(free) if self.item.life else None
        balance, place = free, 0
        for want, units in zip(wanted, left, strict=True):
            while place < len(receipts) and receipts[place][0] <= want.time:
                time, come = receipts[place]
                balance += come
                place += 1
                if shelf is not None:
                    shelf.until(time)
                    shelf.receive(time, come)
            if shelf is not None:
                shelf.until(want.time)
                missing = shelf.take(units)
            else:
                balance -= units
                missing = -balance if units else 0
            if missing > 0 and want.document != OTHERS:
                return Short(want.time, missing, want.document)
            balance = max(balance, 0) if want.document == OTHERS else balance
        return None

    def _free(self, wanted: list[Wanted]) -> tuple[Units, list[tuple[Instant, Units]], list[Units]]:
        """Stock and receipts that are nobody's own, in order of time, and what of each need they have to meet."""
        own = self._own(wanted)
        left = [want.units for want in wanted]
        used: dict[str, Units] = {}
        for index, document, units in own.taken:
            left[index] -= units
            used[document] = used.get(document, 0) + units
        reserved = sum(units for holder, units in own.shelf.items() if not is_line(holder))
        receipts = [(max(s.time, self.now), s.receipt - used.get(s.document, 0)) for s in self.supply]
        receipts.extend((max(time, self.now), units) for time, units in self.others if units > 0)
        return self.on_hand - used.get(STOCK, 0) - reserved, sorted(receipts), left

    def _own(self, wanted: list[Wanted]) -> Allotted:
        marks = self.earmarks()
        return allot(marks, wanted) if marks else Allotted([], {})

    def earmarks(self) -> Earmarks:
        """What of the item belongs to somebody; firm supply comes before planned."""
        ordered = sorted(self.supply, key=lambda s: (s.status is SupplyStatus.PLANNED, s.time, s.document))
        return Earmarks(self.shelf, owned(ordered), self.customers, self.now)

    def _shelf(self, free: Units) -> Shelf:
        """What is free on the shelf, in lots."""
        life = self.item.life
        shelf = Shelf(counted(self.lots, max(0, free), self.now + life), life)
        shelf.owed = max(0, -free)
        return shelf

    def unneeded(self) -> list[str]:
        """Planned supply that is for nothing but stock."""
        planned = {s.document for s in self.supply if s.status is SupplyStatus.PLANNED and s.receipt}
        if not planned:
            return []
        events = [Dated(s.time, s.receipt, s.document) for s in self.supply if s.receipt]
        events.extend(Dated(time, -units, document) for time, units, document in self.needs)
        events.extend(Dated(time, units, OTHERS) for time, units in self.others)
        if life := self.item.life:
            lots = counted(self.lots, self.on_hand, self.now + life)
            wasted = expiries(lots, [(event.time, event.units) for event in events], life, self.now)
            events.extend([Dated(time, -units, f"{EXPIRED}{time}") for time, units in wasted])
        pegs = peg(self.on_hand, events, self.item.safety_stock, self.earmarks()).of_supply()
        return sorted(d for d in planned if all(need == STOCK for need, _ in pegs.get(d, ())))
