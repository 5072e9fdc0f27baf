"""The schedule in force stays what it is when jobs go and come."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.sequencing import (
    Alternative,
    FixedOperation,
    Incumbent,
    Job,
    Objective,
    Problem,
    WorkCentre,
    check,
    cost,
    improve,
)
from agents.planner.sequencing.dispatch import dispatch, earliest_due_date
from agents.planner.sequencing.incumbency import completed
from tests.agents.planner.sequencing.shops import plain, rich
from tests.effort import times


def changed(problem: Problem, jobs: tuple[Job, ...], price: int = 1) -> Problem:
    """The problem with other jobs, once its own are scheduled."""
    return replace(problem, jobs=jobs, incumbent=Incumbent(dispatch(problem, earliest_due_date), price, price))


def test_new_jobs_are_placed_around_what_stays() -> None:
    whole = plain(12, 4, seed=3, objective=Objective.WEIGHTED_TARDINESS)
    now = changed(replace(whole, jobs=whole.jobs[:9]), whole.jobs[2:])
    found = completed(now)
    assert found is not None
    assert check(now, found) == []
    assert now.incumbent is not None
    old = {(p.job, p.step): p for p in now.incumbent.schedule.placements}
    assert all(old.get((p.job, p.step), p) == p for p in found.placements)


def test_what_is_in_force_stays_where_change_costs_more_than_lateness() -> None:
    problem = plain(8, 3, seed=5, objective=Objective.WEIGHTED_TARDINESS)
    dear = changed(problem, problem.jobs, price=10_000_000)
    assert dear.incumbent is not None
    assert improve(dear, rounds=3).schedule == dear.incumbent.schedule


def test_a_free_change_is_made_where_it_helps() -> None:
    problem = plain(8, 3, seed=5, objective=Objective.WEIGHTED_TARDINESS)
    free = changed(problem, problem.jobs, price=0)
    assert free.incumbent is not None
    assert improve(free, rounds=3).cost < cost(free, free.incumbent.schedule)


def test_what_a_breakdown_is_in_the_way_of_is_put_off_and_nothing_else() -> None:
    whole = plain(6, 3, seed=2, objective=Objective.WEIGHTED_TARDINESS)
    now = changed(whole, whole.jobs)
    assert now.incumbent is not None
    before = now.incumbent.schedule
    hit = max(before.placements, key=lambda place: place.start)
    now = replace(now, fixed=(FixedOperation(hit.work_centre, hit.machine, hit.start + 1, hit.start + 9),))
    found = completed(now)
    assert found is not None
    assert check(now, found) == []
    moved = [new for new, old in zip(found.placements, before.placements, strict=True) if new != old]
    assert [(place.job, place.step, place.start) for place in moved] == [(hit.job, hit.step, hit.start + 9)]


def test_a_job_that_cannot_stay_where_it_is_counts_as_new() -> None:
    problem = Problem((WorkCentre("A"), WorkCentre("B")), tuple(Job(n, ((Alternative("A", 10),),)) for n in "xy"))
    now = changed(problem, (problem.jobs[0], Job("y", ((Alternative("B", 10),),))))
    found = completed(now)
    assert found is not None
    assert [(place.job, place.work_centre, place.start) for place in found.placements] == [("x", "A", 0), ("y", "B", 0)]


@settings(max_examples=times(60, 1000), deadline=None)
@given(rich(), st.integers(0, 3))
def test_whatever_goes_and_comes_it_is_a_schedule(problem: Problem, gone: int) -> None:
    now = changed(replace(problem, jobs=problem.jobs[:-1], incumbent=None), problem.jobs)
    kept = problem.jobs[gone:]
    names = {job.name for job in kept}
    kept = tuple(replace(job, after=tuple(name for name in job.after if name in names)) for job in kept)
    found = completed(replace(now, jobs=kept))
    if found is not None:
        assert check(replace(now, jobs=kept), found) == []


@settings(max_examples=times(30, 500), deadline=None)
@given(rich())
def test_nothing_is_worse_than_what_is_in_force(problem: Problem) -> None:
    now = changed(replace(problem, incumbent=None), problem.jobs)
    found = completed(now)
    assert found is not None
    assert check(now, found) == []
    assert improve(now, rounds=1).cost <= cost(now, found)
