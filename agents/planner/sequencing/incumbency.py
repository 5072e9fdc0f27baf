"""The schedule in force, brought up to date: without what has gone, with what has come, put off where it must be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TypeAlias

from agents.planner.sequencing.cost import cost
from agents.planner.sequencing.dispatch import dispatched
from agents.planner.sequencing.problem import FixedOperation, Job, Problem
from agents.planner.sequencing.schedule import Placement, Schedule
from agents.planner.sequencing.timeline import machines_of

Places: TypeAlias = dict[tuple[str, int], Placement]


def completed(problem: Problem) -> Schedule | None:
    """The incumbent for the problem's jobs, or None where it has nothing to go on from.

    Each machine keeps its sequence and each operation its start, unless it has to wait longer; new jobs are dispatched
    into what room there is.
    """
    if problem.incumbent is None:
        return None
    known = {(place.job, place.step): place for place in problem.incumbent.schedule.placements}
    staying = [job for job in problem.jobs if _stays(problem, job, known)]
    if not staying:
        return None
    names = {job.name for job in staying}
    alone = tuple(replace(job, after=tuple(name for name in job.after if name in names)) for job in staying)
    places = put_off(replace(problem, jobs=alone, incumbent=None), known)
    if places is not None and len(staying) < len(problem.jobs):
        rest = _rest(problem, staying, places)
        best = min(dispatched(rest), key=lambda schedule: cost(rest, schedule))
        places.update({(place.job, place.step): place for place in best.placements})
        places = put_off(problem, places)  # they may have come between operations of one set-up
    if places is None:
        return None
    return Schedule(tuple(places[job.name, step] for job in problem.jobs for step in range(len(job.operations))))


def put_off(problem: Problem, places: Places) -> Places | None:
    """The same sequences, each operation at its start or as soon after it as can be; None where they make a cycle."""
    machines = machines_of(problem)
    jobs = {job.name: job for job in problem.jobs}
    done: Places = {}
    for place in sorted(places.values(), key=lambda p: (p.start, p.end, p.job, p.step)):
        job = jobs.get(place.job)
        if job is None:
            continue
        before = [(job.name, place.step - 1)] if place.step else [(n, len(jobs[n].operations) - 1) for n in job.after]
        if any(key not in done for key in before):
            return None
        ready = max([place.start, job.release, *(done[key].end for key in before)])
        way = next(way for way in job.operations[place.step] if way.work_centre == place.work_centre)
        machine = machines[place.work_centre, place.machine]
        start, end = machine.fit(way, ready)
        machine.take(way, end)
        done[place.job, place.step] = replace(place, start=start, end=end)
    return done


def _stays(problem: Problem, job: Job, known: Places) -> bool:
    """Whether the incumbent has all of a job, on machines that it can still be done on."""
    counts = {centre.name: centre.machines for centre in problem.work_centres}
    for step, ways in enumerate(job.operations):
        place = known.get((job.name, step))
        if place is None or all(way.work_centre != place.work_centre for way in ways):
            return False
        if not 0 <= place.machine < counts[place.work_centre]:
            return False
    return True


def _rest(problem: Problem, staying: list[Job], places: Places) -> Problem:
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


def _fixed(staying: list[Job], places: Places) -> Iterator[FixedOperation]:
    for job in staying:
        for step, ways in enumerate(job.operations):
            place = places[job.name, step]
            group = next(way.group for way in ways if way.work_centre == place.work_centre)
            yield FixedOperation(place.work_centre, place.machine, place.start, place.end, group)
