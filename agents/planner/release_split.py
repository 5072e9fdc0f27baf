"""Which releases an order goes in, where its customer limits them: exact, by a dynamic programme over the times.

Between two times at which an order ships, whatever comes of any of its lines waits for the later one; so what a choice
of times costs is a sum over neighbours, as in the one-dimensional k-median problem. Only a least size of releases needs
more than that: where the best times break it, the CP-SAT model of `release_model` decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from agents.planner.release_model import DETERMINISTIC_LIMIT, solve_split
from knowledge.instants import DAY, Instant
from knowledge.plant import Customer, Plant
from knowledge.quantities import Units


@dataclass(frozen=True, slots=True)
class Step:
    """A quantity that can go at a time, or later."""

    time: Instant
    quantity: Units


@dataclass(frozen=True, slots=True)
class SplitLine:
    """What of an order line can go when, and when it is wanted.

    No release but the last is below `floor`. `late_cost` is what one unit costs a second late, in the plant's currency.
    """

    steps: tuple[Step, ...]
    wanted: Instant
    floor: Units = 0
    late_cost: Fraction = Fraction(0)

    @property
    def total(self) -> Units:
        return sum(step.quantity for step in self.steps)

    def there(self, time: Instant) -> Units:
        """How much can have gone by a time."""
        return sum(step.quantity for step in self.steps if step.time <= time)

    def late(self, time: Instant) -> int:
        """How many seconds late a time is."""
        return max(0, time - self.wanted)


class Split(NamedTuple):
    """The releases of each line, and whether they are proven to be the best."""

    releases: list[list[Step]]
    proven: bool


Cost = tuple[int, Fraction, int]
"""Units × seconds late, then money for lateness and shipments, then shipments."""


def split(
    lines: Sequence[SplitLine],
    most: int | None,
    shipment_cost: Fraction = Fraction(0),
    seed: int = 0,
    limit: float = DETERMINISTIC_LIMIT,
) -> Split:
    """What goes when of each line, at the least sum of quantity × lateness; of equals the cheapest, then the fewest.

    All of it goes, at `most` different times (None: any number). Where the model finds nothing in its `limit`,
    everything goes at the last time, which is always allowed.
    """
    times = sorted({step.time for line in lines for step in line.steps})
    if not times:
        return Split([[] for _ in lines], True)
    releases = _at(lines, _best_times(lines, times, most, shipment_cost))
    if all(_large_enough(line, parts) for line, parts in zip(lines, releases, strict=True)):
        return Split(releases, True)
    found, proven = solve_split(lines, times, most, shipment_cost, seed, limit)
    if found is None:
        return Split(_at(lines, times[-1:]), False)
    return Split([[Step(time, units) for time, units in parts] for parts in found], proven)


def cost_of(lines: Sequence[SplitLine], releases: Sequence[Sequence[Step]], shipment_cost: Fraction) -> Cost:
    """What a split is judged by."""
    ships = {step.time for parts in releases for step in parts}
    late, money = 0, len(ships) * shipment_cost
    for line, parts in zip(lines, releases, strict=True):
        units = sum(step.quantity * line.late(step.time) for step in parts)
        late, money = late + units, money + units * line.late_cost
    return late, money, len(ships)


def _best_times(
    lines: Sequence[SplitLine], times: list[Instant], most: int | None, shipment_cost: Fraction
) -> list[Instant]:
    """The times to ship at, as if releases could be of any size. The last is always one of them."""
    there = [[0, *(line.there(time) for time in times)] for line in lines]
    scale = lcm(shipment_cost.denominator, *(line.late_cost.denominator for line in lines))
    shipment, *prices = (int(price * scale) for price in (shipment_cost, *(line.late_cost for line in lines)))

    def waits(begin: int, end: int) -> _Whole:
        """What it costs that everything of the times from `begin` up to `end` goes at `end`."""
        late, money = 0, shipment
        for line, units, price in zip(lines, there, prices, strict=True):
            unit_seconds = (units[end + 1] - units[begin]) * line.late(times[end])
            late, money = late + unit_seconds, money + unit_seconds * price
        return late, money, 1

    count = len(times)
    price = {(begin, end): waits(begin, end) for end in range(count) for begin in range(end + 1)}
    best: list[tuple[_Whole, list[int]] | None] = [((0, 0, 0), []), *[None] * count]
    final: tuple[_Whole, list[int]] | None = None
    for _ in range(count if most is None else min(most, count)):
        reached: list[tuple[_Whole, list[int]] | None] = [None] * (count + 1)
        for end in range(count):
            ways = [
                (_plus(known[0], price[begin, end]), [*known[1], end])
                for begin in range(end + 1)
                if (known := best[begin]) is not None
            ]
            reached[end + 1] = min(ways, default=None)
        best = reached
        last = best[count]
        if last is not None and (final is None or last < final):
            final = last
    assert final is not None
    return [times[index] for index in final[1]]


_Whole = tuple[int, int, int]
"""A cost with its money in whole numbers of a part that all of it is a multiple of."""


def _plus(one: _Whole, other: _Whole) -> _Whole:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _at(lines: Sequence[SplitLine], times: Sequence[Instant]) -> list[list[Step]]:
    """Each line in releases at these times, each with all that is there."""
    found = []
    for line in lines:
        gone, parts = 0, []
        for time in times:
            units = line.there(time) - gone
            if units:
                parts.append(Step(time, units))
            gone += units
        found.append(parts)
    return found


def _large_enough(line: SplitLine, parts: Sequence[Step]) -> bool:
    return all(step.quantity >= min(line.floor, line.total) for step in parts[:-1])


def late_cost(plant: Plant, customer: Customer, item: str, currency: str, unit_price: str | None) -> Fraction:
    """What one smallest unit of an item costs a second late, in the plant's currency; 0 where nobody can say.

    It is the customer's `late_cost_per_day_percent` of what the unit is worth, in proportion to the day.
    """
    rate = plant.rate(currency)
    if unit_price is None or rate is None or not customer.late_cost_per_day_percent:
        return Fraction(0)
    worth = Fraction(unit_price) * Fraction(rate) / Fraction(10 ** plant.items[item].decimals)
    return worth * Fraction(customer.late_cost_per_day_percent) / (100 * DAY)
