"""The supplier choice by branch and bound over price tiers: exact, without a solver, within a budget of work.

All criteria of a choice are one number (`_Weights`), so that each offer costs, within a tier of its prices, a fixed
amount and so much a unit. Between two offers that are both inside a tier, the least common multiple of their lots can
be moved one way or the other without costing more. So there is a best choice in which at most one offer, the *free*
one, is further than that from both ends of its tier, and it takes what the others leave: the others are tried near the
ends of their tiers only. Where the lots of all offers but one are few, all of those are tried, and that one is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import lcm, prod
from typing import TYPE_CHECKING, NamedTuple

from knowledge.quantities import Units, ceil_div

if TYPE_CHECKING:
    from agents.planner.sourcing import Choice, Option

WORK = 12_000
"""Tiers looked at before the search gives up the proof."""

_MOST_LOTS = 4_000


class Tier(NamedTuple):
    """Lots of one offer at one price: `low` to `high` in steps of its multiple, at `fixed` + `unit` a unit."""

    low: Units
    high: Units
    unit: int
    fixed: int


class Found(NamedTuple):
    """The best choice found, and whether it is proven to be the best there is."""

    choice: Choice | None
    proven: bool


@dataclass(frozen=True, slots=True)
class _Weights:
    """What outlay, preference and rows weigh beside a unit of excess, so that each counts more than all after it."""

    outlay: int
    preference: int
    row: int

    @classmethod
    def of(cls, options: Sequence[Option], tops: Sequence[Units]) -> _Weights:
        row = sum(tops) + 1
        preference = len(options) * row + row
        most = sum(option.preference * top for option, top in zip(options, tops, strict=True))
        return cls((most + 1) * preference, preference, row)


@dataclass(slots=True)
class _Way:
    """One option as the search sees it: its tiers, those in which it may be free, and the quantities to try."""

    option: Option
    tiers: list[Tier]
    order: int
    """The weighted order cost; `shared` where another option would go out with the same order."""
    shared: bool
    most: Units
    free: list[Tier] = field(default_factory=list)
    ends: list[tuple[Units, int]] = field(default_factory=list)
    like_previous: bool = False

    def single(self, need: Units) -> tuple[int, Units] | None:
        """The least cost of the whole need here, and its quantity."""
        found = None
        for low, high, unit, fixed in self.tiers:
            quantity = max(low, ceil_div(need, self.option.multiple) * self.option.multiple)
            if quantity <= high:
                cost = fixed + self.order + unit * quantity
                found = (cost, quantity) if found is None or cost < found[0] else found
        return found

    def rate(self, need: Units, order: int, shift: int) -> int:
        """What a unit of so much need costs here at the least, times 2 to the `shift`, rounded down."""
        least = -1
        for low, high, unit, fixed in self.tiers:
            if low > need:
                rate = (unit * low + fixed + order << shift) // need
            else:
                rate = (unit << shift) + (fixed + order << shift) // (high if high < need else need)
            if least < 0 or rate < least:
                least = rate
        return least


def search(options: Sequence[Option], need: Units, work: int = WORK) -> Found:
    """The best choice for a need by the criteria of `sourcing.rank`; no choice where the options cannot cover it."""
    found = [(option, _spans(option, need)) for option in options]
    usable = [(option, spans) for option, spans in found if spans]
    tops = [max(high for _, high, _ in spans) for _, spans in usable]
    if sum(tops) < need:
        return Found(None, True)
    weights = _Weights.of([option for option, _ in usable], tops)
    ways = [_way(option, spans, weights, options) for option, spans in usable]
    return _Search(ways, need, work).run()


def _spans(option: Option, need: Units) -> list[tuple[Units, Units, int]]:
    """(lowest lot, highest lot, price) of every tier that a best choice can use."""
    enough, spans = option.lot(need), []
    for index, (begin, price) in enumerate(option.breaks):
        low = option.lot(max(begin, 1) if index else 1)
        high = max(enough, low)
        if index + 1 < len(option.breaks):
            high = min(high, option.breaks[index + 1][0] - 1)
        if option.cap is not None:
            high = min(high, option.cap)
        high -= high % option.multiple
        if low <= high:
            spans.append((low, high, price))
    return spans


def _way(option: Option, spans: list[tuple[Units, Units, int]], weights: _Weights, options: Sequence[Option]) -> _Way:
    extra = option.preference * weights.preference + 1
    tiers = [Tier(low, high, price * weights.outlay + extra, weights.row) for low, high, price in spans]
    shared = option.order >= 0 and sum(other.order == option.order for other in options) > 1
    return _Way(option, tiers, option.order_cost * weights.outlay, shared, max(tier.high for tier in tiers))


class _Search:
    def __init__(self, ways: list[_Way], need: Units, work: int) -> None:
        self.ways, self.need, self.work = ways, need, work
        self.shift = need.bit_length()  # so that rounding rates down loses less than one in all
        self.best: int | None = None
        self.chosen: list[tuple[int, Units]] = []
        self.path: list[tuple[int, Units]] = []
        self.rates: list[tuple[int, Units]] = []

    def run(self) -> Found:
        singles = [(single, way.option.offer) for way in self.ways if (single := way.single(self.need)) is not None]
        if singles:
            (self.best, quantity), offer = min(singles, key=lambda s: s[0][0])
            self.chosen = [(offer, quantity)]
        self._rank()
        if not self._hopeless(0, self.need, 0, None):
            self._prepare()
            self._visit(0, self.need, 0, None, frozenset(), skipped=False)
        if self.best is None:
            return Found(None, self.work > 0)
        return Found(tuple(sorted(self.chosen)), self.work > 0)

    def _rank(self) -> None:
        """Order the ways, the promising first."""
        ranked = sorted([(self._rate(way, self.need), n) for n, way in enumerate(self.ways)])
        self.rates = [rate for rate, _ in ranked]
        self.ways = [self.ways[n] for _, n in ranked]

    def _prepare(self) -> None:
        """Say which quantities of each way are tried."""
        lots = [sum((tier.high - tier.low) // way.option.multiple + 1 for tier in way.tiers) for way in self.ways]
        near = [self._reach(way) for way in self.ways]
        by_ends = [
            sum(min((t.high - t.low) // w.option.multiple + 1, 2 * reach) for t in w.tiers) + 1
            for w, reach in zip(self.ways, near, strict=True)
        ]
        taker = max(range(len(self.ways)), key=lambda n: lots[n])
        alone = prod(lots[n] + 1 for n in range(len(lots)) if n != taker)
        apart = len(self.ways) == 1 or (alone <= _MOST_LOTS and alone < prod(by_ends))
        if not apart and sum(by_ends) > self.work:
            self.work = 0
            return
        for n, way in enumerate(self.ways):
            if apart and n == taker:
                way.free = way.tiers
            else:
                self._offer(way, lots[n] if apart else near[n])
            self.work -= len(way.ends)
            way.like_previous = n > 0 and _alike(way.option, self.ways[n - 1].option)

    def _reach(self, way: _Way) -> int:
        """How many lots from an end of a tier a way is tried when another is free."""
        multiple = way.option.multiple
        others = [other.option.multiple for other in self.ways if other is not way]
        return max((lcm(multiple, other) for other in others), default=multiple) // multiple

    @staticmethod
    def _offer(way: _Way, reach: int) -> None:
        multiple = way.option.multiple
        for tier in way.tiers:
            count = (tier.high - tier.low) // multiple + 1
            if count > 2 * reach:
                way.free.append(tier)
            for n in range(count) if count <= 2 * reach else (*range(reach), *range(count - reach, count)):
                quantity = tier.low + n * multiple
                way.ends.append((quantity, tier.fixed + tier.unit * quantity))
        way.ends.sort(reverse=True)

    def _visit(
        self,
        index: int,
        left: Units,
        cost: int,
        free: tuple[int, Tier] | None,
        paid: frozenset[int],
        *,
        skipped: bool,
    ) -> None:
        """Decide the ways from `index` on: what is left of the need, and what was spent."""
        if left <= 0:
            self._take(cost)
            return
        if self.work <= 0 or self._hopeless(index, left, cost, free):
            return
        if index == len(self.ways):
            if free is not None:
                self._fill(left, cost, *free)
            return
        way = self.ways[index]
        if not (skipped and way.like_previous):
            order = 0 if way.shared and way.option.order in paid else way.order
            now = paid | {way.option.order} if way.shared else paid
            if free is None:
                for tier in way.free:
                    self.path.append((way.option.offer, tier.low))
                    spent = cost + order + tier.fixed + tier.unit * tier.low
                    self._visit(index + 1, left - tier.low, spent, (len(self.path) - 1, tier), now, skipped=False)
                    self.path.pop()
            for quantity, price in way.ends:
                self.path.append((way.option.offer, quantity))
                self._visit(index + 1, left - quantity, cost + order + price, free, now, skipped=False)
                self.path.pop()
        self._visit(index + 1, left, cost, free, paid, skipped=True)

    def _fill(self, left: Units, cost: int, place: int, tier: Tier) -> None:
        """The free way takes what is left, where its tier holds it."""
        offer, low = self.path[place]
        multiple = next(way.option.multiple for way in self.ways if way.option.offer == offer)
        more = ceil_div(left, multiple) * multiple
        if low + more <= tier.high:
            self.path[place] = offer, low + more
            self._take(cost + more * tier.unit)
            self.path[place] = offer, low

    def _take(self, cost: int) -> None:
        if self.best is None or cost < self.best:
            self.best, self.chosen = cost, list(self.path)

    def _hopeless(self, index: int, left: Units, cost: int, free: tuple[int, Tier] | None) -> bool:
        """Whether the ways from `index` on cannot cover what is left of the need for less than the best so far."""
        self.work -= 4
        ahead = self.rates[index:]  # of the whole need, which a smaller one is not cheaper than
        least = self._least(ahead, left, free)
        if least is None or self.best is None:
            return least is None
        if cost + least >= self.best:
            return True
        if len(ahead) > _MANY:
            return False
        self.work -= len(ahead)
        anew = [self._rate(way, left) for way in self.ways[index:]]
        anew.sort()
        least = self._least(anew, left, free)
        return least is None or cost + least >= self.best

    def _rate(self, way: _Way, left: Units) -> tuple[int, Units]:
        return way.rate(left, 0 if way.shared else way.order, self.shift), way.most

    def _least(self, rates: list[tuple[int, Units]], left: Units, free: tuple[int, Tier] | None) -> int | None:
        """No more than a need can cost: each way at its best rate, the cheapest first. None where it is too much."""
        total = 0
        more, spare = (free[1].unit << self.shift, free[1].high - free[1].low) if free is not None else (-1, 0)
        for rate, most in rates:
            if spare and more <= rate:
                units = spare if spare < left else left
                total, left, spare = total + more * units, left - units, 0
                if not left:
                    break
            units = most if most < left else left
            total += rate * units
            left -= units
            if not left:
                break
        if left and spare >= left:
            total, left = total + more * left, 0
        return None if left else -(-total >> self.shift)


_MANY = 10
"""Ways up to which rates are found anew for what is left of the need."""


def _alike(one: Option, other: Option) -> bool:
    """Whether it makes no difference which of two options a quantity is taken of."""
    return (one.breaks, one.minimum, one.multiple, one.cap, one.order_cost, one.order, one.preference) == (
        other.breaks,
        other.minimum,
        other.multiple,
        other.cap,
        other.order_cost,
        other.order,
        other.preference,
    )
