"""Exact optima of small cases, found without any of the planner's reasoning: every quantity is tried."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations

from agents.planner.release_split import Cost, SplitLine
from agents.planner.sourcing import Option

Rank = tuple[int, int, int, int]


def allowed(option: Option, quantity: int) -> bool:
    """Whether so much can be bought of an offer."""
    return not quantity or (quantity >= option.minimum and quantity % option.multiple == 0 and option.fits(quantity))


def best_rank(offers: Sequence[Option], need: int) -> Rank | None:
    """The best rank of everything that could be bought, by a dynamic programme over every single quantity.

    A state is what of the need is covered, and which orders are paid.
    """
    top = max([need, *(begin for option in offers for begin, _ in option.breaks)]) + 20
    states: dict[tuple[int, frozenset[int]], Rank] = {(0, frozenset()): (0, 0, 0, 0)}
    for option in offers:
        reached = dict(states)
        for quantity in (q for q in range(1, top) if allowed(option, q)):
            for (covered, paid), spent in states.items():
                order = 0 if option.order in paid else option.order_cost
                price = next(p for begin, p in reversed(option.breaks) if quantity >= begin)
                state = min(need, covered + quantity), paid | {option.order} if option.order >= 0 else paid
                bought = (
                    spent[0] + price * quantity + order,
                    spent[1] + option.preference * quantity,
                    spent[2] + 1,
                    spent[3] + quantity,
                )
                reached[state] = min(reached.get(state, bought), bought)
        states = reached
    return min((spent for (covered, _), spent in states.items() if covered >= need), default=None)


def best_split(lines: Sequence[SplitLine], most: int | None, shipment_cost: Fraction) -> Cost:
    """The least cost of all ways to send all lines at all choices of times.

    What goes of one line does not matter to the others, but for the shipment that they share.
    """
    moments = sorted({step.time for line in lines for step in line.steps})
    found: list[Cost] = []
    for size in range(1, min(len(moments), most or len(moments)) + 1):
        for at in combinations(moments, size):
            sent = [_least(line, at) for line in lines]
            if None not in sent:
                late = sum(each[0] for each in sent if each is not None)
                money = sum((each[1] for each in sent if each is not None), size * shipment_cost)
                found.append((late, money, size))
    return min(found)


def _least(line: SplitLine, at: tuple[int, ...], sent: int = 0) -> tuple[int, Fraction] | None:
    """The least lateness and its cost of all ways to send what is left of a line at these times.

    Every quantity is tried: nothing before it is there, nothing below the floor but the last of the line.
    """
    if not at:
        return (0, Fraction(0)) if sent == line.total else None
    found = []
    for units in range(line.there(at[0]) - sent + 1):
        if 0 < units < min(line.floor, line.total) and sent + units < line.total:
            continue
        rest = _least(line, at[1:], sent + units)
        if rest is not None:
            late = units * line.late(at[0])
            found.append((late + rest[0], late * line.late_cost + rest[1]))
    return min(found, default=None)
