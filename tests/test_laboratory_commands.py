"""`simulate` runs what can be run, says what cannot and how to mend it, and goes on where it was stopped."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Generator, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from run_agents import DONE, INTERNAL, UNUSABLE, app
from simulations.experiments import api
from simulations.experiments.definitions import definitions
from simulations.experiments.local import Local
from simulations.experiments.work import Failure, Tell
from simulations.laboratory_commands import INTERRUPTED
from simulations.world.trials import Run, Trial
from tests.simulations.experiments import toy_world


def _simulate(*words: object) -> Result:
    return CliRunner().invoke(app, ["simulate", *map(str, words)], env={"COLUMNS": "200"})


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trials of the toy world, whatever the scenario."""
    monkeypatch.setitem(api.ENGINES, "local", lambda workers: Local(workers, toy_world.PLACE))


class Interrupted:
    """Runs one trial of the toy world; then somebody presses Ctrl-C."""

    def __init__(self, workers: int) -> None: ...

    def outcomes(self, trials: Sequence[Trial], tell: Tell) -> Generator[Run | Failure]:
        """What becomes of the first trial."""
        yield toy_world.run(trials[0])
        raise KeyboardInterrupt


def test_a_scenario_is_run_as_it_is_from_python(tmp_path: Path) -> None:
    said = ("tutorial", "--days", 2, "--seed", 4, "--set", "warm_up_days=0", "--workers", 1)
    first = _simulate(*said, "--out", tmp_path / "one")
    assert first.exit_code == DONE, first.stderr
    assert "1 policy × 1 replication, 2 simulated days each; seed 4." in first.stdout
    assert "one replication: no interval" in first.stdout
    with (tmp_path / "one" / "results.csv").open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    found = {row["measure"]: row["value"] for row in rows}
    run = api.run("tutorial", seed=4, days=2, parameters={"warm_up_days": 0})
    assert float(found["orders"]) == run.measures["orders"] != 0
    assert {row["warm_up_days"] for row in rows} == {"0"}
    assert set(found) == set(run.measures) <= set(definitions())


def test_an_experiment_file_says_everything_and_options_go_before_it(tmp_path: Path, toys: None) -> None:
    file = tmp_path / "compare.toml"
    file.write_text(
        'title = "Which?"\nscenarios = ["tutorial"]\npolicies = ["planner", "planner-improving"]\ndays = 9\n'
        "seeds = [7, 8, 9]\ngrid.customers.shops.rate = [1]\n",
        encoding="utf-8",
    )
    run = _simulate(file, "--days", 3, "--set", "customers.shops.rate=2", "--out", tmp_path / "out", "--json")
    assert run.exit_code == DONE, run.stderr
    said = json.loads(run.stdout)
    assert (said["trials"], said["failures"]) == (6, [])
    assert {row["customers.shops.rate"] for row in said["summary"]} == {2}
    assert [row["pairs"] for row in said["comparison"]] == [3, 3]
    again = _simulate(file, "--replications", 2, "--out", tmp_path / "other", "--json")
    assert json.loads(again.stdout)["trials"] == 4
    assert "<h1>Which?</h1>" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_what_failed_is_told_and_tried_again_and_the_rest_is_there(tmp_path: Path, toys: None) -> None:
    said = ("tutorial", "--days", 2, "--seed", toy_world.UNLUCKY, "--replications", 2, "--out", tmp_path / "out")
    for _ in range(2):
        run = _simulate(*said)
        assert run.exit_code == INTERNAL
        assert "tutorial, policy planner, seed 13: ValueError: the floor is flooded" in run.stderr
        assert "1 trial failed; the same command tries again" in run.stderr
    [kept] = (tmp_path / "out" / "trials").iterdir()
    assert kept.name.startswith("tutorial.planner.14.")
    other = _simulate(*said, "--policy", "edd")
    assert other.exit_code == UNUSABLE
    assert 'policies: there ["planner"], now ["edd"]' in other.stderr


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("nowhere",), "scenario nowhere: there is none of that name"),
        (("tutorial", "--policy", "wishes"), "policy wishes is not installed; there are planner"),
        (("tutorial", "--set", "customers.shops.rate=-1"), "customers.shops.rate: input should be greater than"),
        (("tutorial", "--set", "customers.shops.speed=3"), "customers.shops.speed: there is no such key"),
        (("tutorial", "--set", "policy.mood=3"), "policy.mood: "),
        (("tutorial", "--set", "rate"), "--set rate: write it as KEY=VALUE"),
        (("tutorial", "--baseline", "edd"), "simulate:baseline: edd is none of the policies; there are planner"),
        (("tutorial", "--policy", "planner", "--policy", "planner"), "simulate:policies: planner is there twice"),
    ],
)
def test_what_cannot_be_run_is_told_before_anything_is_done(said: tuple[str, ...], told: str, tmp_path: Path) -> None:
    run = _simulate(*said, "--days", 2, "--out", tmp_path / "out")
    assert run.exit_code == UNUSABLE
    assert told in run.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("module", "option", "told"),
    [("ray", "--engine=ray", "Ray is not installed"), ("pyarrow.parquet", "--parquet", "pyarrow")],
)
def test_what_an_extra_is_needed_for_says_so(
    module: str, option: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    run = _simulate("tutorial", option, "--days", 2, "--out", tmp_path / "out")
    assert run.exit_code == UNUSABLE
    assert told in run.stderr
    assert "pip install" in run.stderr
    assert not (tmp_path / "out").exists()


def test_interrupted_it_says_how_to_go_on_and_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(api.ENGINES, "local", Interrupted)
    said = ("tutorial", "--days", 2, "--replications", 3, "--out", tmp_path / "out")
    run = _simulate(*said)
    assert run.exit_code == INTERRUPTED
    assert run.stderr == f"interrupted: what is done is in {tmp_path / 'out'}; the same command goes on from there\n"
    kept = {file.name: file.read_bytes() for file in (tmp_path / "out" / "trials").iterdir()}
    [first] = kept
    monkeypatch.setitem(api.ENGINES, "local", lambda workers: Local(workers, toy_world.PLACE))
    assert _simulate(*said).exit_code == DONE
    now = {file.name: file.read_bytes() for file in (tmp_path / "out" / "trials").iterdir()}
    assert len(now) == 3
    assert now[first] == kept[first]
