"""The schedule in force, brought up to date: gone jobs left out, new ones dispatched around what stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agents.planner.sequencing.cost import cost
from agents.planner.sequencing.dispatch import dispatched
from agents.planner.sequencing.problem import FixedOperation, Job, Problem, ProblemError
from agents.planner.sequencing.schedule import Placement, Schedule


def completed(problem: Problem) -> Schedule | None:
    """The incumbent for the problem's jobs, or None where it has nothing to go on from.

    It may break rules that came since, so it is to be checked.
    """
    if problem.incumbent is None:
        return None
    known = {(place.job, place.step): place for place in problem.incumbent.schedule.placements}
    staying = [job for job in problem.jobs if all((job.name, step) in known for step in range(len(job.operations)))]
    if not staying:
        return None
    places = {(job.name, step): known[job.name, step] for job in staying for step in range(len(job.operations))}
    if len(staying) < len(problem.jobs):
        try:
            rest = _rest(problem, staying, places)
        except ProblemError:  # work that was fixed since is in the way
            return None
        best = min(dispatched(rest), key=lambda schedule: cost(rest, schedule))
        places.update({(place.job, place.step): place for place in best.placements})
    return Schedule(tuple(places[job.name, step] for job in problem.jobs for step in range(len(job.operations))))


def _rest(problem: Problem, staying: list[Job], places: dict[tuple[str, int], Placement]) -> Problem:
    """The new jobs alone, with all that stays as fixed work."""
    names = {job.name for job in staying}
    ends: dict[str, int] = {}
    for place in places.values():
        ends[place.job] = max(place.end, ends.get(place.job, place.end))
    new = tuple(
        replace(
            job,
            release=max([job.release, *(ends[name] for name in job.after if name in names)]),
            after=tuple(name for name in job.after if name not in names),
        )
        for job in problem.jobs
        if job.name not in names
    )
    return replace(problem, jobs=new, fixed=(*problem.fixed, *_fixed(staying, places)), incumbent=None)


def _fixed(staying: list[Job], places: dict[tuple[str, int], Placement]) -> Iterator[FixedOperation]:
    for job in staying:
        for step, ways in enumerate(job.operations):
            place = places[job.name, step]
            group = next((way.group for way in ways if way.work_centre == place.work_centre), None)
            yield FixedOperation(place.work_centre, place.machine, place.start, place.end, group)
