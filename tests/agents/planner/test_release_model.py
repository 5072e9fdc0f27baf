"""Which releases an order goes in, against trying every way there is."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.release_model import Step, choose_releases
from knowledge.instants import MINUTE
from tests.effort import times

Lines = list[list[Step]]


@st.composite
def lines(draw: st.DrawFn) -> Lines:
    """One or two lines of one to three steps of few pieces."""
    return [
        [
            Step(time * MINUTE, draw(st.integers(1, 3)))
            for time in sorted(draw(st.sets(st.integers(0, 6), min_size=1, max_size=3)))
        ]
        for _ in range(draw(st.integers(1, 2)))
    ]


def ways(line: list[Step], at: tuple[int, ...], floor: int) -> Iterator[tuple[int, ...]]:
    """Every way to send a line at these times: nothing before it is there, nothing below the floor but the last."""
    total = sum(step.quantity for step in line)
    for amounts in product(range(total + 1), repeat=len(at)):
        there = all(
            sum(amounts[: n + 1]) <= sum(step.quantity for step in line if step.time <= time)
            for n, time in enumerate(at)
        )
        sent = [amount for amount in amounts if amount]
        if sum(amounts) == total and there and all(amount >= min(floor, total) for amount in sent[:-1]):
            yield amounts


def least(steps: Lines, due: list[int], floors: list[int], most: int | None) -> int | None:
    """The least sum of quantity × minutes late of all ways."""
    moments = sorted({step.time for line in steps for step in line})
    best: int | None = None
    for size in range(1, min(len(moments), most or len(moments)) + 1):
        for at in combinations(moments, size):
            found = [
                min((late(amounts, at, wanted) for amounts in ways(line, at, floor)), default=None)
                for line, wanted, floor in zip(steps, due, floors, strict=True)
            ]
            total = None if None in found else sum(value for value in found if value is not None)
            if total is not None and (best is None or total < best):
                best = total
    return best


def late(amounts: tuple[int, ...], at: tuple[int, ...], wanted: int) -> int:
    """The sum of quantity × minutes late."""
    return sum(q * max(0, t - wanted) // MINUTE for q, t in zip(amounts, at, strict=True))


def lateness(chosen: Lines, due: list[int]) -> int:
    """What a choice is judged by."""
    return sum(
        late(tuple(s.quantity for s in line), tuple(s.time for s in line), wanted)
        for line, wanted in zip(chosen, due, strict=True)
    )


@settings(max_examples=times(40, 1000), deadline=None)
@given(lines(), st.integers(0, 4), st.integers(0, 3), st.none() | st.integers(1, 3))
def test_no_other_releases_are_less_late(steps: Lines, due: int, floor: int, most: int | None) -> None:
    wanted, floors = [due * MINUTE] * len(steps), [floor] * len(steps)
    chosen = choose_releases(steps, wanted, floors, most)
    assert lateness(chosen, wanted) == least(steps, wanted, floors, most)
    assert most is None or len({step.time for line in chosen for step in line}) <= most
    for line, found in zip(steps, chosen, strict=True):
        moments = tuple(step.time for step in found)
        assert tuple(step.quantity for step in found) in set(ways(line, moments, floor))


def test_one_release_waits_for_the_last_piece() -> None:
    steps = [[Step(0, 2), Step(600, 3)]]
    assert choose_releases(steps, [0], [0], 1) == [[Step(600, 5)]]


def test_lines_of_an_order_share_its_releases() -> None:
    steps = [[Step(0, 1), Step(600, 1)], [Step(300, 4)]]
    assert choose_releases(steps, [0, 0], [0, 0], 2) == [[Step(300, 1), Step(600, 1)], [Step(300, 4)]]


def test_a_release_below_the_floor_waits_for_more() -> None:
    steps = [[Step(0, 1), Step(600, 9)]]
    assert choose_releases(steps, [0], [2], None) == [[Step(600, 10)]]


def test_nothing_is_released_of_nothing() -> None:
    assert choose_releases([[], []], [0, 0], [0, 0], 1) == [[], []]
