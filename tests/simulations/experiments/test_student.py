"""Student's t distribution against the tables of textbooks, and against itself."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiments.student import quantile, two_sided


@pytest.mark.parametrize(
    ("confidence", "freedom", "value"),
    [
        (0.95, 1, 12.706204736),
        (0.95, 2, 4.302652730),
        (0.95, 4, 2.776445105),
        (0.95, 9, 2.262157163),
        (0.95, 19, 2.093024054),
        (0.90, 10, 1.812461123),
        (0.99, 1, 63.656741163),
        (0.99, 30, 2.749995654),
        (0.999, 5, 6.868826626),
        (0.95, 120, 1.979930405),
    ],
)
def test_quantiles_are_those_of_the_tables(confidence: float, freedom: int, value: float) -> None:
    assert quantile(confidence, freedom) == pytest.approx(value, rel=1e-9)


def test_with_one_degree_it_is_cauchys_distribution() -> None:
    for t in (0.001, 0.5, 1.0, 40.0, 1e6):
        assert two_sided(t, 1) == pytest.approx(1 - 2 * math.atan(t) / math.pi, rel=1e-7)


def test_with_two_degrees_it_has_a_closed_form() -> None:
    for t in (0.01, 1.0, 3.0, 100.0):
        assert two_sided(t, 2) == pytest.approx(1 - t / math.sqrt(2 + t * t), rel=1e-9)


def test_with_many_degrees_it_is_the_normal_distribution() -> None:
    assert quantile(0.95, 10_000_000) == pytest.approx(1.959964, abs=1e-5)


@given(st.floats(0.5, 0.9999), st.integers(1, 500))
def test_a_quantile_has_the_probability_that_was_asked_for(confidence: float, freedom: int) -> None:
    assert 1 - two_sided(quantile(confidence, freedom), freedom) == pytest.approx(confidence, abs=1e-10)


def test_what_is_no_confidence_has_no_quantile() -> None:
    for confidence, freedom in ((0.0, 3), (1.0, 3), (0.95, 0)):
        with pytest.raises(ValueError, match="no quantile"):
            quantile(confidence, freedom)
