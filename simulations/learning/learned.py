"""Everything that a log teaches of a plant, found in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path

from knowledge.instants import DAY, HOUR
from simulations.learning.fitting import quantile
from simulations.learning.log import Log, one_item, read_log
from simulations.learning.machines import LearnedCentre, learn_centres
from simulations.learning.mapping import LogMapping
from simulations.learning.routes import LearnedRoute, learn_routes
from simulations.learning.shifts import LearnedCalendars, learn_calendars
from simulations.learning.standards import Standard, learn_standards
from simulations.learning.work import Case, cases_of, plain_steps

_LEAST = 10
"""From so many work orders on it is learned how early work has to be begun."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A plant as its log shows it, and what the log itself says of its work orders (`cases`)."""

    log: Log
    steps: Mapping[str, str]
    """The step that each activity of the log is."""
    cases: tuple[Case, ...]
    routes: tuple[LearnedRoute, ...]
    standards: tuple[Standard, ...]
    centres: tuple[LearnedCentre, ...]
    calendars: LearnedCalendars

    def hours(self) -> tuple[int, int, int]:
        """Of all work: the hours that it took, those of steps that are in a route, and what the standards say of these.

        By the quantities that were reported; where none were, by those that were ordered.
        """
        standards = {(each.item, each.step, each.centre): each for each in self.standards}
        took = in_route = 0
        standard = Fraction(0)
        for case in self.cases:
            for work in case.work:
                took += work.seconds + work.rework
                found = standards.get((case.item, work.step, work.centre))
                if found is not None and work.seconds:
                    in_route += work.seconds
                    standard += found.minutes(Fraction(work.good or case.quantity or 1))
        return took // HOUR, in_route // HOUR, round(standard / 60)

    def days_in_work(self) -> int | None:
        """Days from first work to last within which nine of ten work orders were done; None where there are few."""
        spans = [case.end - case.begin for case in self.cases]
        return ceil(quantile(spans, 90) / DAY) if len(spans) >= _LEAST else None

    def overlapping(self) -> tuple[int, int]:
        """(steps that began before the one before them was over, all steps that came after another)."""
        early = following = 0
        for case in self.cases:
            ends: dict[str, int] = {}
            begins: dict[str, int] = {}
            for work in case.work:
                ends[work.step] = max(ends.get(work.step, 0), work.end)
                begins[work.step] = min(begins.get(work.step, work.begin), work.begin)
            for one, other in zip(case.steps, case.steps[1:], strict=False):
                following += 1
                early += begins[other] < ends[one]
        return early, following


def learn(path: Path, mapping: LogMapping) -> Learned:
    """What the log of a file teaches. Raises LogError where that is nothing."""
    log = read_log(path, mapping)
    one_item(log)
    steps = plain_steps(log, mapping.values.get("step", {}))
    cases = tuple(cases_of(log, steps))
    routes = tuple(learn_routes(cases))
    return Learned(
        log,
        steps,
        cases,
        routes,
        tuple(learn_standards(cases, routes, tells_setup=log.tells_setup)),
        tuple(learn_centres(log, cases)),
        learn_calendars(cases, mapping.zone),
    )
