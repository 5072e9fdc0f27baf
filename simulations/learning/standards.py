"""Standard times: what a step of an item takes at a work centre, set-up and run a unit, and how it spreads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from simulations.learning.fitting import line, median, quantile
from simulations.learning.routes import LearnedRoute
from simulations.learning.work import Case, Work

_ALONE = 3
"""So many observations of one work centre are enough to have times of its own."""

_CLASS = 10
"""So many observations are wanted of shorter runs, and as many of longer ones, to tell the two apart."""

PERCENTS = (10, 25, 50, 75, 80, 90, 95)


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation: minutes of set-up and run for a quantity."""

    quantity: Fraction
    setup: Fraction
    run: Fraction

    @property
    def minutes(self) -> Fraction:
        return self.setup + self.run


@dataclass(frozen=True, slots=True)
class Standard:
    """What a step takes at a work centre, in minutes; `run` is for a unit. `fit` says how it was found."""

    item: str
    step: str
    centre: str
    setup: Decimal
    run: Decimal
    seen: tuple[Seen, ...]
    fit: str

    def minutes(self, quantity: Fraction) -> Fraction:
        """What it takes by the standard."""
        return Fraction(self.setup) + Fraction(self.run) * quantity


@dataclass(frozen=True, slots=True)
class Spread:
    """How what it took stands to the standard, over runs of `quantity_from` units and more, up to `quantity_to`."""

    standard: Standard
    quantity_from: Fraction
    quantity_to: Fraction
    seen: int
    ratios: tuple[Fraction, ...]
    """The quantiles of `PERCENTS` of what it took ÷ the standard."""


def learn_standards(cases: Sequence[Case], routes: Sequence[LearnedRoute], *, tells_setup: bool) -> list[Standard]:
    """The standard of every step of every route at every work centre that does it, the usual one first."""
    work: dict[tuple[str, str], list[tuple[Case, Work]]] = {}
    for case in cases:
        for each in case.work:
            work.setdefault((case.item, each.step), []).append((case, each))
    found = []
    for route in routes:
        for frequency in route.steps:
            found.extend(_of_step(work[route.item, frequency.step], tells_setup))
    return found


def _of_step(work: list[tuple[Case, Work]], tells_setup: bool) -> list[Standard]:
    centres: dict[str, list[Seen]] = {}
    for case, each in work:
        seen = _seen(case, each)
        if seen is not None:
            centres.setdefault(each.centre, []).append(seen)
    if not centres:  # it takes no time that anybody has measured
        centres[min(each.centre for _, each in work)] = []
    everything = [seen for found in centres.values() for seen in found]
    usual = [centre for centre, found in centres.items() if len(found) >= 2 or 10 * len(found) >= len(everything)]
    item, step = work[0][0].item, work[0][1].step
    standards = []
    for centre in sorted(usual, key=lambda name: (-len(centres[name]), name)):
        own = centres[centre]
        setup, run, fit = _fitted(own if len(own) >= _ALONE else everything, tells_setup)
        if len(own) < _ALONE and len(usual) > 1:
            fit += ", of all its work centres"
        standards.append(Standard(item, step, centre, _rounded(setup), _rounded(run), tuple(own), fit))
    return standards


def _seen(case: Case, work: Work) -> Seen | None:
    """What can be learned from some work: for how many pieces it was, as reported, or else as ordered."""
    quantity = Fraction(work.good or case.quantity or 1)
    if not work.seconds:
        return None
    return Seen(quantity, Fraction(work.setup, 60), Fraction(work.run, 60))


def _fitted(seen: Sequence[Seen], tells_setup: bool) -> tuple[Fraction, Fraction, str]:
    """(set-up, run a unit, how): by a line over the quantities; else through 0."""
    if not seen:
        return Fraction(0), Fraction(0), "never measured"
    setup = median([each.setup for each in seen])
    runs = [each for each in seen if each.run] or list(seen)
    fit = line([(each.quantity, each.run) for each in runs])
    told = "set-up as reported, " if tells_setup else ""
    if fit is not None:
        return setup + fit[0], fit[1], f"{told}line over {len(runs)} quantities"
    return setup, median([each.run / each.quantity for each in runs]), f"{told}median run of {len(runs)}"


def _rounded(minutes: Fraction) -> Decimal:
    return (Decimal(minutes.numerator) / Decimal(minutes.denominator)).quantize(Decimal("0.001"))


def spreads(standard: Standard) -> list[Spread]:
    """How a standard spreads: over shorter and longer runs where enough of both were seen, else over all."""
    seen = [each for each in standard.seen if standard.minutes(each.quantity)]
    if not seen:
        return []
    middle = median([each.quantity for each in seen])
    short, long = [s for s in seen if s.quantity < middle], [s for s in seen if s.quantity >= middle]
    classes = [short, long] if min(len(short), len(long)) >= _CLASS else [seen]
    return [_spread(standard, some) for some in classes]


def _spread(standard: Standard, seen: Sequence[Seen]) -> Spread:
    ratios = [each.minutes / standard.minutes(each.quantity) for each in seen]
    quantities = [each.quantity for each in seen]
    return Spread(
        standard,
        min(quantities),
        max(quantities),
        len(seen),
        tuple(quantile(ratios, percent) for percent in PERCENTS),
    )
