"""Netting of one item: when, and how much of it, has to be made or bought so that its balance never falls short.

Events are dated; at one instant receipts count before requirements. The balance starts at the stock on hand.
Shortage against zero is *hard*: somebody was promised it. Shortage against the safety stock is *soft*, and
asked for only from the time on that the item can be replenished at all.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple, TypeAlias

from knowledge.instants import Instant
from knowledge.quantities import Units
from knowledge.shelf_life import Lots, Shelf
from knowledge.supply import SAFETY_STOCK

OTHERS = "others"
"""The document of a need that another planner has reserved for."""


class Need(NamedTuple):
    """A dated requirement. `document` is a release, or the key of the order that needs a component."""

    time: Instant
    sequence: int
    quantity: Units
    document: str


class Shortage(NamedTuple):
    """What netting asks for: so much at a time, on account of a need; `hard` of it were promised."""

    time: Instant
    quantity: Units
    need: Need
    hard: Units

    @property
    def document(self) -> str:
        """The document of the need."""
        return self.need.document


Cover: TypeAlias = Callable[[Need, Units, Units], Units]
"""Covers a shortage: (need that is short, quantity, what of it was promised) → what it brings."""


@dataclass(slots=True)
class Netting:
    """One run over an item's events.

    `receipts` and `needs` are in order of time. `cover` is asked for each shortage and answers how much it brings
    from that time on (lots make it more). `bucket_end` gives the end of the period whose shortages are asked for
    together, at the first of them.
    """

    balance: Units
    receipts: Sequence[tuple[Instant, Units]]
    needs: Sequence[Need]
    cover: Cover
    safety_stock: Units = 0
    safety_from: Instant = 0
    bucket_end: Callable[[Instant], Instant] | None = None

    def run(self) -> None:
        """Go through all needs in order, asking for what is short."""
        self.resume([None] * len(self.needs), 0, 0)

    def resume(self, after: list[Units | None], begin: int, settled: int) -> list[Units | None]:
        """Go through the needs from the one at `begin` on, as far as something may be other than it was.

        `after` holds the balance after each need as it was at the last run (None for needs that are new), and is
        brought up to date. From `settled` on nothing has changed: the run is over once a balance is what it was.
        Returns what `after` held before of the needs gone through.
        """
        before: list[Units | None] = []
        needs, receipts, cover, bucket_end = self.needs, self.receipts, self.cover, self.bucket_end
        safety_stock, safety_from, count = self.safety_stock, self.safety_from, len(self.needs)
        checked = not safety_stock
        balance, received, expected = self.balance, 0, len(receipts)
        if begin:
            last = needs[begin - 1].time
            balance = after[begin - 1] or 0
            checked = checked or last >= safety_from
            received = bisect_right(receipts, last, key=_time_of)
        target = safety_stock if checked else 0
        for index in range(begin, count):
            need = needs[index]
            time = need.time
            if not checked and time >= safety_from:
                checked, target = True, safety_stock
                balance, received = self._rebuild_safety(index, balance, received)
            while received < expected and receipts[received][0] <= time:
                balance += receipts[received][1]
                received += 1
            balance -= need.quantity
            if balance < target:
                short, hard = target - balance, -balance if balance < 0 else 0
                if bucket_end is not None and index + 1 < count:
                    end = bucket_end(time)
                    if needs[index + 1].time < end:
                        more, more_hard = self._rest_of_bucket(end, index + 1, balance, received)
                        short, hard = max(short, more), max(hard, more_hard)
                balance += cover(need, short, hard)
            before.append(after[index])
            if index >= settled and after[index] == balance:
                return before
            after[index] = balance
        if not checked:
            self._rebuild_safety(count, balance, received)
        return before

    def _rebuild_safety(self, index: int, balance: Units, received: int) -> tuple[Units, int]:
        """At the first moment when safety stock can be had: ask for what is missing of it."""
        receipts, time = self.receipts, self.safety_from
        while received < len(receipts) and receipts[received][0] <= time:
            balance += receipts[received][1]
            received += 1
        if balance < self.safety_stock:
            short, hard = self.safety_stock - balance, 0  # what is owed by what is to come was promised to nobody
            if self.bucket_end is not None:
                more, hard = self._rest_of_bucket(self.bucket_end(time), index, balance, received)
                short = max(short, more)
            balance += self.cover(Need(time, 0, 0, SAFETY_STOCK), short, hard)
        return balance, received

    def _rest_of_bucket(self, end: Instant, following: int, balance: Units, received: int) -> tuple[Units, Units]:
        """The deepest shortage until the period ends: against the safety stock, and against zero."""
        needs, receipts, short, hard = self.needs, self.receipts, 0, 0
        stop = bisect_left(needs, (end,))
        if stop <= following:
            return 0, 0
        if received == len(receipts) or receipts[received][0] >= end:  # then it is deepest at the end
            balance -= sum(map(_quantity, needs[following:stop]))
            target = self.safety_stock if needs[stop - 1].time >= self.safety_from else 0
            return max(0, target - balance), max(0, -balance)
        for need in needs[following:stop]:
            while received < len(receipts) and receipts[received][0] <= need.time:
                balance += receipts[received][1]
                received += 1
            balance -= need.quantity
            target = self.safety_stock if need.time >= self.safety_from else 0
            short = max(short, target - balance)
            hard = max(hard, -balance)
        return short, hard


@dataclass(slots=True)
class PerishableNetting:
    """The same of an item that does not keep: what has expired covers nothing.

    Shortages are asked for one by one; rows that one supplier delivers on one day are joined afterwards.
    """

    lots: Lots
    life: int
    receipts: Sequence[tuple[Instant, Units]]
    needs: Sequence[Need]
    cover: Cover
    safety_stock: Units = 0
    safety_from: Instant = 0
    owed: Units = 0

    def run(self) -> None:
        """Go through the needs in order, asking for what is short."""
        shelf = Shelf(self.lots, self.life)
        shelf.owed = self.owed
        needs = [*self.needs, Need(self.safety_from, 0, 0, SAFETY_STOCK)] if self.safety_stock else self.needs
        received = 0
        for need in sorted(needs, key=lambda n: (n.time, n.sequence)):
            while received < len(self.receipts) and self.receipts[received][0] <= need.time:
                shelf.until(self.receipts[received][0])
                shelf.receive(*self.receipts[received])
                received += 1
            shelf.until(need.time)
            missing = shelf.take(need.quantity)
            target = self.safety_stock if need.time >= self.safety_from else 0
            short = missing + max(0, target - shelf.units)
            if short:
                shelf.receive(need.time, self.cover(need, short, missing) - missing)


_quantity: Callable[[Need], Units] = itemgetter(2)


def _time_of(receipt: tuple[Instant, Units]) -> Instant:
    return receipt[0]
