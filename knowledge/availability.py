"""The availability function of one item: what will be there, and what of it may still be promised.

With stock on hand H and dated receipts and requirements, the projected available balance is
`P(t) = H + receipts up to t − requirements up to t`, and what may be promised from t on is
`F(t) = min over s ≥ t of P(s)`, less the safety stock where it is protected. F never decreases in t. At one
instant receipts count before requirements. What is dated before `now` counts at `now`: it is overdue, not gone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from knowledge.instants import Instant
from knowledge.quantities import Units


@dataclass(slots=True)
class Availability:
    """One item's function. Events are (time, units) by document: receipts above 0, requirements below."""

    on_hand: Units = 0
    events: dict[str, tuple[Instant, Units]] = field(default_factory=dict)
    _times: list[Instant] = field(default_factory=list)
    _projected: list[Units] = field(default_factory=list)
    _lowest_after: list[Units] = field(default_factory=list)
    _built: Instant | None = None

    def set(self, document: str, time: Instant, units: Units) -> None:
        """Insert, move or resize the event of a document; 0 units remove it."""
        if units:
            self.events[document] = time, units
        else:
            self.events.pop(document, None)
        self._built = None

    def set_on_hand(self, units: Units) -> None:
        """Correct the stock on hand."""
        self.on_hand = units
        self._built = None

    def steps(self, now: Instant) -> list[tuple[Instant, Units, Units]]:
        """(time, projected, promisable) from now on, at every time when either changes."""
        self._build(now)
        found: list[tuple[Instant, Units, Units]] = []
        for step in zip(self._times, self._projected, self._lowest_after, strict=True):
            if not found or step[1:] != found[-1][1:]:
                found.append(step)
        return found

    def projected(self, now: Instant, time: Instant) -> Units:
        """The projected available balance at a time (at `now` at the earliest)."""
        self._build(now)
        return self._projected[max(0, bisect_right(self._times, time) - 1)]

    def promisable(self, now: Instant, time: Instant) -> Units:
        """What may still be promised from a time on."""
        self._build(now)
        return self._lowest_after[max(0, bisect_right(self._times, time) - 1)]

    def earliest(self, now: Instant, units: Units) -> Instant | None:
        """The first time from which so much may be promised; None for never."""
        self._build(now)
        for time, lowest in zip(self._times, self._lowest_after, strict=True):
            if lowest >= units:
                return time
        return None

    def staircase(self, now: Instant) -> list[tuple[Instant, Units]]:
        """(time, promisable from then on): every step of what may still be promised."""
        self._build(now)
        found: list[tuple[Instant, Units]] = []
        for time, lowest in zip(self._times, self._lowest_after, strict=True):
            if not found or lowest != found[-1][1]:
                found.append((time, lowest))
        return found

    def lowest(self, now: Instant) -> Units:
        """The lowest projected balance from now on."""
        self._build(now)
        return self._lowest_after[0]

    def first_shortage(self, now: Instant) -> tuple[Instant, Units] | None:
        """(time, units missing) where the balance first falls below zero."""
        self._build(now)
        for time, projected in zip(self._times, self._projected, strict=True):
            if projected < 0:
                return time, -projected
        return None

    def _build(self, now: Instant) -> None:
        if self._built == now:
            return
        sums: dict[Instant, Units] = {now: 0}
        for time, units in self.events.values():
            when = time if time > now else now
            sums[when] = sums.get(when, 0) + units
        self._times = sorted(sums)
        balance = self.on_hand
        self._projected = []
        for time in self._times:
            balance += sums[time]
            self._projected.append(balance)
        self._lowest_after = self._projected.copy()
        for index in range(len(self._times) - 2, -1, -1):
            if self._lowest_after[index + 1] < self._lowest_after[index]:
                self._lowest_after[index] = self._lowest_after[index + 1]
        self._built = now


def availability_of(on_hand: Mapping[str, Units], events: Iterable[Mapping[str, object]]) -> dict[str, Availability]:
    """The functions of every item that rows of `inventory_event` and stock speak of."""
    found = {item: Availability(units) for item, units in on_hand.items()}
    for row in events:
        time, units = row["time"], row["quantity"]
        assert isinstance(time, int)
        assert isinstance(units, int)
        found.setdefault(str(row["item"]), Availability()).set(str(row["document"]), time, units)
    return found
