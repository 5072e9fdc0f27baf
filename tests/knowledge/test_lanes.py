"""Where work fits on machines the earliest, other work making room by moving up."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from knowledge.explanation.lanes import Lane, Stretch, lanes, placed

A, B = ("A", "10"), ("B", "10")


def never(_: object) -> int:
    """A floor that lets nothing move."""
    return 10**9


def freely(_: object) -> int:
    """A floor that lets everything move to the beginning."""
    return 0


def test_work_goes_into_the_first_gap_that_takes_it() -> None:
    lane = Lane([Stretch(10, 20), Stretch(25, 30)])
    assert [lane.earliest(0, 10), lane.earliest(5, 5), lane.earliest(5, 6), lane.earliest(22, 3)] == [0, 5, 30, 22]


def test_work_that_may_move_up_makes_room() -> None:
    [lane] = lanes(1, [(1, Stretch(20, 30, A)), (1, Stretch(30, 40, B))])
    assert placed([lane], 20, 5, freely, 1) == 20
    assert lane.stretches == [Stretch(10, 20, A), Stretch(20, 25), Stretch(30, 40, B)]


def test_work_moves_up_no_further_than_its_floor() -> None:
    [lane] = lanes(1, [(1, Stretch(20, 30, A))])
    assert placed([lane], 20, 5, lambda _: 15, 1) == 25


def test_work_without_an_owner_does_not_move() -> None:
    [lane] = lanes(1, [(1, Stretch(20, 30))])
    assert placed([lane], 20, 5, freely, 1) == 30


def test_the_machine_that_is_free_first_is_taken() -> None:
    found = lanes(2, [(1, Stretch(0, 30)), (2, Stretch(0, 20))])
    assert placed(found, 0, 5, never, 1) == 20
    assert [len(lane.stretches) for lane in found] == [1, 2]


def test_work_that_overlaps_on_a_machine_is_cut() -> None:
    [lane] = lanes(1, [(1, Stretch(5, 12)), (1, Stretch(6, 7, A))])
    assert lane.stretches == [Stretch(5, 12)]
    [lane] = lanes(1, [(1, Stretch(0, 8, A)), (1, Stretch(5, 12))])
    assert lane.stretches == [Stretch(0, 8, A), Stretch(8, 12)]


STRETCHES = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 8)), max_size=8)


@given(STRETCHES, st.integers(0, 60), st.integers(1, 10), st.integers(0, 40))
def test_nothing_ever_overlaps_and_nobody_is_moved_below_the_floor_or_later(
    asked: list[tuple[int, int]], begin: int, length: int, floor: int
) -> None:
    lane = Lane()
    for number, (start, size) in enumerate(asked):
        at = lane.earliest(start, size)
        lane.stretches = sorted([*lane.stretches, Stretch(at, at + size, (f"W{number}", "10"))])
    before = {stretch.owner: stretch for stretch in lane.stretches}
    alone = lane.earliest(begin, length)
    start = placed([lane], begin, length, lambda _: floor, 1)
    assert begin <= start <= alone
    assert all(one.end <= other.start for one, other in pairwise(lane.stretches))
    assert sum(stretch.owner is None for stretch in lane.stretches) == 1
    for stretch in lane.stretches:
        if stretch.owner is not None and stretch != before[stretch.owner]:
            assert floor <= stretch.start < before[stretch.owner].start
            assert stretch.end - stretch.start == before[stretch.owner].end - before[stretch.owner].start
