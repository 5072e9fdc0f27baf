"""The route of each item: the steps that most of its work orders took, in the order that most of them took."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from knowledge.instants import Instant
from simulations.learning.fitting import median
from simulations.learning.work import Case

_LEAST = 3
"""So many work orders that surely are whole are enough to count by them alone."""


@dataclass(frozen=True, slots=True)
class Frequency:
    """How many of an item's work orders took a step (and how many of them did some of it again)."""

    step: str
    taken: int
    reworked: int
    orders: int


@dataclass(frozen=True, slots=True)
class LearnedRoute:
    """An item's steps in order; `optional` are those that fewer than half of its work orders took."""

    item: str
    steps: tuple[Frequency, ...]
    optional: tuple[Frequency, ...]
    orders: int
    whole: int


def learn_routes(cases: Sequence[Case]) -> list[LearnedRoute]:
    """The route of every item, in the order of their names."""
    whole = {case.case for case in _whole(cases)}
    items: dict[str, list[Case]] = {}
    for case in cases:
        if case.steps:
            items.setdefault(case.item, []).append(case)
    return [_route(item, found, whole) for item, found in sorted(items.items())]


def _whole(cases: Sequence[Case]) -> list[Case]:
    """Those that the edges of the log cannot have cut: nothing of them lies within half a usual lead time of either."""
    if not cases:
        return []
    begin, end = min(case.begin for case in cases), max(case.end for case in cases)
    room: Instant = min(int(median([case.end - case.begin for case in cases])) // 2, (end - begin) // 8)
    return [case for case in cases if case.begin >= begin + room and case.end <= end - room]


def _route(item: str, cases: list[Case], whole: set[str]) -> LearnedRoute:
    counted = [case for case in cases if case.case in whole]
    if len(counted) < _LEAST:
        counted = cases
    found = [
        Frequency(
            step,
            sum(step in case.steps for case in counted),
            sum(step in case.reworked for case in cases),
            len(counted),
        )
        for step in ordered(case.steps for case in cases)
    ]
    most = max(each.taken for each in found)
    usual = min(Fraction(len(counted), 2), Fraction(most))
    steps = tuple(each for each in found if each.taken and each.taken >= usual)
    optional = tuple(each for each in found if each not in steps)
    return LearnedRoute(item, steps, optional, len(cases), len(counted))


def ordered(sequences: Iterable[Sequence[str]]) -> list[str]:
    """All that stands in some sequences in the order that most of them have (Copeland: what comes before most others).

    Between equals, what stands earlier on the whole comes first.
    """
    before: dict[tuple[str, str], int] = {}
    places: dict[str, list[Fraction]] = {}
    for sequence in sequences:
        for place, name in enumerate(sequence):
            places.setdefault(name, []).append(Fraction(place, len(sequence)))
            for later in sequence[place + 1 :]:
                before[name, later] = before.get((name, later), 0) + 1

    def wins(name: str) -> int:
        others = (before.get((name, other), 0) - before.get((other, name), 0) for other in places)
        return sum((n > 0) - (n < 0) for n in others)

    return sorted(places, key=lambda name: (-wins(name), median(places[name]), name))
