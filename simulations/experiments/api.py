"""The laboratory from Python: `import simulations` in a script or a notebook.

import simulations

simulations.gallery()                                    # the scenarios that come with the society
simulations.run("tutorial", policy="edd", seed=3, days=90).measures["on_time_in_full"]
results = simulations.experiment(scenarios="tutorial", policies=["planner", "edd"], days=90, replications=10)
results.frame("comparison")                              # a frame of pandas
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from knowledge.errors import SocietyError
from simulations.experiments.design import Experiment
from simulations.experiments.folder import Folder
from simulations.experiments.laboratory import check_trial, setting_of, sources_of, told_of
from simulations.experiments.local import Local
from simulations.experiments.on_ray import OnRay
from simulations.experiments.reading import experiment_of, read_experiment
from simulations.experiments.running import Engine, Results, carry_out
from simulations.experiments.tables import check_parquet, write_tables
from simulations.policies.installed import policy_names as _policy_names
from simulations.world.reading import Setting
from simulations.world.reading import gallery as _gallery
from simulations.world.running import run_trial
from simulations.world.trials import Parameter, Parameters, Run, Trial

EngineName = Literal["local", "ray"]
ENGINES: dict[str, Callable[[int], Engine]] = {"local": Local, "ray": OnRay}


def gallery() -> list[str]:
    """The names of the scenarios that come with the society."""
    return _gallery()


def policy_names() -> list[str]:
    """The names of the policies that are installed."""
    return list(_policy_names())


def scenario(name: str, parameters: Mapping[str, Parameter] | None = None) -> Setting:
    """A scenario, by its name in the gallery or its path, with its plant. Raises SocietyError, saying what is wrong.

    `parameters` give keys of its file other values, by dotted path: `{"customers.shops.rate": 20}`.
    """
    return setting_of(name, tuple((parameters or {}).items()))


def run(
    scenario: str,
    policy: str = "planner",
    seed: int = 0,
    days: int | None = None,
    parameters: Mapping[str, Parameter] | None = None,
) -> Run:
    """Run one trial in this process; by default for as many days as the scenario says."""
    given = tuple((parameters or {}).items())
    trial = Trial(scenario, policy, seed, 1 if days is None else days, given)
    check_trial(trial)
    if days is None:
        trial = replace(trial, days=days_of(scenario, trial.scenario_parameters))
    return run_trial(trial)


def experiment(
    file: str | Path | None = None,
    *,
    engine: EngineName = "local",
    workers: int | None = None,
    out: str | Path | None = None,
    parquet: bool = False,
    progress: Callable[[int, int], None] = lambda done, of: None,
    **keys: Any,
) -> Results:
    """Run an experiment: of a file, of the keys that such a file has, or of a file with some keys given anew.

    Trials run in `workers` processes (by default one a processor). With `out` each is kept there when it is done, the
    same call goes on where one was stopped, and the folder has tables, pictures and a report in the end. `progress`
    hears how many simulated days of how many are done. Raises SocietyError where something cannot be run as it is said.
    """
    if engine not in ENGINES:
        raise SocietyError(f"engine {engine}: there is none; there are {', '.join(ENGINES)}")
    if file is None:
        found = experiment_of(with_days(keys), check_trial)
    else:
        found = read_experiment(Path(file), keys, check_trial)
    return run_and_report(found, engine, workers or processors(), None if out is None else Path(out), parquet, progress)


def run_and_report(
    found: Experiment,
    engine: str,
    workers: int,
    out: Path | None,
    parquet: bool,
    progress: Callable[[int, int], None],
) -> Results:
    """Run an experiment that was checked, and write what there is to be written of it."""
    runner, sources = ENGINES[engine](workers), sources_of(found)
    if parquet:
        check_parquet()
    folder = None if out is None else Folder(out, found, sources)
    results = carry_out(found, runner, folder, progress)
    if out is not None:
        from simulations.experiments.report import write_report

        write_tables(results, out, parquet=parquet)
        write_report(results, told_of(found), sources, out)
    return results


def with_days(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of an experiment; where they do not say for how many days, as many as its first scenario says."""
    if "days" in keys or "scenarios" not in keys:
        return dict(keys)
    names = keys["scenarios"]
    first = names if isinstance(names, str) else next(iter(names), "")
    return {**keys, "days": days_of(first)}


def days_of(scenario: str, parameters: Parameters = ()) -> int:
    """For how many days a scenario is meant to run."""
    return setting_of(scenario, parameters).scenario.days


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
