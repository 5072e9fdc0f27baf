"""Items that do not keep: lots with the time at which they expire, what is used of them, and what is thrown away.

What expires first is used first. A lot may be used until it expires, not at that instant any more. Life begins when a
lot comes to the shelf; what is on the shelf at first, or found there by a count, begins its life then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from knowledge.availability import Availability
from knowledge.instants import Instant
from knowledge.quantities import Units

EXPIRED = "expired/"
"""What the documents begin with under which the availability function loses what expires."""


class Lot(NamedTuple):
    """So many units that may be used until they expire."""

    expires: Instant
    units: Units


Lots = tuple[Lot, ...]
"""Lots of one item, the first to expire first."""


def added(lots: Lots, lot: Lot) -> Lots:
    """The lots with one more."""
    return tuple(sorted((*lots, lot))) if lot.units > 0 else lots


def drawn(lots: Lots, units: Units, now: Instant) -> Lots:
    """The lots after so much was used, the first to expire first, of what has not expired; as far as there is."""
    kept = []
    for lot in lots:
        taken = min(lot.units, units) if lot.expires > now else 0
        units -= taken
        kept.append(lot._replace(units=lot.units - taken))
    return tuple(lot for lot in kept if lot.units)


def counted(lots: Lots, units: Units, expires: Instant) -> Lots:
    """The lots after a count of so much: what is missing was the first to expire, what is more is a new lot."""
    have = sum(lot.units for lot in lots)
    if units >= have:
        return added(lots, Lot(expires, units - have))
    gone, kept = have - max(0, units), []
    for lot in lots:
        taken = min(lot.units, gone)
        gone -= taken
        kept.append(lot._replace(units=lot.units - taken))
    return tuple(lot for lot in kept if lot.units)


class Shelf:
    """Lots as time goes by. `wasted` is what has expired unused, by the time at which it did."""

    def __init__(self, lots: Iterable[Lot], life: int) -> None:
        self.life = life
        self.lots = list(lots)
        heapify(self.lots)
        self.owed: Units = 0
        self.wasted: dict[Instant, Units] = {}

    def until(self, time: Instant) -> None:
        """Throw away what has expired by a time, that instant included."""
        while self.lots and self.lots[0].expires <= time:
            expires, units = heappop(self.lots)
            self.wasted[expires] = self.wasted.get(expires, 0) + units

    def receive(self, time: Instant, units: Units) -> None:
        """A lot comes in; what is owed goes off first."""
        paid = min(self.owed, units)
        self.owed -= paid
        if units > paid:
            heappush(self.lots, Lot(time + self.life, units - paid))

    def take(self, units: Units) -> Units:
        """Use so much; how much of it is not there."""
        while units and self.lots:
            expires, have = self.lots[0]
            if have > units:
                self.lots[0] = Lot(expires, have - units)
                return 0
            heappop(self.lots)
            units -= have
        return units

    @property
    def units(self) -> Units:
        """How much is there, what is owed taken off."""
        return sum(lot.units for lot in self.lots) - self.owed


def expiries(
    lots: Lots, events: Iterable[tuple[Instant, Units]], life: int, now: Instant
) -> Iterator[tuple[Instant, Units]]:
    """(time, units) of all that expires unused, in order of time, given dated receipts and requirements.

    A requirement that finds too little is made up for by the next receipts, as in the availability function.
    """
    shelf = Shelf(lots, life)
    for time, units in sorted(((max(time, now), units) for time, units in events), key=lambda e: (e[0], e[1] < 0)):
        shelf.until(time)
        if units > 0:
            shelf.receive(time, units)
        else:
            shelf.owed += shelf.take(-units)
    shelf.until(max((lot.expires for lot in shelf.lots), default=now))
    yield from sorted(shelf.wasted.items())


def steps_of(function: Availability, life: int, now: Instant) -> list[tuple[Instant, Units, Units]]:
    """(time, projected, promisable) at every time when either changes, of an item that keeps so long (0: for ever)."""
    steps = function.steps(now)
    if not life:
        return steps
    wasted = [(time, -units) for document, (time, units) in function.events.items() if document.startswith(EXPIRED)]
    return usable(((time, projected) for time, projected, _ in steps), wasted, life)


def usable(
    steps: Iterable[tuple[Instant, Units]], wasted: Iterable[tuple[Instant, Units]], life: int
) -> list[tuple[Instant, Units, Units]]:
    """(time, projected, promisable) of every step of the projected balance of an item that does not keep.

    What would expire later of what is there at a time may be promised then: from a time t on, the least of the
    projected balance at s ≥ t and what expires in between of lots that came by t.
    """
    steps, wasted = list(steps), list(wasted)
    found = []
    for index, (time, projected) in enumerate(steps):
        there = [(expires, units) for expires, units in wasted if expires - life <= time < expires]
        lowest = min(balance + sum(u for expires, u in there if expires <= at) for at, balance in steps[index:])
        found.append((time, projected, lowest))
    return found
