"""Which supplier to buy a need from: on time first, then the lowest total outlay, then preference.

The choice over several suppliers with lots, price breaks and capacities is exact. Three ways lead to it, each taken
only where it equals the next: a dominating single offer, an enumeration of lot counts where there are few, and the
CP-SAT model of `sourcing_model`.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import product

from agents.planner.sourcing_model import solve_choice
from knowledge.quantities import Units, ceil_div

_FEW = 3000
"""Combinations up to which enumeration is faster than building a model."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to buy: an offer that is in time. Prices are integers of one common small unit of money a smallest unit.

    `cap` is the most that can be had, `order_cost` what a first row at this supplier adds, in the same money.
    """

    offer: int
    supplier: str
    breaks: tuple[tuple[Units, int], ...]
    minimum: Units
    multiple: Units
    cap: Units | None
    order_cost: int
    preference: int

    def price(self, quantity: Units) -> int:
        """All-units price a smallest unit at an order quantity."""
        price = self.breaks[0][1]
        for begin, value in self.breaks:
            if quantity >= begin:
                price = value
        return price

    def cost(self, quantity: Units) -> int:
        """Outlay for a quantity, order cost included; nothing for nothing."""
        return quantity * self.price(quantity) + self.order_cost if quantity else 0

    def lot(self, need: Units) -> Units:
        """A need raised to this offer's minimum and multiple."""
        return ceil_div(max(need, self.minimum), self.multiple) * self.multiple

    def fits(self, quantity: Units) -> bool:
        """Whether so much can be had of it."""
        return self.cap is None or quantity <= self.cap


Choice = tuple[tuple[int, Units], ...]
"""(offer index, quantity) pairs, quantities above zero, in the order of the offers."""


def rank(options: tuple[Option, ...], quantities: tuple[Units, ...]) -> tuple[int, int, int, int]:
    """What a choice is judged by, smaller is better: outlay, preference weighted by quantity, rows, excess."""
    chosen = [(option, quantity) for option, quantity in zip(options, quantities, strict=True) if quantity]
    return (
        sum(option.cost(quantity) for option, quantity in chosen),
        sum(option.preference * quantity for option, quantity in chosen),
        len(chosen),
        sum(quantities),
    )


@lru_cache(maxsize=65536)
def cheapest(options: tuple[Option, ...], need: Units, seed: int = 0) -> Choice | None:
    """The cheapest quantities that cover a need; None where the options cannot. `seed` is the solver's."""
    single = _dominating(options, need)
    if single is not None:
        return single
    counts = [_candidates(option, need) for option in options]
    total = 1
    for candidates in counts:
        total *= len(candidates)
    if total <= _FEW:
        return _enumerate(options, counts, need)
    return solve_choice(options, need, seed)


def _dominating(options: tuple[Option, ...], need: Units) -> Choice | None:
    """The single offer that nothing can beat: no excess, no order cost, at the lowest unit price there is."""
    lowest = min((price for option in options for _, price in option.breaks), default=0)
    winners = [
        option
        for option in options
        if not option.order_cost and option.lot(need) == need and option.fits(need) and option.price(need) == lowest
    ]
    if not winners:
        return None
    best = min(winners, key=lambda option: (option.preference, option.offer))
    if best.preference > min(option.preference for option in options):
        return None
    return ((best.offer, need),)


def _candidates(option: Option, need: Units) -> list[Units]:
    """Every quantity of an option that an optimal choice can hold: lots up to the need, and starts of price breaks."""
    top = option.lot(need)
    first = option.lot(1)
    if (top - first) // option.multiple > _FEW:
        return [0] * (_FEW + 1)
    quantities = {0, *range(first, top + 1, option.multiple)}
    quantities.update(option.lot(begin) for begin, _ in option.breaks if begin > top)
    return sorted(q for q in quantities if option.fits(q))


def _enumerate(options: tuple[Option, ...], counts: list[list[Units]], need: Units) -> Choice | None:
    """The best by `rank` of every combination, more of the earlier offers among equals; its terms are priced once."""
    terms = [
        [(option.cost(q), option.preference * q, 1 if q else 0, q) for q in candidates]
        for option, candidates in zip(options, counts, strict=True)
    ]
    best: tuple[int, int, int, int, tuple[Units, ...]] | None = None
    for chosen in product(*terms):
        costs, weights, rows, quantities = zip(*chosen, strict=True)
        if sum(quantities) < need or (best is not None and sum(costs) > best[0]):
            continue
        key = sum(costs), sum(weights), sum(rows), sum(quantities), tuple(-q for q in quantities)
        if best is None or key < best:
            best = key
    if best is None:
        return None
    return tuple((option.offer, -q) for option, q in zip(options, best[4], strict=True) if q)


def by_preference(options: tuple[Option, ...], need: Units, seed: int = 0) -> Choice | None:
    """Offers tried in order of preference: the first that covers the need, else filled one after the other."""
    ordered = sorted(options, key=lambda option: (option.preference, option.offer))
    for option in ordered:
        if option.fits(option.lot(need)):
            return ((option.offer, option.lot(need)),)
    left, chosen = need, []
    for option in ordered:
        quantity = option.lot(left)
        if not option.fits(quantity):
            assert option.cap is not None
            quantity = option.cap - option.cap % option.multiple
            if quantity < option.lot(1):
                continue
        chosen.append((option.offer, quantity))
        left -= quantity
        if left <= 0:
            return tuple(sorted(chosen))
    return None


def money_scale(amounts: list[Decimal]) -> int:
    """The power of ten that makes all these amounts of money whole."""
    digits = [-int(exponent) for amount in amounts if isinstance(exponent := amount.as_tuple().exponent, int)]
    return int(10 ** max([0, *digits]))
