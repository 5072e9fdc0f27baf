"""MSER-5 finds where a series settles; Welch's average smooths it."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiments.warm_up import moving_average, settled_after

SERIES = st.lists(st.floats(-1e6, 1e6), max_size=40)


def test_what_rises_from_nothing_is_cut_where_it_has_risen() -> None:
    chance = Random(3)
    series = [min(day / 40, 1) * 100 + chance.gauss(0, 3) for day in range(365)]
    found = settled_after(series)
    assert found is not None
    assert 30 <= found <= 50


def test_what_is_settled_from_the_start_loses_next_to_nothing() -> None:
    chance = Random(4)
    found = settled_after([chance.gauss(50, 5) for _ in range(365)])
    assert found is not None
    assert found < 60


def test_what_never_settles_is_told() -> None:
    assert settled_after([float(day) for day in range(100)]) is None
    assert settled_after([1.0, 2.0, 3.0]) is None


def test_a_constant_needs_no_cut() -> None:
    assert settled_after([7.0] * 50) == 0


def test_the_moving_average_is_symmetric_and_shorter_near_the_ends() -> None:
    assert moving_average([0.0, 3.0, 6.0, 3.0, 0.0], 1) == pytest.approx([0, 3, 4, 3, 0])
    assert moving_average([], 3) == []


@given(SERIES, st.integers(0, 10))
def test_a_moving_average_stays_within_its_series(series: list[float], reach: int) -> None:
    smooth = moving_average(series, reach)
    assert len(smooth) == len(series)
    assert all(min(series) - 1e-6 <= value <= max(series) + 1e-6 for value in smooth)
