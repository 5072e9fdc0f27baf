"""Means with intervals, paired comparisons and corrections for several of them, against worked examples."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulations.experiments.statistics import compare, estimate, holm

PROBABILITIES = st.lists(st.floats(0, 1), max_size=8)


def test_a_worked_interval() -> None:
    """Law's example of ten observations: 1.34 ± 0.24 at 90 %."""
    found = estimate([1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09], 0.90)
    assert found.mean == pytest.approx(1.343)
    assert found.half_width == pytest.approx(0.24, abs=0.005)
    assert (found.count, found.missing, found.note) == (10, 0, "")


def test_one_replication_has_a_mean_and_no_interval() -> None:
    found = estimate([4.5])
    assert (found.mean, found.deviation, found.low, found.half_width) == (4.5, None, None, None)
    assert found.note == "one replication: no interval"


def test_what_is_missing_is_left_out_and_told() -> None:
    found = estimate([1.0, None, 3.0])
    assert (found.count, found.missing, found.mean) == (2, 1, 2.0)
    assert found.note == "1 of 3 replications without a value"
    assert estimate([None, None]).mean is None
    assert estimate([None, None]).note == "no value"
    assert estimate([None, 2.0]).note == "one replication: no interval; 1 of 2 replications without a value"


def test_equal_values_have_an_interval_of_no_width() -> None:
    found = estimate([0.1] * 5)
    assert (found.low, found.high) == (found.mean, found.mean)


def test_intervals_cover_the_true_mean_as_often_as_they_say() -> None:
    chance = Random(7)
    intervals = [estimate([chance.gauss(3, 2) for _ in range(5)], 0.9) for _ in range(2_000)]
    covered = sum(each.low is not None and each.high is not None and each.low <= 3 <= each.high for each in intervals)
    assert 0.88 <= covered / 2_000 <= 0.92


def test_pairs_of_one_seed_take_out_what_the_world_does_to_both() -> None:
    chance = Random(1)
    baseline = {seed: chance.gauss(100, 30) for seed in range(10)}
    policy = {seed: value - 2 + chance.gauss(0, 0.5) for seed, value in baseline.items()}
    (found,) = compare(baseline, {"policy": policy})
    alone = estimate(list(policy.values())).half_width
    assert found.difference.mean == pytest.approx(-2, abs=0.5)
    assert found.difference.half_width is not None
    assert alone is not None
    assert found.difference.half_width < alone / 20
    assert found.differs()
    assert (found.larger, found.equal, found.compared) == (0, 0, 1)


def test_a_paired_t_test_worked_by_hand() -> None:
    """Student's own sleep data (1908): ten patients, two drugs; t = 4.0621, p = 0.002833."""
    first = dict(enumerate([0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]))
    second = dict(enumerate([1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]))
    (found,) = compare(first, {"second": second})
    assert found.difference.mean == pytest.approx(1.58)
    assert found.p == pytest.approx(0.00283289, rel=1e-5)
    assert found.difference.low == pytest.approx(0.7001142, rel=1e-6)
    assert found.difference.high == pytest.approx(2.4598858, rel=1e-6)
    assert (found.larger, found.equal) == (9, 1)


def test_only_seeds_in_which_both_have_a_value_are_compared() -> None:
    (found,) = compare({1: 1.0, 2: 2.0, 3: None}, {"policy": {1: 2.0, 2: 3.0, 3: 9.0, 4: 5.0}})
    assert (found.difference.count, found.difference.missing, found.difference.mean) == (2, 2, 1.0)


def test_several_policies_have_wider_intervals_that_hold_together() -> None:
    base = {seed: float(seed) for seed in range(6)}
    noisy = {seed: seed + [0.5, 1.5, 1.0, 0.8, 1.2, 0.9][seed] for seed in range(6)}
    (alone,) = compare(base, {"a": noisy})
    three = compare(base, {"a": noisy, "b": base, "c": noisy})
    assert alone.difference.confidence == pytest.approx(0.95)
    assert three[0].difference.confidence == pytest.approx(1 - 0.05 / 3)
    assert alone.difference.half_width is not None
    assert three[0].difference.half_width is not None
    assert three[0].difference.half_width > alone.difference.half_width
    assert alone.p is not None
    assert three[0].adjusted_p == pytest.approx(3 * alone.p)
    assert three[1].differs() is False


def test_one_pair_says_nothing_of_significance() -> None:
    (found,) = compare({1: 1.0}, {"policy": {1: 2.0}})
    assert (found.p, found.adjusted_p, found.differs()) == (None, None, None)


def test_holm_of_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.01, None]) == [0.02, None]


@given(PROBABILITIES)
def test_holm_is_never_more_than_bonferroni_and_keeps_the_order(values: list[float]) -> None:
    corrected = holm(values)
    for value, found in zip(values, corrected, strict=True):
        assert found is not None
        assert value <= found <= min(1.0, len(values) * value)
    ranks = sorted(range(len(values)), key=values.__getitem__)
    in_order = [corrected[place] or 0.0 for place in ranks]
    assert in_order == sorted(in_order)
