"""Netting of one item: when, and how much of it, has to be made or bought so that its balance never falls short.

Events are dated; at one instant receipts count before requirements. The balance starts at the stock on hand.
Shortage against zero is *hard*: somebody was promised it. Shortage against the safety stock is *soft*, and
asked for only from the time on that the item can be replenished at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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


Cover: TypeAlias = Callable[[Shortage], Units]


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
    _received: int = 0

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
        needs, receipts = self.needs, self.receipts
        checked = not self.safety_stock
        if begin:
            last = needs[begin - 1].time
            self.balance = after[begin - 1] or 0
            checked = checked or last >= self.safety_from
            while self._received < len(receipts) and receipts[self._received][0] <= last:
                self._received += 1
        for index in range(begin, len(needs)):
            need = needs[index]
            time = need.time
            if not checked and time >= self.safety_from:
                checked = True
                self._rebuild_safety(index)
            if self._received < len(receipts):
                self._receive(time)
            self.balance -= need.quantity
            target = self.safety_stock if self.safety_stock and time >= self.safety_from else 0
            if self.balance < target:
                self._cover(need, index + 1, target)
            before.append(after[index])
            if index >= settled and after[index] == self.balance:
                return before
            after[index] = self.balance
        if not checked:
            self._rebuild_safety(len(needs))
        return before

    def _receive(self, until: Instant) -> None:
        receipts, index = self.receipts, self._received
        while index < len(receipts) and receipts[index][0] <= until:
            self.balance += receipts[index][1]
            index += 1
        self._received = index

    def _rebuild_safety(self, index: int) -> None:
        """At the first moment when safety stock can be had: ask for what is missing of it."""
        self._receive(self.safety_from)
        if self.balance < self.safety_stock:
            self._cover(Need(self.safety_from, 0, 0, SAFETY_STOCK), index, self.safety_stock)

    def _cover(self, need: Need, following: int, target: Units) -> None:
        short, hard = target - self.balance, max(0, -self.balance)
        if self.bucket_end is not None:
            more, more_hard = self._rest_of_bucket(need.time, following)
            short, hard = max(short, more), max(hard, more_hard)
        self.balance += self.cover(Shortage(need.time, short, need, hard))

    def _rest_of_bucket(self, begin: Instant, following: int) -> tuple[Units, Units]:
        """The deepest shortage until the period ends: against the safety stock, and against zero."""
        assert self.bucket_end is not None
        end = self.bucket_end(begin)
        balance, received = self.balance, self._received
        short, hard = 0, 0
        for index in range(following, len(self.needs)):
            need = self.needs[index]
            if need.time >= end:
                break
            while received < len(self.receipts) and self.receipts[received][0] <= need.time:
                balance += self.receipts[received][1]
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
                shelf.receive(need.time, self.cover(Shortage(need.time, short, need, missing)) - missing)
