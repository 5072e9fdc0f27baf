"""When one machine does what, against going through the minutes one by one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agents.planner.sequencing.problem import Alternative, FixedOperation, WorkCentre
from agents.planner.sequencing.timeline import Machine, OpenTime

HORIZON = 300


@st.composite
def shifts(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    """One to four open intervals, some of which touch."""
    bounds = sorted(draw(st.lists(st.integers(0, 120), min_size=2, max_size=8, unique=True)))
    pairs = [(begin, end) for begin, end in zip(bounds[::2], bounds[1::2], strict=False)]
    return tuple(pairs)


def is_open(intervals: tuple[tuple[int, int], ...], minute: int) -> bool:
    """By the definition."""
    return minute >= intervals[-1][1] or any(begin <= minute < end for begin, end in intervals)


@given(shifts(), st.integers(0, 150), st.integers(1, 100))
def test_work_goes_on_in_open_minutes_only(intervals: tuple[tuple[int, int], ...], ready: int, minutes: int) -> None:
    start = next(minute for minute in range(ready, HORIZON) if is_open(intervals, minute))
    end = [minute for minute in range(start, HORIZON) if is_open(intervals, minute)][minutes - 1] + 1
    opened = OpenTime(intervals)
    assert (opened.opening(ready), opened.end(start, minutes)) == (start, end)


@given(shifts(), st.integers(0, 150))
def test_open_minutes_are_counted_from_the_first_opening(intervals: tuple[tuple[int, int], ...], time: int) -> None:
    counted = sum(is_open(intervals, minute) for minute in range(time))
    opened = OpenTime(intervals)
    assert opened.worked(time) == counted
    if counted and is_open(intervals, time - 1):
        assert opened.after(counted) == time


def test_work_does_not_straddle_what_is_fixed_and_is_set_up_after_it() -> None:
    fixed = [FixedOperation("A", 0, 20, 30, "red"), FixedOperation("A", 0, -9, 0, "green")]
    machine = Machine(WorkCentre("A"), 0, {("A", "red", "blue"): 7, ("A", "green", "blue"): 1}, fixed)
    way = Alternative("A", 25, 5, "blue")
    assert machine.fit(way, 0) == (30, 57)
    short = Alternative("A", 15, 5, "blue")
    assert machine.fit(short, 0) == (0, 11)
    machine.take(short, 11)
    assert machine.fit(short, 0) == (30, 47)
