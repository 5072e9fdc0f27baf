"""Places on machines, against a grid that looks at every second."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.capacity import ChangeoverMachine, Load, Machine, Way
from tests.effort import times

Stretches = list[tuple[int, int]]

_HORIZON = 60
_STRETCHES = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 6)), max_size=6)
_LENGTHS = st.integers(1, 8)
_MINUTES = st.integers(0, 45)


def machine(stretches: Stretches) -> Machine:
    """A machine that is busy at these (start, length)."""
    made = Machine()
    for start, length in stretches:
        made.take(start, length)
    return made


def busy(stretches: Stretches) -> set[int]:
    """Every second of the grid that is taken."""
    return {second for start, length in stretches for second in range(start, start + length)}


def free(taken: set[int], start: int, length: int) -> bool:
    """Whether a whole stretch of the grid is free."""
    return not any(second in taken for second in range(start, start + length))


@settings(max_examples=times(300, 10000))
@given(_STRETCHES, _MINUTES, _LENGTHS, _MINUTES)
def test_the_latest_place_is_the_last_free_one_of_the_grid(
    stretches: Stretches, end: int, length: int, floor: int
) -> None:
    taken = busy(stretches)
    places = [start for start in range(floor, end - length + 1) if free(taken, start, length)]
    assert machine(stretches).latest(end, length, floor) == max(places, default=None)


@settings(max_examples=times(300, 10000))
@given(_STRETCHES, _MINUTES, _LENGTHS)
def test_the_earliest_place_is_the_first_free_one_of_the_grid(stretches: Stretches, begin: int, length: int) -> None:
    taken = busy(stretches)
    places = (start for start in range(begin, begin + 2 * _HORIZON) if free(taken, start, length))
    assert machine(stretches).earliest(begin, length) == next(places)


@settings(max_examples=times(300, 10000))
@given(_STRETCHES)
def test_busy_stretches_are_kept_apart_in_order_and_cover_what_was_taken(stretches: Stretches) -> None:
    made = machine(stretches)
    pairs = list(zip(made.starts, made.ends, strict=True))
    assert busy([(start, end - start) for start, end in pairs]) == busy(stretches)
    bounds = [bound for pair in pairs for bound in pair]
    assert bounds == sorted(set(bounds))


def test_work_of_no_length_takes_nothing() -> None:
    assert machine([(5, 0)]) == Machine()


def test_a_copy_is_independent() -> None:
    load = Load.empty(2)
    load.copy().take(0, 1, 5, Way("W", 5))
    assert load == Load.empty(2)


def test_of_several_machines_the_one_that_is_free_latest_is_taken() -> None:
    load = Load([machine([(0, 10)]), machine([(0, 4)])])
    assert load.latest(12, Way("W", 6), 0) == (6, 1, 6)
    assert load.earliest(0, Way("W", 6)) == (4, 1, 6)


def test_no_place_is_before_the_floor() -> None:
    assert Load([machine([(4, 6)])]).latest(10, Way("W", 3), 2) is None


def test_work_on_a_machine_that_is_gone_is_on_the_last_one_there_is() -> None:
    load = Load.empty(1)
    load.take(0, 4, 5, Way("W", 5))
    assert load == Load([machine([(0, 5)])])


def kind(group: str, run: int) -> Way:
    """Work of a group that takes 4 more after work of the other group."""
    other = {"a": "b", "b": "a"}[group]
    return Way("W", run, group, {other: run + 4})


_KINDS = st.builds(kind, st.sampled_from("ab"), st.integers(1, 5))


@settings(max_examples=times(300, 10000))
@given(st.lists(st.tuples(_MINUTES, _KINDS), max_size=8))
def test_work_placed_backwards_has_the_set_up_that_it_needs_and_never_overlaps(asked: list[tuple[int, Way]]) -> None:
    made = ChangeoverMachine()
    for time, way in asked:
        place = made.latest(time, way, 0)
        if place is not None:
            assert sum(place) <= time
            made.take(*place, way)
    end, before = 0, None
    for stretch in made.stretches:
        begin = min(begin for way, begin in made.tight()[stretch.end] if way == stretch.way)
        assert begin >= max(end, stretch.start)
        assert stretch.end - begin == stretch.way.after(before)
        end, before = stretch.end, stretch.way.group


def test_neighbours_of_one_group_share_a_set_up() -> None:
    red = Way("W", 90, "red", {"red": 30})
    made = ChangeoverMachine()
    for _ in range(3):
        place = made.latest(150, red, 0)
        assert place is not None
        made.take(*place, red)
    begins = [(begin, end) for end, found in made.tight().items() for _, begin in found]
    assert begins == [(0, 90), (90, 120), (120, 150)]


def test_work_before_fixed_work_ends_where_that_begins() -> None:
    red = Way("W", 90, "red", {"red": 30})
    made = ChangeoverMachine()
    made.take(100, 90, red, fixed=True)
    assert made.latest(190, red, 0) == (10, 90)


def test_work_that_takes_no_time_leaves_what_stands_there_as_it_is() -> None:
    long, nothing = Way("W", 20, "a"), Way("W", 0, "a")
    made = ChangeoverMachine()
    for way in (long, nothing):
        place = made.latest(50, way, 0)
        assert place is not None
        made.take(*place, way)
    assert made.tight() == {50: [(long, 30), (nothing, 50)]}


def test_what_is_in_turn_stands_before_what_was_though_there_is_room_after_it() -> None:
    red, white = Way("W", 20, "red", {"white": 30}), Way("W", 20, "white", {"red": 40})
    made = ChangeoverMachine()
    made.take(50, 20, red, turn=1)
    assert made.latest(110, white, 0) == (70, 40)
    assert made.latest(100, white, 0, turn=2) == (0, 40)


def test_in_a_sequence_only_the_set_up_that_its_neighbour_needs_is_reserved() -> None:
    red = Way("W", 20, "red", {"red": 10, "white": 50})
    assert ChangeoverMachine().latest(100, red, 0) == (50, 50)
    assert ChangeoverMachine().latest(100, red, 0, turn=1, follows=["red"]) == (80, 20)
    assert ChangeoverMachine().latest(100, red, 0, turn=1, follows=["white"]) == (50, 50)


def test_before_what_is_settled_nothing_comes_that_would_make_its_set_up_longer() -> None:
    red, white = Way("W", 20, "red", {"red": 10, "white": 50}), Way("W", 20, "white", {"red": 20})
    made = ChangeoverMachine()
    made.take(50, 50, red)
    assert made.settle(100) == 80
    assert made.latest(100, white, 0) is None
    assert made.latest(100, red, 0) == (40, 50)


def test_a_turn_says_which_of_several_machines_it_is() -> None:
    red = Way("W", 20, "red")
    load = Load.empty(3, changeovers=True)
    assert [load.latest(100, red, 0, turn=turn) for turn in (1, 2, 3)] == [(80, 1, 20), (80, 2, 20), (80, 0, 20)]
