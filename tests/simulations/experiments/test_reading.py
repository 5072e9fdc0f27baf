"""An experiment's file says everything that is wrong with it at once, with the key and the cure."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge.errors import KnowledgeError, Problem, SocietyError
from simulations.experiments.design import Experiment
from simulations.experiments.reading import experiment_of, is_experiment, read_experiment
from simulations.world.trials import Trial

GOOD = """
title = "Which policy"
scenarios = ["tutorial", "plants/mine"]
policies = ["planner", "edd"]
baseline = "edd"
days = 30
replications = 2
first_seed = 5

[grid]
customers.retail.rate = [1, 2.5]
"floor.scrap" = [true]
"""


def _fine(trial: Trial) -> None:
    """A laboratory that can run anything."""


def _read(text: str, folder: Path, **changes: object) -> Experiment:
    file = folder / "trial.toml"
    file.write_text(text, encoding="utf-8")
    return read_experiment(file, changes, _fine)


def _problems(text: str, folder: Path) -> list[str]:
    with pytest.raises(KnowledgeError) as caught:
        _read(text, folder)
    return [str(problem) for problem in caught.value.problems]


def test_an_experiment_is_every_combination_in_the_order_of_the_tables(tmp_path: Path) -> None:
    found = _read(GOOD, tmp_path)
    assert [case.name for case in found.all_cases] == ["rate = 1, scrap = true", "rate = 2.5, scrap = true"]
    trials = list(found.trials())
    assert len(trials) == 2 * 2 * 2 * 2
    parameters = (("customers.retail.rate", 1), ("floor.scrap", True))
    assert trials[0] == Trial("tutorial", "planner", 5, 30, parameters)
    assert trials[1].seed == 6
    assert trials[2].policy == "edd"
    assert trials[-1].scenario == str(tmp_path / "plants/mine")
    assert found.compared_with == "edd"


def test_cases_are_named_and_seeds_may_be_listed(tmp_path: Path) -> None:
    found = _read(
        'scenarios = "tutorial"\npolicies = "planner"\ndays = 5\nseeds = [3, 1]\n'
        '[[cases]]\nname = "as it is"\n[[cases]]\nname = "busy"\nparameters.customers.retail.rate = 40\n',
        tmp_path,
    )
    assert [(t.seed, t.parameters) for t in found.trials()] == [
        (3, ()),
        (1, ()),
        (3, (("customers.retail.rate", 40),)),
        (1, (("customers.retail.rate", 40),)),
    ]
    assert found.compared_with == "planner"


def test_what_is_said_beside_the_file_goes_before_it(tmp_path: Path) -> None:
    found = _read(GOOD, tmp_path, days=3, policies=["edd"], replications=1)
    assert {(t.days, t.policy, t.seed) for t in found.trials()} == {(3, "edd", 5)}


def test_keys_that_look_alike_are_shown_by_as_much_as_tells_them_apart(tmp_path: Path) -> None:
    grid = "[grid]\na.x.rate = [1]\nb.x.rate = [2]\nscrap = [3]\n"
    found = _read(f'scenarios = "s"\npolicies = "p"\ndays = 1\n{grid}', tmp_path)
    assert found.all_cases[0].name == "a.x.rate = 1, b.x.rate = 2, scrap = 3"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("days = 3", ["trial.toml:policies: is missing; write", "trial.toml:scenarios: is missing; write"]),
        ("policy = 1", ["trial.toml:policy: is no key of an experiment; did you mean policies?"]),
        ("zzz = 1", ["trial.toml:zzz: is no key of an experiment; there are title, scenarios,"]),
        ("days = 0", ["trial.toml:days: 0 will not do: input should be greater than 0"]),
        ('days = "x"', ["trial.toml:days: 'x' will not do: input should be a valid integer"]),
        ('baseline = "c"', ["trial.toml:baseline: c is none of the policies; there are a, b"]),
        ('policies = ["a", "a"]', ["trial.toml:policies: a is there twice"]),
        ('scenarios = ["x/s", "y/s"]', ["trial.toml:scenarios: two are called s in tables"]),
        ("seeds = [1]\nreplications = 2", ["trial.toml:seeds: are given, and so are replications"]),
        ("seeds = [1, 1]", ["trial.toml:seeds: 1 is there twice"]),
        ("replications = 60000", ["trial.toml: would be 120,000 trials; 100,000 are the most"]),
        ("grid.rate = 3", ["trial.toml:grid.rate: 3 will not do: a list of values to be combined"]),
        ("grid.rate = []", ["trial.toml:grid.rate: names no value; give at least one"]),
        ("grid.rate = [1, 1.0]", ["trial.toml:grid.rate: 1.0 is there twice"]),
        ("grid.rate = [2020-01-01]", ["trial.toml:grid.rate.0: datetime.date(2020, 1, 1) will not do: a list of"]),
        ('grid.rate = [1]\n[[cases]]\nname = "x"', ["trial.toml:cases: are given, and so is a grid"]),
        ('[[cases]]\nname = "x"\n[[cases]]\nname = "x"', ["trial.toml:cases: two are called x"]),
        ('[[cases]]\nname = "x"\nrate = 3', ["trial.toml:cases.0.rate: is no key of a case; there are name and"]),
        ("confidence = 1", ["trial.toml:confidence: 1 will not do: input should be less than or equal to 0.9999"]),
    ],
)
def test_what_is_wrong_is_told_with_its_key_and_the_cure(text: str, told: list[str], tmp_path: Path) -> None:
    keys = {line.partition(" =")[0] for line in text.splitlines()}
    first = text.splitlines()[0]
    rest = "" if first == "days = 3" else _needed(keys)
    found = sorted(_problems(f"{rest}{text}\n", tmp_path))
    assert len(found) == len(told), found
    for problem, beginning in zip(found, told, strict=True):
        assert problem.startswith(beginning)


def _needed(keys: set[str]) -> str:
    needed = {"scenarios": '"s"', "policies": '["a", "b"]', "days": "3"}
    return "".join(f"{key} = {value}\n" for key, value in needed.items() if key not in keys)


def test_a_file_that_is_no_toml_says_where() -> None:
    with pytest.raises(SocietyError, match=r"none.toml: No such file"):
        read_experiment(Path("none.toml"), {}, _fine)


def test_broken_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(SocietyError, match=r"trial.toml: is no TOML: .*line 1"):
        _read("days = = 3", tmp_path)


def test_what_the_laboratory_cannot_run_is_told_once_whatever_the_number_of_seeds() -> None:
    asked: list[Trial] = []

    def check(trial: Trial) -> None:
        asked.append(trial)
        if trial.policy == "none":
            raise SocietyError("policy none: there is none of that name")
        if dict(trial.parameters)["rate"] == -1:
            raise KnowledgeError([Problem("scenario.toml", 0, "rate", "is below zero")])

    table = {"scenarios": "s", "policies": ["a", "none"], "days": 3, "replications": 50, "grid": {"rate": [1, -1]}}
    with pytest.raises(KnowledgeError) as caught:
        experiment_of(table, check)
    assert [str(problem) for problem in caught.value.problems] == [
        "experiment: policy none: there is none of that name",
        "scenario.toml:rate: is below zero",
    ]
    assert len(asked) == 4


def test_an_experiment_is_told_from_a_scenario_by_its_scenarios(tmp_path: Path) -> None:
    (tmp_path / "e.toml").write_text('scenarios = "tutorial"', encoding="utf-8")
    (tmp_path / "scenario.toml").write_text('title = "a plant"', encoding="utf-8")
    assert is_experiment(tmp_path / "e.toml")
    assert not is_experiment(tmp_path / "scenario.toml")
    assert not is_experiment(tmp_path)
    assert not is_experiment(Path("tutorial"))
