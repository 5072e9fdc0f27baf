"""What an experiment is: scenarios × cases of their parameters × policies × seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from pathlib import PurePath
from typing import Annotated, Any, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr

from simulations.experiments.statistics import CONFIDENCE
from simulations.world.trials import Trial

Value: TypeAlias = StrictBool | StrictInt | StrictFloat | StrictStr

MOST_TRIALS = 100_000


def flat(table: object, prefix: str = "") -> object:
    """Keys of nested tables by their dotted path: `retail.rate = 5` says the same with quotes and without."""
    if not isinstance(table, Mapping):
        return table
    found: dict[str, Any] = {}
    for key, value in table.items():
        inner = flat(value, f"{prefix}{key}.")
        found.update(inner if isinstance(inner, dict) else {f"{prefix}{key}": value})
    return found


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Names: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class Case(BaseModel):
    """Parameters that differ from the scenario's, and what tables call them; no name: the scenario as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(max_length=200)
    parameters: Annotated[dict[str, Value], BeforeValidator(flat)] = {}


class Experiment(BaseModel):
    """Which trials are run, and what is compared with what.

    `scenarios` are names of the gallery, or paths. Seeds are given one by one, or `replications` of them are counted
    from `first_seed` on. A `grid` gives the values of each parameter, to be combined; `cases` name single
    combinations. Policies are compared with the `baseline`, the first of them by default.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = ""
    scenarios: Names = Field(min_length=1)
    policies: Names = Field(min_length=1)
    baseline: str = ""
    days: int = Field(gt=0, le=36_500)
    seeds: tuple[StrictInt, ...] = ()
    replications: int = Field(0, ge=0, le=MOST_TRIALS)
    first_seed: int = 0
    confidence: float = Field(CONFIDENCE, ge=0.5, le=0.9999)
    grid: Annotated[dict[str, tuple[Value, ...]], BeforeValidator(flat)] = {}
    cases: tuple[Case, ...] = ()

    @property
    def compared_with(self) -> str:
        """The policy that others are compared with."""
        return self.baseline or self.policies[0]

    @property
    def all_seeds(self) -> tuple[int, ...]:
        """The seeds, one a replication."""
        return self.seeds or tuple(range(self.first_seed, self.first_seed + max(self.replications, 1)))

    @property
    def all_cases(self) -> list[Case]:
        """Every combination of the grid, or the cases that are given, or the scenario as it is."""
        if self.cases:
            return list(self.cases)
        short = shortened(tuple(self.grid))
        combined = [dict(zip(self.grid, values, strict=True)) for values in product(*self.grid.values())]
        return [
            Case(name=", ".join(f"{short[key]} = {shown(value)}" for key, value in each.items()), parameters=each)
            for each in combined
        ]

    def trial(self, scenario: str, case: Case, policy: str, seed: int) -> Trial:
        """One trial of the experiment."""
        return Trial(scenario, policy, seed, self.days, tuple(case.parameters.items()))

    def trials(self) -> Iterator[Trial]:
        """Every trial, in the order of the tables: by scenario, case, policy and seed."""
        for each in product(self.scenarios, self.all_cases, self.policies, self.all_seeds):
            yield self.trial(*each)


def unsound(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """What is wrong with an experiment whose fields are each sound by themselves: its key, and why with the cure."""
    for key in ("scenarios", "policies", "seeds"):
        if double := _twice(getattr(experiment, key)):
            yield key, f"{double} is there twice; take one away"
    if experiment.baseline and experiment.baseline not in experiment.policies:
        yield "baseline", f"{experiment.baseline} is none of the policies; there are {', '.join(experiment.policies)}"
    if experiment.seeds and (experiment.replications or experiment.first_seed):
        yield "seeds", "are given, and so are replications or first_seed; keep one of the two ways"
    if experiment.grid and experiment.cases:
        yield "cases", "are given, and so is a grid; keep one of them"
    for key, values in experiment.grid.items():
        if not values:
            yield f"grid.{key}", "names no value; give at least one, or leave it out"
        if double := _twice(values):
            yield f"grid.{key}", f"{double} is there twice; take one away"
    if double := _twice([case.name for case in experiment.cases]):
        yield "cases", f"two are called {double}; give each a name of its own"
    if double := _twice([called(scenario) for scenario in experiment.scenarios]):
        yield "scenarios", f"two are called {double} in tables; rename a folder"
    cases = len(experiment.cases) or prod(map(len, experiment.grid.values()))
    count = len(experiment.scenarios) * cases * len(experiment.policies) * len(experiment.all_seeds)
    if count > MOST_TRIALS:
        yield "", f"would be {count:,} trials; {MOST_TRIALS:,} are the most"


def called(scenario: str) -> str:
    """What tables call a scenario: its name in the gallery, of a path the folder's name."""
    path = PurePath(scenario)
    return path.parent.name or path.stem if path.suffix == ".toml" else path.name or scenario


def shown(value: str | int | float | bool) -> str:
    """A parameter's value as its file writes it, without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def shortened(keys: Sequence[str]) -> dict[str, str]:
    """Dotted keys by as many of their last parts as tell them apart."""
    found = {}
    for key in keys:
        parts = key.split(".")
        ends = (".".join(parts[-length:]) for length in range(1, len(parts) + 1))
        found[key] = next((end for end in ends if sum(f".{other}".endswith(f".{end}") for other in keys) == 1), key)
    return found


def _twice(values: Sequence[object]) -> str:
    """A value that is there twice, as it is shown; empty where there is none. Yes is not taken for 1."""
    kept = [(isinstance(value, bool), value) for value in values]
    return next((str(value) for place, (_, value) in enumerate(kept) if kept[place] in kept[:place]), "")
