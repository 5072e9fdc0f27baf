"""What the shortages of one item are covered with: lots that are made, or rows that are bought."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agents.planner.book import Book
from agents.planner.netting import Need, Netting, PerishableNetting, Shortage
from agents.planner.purchases import Buyer, Buying, Chosen
from agents.planner.purchases import counted as counted_offers
from knowledge.earmarks import Wanted, allot
from knowledge.instants import Instant
from knowledge.plant import Item, Replenishment
from knowledge.quantities import Units
from knowledge.shelf_life import counted
from knowledge.supply import SAFETY_STOCK, Supply, base_document

_NOTHING: Mapping[str, Units] = {}


@dataclass(frozen=True, slots=True)
class Violation:
    """An order that cannot be had when a need asks for it; `earliest` is when it could be, None for never.

    `work_centre` is where there is no time left for an operation of it.
    """

    item: str
    quantity: Units
    time: Instant
    document: str
    earliest: Instant | None
    work_centre: str = ""


@dataclass(slots=True)
class Lot:
    """So much of an item to be made; `kept` of it is for the custom line that it is made for alone."""

    quantity: Units
    kept: Units = 0


class Cover:
    """What one need's shortage is covered with: lots that are made, or what is bought: rows, or what is chosen where
    that depends on nothing but the need."""

    __slots__ = ("_order_by", "chosen", "lots", "need", "rows", "time", "violation")

    def __init__(self, need: Need, chosen: Chosen | None = None) -> None:
        self.need, self.time, self.chosen = need, need.time, chosen
        self.lots: tuple[Lot, ...] = ()
        self.rows: tuple[Buying, ...] = ()
        self.violation: Violation | None = None
        self._order_by: Instant | None = None

    def bought(self, buyer: Buyer, item: str) -> list[Buying]:
        """What is bought, as rows of the caller's own."""
        chosen = buyer.rows(item, self.chosen, self.time, self.need.document) if self.chosen is not None else []
        return [*[replace(row, how=list(row.how)) for row in self.rows], *chosen] if self.rows else chosen

    def buys_like(self, other: Cover) -> bool:
        """Whether the same is bought for the same time, whatever of it the need takes."""
        mine, theirs = self.chosen, other.chosen
        if mine is not theirs and (mine is None or theirs is None or mine.ways != theirs.ways):
            return False
        return (self.time == other.time or mine is None) and self.rows == other.rows

    def order_by(self) -> Instant:
        """When the first of what is bought is to be ordered."""
        if self._order_by is None:
            times = [row.order_by for row in self.rows]
            if self.chosen is not None:
                times.append(self.chosen.order_by(self.time))
            self._order_by = min(times)
        return self._order_by


@dataclass(slots=True)
class Covering:
    """Nets one item. `covers` are, by document of the need that was short, what its shortage is covered with.

    `pinned` is planned supply of the item that stays as it is; safety stock of what is made is asked for from
    `safety_from` on, if at all.
    """

    book: Book
    item: Item
    needs: list[Need]
    buyer: Buyer
    pinned: Sequence[Supply] = ()
    safety_from: Instant | None = None
    covers: dict[str, Cover] = field(default_factory=dict)
    makes: bool = False
    buyable: bool = False

    def __post_init__(self) -> None:
        self.makes = self.book.shop.makes(self.item.code)
        self.buyable = not self.makes and self.item.supply is Replenishment.BUY
        if not self.makes:
            wanted = self.item.safety_stock and self.buyable
            self.safety_from = self.buyer.first_arrival(self.item.code) if wanted else None

    def run(self) -> None:
        """Net all of the item."""
        on_hand, receipts, needs = self._free()
        item = self.item
        if item.life:
            safety_stock = item.safety_stock if self.safety_from is not None else 0
            lots = counted(self.book.lots_of(item.code), max(0, on_hand), self.book.now + item.life)
            owed = max(0, -on_hand)
            begin = self.safety_from or 0

            cover = self._cover(needs)
            PerishableNetting(lots, item.life, receipts, needs, cover, safety_stock, begin, owed).run()
        else:
            self.netting(on_hand, receipts, needs).run()

    def netting(self, on_hand: Units, receipts: Sequence[tuple[Instant, Units]], needs: list[Need]) -> Netting:
        """The netting of what is free of an item that keeps."""
        safety_stock = self.item.safety_stock if self.safety_from is not None else 0
        bucket_end = None if self.makes else self.book.shop.day_end
        return Netting(on_hand, receipts, needs, self._cover(needs), safety_stock, self.safety_from or 0, bucket_end)

    def receipts(self, kept: Mapping[str, Units] = _NOTHING) -> list[tuple[Instant, Units]]:
        """What is to come of the item by itself, in order of time, less what is `kept` of each document."""
        now, code = self.book.now, self.item.code
        found = [(max(s.time, now), s.receipt - kept.get(s.document, 0)) for s in self.book.firm_supply(code)]
        found.extend((s.time, s.receipt - kept.get(s.document, 0)) for s in self.pinned)
        found.extend((max(time, now), units) for time, units in self.book.others.get(code, ()) if units > 0)
        return sorted(found)

    def _free(self) -> tuple[Units, list[tuple[Instant, Units]], list[Need]]:
        """The balance, receipts and needs that are netted by the usual rule: nothing that is somebody's own.

        What a line or customer has is for it even while its needs are not in the book: it may be promised anew.
        """
        code, needs = self.item.code, self.needs
        marks = self.book.earmarked(code, self.pinned)
        if marks is None:
            return self.book.on_hand.get(code, 0), self.receipts(), needs
        left = [need.quantity for need in needs]
        for index, _, units in allot(marks, [Wanted(n.time, n.quantity, n.document) for n in needs]).taken:
            left[index] -= units
        needs = [need._replace(quantity=units) for need, units in zip(needs, left, strict=True) if units]
        kept = {owned.document: owned.units for owned in marks.work}
        return self.book.free(code), self.receipts(kept), needs

    def _cover(self, needs: list[Need]) -> Callable[[Need, Units, Units], Units]:
        """What covers a shortage of these needs."""
        if self.makes:
            return lambda need, short, hard: self._make(need, short, needs)
        if not self.buyable or counted_offers(self.book, self.item.code):
            return self._buy
        return self._chosen()

    def _of(self, need: Need) -> Cover:
        cover = self.covers.get(need.document)
        if cover is None:
            cover = self.covers[need.document] = Cover(need)
        return cover

    def _make(self, need: Need, short: Units, needs: list[Need]) -> Units:
        lots = tuple([Lot(quantity) for quantity in self.item.lot.split(short)])
        cover = self._of(need)
        cover.lots = (*cover.lots, *lots)
        total = sum([lot.quantity for lot in lots])
        if self.book.custom and base_document(need.document) in self.book.custom:
            return total - _keep(lots, need, short, needs)
        return total

    def _chosen(self) -> Callable[[Need, Units, Units], Units]:
        """What buys what is short, where it does not matter what else is bought."""
        choose, covers, buy = self.buyer.chooser(self.item.code), self.covers, self._buy

        def cover(need: Need, short: Units, hard: Units) -> Units:
            chosen = choose(short, need.time)
            if not chosen.ways or need.document in covers:
                return buy(need, short, hard)
            covers[need.document] = Cover(need, chosen)
            return chosen.total

        return cover

    def _buy(self, need: Need, short: Units, hard: Units) -> Units:
        """Buy what is short; where only the safety stock cannot be in time, buy what was promised."""
        code, buyer, cover = self.item.code, self.buyer, self._of(need)
        found = buyer.buy(code, Shortage(need.time, short, need, hard), need.time) if self.buyable else None
        if found is None and 0 < hard < short and self.buyable:
            found = buyer.buy(code, Shortage(need.time, hard, need, hard), need.time)
        if found is not None:
            cover.rows = (*cover.rows, *found[0])
            return found[1]
        if not hard or need.document == SAFETY_STOCK:  # then the needs that are short of it ask for it themselves
            return 0
        earliest = buyer.earliest(code, hard) if self.buyable else None
        cover.violation = Violation(code, hard, need.time, need.document, earliest)
        return hard


def _keep(lots: Iterable[Lot], short: Need, quantity: Units, needs: list[Need]) -> Units:
    """Keep what is made for a need of a custom line for the line: what the need is short of, but for what is owed, and
    of the excess what later needs of the line, which are less by that, take. Returns how much of the excess that is."""
    line = base_document(short.document)
    begin = next(n for n, need in enumerate(needs) if need.document == short.document)
    most = min(quantity, short.quantity)
    excess = sum(lot.quantity for lot in lots) - quantity
    reserved = 0
    for index in range(begin + 1, len(needs)):
        need = needs[index]
        units = min(excess, need.quantity) if base_document(need.document) == line else 0
        if units:
            needs[index] = need._replace(quantity=need.quantity - units)
            excess, reserved = excess - units, reserved + units
    most += reserved
    for lot in lots:
        lot.kept = min(lot.quantity, most)
        most -= lot.kept
    return reserved


def order_key(code: str, document: str, lot: int) -> str:
    """The name of a planned order until it is numbered: its item, and the need that it is made for.

    Which of several lots it is comes before the need, whose name may end in a lot's number itself.
    """
    return f"{code}<{lot}>{document}" if lot else f"{code}<{document}"


def item_of(key: str) -> str:
    """The item of the planned order that has a name until it is numbered."""
    return key.partition("<")[0]
