"""Daily series over the replications: their mean day by day, smoothed, with a band."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from simulations.experiments.definitions import definitions
from simulations.experiments.running import Results
from simulations.experiments.statistics import Estimate, estimate
from simulations.experiments.warm_up import moving_average, settled_after
from simulations.world.trials import Run

REACH = 3
"""Days to each side that a point of a curve is the mean of: a week, so that weekends do not show."""

MOST_POINTS = 260


@dataclass(frozen=True, slots=True)
class Curve:
    """A policy's series: at some days, the estimate over the replications; and where MSER-5 says it has settled."""

    policy: str
    days: list[int]
    points: list[Estimate]
    settled: int | None


def names(results: Results) -> list[str]:
    """The series to be drawn: those that every run has and that are measures, too; all of them where none is."""
    runs = [run for run in results.runs.values() if run.daily]
    there = [set(run.daily[0]) for run in runs]
    common = set.intersection(*there) if there else set()
    found = [name for name in (runs[0].daily[0] if runs else ()) if name in common and name != "day"]
    return [name for name in found if name in definitions()] or found


def curve(policy: str, runs: Sequence[Run], name: str, confidence: float) -> Curve | None:
    """One policy's curve; None without a run."""
    if not runs:
        return None
    every = [[float(day[name]) for day in run.daily] for run in runs]
    length = min(map(len, every))
    smooth = [moving_average(values[:length], REACH) for values in every]
    days = [int(day["day"]) for day in runs[0].daily[:length]]
    edge = REACH if length > 4 * REACH else 0  # near the ends a week is not whole
    step = max(1, -(-length // MOST_POINTS))
    chosen = range(edge, length - edge, step)
    points = [estimate([values[at] for values in smooth], confidence) for at in chosen]
    mean = [fmean(values[at] for values in every) for at in range(length)]
    return Curve(policy, [days[at] for at in chosen], points, settled_after(mean))
