"""Which supplier to buy a need from: on time first, then the lowest total outlay, then preference.

The choice over several suppliers with lots, price breaks and capacities is exact. Three ways lead to it, each taken
only where it equals the next: a dominating single offer, the branch and bound of `sourcing_search`, and, where that
does not come to its end, the CP-SAT model of `sourcing_model`. The best that any of them knows is taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from agents.planner.sourcing_model import solve_choice
from agents.planner.sourcing_search import Found, search
from knowledge.quantities import Units, ceil_div

_SOLVER_LIMIT = 0.002
"""Deterministic time that the model gets for each criterion once the search has given up: some milliseconds."""


@dataclass(frozen=True, slots=True)
class Option:
    """One way to buy: an offer that is in time. Prices are integers of one common small unit of money a smallest unit.

    `cap` is the most that can be had, `order_cost` what a first row at this supplier adds, in the same money. Options
    of the same `order` (0 or above) go out with one order, and pay its cost once.
    """

    offer: int
    supplier: str
    breaks: tuple[tuple[Units, int], ...]
    minimum: Units
    multiple: Units
    cap: Units | None
    order_cost: int
    preference: int
    order: int = -1

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

    def most(self) -> Units | None:
        """The most lots that can be had of it, 0 where not even the first fits; None for any quantity."""
        return self.within(self.cap)

    def within(self, cap: Units | None) -> Units | None:
        """The same where so much can be had of it."""
        if cap is None:
            return None
        lots = cap - cap % self.multiple
        return lots if lots >= self.lot(1) else 0


Choice = tuple[tuple[int, Units], ...]
"""(offer index, quantity) pairs, quantities above zero, in the order of the offers."""


@dataclass(frozen=True, slots=True)
class Sourced:
    """How a need was sourced: what was offered in time, what was chosen of it. `scale` units of its money are one."""

    options: tuple[Option, ...]
    need: Units
    choice: Choice
    scale: int


def rank(options: tuple[Option, ...], quantities: tuple[Units, ...]) -> tuple[int, int, int, int]:
    """What a choice is judged by, smaller is better: outlay, preference weighted by quantity, rows, excess."""
    chosen = [(option, quantity) for option, quantity in zip(options, quantities, strict=True) if quantity]
    return (
        outlay(chosen),
        sum(option.preference * quantity for option, quantity in chosen),
        len(chosen),
        sum(quantities),
    )


def outlay(chosen: Iterable[tuple[Option, Units]]) -> int:
    """What quantities of some options cost together: an order that several go out with is paid once."""
    orders: set[int] = set()
    total = 0
    for option, quantity in chosen:
        total += option.cost(quantity) - (option.order_cost if option.order in orders else 0)
        if option.order >= 0:
            orders.add(option.order)
    return total


def covers(options: Iterable[Option], need: Units) -> bool:
    """Whether the options can cover a need at all, whatever it costs."""
    return enough((option.most() for option in options), need)


def enough(lots: Iterable[Units | None], need: Units) -> bool:
    """Whether a need can be covered of which so much can be had in each of several ways; None: any quantity."""
    for most in lots:
        if most is None or most >= need:
            return True
        need -= most
    return need <= 0


@lru_cache(maxsize=65_536)
def cheapest(options: tuple[Option, ...], need: Units, seed: int = 0) -> Choice | None:
    """The cheapest quantities that cover a need; None where the options cannot. `seed` is the solver's."""
    single = _dominating(options, need)
    if single is not None:
        return single
    found = search(options, need)
    if found.proven:
        return found.choice
    return best_known(options, need, found, solve_choice(options, need, seed, _SOLVER_LIMIT))


def best_known(options: tuple[Option, ...], need: Units, found: Found, solved: Choice | None) -> Choice | None:
    """The better of what the search and the model came to; where both came to nothing, what covers the need at all."""
    known = [choice for choice in (found.choice, solved, by_preference(options, need)) if choice is not None]
    return min(known, key=lambda choice: rank(options, quantities(options, choice)), default=None)


def quantities(options: tuple[Option, ...], choice: Choice) -> tuple[Units, ...]:
    """How much of each option a choice takes."""
    taken = dict(choice)
    return tuple(taken.get(option.offer, 0) for option in options)


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


def by_preference(options: tuple[Option, ...], need: Units, seed: int = 0) -> Choice | None:
    """Suppliers tried in order of preference: the first that can cover the need, else filled one after the other."""
    ordered = sorted(options, key=lambda option: (option.preference, option.offer))
    for supplier in dict.fromkeys(option.supplier for option in ordered):
        choice = _filled([option for option in ordered if option.supplier == supplier], need)
        if choice is not None:
            return choice
    return _filled(ordered, need)


def _filled(options: list[Option], need: Units) -> Choice | None:
    """As much of each option as it takes or has; None where all together do not cover the need."""
    chosen = []
    for option in options:
        quantity = option.lot(need)
        if not option.fits(quantity):
            quantity = option.most() or 0
        if quantity:
            chosen.append((option.offer, quantity))
            need -= quantity
        if need <= 0:
            return tuple(sorted(chosen))
    return None


def money_scale(amounts: list[Decimal]) -> int:
    """The power of ten that makes all these amounts of money whole."""
    digits = [-int(exponent) for amount in amounts if isinstance(exponent := amount.as_tuple().exponent, int)]
    return int(10 ** max([0, *digits]))
