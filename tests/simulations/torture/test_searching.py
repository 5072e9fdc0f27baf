"""Seeds are tried: nothing that goes wrong breaks a law, and whatever is found is found again."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from simulations.torture.case import Kind
from simulations.torture.folder import read_case
from simulations.torture.searching import Trial, faults_of, search, trial_of_case
from simulations.torture.story import FAULTS, ORDERS
from tests.effort import times

SEEDS = range(112, 112 + times(8, 400))
CASES = sorted((Path(__file__).parent / "cases").iterdir())


@cache
def tried() -> tuple[Trial, ...]:
    return tuple(search(SEEDS))


def test_no_seed_breaks_a_law() -> None:
    assert {trial.seed: trial.broken[0] for trial in tried() if trial.broken} == {}


def test_every_seed_is_hard_enough() -> None:
    for trial in tried():
        levels = {line[:2] for line in trial.case.files["items.csv"].splitlines()[1:]}
        assert (trial.orders >= ORDERS, len(levels) >= 3) == (True, True), trial.seed
        assert sum(trial.fired.values()) >= FAULTS, trial.seed


def test_everything_goes_wrong_somewhere() -> None:
    assert faults_of(tried()).keys() == set(Kind)


def test_in_half_of_the_seeds_nothing_that_goes_wrong_may_change_a_decision() -> None:
    harmless = sum(trial.case.harmless for trial in tried())
    assert len(SEEDS) // 4 <= harmless <= len(SEEDS) * 3 // 4


def test_several_processes_find_what_one_finds() -> None:
    some = tried()[:2]
    assert tuple(search(range(some[0].seed, some[-1].seed + 1), workers=2)) == some


def test_what_a_story_made_happens_again_as_a_case() -> None:
    trial = tried()[0]
    assert trial_of_case(trial.case, trial.seed) == trial


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_what_was_found_once_is_mended(folder: Path) -> None:
    assert trial_of_case(read_case(folder)).broken == ()
