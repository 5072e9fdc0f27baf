"""Dispatch rules: always a schedule, and the one that the rule says."""

from __future__ import annotations

from hypothesis import given, settings

from agents.planner.sequencing import Alternative, Job, Problem, WorkCentre, check
from agents.planner.sequencing.dispatch import apparent_tardiness_cost, dispatch, dispatched, earliest_due_date
from tests.agents.planner.sequencing.shops import rich
from tests.effort import times


def one_machine(*jobs: Job) -> Problem:
    """Jobs for machine A alone."""
    return Problem((WorkCentre("A"),), jobs)


def order(problem: Problem, look_ahead: float | None = None) -> list[str]:
    """The names of the jobs in the order in which they run."""
    rule = earliest_due_date if look_ahead is None else apparent_tardiness_cost(look_ahead)
    return [place.job for place in dispatch(problem, rule).by_machine()["A", 0]]


@settings(max_examples=times(60, 2000))
@given(rich(jobs=12))
def test_every_rule_leads_to_a_schedule(problem: Problem) -> None:
    for schedule in dispatched(problem):
        assert check(problem, schedule) == []


def test_the_earliest_due_date_goes_first() -> None:
    jobs = [Job(name, ((Alternative("A", 10),),), due=due) for name, due in (("x", 30), ("y", 10), ("z", 20))]
    assert order(one_machine(*jobs)) == ["y", "z", "x"]


def test_where_all_are_late_the_weight_a_minute_decides() -> None:
    jobs = [
        Job("long", ((Alternative("A", 40),),), due=0, weight=2),
        Job("short", ((Alternative("A", 10),),), due=0, weight=1),
        Job("urgent", ((Alternative("A", 10),),), due=0, weight=4),
    ]
    assert order(one_machine(*jobs), look_ahead=50.0) == ["urgent", "short", "long"]


def test_slack_makes_what_weighs_more_wait() -> None:
    jobs = [
        Job("heavy", ((Alternative("A", 10),),), due=1000, weight=4),
        Job("late", ((Alternative("A", 10),),), due=0, weight=1),
    ]
    assert order(one_machine(*jobs), look_ahead=20.0) == ["late", "heavy"]


def test_a_component_is_as_urgent_as_what_waits_for_it() -> None:
    jobs = (
        Job("other", ((Alternative("A", 10),),), due=50),
        Job("part", ((Alternative("A", 10),),)),
        Job("whole", ((Alternative("B", 30),),), due=55, after=("part",)),
    )
    problem = Problem((WorkCentre("A"), WorkCentre("B")), jobs)
    assert order(problem) == ["part", "other"]


def test_an_operation_goes_where_it_is_done_first() -> None:
    ways = (Alternative("A", 20), Alternative("B", 25))
    problem = Problem((WorkCentre("A"), WorkCentre("B")), tuple(Job(f"J{n}", (ways,)) for n in range(3)))
    places = [place.work_centre for place in dispatch(problem, earliest_due_date).placements]
    assert places == ["A", "B", "A"]
