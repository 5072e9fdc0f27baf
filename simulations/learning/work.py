"""What was done: the reports of a log as the work on each step of each work order, at each work centre."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from knowledge.instants import Instant
from simulations.learning.log import Log, Report

Span = tuple[Instant, Instant]

_PARTS = re.compile(r"\s+-\s*|\s*-\s+")


@dataclass(slots=True)
class Work:
    """One work order's work on one step at one work centre. Seconds are those in which the machine was busy with it:
    two people who report the same hour are one hour of the machine."""

    case: str
    item: str
    step: str
    centre: str
    begin: Instant
    end: Instant
    setup: int = 0
    run: int = 0
    rework: int = 0
    good: Decimal = Decimal(0)
    spans: list[Span] = field(default_factory=list)
    """When the machine was busy with it, as far as the time of day is known."""

    @property
    def seconds(self) -> int:
        """Set-up and run, without rework."""
        return self.setup + self.run


@dataclass(frozen=True, slots=True)
class Case:
    """A work order of the log: its steps in the order in which they were begun, and the work on each."""

    case: str
    item: str
    quantity: Decimal | None
    begin: Instant
    end: Instant
    steps: tuple[str, ...]
    work: tuple[Work, ...]
    reworked: frozenset[str] = frozenset()
    due: Instant | None = None
    received: Instant | None = None
    customer: str = ""


def plain_steps(log: Log, given: Mapping[str, str]) -> dict[str, str]:
    """The step that each activity is: what names the machine that did it is taken off (`Turning - Machine 4`).

    A part of an activity between dashes names a machine where it has a digit and stands in that machine's name, too.
    `given` are activities to which a mapping gives a meaning; they stay.
    """
    machines = {part for report in log.reports for part in _parts(report.machine)}
    named: dict[str, str] = {}
    for activity in sorted({report.step for report in log.reports}):
        parts = _PARTS.split(activity)
        kept = [p for p in parts if not (any(map(str.isdigit, p)) and p.strip().casefold() in machines)]
        named[activity] = " - ".join(kept) if kept and activity not in given.values() else activity
    return {activity: step.strip().rstrip(".") if step != activity else activity for activity, step in named.items()}


def _parts(name: str) -> set[str]:
    return {part.strip().casefold() for part in [name, *_PARTS.split(name)]}


def cases_of(log: Log, steps: Mapping[str, str]) -> list[Case]:
    """The work orders of a log, in the order in which they were begun."""
    by_case: dict[str, list[Report]] = {}
    for report in log.reports:
        by_case.setdefault(report.case, []).append(report)
    return [_case(reports, steps) for reports in by_case.values()]


def _case(reports: list[Report], steps: Mapping[str, str]) -> Case:
    first = reports[0]
    places: dict[tuple[str, str], list[Report]] = {}
    order: dict[str, None] = {}
    reworked = set()
    for report in reports:
        step = steps[report.step]
        if report.kind == "breakdown":
            continue
        if report.rework:
            reworked.add(step)
        else:
            order.setdefault(step)
        places.setdefault((step, report.centre), []).append(report)
    return Case(
        first.case,
        first.item,
        first.quantity,
        first.begin,
        max(report.end for report in reports),
        tuple(order),
        tuple(_work(found, *key) for key, found in places.items()),
        frozenset(reworked),
        next((report.due for report in reports if report.due is not None), None),
        next((report.received for report in reports if report.received is not None), None),
        next((report.customer for report in reports if report.customer), ""),
    )


def _work(reports: list[Report], step: str, centre: str) -> Work:
    plain = [report for report in reports if not report.rework]
    setup = joined(_span(report) for report in plain if report.kind == "setup")
    both = joined(_span(report) for report in plain)
    everything = joined(map(_span, reports))
    timed = joined(_span(report) for report in reports if report.timed)
    return Work(
        reports[0].case,
        reports[0].item,
        step,
        centre,
        min(report.begin for report in reports),
        max(report.end for report in reports),
        length(setup),
        length(both) - length(setup),
        length(everything) - length(both),
        sum((report.good or Decimal(0) for report in plain), Decimal(0)),
        timed,
    )


def _span(report: Report) -> Span:
    return report.begin, report.end


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans of time with those that touch or overlap made one, in order; empty ones left out."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found


def length(spans: Iterable[Span]) -> int:
    """Seconds of spans that do not overlap."""
    return sum(end - begin for begin, end in spans)
