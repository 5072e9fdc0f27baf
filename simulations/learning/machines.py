"""Work centres: how many machines each has, and how often and how long they were down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulations.learning.log import Log
from simulations.learning.work import Case, joined, length

_SELDOM = 10
"""Percent of its busy time: how long a work centre may seem to do more at once than it has machines for. People who
write down their hours later overlap by a little."""


@dataclass(frozen=True, slots=True)
class LearnedCentre:
    """A work centre. `at_once` is the most work orders that its reports ever say were on it at one time."""

    code: str
    machines: int
    at_once: int
    named: bool
    """Whether its machines have names of their own in the log; else they were counted by what was done at once."""
    busy: int
    """Seconds with work on it; of several machines, all together."""
    breakdowns: tuple[int, ...] = ()
    """Seconds of each."""


def learn_centres(log: Log, cases: Sequence[Case]) -> list[LearnedCentre]:
    """Every work centre that did any work, in order of their names."""
    spans: dict[str, list[tuple[int, int]]] = {}
    busy: dict[str, int] = {}
    for case in cases:
        for centre in {work.centre for work in case.work}:
            own = joined(span for work in case.work if work.centre == centre for span in work.spans)
            spans.setdefault(centre, []).extend(own)
        for work in case.work:
            busy[work.centre] = busy.get(work.centre, 0) + work.seconds + work.rework
    machines: dict[str, set[str]] = {}
    down: dict[str, list[int]] = {}
    for report in log.reports:
        machines.setdefault(report.centre, set()).add(report.machine)
        if report.kind == "breakdown" and report.seconds:
            down.setdefault(report.centre, []).append(report.seconds)
    found = []
    for centre in sorted(spans):
        at_once, steady = _counted(spans[centre])
        named = machines[centre] != {centre}
        number = len(machines[centre]) if named else steady
        found.append(LearnedCentre(centre, number, at_once, named, busy[centre], tuple(down.get(centre, ()))))
    return found


def _counted(spans: list[tuple[int, int]]) -> tuple[int, int]:
    """(the most at once, the fewest that more than that many are at once only seldom)."""
    changes = sorted([(begin, 1) for begin, _ in spans] + [(end, -1) for _, end in spans])
    time_at: dict[int, int] = {}
    level, last = 0, 0
    for time, change in changes:
        if level:
            time_at[level] = time_at.get(level, 0) + time - last
        level, last = level + change, time
    most, whole = max(time_at, default=1), length(joined(spans))
    for number in range(1, most):
        above = sum(seconds for level, seconds in time_at.items() if level > number)
        if above * 100 <= _SELDOM * whole:
            return most, number
    return most, most
