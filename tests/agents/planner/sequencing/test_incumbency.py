"""The schedule in force stays what it is when jobs go and come."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from agents.planner.sequencing import Incumbent, Job, Objective, Problem, check, cost, improve
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


@settings(max_examples=times(30, 500), deadline=None)
@given(rich())
def test_nothing_is_worse_than_what_is_in_force(problem: Problem) -> None:
    now = changed(replace(problem, incumbent=None), problem.jobs)
    found = completed(now)
    assert found is not None
    assert check(now, found) == []
    assert improve(now, rounds=1).cost <= cost(now, found)
