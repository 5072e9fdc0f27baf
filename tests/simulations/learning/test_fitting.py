"""The robust fits find the truth behind outliers, and say nothing where there is none."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from simulations.learning.fitting import line, median, quantile
from simulations.learning.routes import ordered


@given(
    st.integers(0, 500),
    st.integers(1, 50),
    st.lists(st.integers(1, 1000), min_size=8, max_size=40, unique=True),
    st.data(),
)
def test_a_fifth_of_wild_points_does_not_move_the_line(
    start: int, slope: int, places: list[int], data: st.DataObject
) -> None:
    points = [(Fraction(x), Fraction(start + slope * x)) for x in places]
    for n in range(len(points) // 5):
        points[n] = points[n][0], Fraction(data.draw(st.integers(0, 10**6)))
    assert line(points) == (Fraction(start), Fraction(slope))


def test_points_that_are_no_work_have_no_line() -> None:
    same = [(Fraction(10), Fraction(n)) for n in range(9)]
    falling = [(Fraction(n), Fraction(100 - n)) for n in range(9)]
    below = [(Fraction(n), Fraction(5 * n - 10)) for n in range(9)]
    assert line(same) is line(falling) is line(below) is line(falling[:4]) is None


@given(st.lists(st.integers(-1000, 1000), min_size=1), st.integers(1, 100))
def test_a_quantile_is_the_smallest_value_that_enough_values_do_not_exceed(values: list[int], percent: int) -> None:
    found = quantile(values, percent)
    assert sum(value <= found for value in values) * 100 >= percent * len(values)
    assert sum(value < found for value in values) * 100 < percent * len(values)
    assert min(values) <= median(values) <= max(values)


@given(st.permutations("ABCDEFG"), st.lists(st.sets(st.sampled_from("ABCDEFG"), min_size=2), min_size=1, max_size=8))
def test_the_order_of_most_is_found_in_parts_of_it(truth: list[str], parts: list[set[str]]) -> None:
    whole = [truth] * 2
    sequences = [[name for name in truth if name in part] for part in parts]
    assert ordered([*whole, *sequences, truth[::-1]]) == truth
