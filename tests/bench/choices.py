"""Benchmark `choices`: supplier choices and release splits against exact optima, and what they cost beside CP-SAT."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from agents.planner.release_model import solve_split
from agents.planner.release_split import SplitLine, Step, cost_of, split
from agents.planner.sourcing import Option, cheapest, quantities, rank
from agents.planner.sourcing_model import solve_choice
from tests.bench.results import Result, percentile
from tests.exact import best_rank, best_split

CASES = 1000
_SOLVED = 100
"""Cases that are given to the solver, too, to compare times."""
_COMMAND = "make bench choices"


def run() -> list[Result]:
    """How many of a thousand cases are exact, and how long they take."""
    return [*_suppliers(), *_releases()]


def _suppliers() -> list[Result]:
    cases = [supplier_case(random.Random(seed)) for seed in range(CASES)]
    equal, times = 0, []
    for offers, need in cases:
        choice, seconds = _timed(cheapest, offers, need)
        times.append(seconds)
        found = None if choice is None else rank(offers, quantities(offers, choice))
        equal += found == best_rank(offers, need)
    solver = [_timed(solve_choice, *case)[1] for case in cases[:_SOLVED]]
    large = [_timed(cheapest, *weekly_case(random.Random(seed)))[1] for seed in range(_SOLVED)]
    return [
        Result("supplier choices equal to the exact optimum", equal, f"of {CASES}", _COMMAND),
        *_spread("supplier choice", times, solver),
        Result("supplier choice among twenty weeks, worst", max(large) * 1e3, "CPU ms", _COMMAND),
    ]


def _releases() -> list[Result]:
    cases = [release_case(random.Random(seed)) for seed in range(CASES)]
    equal, times = 0, []
    for lines, most, cost in cases:
        found, seconds = _timed(split, lines, most, cost)
        times.append(seconds)
        equal += cost_of(lines, found.releases, cost) == best_split(lines, most, cost)
    moments = [sorted({step.time for line in lines for step in line.steps}) for lines, _, _ in cases]
    both = zip(cases[:_SOLVED], moments, strict=False)
    solver = [_timed(solve_split, lines, at, most, cost)[1] for (lines, most, cost), at in both]
    return [
        Result("release splits equal to the exact optimum", equal, f"of {CASES}", _COMMAND),
        *_spread("release split", times, solver),
    ]


def _timed(call: Callable[..., Any], *given: object) -> tuple[Any, float]:
    begin = time.process_time()
    found = call(*given)
    return found, time.process_time() - begin


def _spread(name: str, times: Sequence[float], solver: Sequence[float]) -> list[Result]:
    found = []
    for percent in (50, 95):
        ours, theirs = percentile(times, percent), percentile(solver, percent)
        against = f"CP-SAT alone, {theirs * 1e6:,.0f} CPU µs"
        found.append(Result(f"{name}, p{percent}", ours * 1e6, "CPU µs", _COMMAND, against, ours / theirs))
    return found


def supplier_case(rng: random.Random) -> tuple[tuple[Option, ...], int]:
    """One to three offers with price breaks, lots, capacities, order costs and preferences, and a need."""
    return tuple(_offer(rng, number) for number in range(rng.randint(1, 3))), rng.randint(1, 45)


def _offer(rng: random.Random, number: int) -> Option:
    price = rng.randint(1, 9)
    breaks = [(0, price)]
    for begin in sorted(rng.sample(range(2, 41), rng.randint(0, 2))):
        price = rng.randint(0, price)
        breaks.append((begin, price))
    order = rng.choice([-1, -1, 0])
    return Option(
        number,
        f"S{number}",
        tuple(breaks),
        rng.choice([0, 0, 5, 12]),
        rng.choice([1, 1, 3, 10]),
        rng.choice([None, None, 8, 30]),
        7 if order == 0 else rng.choice([0, 0, 7, 40]),
        rng.randint(1, 3),
        order,
    )


def weekly_case(rng: random.Random) -> tuple[tuple[Option, ...], int]:
    """Two offers of ten weeks each, with price breaks, an order cost, and part of some weeks taken."""
    options: list[Option] = []
    for supplier, price in enumerate((rng.randint(80, 99), rng.randint(80, 99))):
        capacity = rng.randint(80, 200)
        breaks = ((0, price), (capacity // 2, price - rng.randint(1, 9)))
        for _ in range(10):
            left = capacity if rng.random() < 0.6 else rng.randint(20, capacity)
            number = len(options)
            options.append(Option(number, f"S{supplier}", breaks, 20, 5, left, rng.choice([0, 500]), supplier + 1))
    return tuple(options), rng.randint(200, 900)


def release_case(rng: random.Random) -> tuple[list[SplitLine], int | None, Fraction]:
    """One to three lines of a few pieces at up to three times, the most releases, and what a shipment costs."""
    lines = [
        SplitLine(
            tuple(Step(at, rng.randint(1, 3)) for at in sorted(rng.sample(range(6), rng.randint(1, 3)))),
            rng.randint(0, 4),
            rng.choice([0, 0, 2, 3]),
            Fraction(rng.randint(0, 3), 2),
        )
        for _ in range(rng.randint(1, 3))
    ]
    return lines, rng.choice([None, 1, 2, 3]), Fraction(rng.choice([0, 0, 5]), 2)
