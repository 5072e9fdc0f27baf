"""The checker finds what is wrong with a schedule, whoever made it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.planner.sequencing import Alternative, FixedOperation, Job, Placement, Problem, Schedule, WorkCentre, check
from agents.planner.sequencing.dispatch import dispatch, earliest_due_date
from tests.agents.planner.sequencing.shops import rich

PROBLEM = Problem(
    (WorkCentre("A", 1, ((0, 60), (100, 200))), WorkCentre("B", 2)),
    (
        Job("J", ((Alternative("A", 40, 10, "red"),), (Alternative("B", 20),)), release=5),
        Job("K", ((Alternative("A", 40, 10, "blue"), Alternative("B", 50)),), after=("J",)),
    ),
    setups={("A", "red", "blue"): 25},
    fixed=(FixedOperation("B", 0, 0, 60),),
)
GOOD = (
    Placement("J", 0, "A", 0, 5, 45),
    Placement("J", 1, "B", 1, 45, 65),
    Placement("K", 0, "A", 0, 100, 155),
)


def findings(number: int, **changes: object) -> list[str]:
    """What is found where one placement is changed."""
    places = list(GOOD)
    places[number] = replace(places[number], **changes)  # type: ignore[arg-type]
    return check(PROBLEM, Schedule(tuple(places)))


def test_a_schedule_that_keeps_every_rule_has_no_findings() -> None:
    assert check(PROBLEM, Schedule(GOOD)) == []


@pytest.mark.parametrize(
    ("number", "changes", "finding"),
    [
        (0, {"start": 4, "end": 44}, "operation 0 of job J starts before its release"),
        (1, {"start": 40, "end": 60}, "operation 1 of job J starts before operation 0 of job J has ended"),
        (2, {"work_centre": "B", "machine": 1, "start": 64, "end": 114}, "before job J has ended"),
        (2, {"end": 140}, "operation 0 of job K does not take its 55 minutes of open time"),
        (0, {"start": 5, "end": 50}, "operation 0 of job J does not take its 40 minutes of open time"),
        (0, {"start": 50, "end": 130}, "two operations at minute 100 on machine 0 of A"),
        (1, {"machine": 0}, "two operations at minute 45 on machine 0 of B"),
        (1, {"machine": 2}, "operation 1 of job J is on machine 2 of B, which there is not"),
        (1, {"work_centre": "A", "machine": 0}, "operation 1 of job J cannot be done on A"),
        (1, {"step": 2}, "placed are not the operations of the jobs in their order"),
    ],
)
def test_each_broken_rule_is_found(number: int, changes: dict[str, object], finding: str) -> None:
    assert any(finding in found for found in findings(number, **changes))


def test_an_operation_starts_in_open_time() -> None:
    assert findings(2, start=90, end=155)
    assert findings(2, start=100, end=155) == []


def test_work_that_is_interrupted_by_closed_time_goes_on_after_it() -> None:
    problem = Problem((WorkCentre("A", 1, ((0, 60), (100, 200))),), (Job("J", ((Alternative("A", 30),),)),))
    assert check(problem, Schedule((Placement("J", 0, "A", 0, 45, 115),))) == []
    assert check(problem, Schedule((Placement("J", 0, "A", 0, 45, 75),)))


@given(rich(), st.data())
def test_an_operation_that_is_moved_alone_by_a_minute_takes_other_minutes_or_meets_something(
    problem: Problem, data: st.DataObject
) -> None:
    schedule = dispatch(problem, earliest_due_date)
    number = data.draw(st.integers(0, len(schedule.placements) - 1))
    places = list(schedule.placements)
    places[number] = replace(places[number], end=places[number].end + 1)
    assert check(problem, Schedule(tuple(places)))
