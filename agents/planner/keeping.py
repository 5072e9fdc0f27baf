"""What belongs to somebody: custom lines keep what is made for them, customers what was reserved for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agents.planner.core import Core
from knowledge.earmarks import Wanted, allot, customer_holder, is_line
from knowledge.plant import SupplyStatus
from knowledge.quantities import Units
from knowledge.supply import Release, Supply, WorkOrder, base_document


class Keeping(Core):
    """The state, with earmarks."""

    __slots__ = ()

    def know_line(self, line: str, item: str, customer: str, *, custom: bool) -> None:
        """Note whose an order line is, before it is planned: a custom one keeps what is made for it."""
        book = self.book
        if custom:
            book.custom.add(line)
            book.marked.add(item)
        else:
            book.custom.discard(line)
        if book.reserving and (holder := customer_holder(customer)) in book.reserving:
            book.customers[line] = holder

    def earmark(self, item: str, holder: str, units: Units) -> None:
        """So much on the shelf belongs to a holder, more than before (less, where negative)."""
        shelf = dict(self.book.earmarks.get(item, {}))
        shelf[holder] = max(0, shelf.get(holder, 0) + units)
        self._set_shelf(item, shelf)

    def _set_shelf(self, item: str, shelf: dict[str, Units]) -> None:
        self.book.set_shelf(item, {holder: units for holder, units in sorted(shelf.items()) if units})

    def take_own(self, release: Release) -> None:
        """A release has left the shelf: its line's own pieces first, then those of its customer.

        What had not been booked in is owed by what is still made for its line.
        """
        item, line, left = release.item, base_document(release.document), release.quantity
        for holder in (line, customer_holder(release.customer)):
            units = min(left, self.book.earmarks.get(item, {}).get(holder, 0))
            if units:
                self.earmark(item, holder, -units)
                left -= units
        self._owe(item, line, left - max(0, self.book.free(item)))

    def _owe(self, item: str, line: str, units: Units) -> None:
        """So much of the firm work for a line has left already, of what comes first: it is kept for it no more."""
        for supply in sorted(self.book.firm_supply(item), key=lambda s: (s.time, s.document)):
            if isinstance(supply, WorkOrder) and supply.kept and base_document(supply.cause) == line and units > 0:
                gone = min(units, supply.kept)
                self._keep(replace(supply, kept=supply.kept - gone))
                units -= gone

    def set_on_hand(self, item: str, units: Units) -> None:
        """Stock of an item is so much. What is free is lost first, then what customers reserved, then custom parts."""
        super().set_on_hand(item, units)
        lost = -self.book.free(item) if item in self.book.earmarks else 0
        if lost <= 0:
            return
        shelf = dict(self.book.earmarks[item])
        for holder in sorted(shelf, key=lambda h: (is_line(h), h)):
            shelf[holder], lost = max(0, shelf[holder] - lost), max(0, lost - shelf[holder])
        self._set_shelf(item, shelf)

    def free_unneeded(self, groups: Iterable[int]) -> None:
        """What custom lines have but do not need, or not in time, is anybody's from now on."""
        groups = set(groups)
        for item in sorted(self.book.marked):
            if self.book.shop.group_of.get(item) in groups:
                self._free_unneeded(item)

    def _free_unneeded(self, item: str) -> None:
        planned = list(self._planned(item))
        marks = self.book.earmarked(item, planned)
        if not marks:
            return
        wanted = sorted(
            Wanted(commitment.time, units, document)
            for commitment in self.book.demands.get(item, {}).values()
            for code, units, document in commitment.needs
            if code == item
        )
        own = allot(marks, wanted)
        used: dict[str, Units] = {}
        for _, document, units in own.taken:
            used[document] = used.get(document, 0) + units
        for supply in (*list(self.book.firm_supply(item)), *planned):
            if isinstance(supply, WorkOrder) and not supply.starved and supply.kept != used.get(supply.document, 0):
                self._keep(replace(supply, kept=used.get(supply.document, 0)))
        spare = {holder: units for holder, units in own.shelf.items() if units and is_line(holder)}
        self._set_shelf(item, {holder: units - spare.get(holder, 0) for holder, units in marks.shelf.items()})

    def _keep(self, supply: Supply) -> None:
        """Firm or planned supply with another part of it kept."""
        if supply.status is SupplyStatus.PLANNED:
            self.set_planned(supply)
        else:
            self.set_firm(supply)

    def _set_release(self, release: Release) -> None:
        self.know_line(base_document(release.document), release.item, release.customer, custom=release.custom)
        super()._set_release(release)
