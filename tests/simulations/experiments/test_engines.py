"""Whatever runs the trials, the results are the same; a trial that fails or kills its worker stops no other."""

from __future__ import annotations

import gc
import json
import sys
import threading
import time
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest

from agents.planner.agent import PlannerAgent
from agents.runtime.memory import collect_everything
from knowledge.errors import SocietyError
from simulations.experiments.design import Experiment
from simulations.experiments.local import Local
from simulations.experiments.on_ray import OnRay
from simulations.experiments.running import Results, carry_out
from simulations.experiments.work import WORLD, Failure, Tell, attempt, run_of, run_text, trial_text
from simulations.world.trials import Run, Trial
from tests.simulations.experiments import toy_world

GOOD = Experiment(scenarios=("toy",), policies=("steady", "better"), days=4, replications=3)
BAD = Experiment(scenarios=("toy",), policies=("steady", "dies", "raises", "refuses"), days=2, replications=1)


class Here:
    """Trials one after the other in this process, the last first."""

    def outcomes(self, trials: Sequence[Trial], tell: Tell) -> Generator[Run | Failure]:
        """What becomes of each trial."""
        for trial in reversed(trials):
            yield toy_world.run(trial)


def _check_bad(results: Results, died: str) -> None:
    assert [trial.policy for trial in results.runs] == ["steady"]
    dies, raises, refuses = map(str, results.failures)
    assert dies.startswith(f"toy, policy dies, seed 0: its worker died 2 times: {died}")
    assert raises.startswith("toy, policy raises, seed 0: ValueError: the floor is flooded (")
    assert "toy_world.py:" in raises
    assert refuses == "toy, policy refuses, seed 0: there is no such floor"


def test_processes_give_what_one_process_gives_in_the_same_order() -> None:
    wanted = carry_out(GOOD, Here())
    for workers in (1, 3):
        found = carry_out(GOOD, Local(workers, toy_world.PLACE))
        assert found == wanted
        assert list(found.runs) == list(wanted.runs) == list(GOOD.trials())


def test_what_fails_is_told_with_its_place_and_the_rest_goes_on() -> None:
    results = carry_out(BAD, Local(2, toy_world.PLACE))
    _check_bad(results, "killed by SIGKILL; was there too little memory?; it said: … last words")


def test_a_trial_whose_worker_dies_once_is_run_again(tmp_path: Path) -> None:
    table = {"scenarios": "toy", "policies": "dies_once", "days": 2, "grid": {"mark": [str(tmp_path / "mark")]}}
    results = carry_out(Experiment.model_validate(table), Local(1, toy_world.PLACE))
    assert len(results.runs) == 1
    assert not results.failures


def test_days_are_told_as_they_pass_and_all_of_them_in_the_end() -> None:
    heard: list[tuple[int, int]] = []
    carry_out(GOOD, Local(2, toy_world.PLACE), listener=lambda done, of: heard.append((done, of)))
    assert heard[-1] == (24, 24)
    assert {done for done, _ in heard} > {1, 2, 3}
    assert sorted(heard) == heard


def test_whoever_stops_listening_ends_the_workers() -> None:
    table = {"scenarios": "toy", "policies": "steady", "days": 1_000, "grid": {"seconds_a_day": [0, 0.1, 0.11]}}
    outcomes = Local(2, toy_world.PLACE).outcomes(list(Experiment.model_validate(table).trials()), lambda *_: None)
    first = next(outcomes)
    began = time.monotonic()
    outcomes.close()
    assert isinstance(first, Run)
    assert time.monotonic() - began < 20, "the other two take a hundred seconds"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("worker")]


def test_a_run_is_the_same_after_it_was_told_as_text() -> None:
    run = toy_world.run(Trial("toy", "steady", 3, 5, (("a.b", 1), ("c", 0.1), ("d", True), ("e", "ü"))))
    assert run_text(run_of(json.loads(run_text(run)))) == run_text(run)


@pytest.mark.skipif(sys.platform == "win32", reason="the toy world kills its process as POSIX does")
def test_ray_gives_what_processes_give_and_survives_what_they_do(capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("ray")
    both = Experiment(scenarios=("toy",), policies=(*GOOD.policies, *BAD.policies[1:]), days=2, replications=1)
    found, wanted = (carry_out(both, engine) for engine in (OnRay(2, toy_world.PLACE), Local(2, toy_world.PLACE)))
    assert found.runs == wanted.runs
    assert list(found.runs) == list(wanted.runs)
    assert found.failures[1:] == wanted.failures[1:]
    assert "its worker died 2 times: WorkerCrashedError: " in str(found.failures[0])
    assert capfd.readouterr().out == ""


def test_without_ray_one_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SocietyError, match=r"engine ray: Ray is not installed .*pip install"):
        carry_out(GOOD, OnRay(2, toy_world.PLACE))


def test_a_process_keeps_nothing_of_the_society_that_it_ran() -> None:
    """It is put out of the collector's sight while it begins, and refers to itself."""
    collect_everything()
    before = sum(isinstance(each, PlannerAgent) for each in gc.get_objects())
    trial = Trial("late-suppliers", "edd", 1, 1, (("warm_up_days", 0),))
    attempt(WORLD, trial_text(trial), lambda done, of: None)
    assert sum(isinstance(each, PlannerAgent) for each in gc.get_objects()) == before
