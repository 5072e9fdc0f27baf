"""What the report of an experiment says in words: what was run, what a difference means, how it was computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knowledge.wording import count
from simulations.experiments.definitions import Definition
from simulations.experiments.design import Experiment
from simulations.experiments.report.numbers import shown_p
from simulations.experiments.running import Results
from simulations.experiments.statistics import Comparison


def design_words(experiment: Experiment) -> str:
    """What was run, in a sentence."""
    parts = [
        count(len(experiment.policies), "policy", "policies"),
        count(len(experiment.all_seeds), "replication"),
        *([count(len(experiment.all_cases), "case")] if len(experiment.all_cases) > 1 else []),
        *([count(len(experiment.scenarios), "scenario")] if len(experiment.scenarios) > 1 else []),
    ]
    return f"{' × '.join(parts)}, {count(experiment.days, 'simulated day')} each; {_seeds(experiment.all_seeds)}."


def _seeds(seeds: Sequence[int]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    if list(seeds) == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]} to {seeds[-1]}"
    return "seeds " + ", ".join(map(str, seeds))


def verdict(found: Comparison, definition: Definition) -> str:
    """What a difference to the baseline means."""
    p = found.adjusted_p
    if p is None or found.difference.mean is None:
        return found.difference.note
    note = f"; {found.difference.note}" if found.difference.note else ""
    if found.difference.deviation == 0 and found.difference.mean == 0:
        return f"the same in every replication{note}"
    if not found.differs():
        return f"may be chance (p {shown_p(p)}){note}"
    more = found.difference.mean > 0
    good = {"more": more, "less": not more}.get(definition.better)
    word = "more" if more else "less"
    return f"{word if good is None else 'better' if good else 'worse'} (p {shown_p(p)}){note}"


def method_words(results: Results) -> Iterator[str]:
    """How the numbers were computed, a paragraph each."""
    experiment = results.experiment
    level, replications = percent(experiment.confidence), len(experiment.all_seeds)
    others, base = len(experiment.policies) - 1, experiment.compared_with
    yield (
        "Each measure is taken once a replication, without the orders received and the days passed in the scenario's "
        "warm-up. Replications of different seeds are independent."
    )
    if replications > 1:
        yield (
            f"Means are given with the half width of their {level} interval, by Student's t over replications. "
            "Where a measure could not be taken in some of them, it is said how many there were."
        )
    else:
        yield "There is one replication: no interval can be given, and no difference can be told from chance."
    if others:
        yield (
            "Policies see the same world: orders, delays and breakdowns are drawn from the same streams of chance. "
            f"Each is compared with {base} by the differences within seeds (two-sided paired t test)."
        )
    if others > 1 and replications > 1:
        yield (
            f"Several policies ({others}) are compared with one baseline, so intervals of differences are Bonferroni's "
            f"(each {percent(1 - (1 - experiment.confidence) / others)}, together {level}) and p values are Holm's. "
            "The family is one measure in one case: several measures are not corrected for."
        )
    yield (
        f"Courses over time are means over replications of the week around each day, with {level} intervals by day. "
        "MSER-5 (White 1997) says after which day the mean course has settled; a shorter warm-up biases the measures."
    )


def percent(confidence: float) -> str:
    """A confidence as people write it."""
    return f"{100 * confidence:.4g} %"
