"""What replications say: means with intervals, and policies compared by pairs of the same seed.

A replication is one observation of a measure; those of different seeds are independent. Policies run on the same seeds
see the same world (common random numbers), so they are compared by the differences within seeds, whose mean has a far
narrower interval than the difference of two independent means (Law, *Simulation Modeling and Analysis*, 10.2 and 11.2).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from simulations.experiments.student import quantile, two_sided

CONFIDENCE = 0.95
_NOISE = 1e-12
"""A deviation that is smaller, as a share of the values, comes of their being binary fractions."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over replications with its Student-t interval.

    `count` replications gave a value and `missing` did not. There is no mean without a value, and no deviation and no
    interval (`low` and `high`) with fewer than two. `confidence` is what the interval has.
    """

    count: int
    missing: int
    mean: float | None
    deviation: float | None
    low: float | None
    high: float | None
    confidence: float

    @property
    def half_width(self) -> float | None:
        """How far the interval reaches to each side of the mean."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def note(self) -> str:
        """What a reader has to know of it; empty where there is nothing."""
        said = ["no value", "one replication: no interval"][self.count] if self.count < 2 else ""
        lost = f"{self.missing} of {self.count + self.missing} replications without a value" if self.missing else ""
        return "; ".join(filter(None, (said, lost if self.count else "")))


def estimate(values: Sequence[float | None], confidence: float = CONFIDENCE) -> Estimate:
    """The mean of a measure over replications; None stands for a replication in which it could not be taken."""
    found = [value for value in values if value is not None]
    count, missing = len(found), len(values) - len(found)
    if not found:
        return Estimate(0, missing, None, None, None, None, confidence)
    mean = fmean(found)
    if count == 1:
        return Estimate(1, missing, mean, None, None, None, confidence)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in found) / (count - 1))
    if deviation <= _NOISE * max(map(abs, found)):
        deviation = 0.0
    reach = quantile(confidence, count - 1) * deviation / math.sqrt(count)
    return Estimate(count, missing, mean, deviation, mean - reach, mean + reach, confidence)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A policy's measure less the baseline's, seed by seed.

    `difference` is over the seeds in which both have a value. Where several policies are compared with one baseline its
    interval is Bonferroni's, so that all of them hold together with the confidence asked for; `p` is the paired t
    test's, two-sided, and `adjusted_p` the same after Holm, None where there are fewer than two pairs. `compared` is
    the number of policies in the family. `larger` counts the seeds in which the policy has the larger value, `equal`
    those in which both have the same.
    """

    policy: str
    difference: Estimate
    p: float | None
    adjusted_p: float | None
    compared: int
    larger: int
    equal: int

    def differs(self) -> bool | None:
        """Whether the difference is significant, all policies of the family taken together; None if unknown.

        The level is what the interval would have if this were the only comparison.
        """
        level = (1 - self.difference.confidence) * self.compared
        return None if self.adjusted_p is None else self.adjusted_p < level


def compare(
    baseline: Mapping[int, float | None],
    policies: Mapping[str, Mapping[int, float | None]],
    confidence: float = CONFIDENCE,
) -> list[Comparison]:
    """Each policy against the baseline on one measure, given by seed, in the order of `policies`."""
    family = len(policies)
    each = 1 - (1 - confidence) / max(family, 1)
    found = []
    for policy, values in policies.items():
        pairs = [(values.get(seed), baseline.get(seed)) for seed in sorted({*values, *baseline})]
        gaps = [None if a is None or b is None else a - b for a, b in pairs]
        known = [gap for gap in gaps if gap is not None]
        difference = estimate(gaps, each)
        larger, equal = sum(gap > 0 for gap in known), sum(gap == 0 for gap in known)
        found.append((policy, difference, _p_value(difference), larger, equal))
    adjusted = holm([p for _, _, p, _, _ in found])
    return [
        Comparison(policy, difference, p, corrected, family, larger, equal)
        for (policy, difference, p, larger, equal), corrected in zip(found, adjusted, strict=True)
    ]


def _p_value(difference: Estimate) -> float | None:
    if difference.mean is None or difference.deviation is None:
        return None
    if difference.deviation == 0:
        return 1.0 if difference.mean == 0 else 0.0
    t = difference.mean / (difference.deviation / math.sqrt(difference.count))
    return two_sided(t, difference.count - 1)


def holm(values: Sequence[float | None]) -> list[float | None]:
    """p values corrected for being several (Holm 1979): each may be held against the level of the whole family.

    What is None is not known, and counts as one of the family all the same: it was meant to be compared.
    """
    known = sorted((value, place) for place, value in enumerate(values) if value is not None)
    adjusted: list[float | None] = [None] * len(values)
    largest = 0.0
    for rank, (value, place) in enumerate(known):
        largest = max(largest, min(1.0, value * (len(values) - rank)))
        adjusted[place] = largest
    return adjusted
