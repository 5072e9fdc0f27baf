"""What a plant can never supply, or not within the time that anybody promises for, and why.

These are reasons that lie in the plant alone: no plan, however empty, could do better.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from knowledge.calendars import OpenTime
from knowledge.instants import DAY, MINUTE, Instant
from knowledge.plant import Alternative, Item, Offer, Plant, Replenishment, Step
from knowledge.quantities import Units, ceil_div, from_units, show_units

Downtimes: TypeAlias = Mapping[str, Sequence[tuple[Instant, Instant]]]
"""When the machines of a work centre stand, by its code."""

FAR_DAYS = 1830
"""No promise is given further ahead than five years."""

MOST_LOTS = 1000
"""No need is met by more work orders of one item."""

_WEEKS = 53
"""How many weeks of an offer are looked at."""


class Limit(StrEnum):
    """Why something cannot be supplied, or not in reach."""

    NO_OFFER = "no_offer"
    UNSELLABLE = "unsellable"  # no week of an offer holds the least that it sells
    TOO_LITTLE = "too_little"  # what the suppliers deliver in a year is not enough
    LEAD_TIME = "lead_time"  # it takes longer than anybody promises
    NEVER_OPEN = "never_open"  # its work centre is not open at all
    NOT_ENOUGH = "not_enough"  # its work centre is not open for long enough
    TOO_MANY = "too_many"  # its largest lot is so small that it would take too many orders
    STOCK_ONLY = "stock_only"
    ENGINEERING = "engineering"


@dataclass(frozen=True, slots=True)
class OutOfReach:
    """An item that cannot be had, or not so much of it: what limits it, and in which words."""

    limit: Limit
    item: str
    text: str
    supplier: str = ""
    work_centre: str = ""
    step: str = ""
    minutes: int = 0
    """What a step takes, where its work centre is not open for so long."""


def makes(plant: Plant, item: str) -> bool:
    """Whether an item is made here: by its supply, or because engineering released a BOM or route for it."""
    supply = plant.items[item].supply
    return supply is Replenishment.MAKE or (
        supply is Replenishment.ENGINEER and (item in plant.boms or item in plant.routes)
    )


def unsuppliable(plant: Plant, code: str) -> OutOfReach:
    """Why an item that is not made here cannot be supplied."""
    item = plant.items[code]
    if item.supply is Replenishment.STOCK:
        return OutOfReach(Limit.STOCK_ONLY, code, f"{code} is supplied from stock only, and stock is short")
    if item.supply is not Replenishment.BUY:
        return OutOfReach(Limit.ENGINEERING, code, f"engineering has not released {code}")
    offers = plant.offers.get(code, ())
    if not offers:
        return OutOfReach(Limit.NO_OFFER, code, f"no supplier offers {code}")
    sellable = [offer for offer in offers if _sells(offer)]
    if not sellable:
        told = "; ".join(_unsellable(item, offer) for offer in offers)
        return OutOfReach(Limit.UNSELLABLE, code, told, offers[0].supplier)
    weekly = " and ".join(
        f"{show_units(offer.capacity_per_week or 0, item.decimals)} a week from {offer.supplier}" for offer in sellable
    )
    text = f"so much of {code} cannot be bought within a year: no more than {weekly}"
    return OutOfReach(Limit.TOO_LITTLE, code, text, sellable[0].supplier)


def _within_a_year(offers: Iterable[Offer], quantity: Units) -> bool:
    """Whether the offers bring so much within a year, if nobody else has any of it."""
    brought = 0
    for offer in (offer for offer in offers if _sells(offer)):
        if offer.capacity_per_week is None:
            return True
        brought += _WEEKS * (offer.capacity_per_week - offer.capacity_per_week % offer.lot.multiple)
    return brought >= quantity


def _sells(offer: Offer) -> bool:
    """Whether a week of an offer holds the least that it sells."""
    return offer.capacity_per_week is None or offer.lot.raise_to(1) <= offer.capacity_per_week


def _unsellable(item: Item, offer: Offer) -> str:
    least = show_units(offer.lot.raise_to(1), item.decimals)
    week = show_units(offer.capacity_per_week or 0, item.decimals)
    return f"{offer.supplier} sells no less than {least} {item.uom} of {item.code}, and delivers {week} in a week"


def out_of_reach(plant: Plant, downtimes: Downtimes, needs: Mapping[str, Units], now: Instant) -> Iterator[OutOfReach]:
    """What of these items, and of all that they are made of, takes longer by itself than anybody promises for."""
    end = now + FAR_DAYS * DAY
    wanted, waiting = dict(needs), list(needs)
    seen: set[str] = set()
    while waiting:
        code = waiting.pop(0)
        if code in seen:
            continue
        seen.add(code)
        item = plant.items[code]
        if makes(plant, code):
            if (many := too_many(plant, {code: wanted[code]})) is not None:
                yield many
                return
            yield from _unmakeable(plant, downtimes, item, wanted[code], now)
            for part in plant.boms[code].components if code in plant.boms else ():
                wanted[part.item] = wanted.get(part.item, 0) + part.need(wanted[code])
                waiting.append(part.item)
        elif offers := plant.offers.get(code, ()):
            first = min(offers, key=lambda offer: offer.lead_time.forward(now))
            if first.lead_time.forward(now) > end:
                text = f"{code} takes more than five years to come from {first.supplier}, even ordered at once"
                yield OutOfReach(Limit.LEAD_TIME, code, text, first.supplier)
            elif not _within_a_year(offers, wanted[code]):
                yield unsuppliable(plant, code)


def too_many(plant: Plant, needs: Mapping[str, Units]) -> OutOfReach | None:
    """An item below these of which so much would be made in more than `MOST_LOTS` orders, stock left aside."""
    wanted, waiting = dict(needs), list(needs)
    for code in waiting:
        units, item = wanted.pop(code, 0), plant.items[code]
        if not units or not makes(plant, code):
            continue
        largest = item.lot.maximum
        if largest is not None and units > largest * MOST_LOTS:
            most, asked = show_units(largest, item.decimals), show_units(units, item.decimals)
            text = f"{asked} {item.uom} of {code} in lots of {most} at most would be more than {MOST_LOTS:,} orders"
            return OutOfReach(Limit.TOO_MANY, code, text)
        for part in plant.boms[code].components if code in plant.boms else ():
            wanted[part.item] = wanted.get(part.item, 0) + part.need(units)
            waiting.append(part.item)
    return None


def _unmakeable(plant: Plant, downtimes: Downtimes, item: Item, quantity: Units, now: Instant) -> Iterator[OutOfReach]:
    """Why an item cannot be made within reach, if its work alone, or its lead time, is too long."""
    route, end = plant.routes.get(item.code), now + FAR_DAYS * DAY
    if route is None and item.lead_time.forward(now) > end:
        yield OutOfReach(Limit.LEAD_TIME, item.code, f"{item.code} takes more than five years to make")
    lot = item.lot.split(quantity)[0]
    for step in route.steps if route else ():
        ways = []
        for way in step.alternatives:
            centre = plant.work_centres[way.work_centre]
            axis = OpenTime(centre.calendar, now, tuple(downtimes.get(centre.code, ())))
            ways.append((axis.open_seconds(end) // MINUTE, _minutes(plant, item, way, lot), centre.code))
        if all(minutes > opened for opened, minutes, _ in ways):
            yield _too_long(item, step, *max(ways, key=lambda entry: entry[0] - entry[1]))


def _too_long(item: Item, step: Step, opened: int, minutes: int, centre: str) -> OutOfReach:
    limit, text = (
        Limit.NEVER_OPEN,
        f"{centre}, where step {step.step} of {item.code} is done, is not open within five years",
    )
    if opened:
        limit, text = Limit.NOT_ENOUGH, f"step {step.step} of {item.code} takes {minutes} minutes on {centre}"
        text += f", which is open for {opened} within five years"
    return OutOfReach(limit, item.code, text, work_centre=centre, step=step.step, minutes=minutes)


def _minutes(plant: Plant, item: Item, way: Alternative, quantity: Units) -> int:
    """Minutes of an operation: (set-up + run × quantity + teardown) × 100 ÷ efficiency, rounded up."""
    work = Fraction(way.run_minutes) * Fraction(from_units(quantity, item.decimals))
    work += Fraction(way.setup_minutes) + Fraction(way.teardown_minutes)
    work = work * 100 / Fraction(plant.work_centres[way.work_centre].efficiency_percent)
    return ceil_div(work.numerator, work.denominator)
