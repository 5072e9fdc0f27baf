"""Whether a schedule keeps every rule of its problem: an auditor that shares no code with the builders."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise

from agents.planner.sequencing.problem import Alternative, Problem, WorkCentre
from agents.planner.sequencing.schedule import Placement, Schedule


def check(problem: Problem, schedule: Schedule) -> list[str]:
    """Every rule that a schedule breaks, a sentence each; deadlines are `cost.missed_deadlines`'s."""
    found = list(_complete(problem, schedule))
    if found:
        return found  # the rest would only repeat it
    return [*_order(problem, schedule), *_machines(problem, schedule)]


def _complete(problem: Problem, schedule: Schedule) -> Iterator[str]:
    wanted = [(job.name, step) for job in problem.jobs for step in range(len(job.operations))]
    there = [(place.job, place.step) for place in schedule.placements]
    if wanted != there:
        missing, more = sorted(set(wanted) - set(there)), sorted(set(there) - set(wanted))
        yield f"placed are not the operations of the jobs in their order: without {missing[:5]}, beside {more[:5]}"
        return
    centres = {centre.name: centre for centre in problem.work_centres}
    ways = _ways(problem)
    for place in schedule.placements:
        if place.work_centre not in ways[place.job, place.step]:
            yield f"{_name(place)} cannot be done on {place.work_centre}"
        elif not 0 <= place.machine < centres[place.work_centre].machines:
            yield f"{_name(place)} is on machine {place.machine} of {place.work_centre}, which there is not"


def _ways(problem: Problem) -> dict[tuple[str, int], dict[str, Alternative]]:
    return {
        (job.name, step): {way.work_centre: way for way in ways}
        for job in problem.jobs
        for step, ways in enumerate(job.operations)
    }


def _order(problem: Problem, schedule: Schedule) -> Iterator[str]:
    steps: dict[str, list[Placement]] = {}
    for place in schedule.placements:
        steps.setdefault(place.job, []).append(place)
    for job in problem.jobs:
        places = steps[job.name]
        if places[0].start < job.release:
            yield f"{_name(places[0])} starts before its release"
        for before, after in pairwise(places):
            if after.start < before.end:
                yield f"{_name(after)} starts before {_name(before)} has ended"
        for other in job.after:
            if places[0].start < steps[other][-1].end:
                yield f"{_name(places[0])} starts before job {other} has ended"


def _machines(problem: Problem, schedule: Schedule) -> Iterator[str]:
    ways = _ways(problem)
    rows: dict[tuple[str, int], list[tuple[int, int, str | None, Placement | None]]] = {}
    for fixed in problem.fixed:
        row = (fixed.start, fixed.end, fixed.group, None)
        rows.setdefault((fixed.work_centre, fixed.machine), []).append(row)
    for place in schedule.placements:
        group = ways[place.job, place.step][place.work_centre].group
        rows.setdefault((place.work_centre, place.machine), []).append((place.start, place.end, group, place))
    centres = {centre.name: centre for centre in problem.work_centres}
    for (name, machine), sequence in rows.items():
        sequence.sort(key=lambda row: (row[0], row[1]))
        until, last = None, None
        for start, end, group, done in sequence:
            if until is not None and start < until:
                yield f"two operations at minute {start} on machine {machine} of {name}"
            if done is not None:
                needed = _minutes(problem, ways[done.job, done.step][name], last)
                if _worked(centres[name], start, end) != needed or not _tight(centres[name], start, end):
                    yield f"{_name(done)} does not take its {needed} minutes of open time, paused only while closed"
            until, last = end if until is None else max(until, end), group


def _minutes(problem: Problem, way: Alternative, before: str | None) -> int:
    """How long an operation takes after one of that group."""
    if before is None or way.group is None:
        return way.minutes
    return way.minutes - way.setup + problem.setups.get((way.work_centre, before, way.group), way.setup)


def _worked(centre: WorkCentre, start: int, end: int) -> int:
    """The open minutes from `start` to `end`; after its last interval a work centre counts as open."""
    if centre.open is None:
        return end - start
    inside = sum(max(0, min(until, end) - max(begin, start)) for begin, until in centre.open)
    return inside + max(0, end - max(centre.open[-1][1], start))


def _tight(centre: WorkCentre, start: int, end: int) -> bool:
    """Whether the first and the last minute are open ones, so that nothing is longer than it has to be."""
    if end <= start:
        return end == start
    return _is_open(centre, start) and _is_open(centre, end - 1)


def _is_open(centre: WorkCentre, minute: int) -> bool:
    if centre.open is None or minute >= centre.open[-1][1]:
        return True
    index = bisect_right(centre.open, (minute, float("inf"))) - 1
    return index >= 0 and minute < centre.open[index][1]


def _name(place: Placement) -> str:
    return f"operation {place.step} of job {place.job}"
