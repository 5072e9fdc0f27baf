"""Which releases an order goes in, against trying every way there is."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.release_model import solve_split
from agents.planner.release_split import SplitLine, Step, cost_of, late_cost, split
from knowledge.instants import DAY
from knowledge.plant import Customer
from tests.agents.planner.plants import bought, plant
from tests.effort import times
from tests.exact import best_split

Lines = list[SplitLine]


@st.composite
def orders(draw: st.DrawFn, floors: bool = True) -> Lines:
    """One to three lines of one to three steps of few pieces, some of which cost something when they are late."""
    return [
        SplitLine(
            tuple(
                Step(time, draw(st.integers(1, 3)))
                for time in sorted(draw(st.sets(st.integers(0, 5), min_size=1, max_size=3)))
            ),
            draw(st.integers(0, 4)),
            draw(st.integers(0, 3)) if floors else 0,
            Fraction(draw(st.integers(0, 3)), 2),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]


def legal(lines: Lines, releases: list[list[Step]], most: int | None) -> bool:
    """Whether a split can be done, and the customer takes it."""
    together = {step.time for parts in releases for step in parts}
    return (most is None or len(together) <= most) and all(
        sum(step.quantity for step in parts) == line.total
        and all(sum(s.quantity for s in parts if s.time <= step.time) <= line.there(step.time) for step in parts)
        and all(step.quantity >= min(line.floor, line.total) for step in parts[:-1])
        for line, parts in zip(lines, releases, strict=True)
    )


@settings(max_examples=times(200, 3000), deadline=None)
@given(orders(), st.none() | st.integers(1, 3), st.sampled_from([Fraction(0), Fraction(1), Fraction(5, 2)]))
def test_no_other_split_is_less_late_or_as_late_and_cheaper(lines: Lines, most: int | None, cost: Fraction) -> None:
    releases, proven = split(lines, most, cost)
    assert proven
    assert cost_of(lines, releases, cost) == best_split(lines, most, cost)
    assert legal(lines, releases, most)


@settings(max_examples=times(200, 3000), deadline=None)
@given(orders(floors=False), st.none() | st.integers(1, 4), st.sampled_from([Fraction(0), Fraction(1, 3)]))
def test_releases_of_any_size_need_no_model(lines: Lines, most: int | None, cost: Fraction) -> None:
    releases, proven = split(lines, most, cost)
    assert proven
    assert cost_of(lines, releases, cost) == best_split(lines, most, cost)


@settings(max_examples=times(60, 1000), deadline=None)
@given(orders(floors=False), st.none() | st.integers(1, 3), st.sampled_from([Fraction(0), Fraction(5, 2)]))
def test_the_model_finds_what_the_dynamic_programme_finds(lines: Lines, most: int | None, cost: Fraction) -> None:
    moments = sorted({step.time for line in lines for step in line.steps})
    found, proven = solve_split(lines, moments, most, cost)
    assert proven
    assert found is not None
    parts = [[Step(time, units) for time, units in line] for line in found]
    assert cost_of(lines, parts, cost) == cost_of(lines, split(lines, most, cost).releases, cost)


@given(orders(floors=False))
def test_where_nothing_is_limited_each_quantity_goes_when_it_can(lines: Lines) -> None:
    wanted_at_once = [replace(line, wanted=-1) for line in lines]
    assert split(wanted_at_once, None).releases == [list(line.steps) for line in lines]


def line(*steps: tuple[int, int], wanted: int = 0, floor: int = 0, cost: int = 0) -> SplitLine:
    """A line of (time, quantity) steps."""
    return SplitLine(tuple(Step(*step) for step in steps), wanted, floor, Fraction(cost))


def goes(lines: Lines, most: int | None = None, cost: int = 0) -> list[list[tuple[int, int]]]:
    """(time, quantity) of each line's releases."""
    return [[(step.time, step.quantity) for step in parts] for parts in split(lines, most, Fraction(cost)).releases]


def test_one_release_waits_for_the_last_piece() -> None:
    assert goes([line((0, 2), (600, 3))], 1) == [[(600, 5)]]


def test_lines_of_an_order_share_its_releases() -> None:
    assert goes([line((0, 1), (600, 1)), line((300, 4))], 2) == [[(300, 1), (600, 1)], [(300, 4)]]


def test_a_release_below_the_floor_waits_for_more() -> None:
    assert goes([line((0, 1), (600, 9), floor=2)]) == [[(600, 10)]]


def test_less_goes_first_where_the_next_release_would_be_below_the_floor() -> None:
    """Ten could go at once, but then the two that come next would wait for the last."""
    assert goes([line((0, 10), (10, 2), (1000, 8), floor=5)]) == [[(0, 7), (10, 5), (1000, 8)]]


def test_seconds_count() -> None:
    assert goes([line((0, 1), (1, 1), (59, 1))], 2) == [[(1, 2), (59, 1)]]


def test_of_equally_late_splits_the_one_whose_dear_line_is_in_time_is_taken() -> None:
    """One of the two lines has to wait for the last release."""
    lines = [line((0, 1), (9, 1)), line((0, 1), (3, 1), cost=1)]
    assert goes([line((0, 1), (6, 1)), line((3, 1), (6, 1), cost=1)], 2)[1][0] == (3, 1)
    assert goes(lines, 3)[1] == [(0, 1), (3, 1)]


def test_shipments_that_make_nothing_earlier_are_saved() -> None:
    assert goes([line((0, 2), (5, 3), wanted=5)]) == [[(5, 5)]]


def test_lateness_comes_before_any_cost() -> None:
    assert goes([line((0, 1), (5, 1))], cost=1_000_000) == [[(0, 1), (5, 1)]]


def test_nothing_is_released_of_nothing() -> None:
    assert goes([line(), line()], 1) == [[], []]


def test_where_the_model_finds_nothing_everything_goes_at_the_last_time_and_it_is_said() -> None:
    lines = [line((0, 1), (600, 9), floor=2), line((300, 4))]
    moments = [0, 300, 600]
    assert solve_split(lines, moments, None, Fraction(0), limit=0.0)[1] is False
    found = split(lines, None, limit=0.0)
    assert not found.proven
    assert legal(lines, found.releases, None)
    assert legal(lines, split(lines, 1, limit=0.0).releases, 1)


def test_many_lines_with_many_times_are_split_at_once() -> None:
    lines = [line(*((hour * 3600 + n, n + 1) for hour in range(0, 48, 3))) for n in range(5)]
    releases, proven = split(lines, 6)
    assert proven
    assert len({step.time for parts in releases for step in parts}) <= 6


def test_what_lateness_costs_is_a_share_of_what_is_worth_for_each_day() -> None:
    there = plant([replace(bought("R"), decimals=1)])
    customer = Customer("C", late_cost_per_day_percent=Decimal("0.5"))
    assert late_cost(there, customer, "R", "EUR", "200") * DAY == Fraction(1, 10)
    assert late_cost(there, customer, "R", "EUR", None) == 0
    assert late_cost(there, customer, "R", "USD", "200") == 0
    assert late_cost(there, Customer("C"), "R", "EUR", "200") == 0
