"""The availability function against its definition, moment by moment."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.availability import Availability, availability_of

_TIMES = st.integers(0, 20)
_EVENTS = st.lists(st.tuples(_TIMES, st.integers(-20, 20).filter(bool)), max_size=8)
_END = 25


def function(on_hand: int, events: list[tuple[int, int]]) -> Availability:
    """The function of events that are named by their place."""
    made = Availability(on_hand)
    for number, (time, units) in enumerate(events):
        made.set(str(number), time, units)
    return made


def projected(on_hand: int, events: list[tuple[int, int]], now: int, time: int) -> int:
    """The balance by its definition; what is overdue counts at `now`."""
    return on_hand + sum(units for moment, units in events if max(moment, now) <= time)


@given(st.integers(0, 30), _EVENTS, st.integers(0, 10))
def test_the_function_is_its_definition(on_hand: int, events: list[tuple[int, int]], now: int) -> None:
    made = function(on_hand, events)
    balances = [projected(on_hand, events, now, time) for time in range(now, _END)]
    for time in range(now, _END):
        assert made.projected(now, time) == balances[time - now]
        assert made.promisable(now, time) == min(balances[time - now :])
    assert made.lowest(now) == min(balances)


@given(st.integers(0, 30), _EVENTS, st.integers(0, 10), st.integers(-10, 40))
def test_the_earliest_time_is_the_first_from_which_so_much_may_be_promised(
    on_hand: int, events: list[tuple[int, int]], now: int, units: int
) -> None:
    made = function(on_hand, events)
    moments = (time for time in range(now, _END) if made.promisable(now, time) >= units)
    assert made.earliest(now, units) == next(moments, None)


@given(st.integers(0, 30), _EVENTS, st.integers(0, 10))
def test_the_staircase_only_rises_and_the_first_shortage_is_the_first(
    on_hand: int, events: list[tuple[int, int]], now: int
) -> None:
    made = function(on_hand, events)
    steps = made.staircase(now)
    assert steps == sorted(steps)
    assert len({value for _, value in steps}) == len(steps)
    balances = ((time, projected(on_hand, events, now, time)) for time in range(now, _END))
    assert made.first_shortage(now) == next(((time, -units) for time, units in balances if units < 0), None)


@given(st.integers(0, 30), _EVENTS, st.integers(0, 10))
def test_steps_are_where_either_function_changes(on_hand: int, events: list[tuple[int, int]], now: int) -> None:
    made = function(on_hand, events)
    steps = {time: (value, promisable) for time, value, promisable in made.steps(now)}
    last = None
    for time in range(now, _END):
        both = made.projected(now, time), made.promisable(now, time)
        assert (steps.get(time) == both) if both != last else time not in steps
        last = both


def test_an_event_is_moved_resized_and_removed_by_its_document() -> None:
    made = function(5, [(3, -2)])
    made.set("0", 6, -4)
    assert made.staircase(0) == [(0, 1)]
    made.set("0", 6, 0)
    made.set_on_hand(7)
    assert made.steps(0) == [(0, 7, 7)]


def test_rows_of_the_tables_make_the_functions() -> None:
    rows = [{"item": "A", "document": "d", "time": 3, "quantity": -2}]
    found = availability_of({"B": 4}, rows)
    assert (found["A"].lowest(0), found["B"].lowest(0)) == (-2, 4)
