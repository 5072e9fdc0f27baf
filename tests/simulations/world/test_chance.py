"""Chance: what scenarios call a distribution draws as its name says, and no stream depends on another."""

from __future__ import annotations

from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from simulations.world.chance import Distribution, poisson, stream

_READ: TypeAdapter[Distribution] = TypeAdapter(Distribution)


@pytest.mark.parametrize(
    "text",
    [
        4.0,
        {"kind": "uniform", "low": 2, "high": 6},
        {"kind": "triangular", "low": 1, "mode": 3, "high": 8},
        {"kind": "normal", "mean": 4, "deviation": 0.5},
        {"kind": "lognormal", "mean": 4, "cv": 0.5},
        {"kind": "exponential", "mean": 4},
        {"kind": "gamma", "mean": 4, "cv": 0.7},
        {"kind": "empirical", "values": [2, 6], "weights": [1, 1]},
    ],
)
def test_the_mean_of_what_is_drawn_is_the_mean_that_is_named(text: object) -> None:
    distribution = _READ.validate_python(text)
    rng = stream(1, "mean")
    drawn = [distribution.draw(rng) for _ in range(20_000)]
    assert fmean(drawn) == pytest.approx(distribution.mean_value, rel=0.05)
    assert fmean(drawn) == pytest.approx(4, rel=0.05)


@given(st.floats(0, 100), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_poisson_numbers_have_their_mean_and_variance(mean: float, seed: int) -> None:
    rng = stream(seed, "poisson")
    drawn = [poisson(rng, mean) for _ in range(400)]
    assert abs(fmean(drawn) - mean) <= 6 * (mean / 400) ** 0.5 + 1e-9


def test_a_stream_is_the_same_whatever_was_drawn_from_others() -> None:
    alone = stream(7, "order", 12).random()
    for other in range(5):
        stream(7, "order", other).random()
    assert stream(7, "order", 12).random() == alone
    assert stream(8, "order", 12).random() != alone
    assert stream(7, "order", 13).random() != alone


def test_names_are_not_run_together() -> None:
    assert stream(1, "ab", "c").random() != stream(1, "a", "bc").random()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ({"kind": "uniform", "low": 3, "high": 1}, "below low"),
        ({"kind": "triangular", "low": 3, "mode": 1, "high": 4}, "have to rise"),
        ({"kind": "empirical", "values": [1, 2], "weights": [1]}, "2 values and 1 weights"),
        ({"kind": "cauchy", "mean": 1}, "cauchy"),
        ({"kind": "gamma", "mean": 1}, "cv"),
    ],
)
def test_what_is_no_distribution_is_refused(text: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        _READ.validate_python(text)
