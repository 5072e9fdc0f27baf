"""Netting of a bought item against what is planned of it already: a small change of needs changes few purchases.

Lot for lot from scratch, a need that comes in between makes every later lot another one: each is short of a little
more, or less. Here what is planned stays, at the need that it was planned for; what is short is bought besides; and
what nothing will ever need any more is given back, the first due first. So less than a lot is planned too early.
(Net change planning, as against regenerative planning, in the terms of MRP.)
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from agents.planner.covering import Cover, Violation
from agents.planner.netting import Need
from agents.planner.purchases import Buyer, Chosen, units_of
from knowledge.instants import HOUR, Instant
from knowledge.plant import Item
from knowledge.quantities import Units
from knowledge.supply import SAFETY_STOCK

_LONGEST_DAY = 25 * HOUR


@dataclass(slots=True)
class NetChange:
    """One run over an item's needs. `covers` are, by need, what is bought for it; those of `old` that still hold are
    taken as they are.

    `kept` is how much was planned by need, `needs` and `receipts` are in order of time, `safety_from` is from when on
    safety stock can be had. Of the needs of one day no two are bought for: what is short is bought for the first of
    them that is, or that was bought for already.
    """

    buyer: Buyer
    item: Item
    needs: Sequence[Need]
    on_hand: Units
    receipts: Sequence[tuple[Instant, Units]]
    kept: Mapping[str, Units]
    old: Mapping[str, Cover]
    safety_from: Instant | None = None
    covers: dict[str, Cover] = field(default_factory=dict)
    _chosen: dict[int, Chosen] = field(default_factory=dict)
    """What is bought, by the number of its need."""
    _units: dict[int, Units] = field(default_factory=dict)
    """How much that is."""
    _new: set[int] = field(default_factory=set)
    """The numbers of the needs for which it is not what it was."""
    _missed: dict[int, Violation] = field(default_factory=dict)
    _left: list[Units] = field(default_factory=list)
    """What is left after each need, of safety stock less where that is asked for."""
    _checked: int = 0
    """The number of the need from which on it is."""

    def run(self) -> None:
        """Net all of the item."""
        if self.safety_from is not None:
            self.needs = [*self.needs]
            insort(self.needs, Need(self.safety_from, 0, 0, SAFETY_STOCK))
        self._keep()
        self._balance()
        self._buy_what_is_short()
        self._give_back()
        for index in sorted(self._new):
            if index in self._chosen:
                self._cover(index).chosen = self._chosen[index]
        for index, violation in self._missed.items():
            self._cover(index).violation = violation

    @property
    def bought(self) -> dict[str, Units]:
        """How much is bought, by need."""
        needs = self.needs
        return {needs[index].document: units for index, units in self._units.items()}

    def _cover(self, index: int) -> Cover:
        need = self.needs[index]
        return self.covers.setdefault(need.document, Cover(need))

    def _plan(self, index: int, units: Units) -> Units:
        """Buy so much for a need, or what lots make of it; nothing where that cannot be."""
        chosen = self.buyer.choose_settled(self.item.code, units, self.needs[index].time)
        self._new.add(index)
        self.covers.pop(self.needs[index].document, None)
        if not chosen:
            self._chosen.pop(index, None)
            self._units.pop(index, None)
            return 0
        self._chosen[index] = chosen
        self._units[index] = units = units_of(chosen)
        return units

    def _keep(self) -> None:
        """Plan what was planned, for its needs, where it can still be bought for them."""
        kept, needs, day_end, old = self.kept, self.needs, self.buyer.book.shop.day_end, self.old
        chosen, units, covers, new = self._chosen, self._units, self.covers, self._new
        safe = self.buyer.safe_time(self.item.code)
        begin, first = 0, -1
        for index in [n for n, need in enumerate(needs) if need.document in kept]:
            need = needs[index]
            time, document = need.time, need.document
            if time - begin < _LONGEST_DAY and time < day_end(begin) and first in units:
                self._plan(first, units[first] + kept[document])
                continue
            begin, first = time, index
            cover = old.get(document)
            if cover is None or time < safe or cover.time < safe:
                self._plan(index, kept[document])
                continue
            chosen[index], units[index] = cover.chosen, kept[document]
            if cover.need == need:
                covers[document] = cover
            else:
                new.add(index)

    def _balance(self) -> None:
        changes = [-need.quantity for need in self.needs]
        if not changes:
            return
        changes[0] += self.on_hand
        for time, units in self.receipts:
            if (index := bisect_left(self.needs, (time,))) < len(changes):
                changes[index] += units
        for index, units in self._units.items():
            changes[index] += units
        self._left = list(accumulate(changes))
        self._checked = len(changes)
        if self.safety_from is not None:
            self._checked = bisect_left(self.needs, (self.safety_from,))
            self._add(self._checked, -self.item.safety_stock)

    def _add(self, begin: int, units: Units, end: int | None = None) -> None:
        """So much more is left from a need on, until another."""
        left = self._left
        left[begin:end] = [value + units for value in left[begin:end]]

    def _buy_what_is_short(self) -> None:
        left, begin = self._left, 0
        while begin < len(left) and min(left[begin:]) < 0:
            index = next(n for n in range(begin, len(left)) if left[n] < 0)
            begin = index if self._buy(index) else index + 1

    def _buy(self, index: int) -> bool:
        """Buy what a need, and the rest of its day, is short of; whether that can be."""
        needs, time, shop = self.needs, self.needs[index].time, self.buyer.book.shop
        begin, end = bisect_left(needs, (shop.day_start(time),)), bisect_left(needs, (shop.day_end(time),))
        place = next((n for n in range(begin, end) if n in self._units), index)
        has = self._units.get(place, 0)
        if place > index:  # it comes earlier now
            self._plan(place, 0)
            self._add(index, has, place)
            place = index
        short = -min(self._left[index:end])
        hard = short - (self.item.safety_stock if index >= self._checked else 0)
        for units in (short, hard) if 0 < hard < short else (short,):
            if units > 0 and (bought := self._plan(place, has + units)):
                self._add(place, bought - has)
                return units == short
        self._add(place, self._plan(place, has) - has)
        if hard > 0:
            earliest = self.buyer.earliest(self.item.code, hard)
            self._missed[index] = Violation(self.item.code, hard, time, needs[index].document, earliest)
            self._add(index, short)
        return False

    def _give_back(self) -> None:
        """Buy less, or nothing, where a lot of what is left in the end is never needed: the first due first."""
        least = list(accumulate(reversed(self._left), min))
        least.reverse()
        lot = min((entry.offer.lot.raise_to(1) for entry in self.buyer.offers(self.item.code)), default=1)
        begin, given = bisect_left(least, lot), 0
        for index in sorted(n for n in self._units if n >= begin):
            free = least[index] - given
            if free < lot:
                continue
            units = self._units[index]
            kept = self.buyer.choose_settled(self.item.code, max(0, units - free), self.needs[index].time)
            if units_of(kept) < units:
                given += units - self._plan(index, max(0, units - free))
