"""The statistics of an experiment's results: each measure estimated, and each policy compared with the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from simulations.experiments.definitions import in_order
from simulations.experiments.design import Case
from simulations.experiments.running import Results
from simulations.experiments.statistics import Comparison, Estimate, compare, estimate

BySeed = Mapping[int, float | None]


@dataclass(frozen=True, slots=True)
class Estimated:
    """A measure of a policy in a case of a scenario, over its replications."""

    scenario: str
    case: Case
    policy: str
    measure: str
    estimate: Estimate
    values: BySeed


@dataclass(frozen=True, slots=True)
class Compared:
    """A measure of a policy against the baseline's, in a case of a scenario."""

    scenario: str
    case: Case
    measure: str
    comparison: Comparison


def measures(results: Results) -> list[str]:
    """The measures that any run has, in the order of the tables."""
    return in_order({name for run in results.runs.values() for name in run.measures})


def estimates(results: Results) -> Iterator[Estimated]:
    """Every measure of every policy; a trial that failed counts as one without a value."""
    experiment, names = results.experiment, measures(results)
    for scenario in experiment.scenarios:
        for case in experiment.all_cases:
            for policy in experiment.policies:
                for name in names:
                    values = by_seed(results, scenario, case, policy, name)
                    found = estimate(list(values.values()), experiment.confidence)
                    yield Estimated(scenario, case, policy, name, found, values)


def comparisons(results: Results) -> Iterator[Compared]:
    """Every measure of every policy but the baseline, against it, by pairs of the same seed."""
    experiment, names = results.experiment, measures(results)
    others = [policy for policy in experiment.policies if policy != experiment.compared_with]
    for scenario in experiment.scenarios:
        for case in experiment.all_cases:
            for name in names:
                base, *rest = (
                    by_seed(results, scenario, case, policy, name) for policy in (experiment.compared_with, *others)
                )
                found = compare(base, dict(zip(others, rest, strict=True)), experiment.confidence)
                yield from (Compared(scenario, case, name, each) for each in found)


def by_seed(results: Results, scenario: str, case: Case, policy: str, measure: str) -> BySeed:
    """What a measure is in each replication; None where it could not be taken."""
    experiment = results.experiment
    runs = {seed: results.runs.get(experiment.trial(scenario, case, policy, seed)) for seed in experiment.all_seeds}
    return {seed: None if run is None else run.measures.get(measure) for seed, run in runs.items()}
