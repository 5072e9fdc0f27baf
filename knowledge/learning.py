"""What deliveries and work really took, and what may be reckoned with by it: a quantile of what was seen lately.

Of n values that come as they please, the next is not above the ⌈(n + 1) q⌉-th smallest with a probability of at least
q, whatever their distribution is (the quantile of split conformal prediction). Of so few that there is no such value,
the largest stands for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from typing import Any, TypeVar

from knowledge.calendars import Calendar, LeadTime
from knowledge.instants import MINUTE, Instant, local_date
from knowledge.plant import Alternative, Learning, Offer, Plant, Route
from knowledge.quantities import Units, ceil_div, from_units
from knowledge.supply import PurchaseRow

T = TypeVar("T", int, Fraction)

WINDOW = 200
"""So many of the latest deliveries of a supplier, and of works on a step at a work centre, are remembered."""

MOVED_PERCENT = 5
"""What is learned of work counts once it is so far from what is reckoned with: plans are not made anew for less."""

_THOUSANDTH = Decimal("0.001")


def quantile(values: Sequence[T], share: Decimal) -> T:
    """The value that the next is not above in at least that share of all cases; the largest where there are too few."""
    ordered = sorted(values)
    exact = (len(ordered) + 1) * Fraction(share)
    return ordered[min(ceil_div(exact.numerator, exact.denominator), len(ordered)) - 1]


# -- lead times


@dataclass(frozen=True, slots=True)
class Brought:
    """A purchase row that came whole: when it was to be ordered, and when it was there."""

    item: str
    ordered: Instant
    came: Instant


def remembered(known: Sequence[Brought], new: Brought) -> tuple[Brought, ...]:
    """The latest deliveries of a supplier with one more, in order of the times at which they came."""
    return tuple(sorted((*known, new), key=lambda each: (each.came, each.ordered, each.item))[-WINDOW:])


def days_taken(brought: Brought, calendar: Calendar | None, zone: dt.tzinfo) -> int:
    """The fewest days of a lead time that would have held: that are over on the day on which it came, or later."""
    came = local_date(brought.came, zone)
    low, high = 0, max(0, (came - local_date(brought.ordered, zone)).days)
    while low < high:
        middle = (low + high) // 2
        if local_date(LeadTime(middle, calendar).forward(brought.ordered), zone) >= came:
            high = middle
        else:
            low = middle + 1
    return low


def asked_for(plant: Plant, row: PurchaseRow) -> Instant:
    """The day to ask a supplier for: the one that it offers, where the row is reckoned with for a later one.

    So its slack is kept: who is given more time, and always comes late by as much, would be late again.
    """
    if plant.learning is None or plant.learning.lead_time_quantile is None:
        return row.due
    offers = (offer for offer in plant.offers.get(row.item, ()) if offer.supplier == row.supplier)
    return min([row.due, *(offer.lead_time.forward(row.order_by) for offer in offers)])


def expected(plant: Plant, offer: Offer, deliveries: Sequence[Brought]) -> Offer:
    """An offer with the lead time that its supplier keeps in the share of cases that the plant asks for.

    By the deliveries of the item where there are enough, else by how much longer than offered all that the supplier
    delivers took. Never less than what is offered, and just that where there is too little to tell.
    """
    learning = plant.learning
    if learning is None or learning.lead_time_quantile is None:
        return offer
    days, share = offer.lead_time.days, learning.lead_time_quantile
    own = [days_taken(each, offer.lead_time.calendar, plant.zone) for each in deliveries if each.item == offer.item]
    if len(own) >= learning.least:
        found = quantile(own, share)
    else:
        longer = list(_longer(plant, offer.supplier, deliveries))
        found = days + quantile(longer, share) if len(longer) >= learning.least else days
    if found <= days:
        return offer
    return replace(offer, lead_time=LeadTime(found, offer.lead_time.calendar), offered=offer.lead_time)


def _longer(plant: Plant, supplier: str, deliveries: Sequence[Brought]) -> Sequence[int]:
    """By how many days each delivery took longer than its item is offered in (below 0: it was faster)."""
    return [
        days_taken(each, offer.lead_time.calendar, plant.zone) - offer.lead_time.days
        for each in deliveries
        for offer in plant.offers.get(each.item, ())
        if offer.supplier == supplier
    ]


def said_of(offer: Offer) -> str:
    """What was learned of an offer's lead time, in words; empty where nothing was."""
    if offer.offered is None:
        return ""
    return f"{offer.supplier} takes {_days(offer.lead_time)} for {offer.item}, not the {offer.offered.days} it offers"


def _days(lead_time: LeadTime) -> str:
    working = "" if lead_time.calendar is None else "working "
    return f"{lead_time.days} {working}{'day' if lead_time.days == 1 else 'days'}"


# -- operation times


@dataclass(frozen=True, slots=True)
class Worked:
    """Work on a step that is over: for how many units, and the seconds of open time that it took."""

    quantity: Units
    seconds: int


def learned_way(plant: Plant, item: str, way: Alternative, works: Sequence[Worked]) -> Alternative:
    """An alternative of a step with the times that are kept in the share of cases that the plant asks for.

    Where there are enough of shorter runs, and of longer ones, set-up and run are such that they hold for both: what is
    late in long runs only is not so in short ones. `way` as it is where there is too little to tell.
    """
    learning = plant.learning
    if learning is None or learning.operation_quantile is None:
        return way
    standard = _Standard(plant, item, way)
    works = [each for each in works if standard.minutes(each.quantity)]
    if len(works) < learning.least:
        return way
    share = learning.operation_quantile
    factor = quantile([standard.ratio(each) for each in works], share)
    setup, run = factor * Fraction(way.setup_minutes), factor * Fraction(way.run_minutes)
    teardown = factor * Fraction(way.teardown_minutes)
    by_length = _by_length(standard, works, learning, share)
    if by_length is not None:
        setup, run = _through(by_length, teardown)
    learned = replace(
        way, setup_minutes=_rounded(setup), run_minutes=_rounded(run), teardown_minutes=_rounded(teardown)
    )
    usual = sorted(each.quantity for each in works)[len(works) // 2]
    percent = 100 * _Standard(plant, item, learned).minutes(usual) / standard.minutes(usual)
    return replace(learned, learned_percent=round(percent))


@dataclass(frozen=True, slots=True)
class _Standard:
    """What a way takes by its route."""

    plant: Plant
    item: str
    way: Alternative

    def units(self, quantity: Units) -> Fraction:
        return Fraction(from_units(quantity, self.plant.items[self.item].decimals))

    def minutes(self, quantity: Units) -> Fraction:
        """Set-up, run and teardown, at full efficiency."""
        fixed = Fraction(self.way.setup_minutes) + Fraction(self.way.teardown_minutes)
        return fixed + Fraction(self.way.run_minutes) * self.units(quantity)

    def ratio(self, work: Worked) -> Fraction:
        """What it took ÷ what it takes by the route."""
        efficiency = Fraction(self.plant.work_centres[self.way.work_centre].efficiency_percent) / 100
        return Fraction(work.seconds, MINUTE) * efficiency / self.minutes(work.quantity)


Points = tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]
"""Of shorter and of longer runs: a usual quantity, and the minutes that it takes."""


def _by_length(standard: _Standard, works: Sequence[Worked], learning: Learning, share: Decimal) -> Points | None:
    """What shorter and what longer runs take; None where there are not enough of both."""
    ordered = sorted(works, key=lambda each: (each.quantity, each.seconds))
    middle = ordered[len(ordered) // 2].quantity
    short = [each for each in ordered if each.quantity < middle]
    long = [each for each in ordered if each.quantity >= middle]
    if min(len(short), len(long)) < learning.least:
        return None
    points = []
    for some in (short, long):
        quantity = some[len(some) // 2].quantity
        factor = quantile([standard.ratio(each) for each in some], share)
        points.append((standard.units(quantity), factor * standard.minutes(quantity)))
    return points[0], points[1]


def _through(points: Points, teardown: Fraction) -> tuple[Fraction, Fraction]:
    """(set-up, run a unit) of the line through two points; or, where no work is like that, of one below neither."""
    (less, quick), (more, slow) = points
    run = max(Fraction(0), (slow - quick) / (more - less))
    start = max(quick - run * less, slow - run * more)
    if start < teardown:
        start, run = teardown, max((quick - teardown) / less, (slow - teardown) / more, Fraction(0))
    return start - teardown, run


def _rounded(minutes: Fraction) -> Decimal:
    return (Decimal(minutes.numerator) / minutes.denominator).quantize(_THOUSANDTH, ROUND_CEILING)


def has_moved(plant: Plant, item: str, old: Alternative, new: Alternative, works: Sequence[Worked]) -> bool:
    """Whether what is learned now is far enough from what is reckoned with, for the shortest or the longest run."""
    quantities = [each.quantity for each in works]
    for quantity in {min(quantities), max(quantities)}:
        before, after = (_Standard(plant, item, way).minutes(quantity) for way in (old, new))
        if abs(after - before) * 100 > MOVED_PERCENT * before:
            return True
    return False


def said_of_route(plant: Plant, item: str) -> str:
    """What was learned of the times of an item's route, in words; empty where nothing was."""
    route = plant.routes.get(item)
    said = [
        f"step {step.step} {way.learned_percent} % of its time at {way.work_centre}"
        for step in (route.steps if route else ())
        for way in step.alternatives
        if way.learned_percent is not None
    ]
    return f"{item} takes {', '.join(said)}" if said else ""


# -- as it is stored


def with_offers(plant: Plant, told: Sequence[Mapping[str, Any]]) -> Plant:
    """The plant with the lead times that the planner reckons with: `told` are quotes as they are stored."""
    days = {(each["supplier"], each["item"]): each["lead_time_days"] for each in told if each.get("offered_days")}
    offers = {
        item: tuple(
            replace(
                offer,
                lead_time=LeadTime(days[offer.supplier, item], offer.lead_time.calendar),
                offered=offer.lead_time,
            )
            if (offer.supplier, item) in days
            else offer
            for offer in some
        )
        for item, some in plant.offers.items()
    }
    return replace(plant, offers=offers) if days else plant


Kept = Sequence[Any]
"""A learned way as it is stored: step, work centre, its minutes and percent, and from what it was learned."""


def kept_way(plant: Plant, step: str, way: Alternative, standard: Alternative) -> Kept:
    """A learned way as it is stored."""
    minutes = map(str, (way.setup_minutes, way.run_minutes, way.teardown_minutes))
    return [step, way.work_centre, *minutes, way.learned_percent, *_basis(plant, standard)]


def way_kept(plant: Plant, kept: Kept, standard: Alternative) -> Alternative | None:
    """The learned way that is stored; None where what it was learned from, or how, is not so any more."""
    if list(kept[6:]) != _basis(plant, standard):
        return None
    setup, run, teardown = map(Decimal, kept[2:5])
    return Alternative(standard.work_centre, setup, run, teardown, kept[5])


def _basis(plant: Plant, standard: Alternative) -> list[str]:
    learning = plant.learning or Learning()
    minutes = (standard.setup_minutes, standard.run_minutes, standard.teardown_minutes)
    return [*(f"{each.normalize():f}" for each in minutes), str(learning.operation_quantile), str(learning.least)]


def way_of(plant: Plant, item: str, step: str, work_centre: str) -> Alternative | None:
    """The alternative of a step at a work centre in the route in force."""
    route = plant.routes.get(item)
    ways = (way for each in (route.steps if route else ()) if each.step == step for way in each.alternatives)
    return next((way for way in ways if way.work_centre == work_centre), None)


def with_ways(plant: Plant, item: str, ways: Mapping[tuple[str, str], Alternative]) -> Plant:
    """The plant with other alternatives, by step and work centre, in the route of an item."""
    route = plant.routes[item]
    steps = tuple(
        replace(step, alternatives=tuple(ways.get((step.step, way.work_centre), way) for way in step.alternatives))
        for step in route.steps
    )
    return replace(plant, routes={**plant.routes, item: Route(route.item, route.revision, steps)})
