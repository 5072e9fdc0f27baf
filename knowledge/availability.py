"""The availability function of one item: what will be there, and what of it may still be promised.

With stock on hand H and dated receipts and requirements, the projected available balance is
`P(t) = H + receipts up to t − requirements up to t`, and what may be promised from t on is
`F(t) = min over s ≥ t of P(s)`, less the safety stock where it is protected. F never decreases in t. At one
instant receipts count before requirements. What is dated before `now` counts at `now`: it is overdue, not gone.

Every change and every question but the lists costs time that grows with the logarithm of the number of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from knowledge.instants import Instant
from knowledge.quantities import Units
from knowledge.steps import Steps


class Availability:
    """One item's function. Events are (time, units) by document: receipts above 0, requirements below."""

    __slots__ = ("_steps", "events", "on_hand")

    def __init__(self, on_hand: Units = 0, events: Mapping[str, tuple[Instant, Units]] | None = None) -> None:
        self.on_hand = on_hand
        self.events: dict[str, tuple[Instant, Units]] = dict(events or {})
        self._steps = Steps.of(self.events.values())

    def __repr__(self) -> str:
        return f"Availability({self.on_hand}, {self.events})"

    # -- changes

    def set(self, document: str, time: Instant, units: Units) -> None:
        """Insert, move or resize the event of a document; 0 units remove it."""
        old = self.events.get(document)
        if old is not None and old[0] == time and units:
            self.events[document] = time, units
            self._steps.add(time, units - old[1])
            return
        if old is not None:
            self._steps.add(old[0], -old[1])
        if units:
            self.events[document] = time, units
            self._steps.add(time, units)
        elif old is not None:
            del self.events[document]

    def remove(self, document: str) -> None:
        """Remove the event of a document, if there is one."""
        self.set(document, 0, 0)

    def set_on_hand(self, units: Units) -> None:
        """Correct the stock on hand."""
        self.on_hand = units

    # -- questions

    def projected(self, now: Instant, time: Instant) -> Units:
        """The projected available balance at a time (at `now` at the earliest)."""
        return self.on_hand + self._steps.until(max(now, time))

    def promisable(self, now: Instant, time: Instant) -> Units:
        """What may still be promised from a time on (from `now` at the earliest)."""
        return self.on_hand + self._steps.lowest_from(max(now, time))

    def lowest(self, now: Instant) -> Units:
        """The lowest projected balance from now on."""
        return self.promisable(now, now)

    def earliest(self, now: Instant, units: Units) -> Instant | None:
        """The first time from which so much may be promised; None for never."""
        last = self._steps.last_below(units - self.on_hand)
        if last is not None and last > now:
            return self._steps.next(last)
        return now if self.projected(now, now) >= units else self._steps.next(now)

    def first_shortage(self, now: Instant) -> tuple[Instant, Units] | None:
        """(time, units missing) where the balance first falls below zero."""
        at_first = self.projected(now, now)
        if at_first < 0:
            return now, -at_first
        found = self._steps.first_below(-self.on_hand, now)
        return None if found is None else (found[0], -found[1] - self.on_hand)

    # -- lists

    def steps(self, now: Instant) -> list[tuple[Instant, Units, Units]]:
        """(time, projected, promisable) from now on, at every time when either changes."""
        found = []
        lowest: Units | None = None
        for time, projected in reversed(list(self._balances(now))):
            lowest = projected if lowest is None else min(lowest, projected)
            found.append((time, projected, lowest))
        found.reverse()
        return found

    def staircase(self, now: Instant) -> list[tuple[Instant, Units]]:
        """(time, promisable from then on): every step of what may still be promised, which is the menu of releases."""
        found: list[tuple[Instant, Units]] = []
        for time, _, lowest in self.steps(now):
            if not found or lowest != found[-1][1]:
                found.append((time, lowest))
        return found

    def _balances(self, now: Instant) -> Iterator[tuple[Instant, Units]]:
        """(time, projected) at `now` and after every later change."""
        balance, begun = self.on_hand, False
        for time, units in self._steps:
            if time > now and not begun:
                begun = True
                yield now, balance
            balance += units
            if begun:
                yield time, balance
        if not begun:
            yield now, balance


def availability_of(on_hand: Mapping[str, Units], events: Iterable[Mapping[str, object]]) -> dict[str, Availability]:
    """The functions of every item that rows of `inventory_event` and stock speak of."""
    dated: dict[str, dict[str, tuple[Instant, Units]]] = {item: {} for item in on_hand}
    for row in events:
        time, units = row["time"], row["quantity"]
        assert isinstance(time, int)
        assert isinstance(units, int)
        dated.setdefault(str(row["item"]), {})[str(row["document"])] = time, units
    return {item: Availability(on_hand.get(item, 0), found) for item, found in dated.items()}
