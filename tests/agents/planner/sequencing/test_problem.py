"""A problem that makes no sense is refused, and every fault is named."""

from __future__ import annotations

import pytest

from agents.planner.sequencing import Alternative, FixedOperation, Incumbent, Job, Problem, ProblemError, Schedule
from agents.planner.sequencing.problem import WorkCentre

WAY = Alternative("A", 10)
JOB = Job("J", ((WAY,),))
A = WorkCentre("A")


def faults(**parts: object) -> list[str]:
    """What a problem is refused for."""
    with pytest.raises(ProblemError) as refused:
        Problem(**{"work_centres": (A,), "jobs": (JOB,), **parts})  # type: ignore[arg-type]
    return refused.value.faults


def test_every_fault_is_named_at_once() -> None:
    jobs = (Job("J", ()), Job("K", ((Alternative("B", 10),),), weight=-1))
    assert faults(jobs=jobs) == [
        "job J has no operation",
        "the weight of job K is negative",
        "operation 0 of job K is on work centre B, which there is not",
    ]


@pytest.mark.parametrize(
    ("centre", "fault"),
    [
        (WorkCentre("A", 0), "work centre A has no machine"),
        (WorkCentre("A", 1, ()), "work centre A is never open"),
        (
            WorkCentre("A", 1, ((0, 10), (5, 20))),
            "the open intervals of work centre A are empty, overlap or are out of order",
        ),
    ],
)
def test_a_work_centre_has_machines_and_open_time(centre: WorkCentre, fault: str) -> None:
    assert faults(work_centres=(centre,)) == [fault]


@pytest.mark.parametrize(
    ("job", "fault"),
    [
        (Job("J", ((),)), "operation 0 of job J can be done nowhere"),
        (Job("J", ((WAY, WAY),)), "operation 0 of job J has two alternatives on one work centre"),
        (
            Job("J", ((Alternative("A", 10, 10),),)),
            "operation 0 of job J takes no time beside its set-up, or its set-up is negative",
        ),
        (Job("J", ((WAY,),), release=-1), "job J is released before minute 0"),
        (Job("J", ((WAY,),), after=("X",)), "job J waits for X, which there is not"),
    ],
)
def test_a_job_can_be_done(job: Job, fault: str) -> None:
    assert faults(jobs=(job,)) == [fault]


def test_jobs_that_wait_for_each_other_are_refused() -> None:
    (fault,) = faults(jobs=(Job("J", ((WAY,),), after=("K",)), Job("K", ((WAY,),), after=("J",))))
    assert fault.startswith("jobs wait for each other: ")


def test_names_are_there_once() -> None:
    assert faults(jobs=(JOB, JOB)) == ["a job is there twice"]
    assert faults(work_centres=(A, A)) == ["work centre A is there twice"]


def test_set_ups_are_of_a_work_centre_and_not_negative() -> None:
    assert faults(setups={("B", "r", "g"): 5, ("A", "r", "g"): -5}) == [
        "there is a set-up on work centre B, which there is not",
        "the set-up from r to g on work centre A is negative",
    ]


def test_fixed_work_is_on_a_machine_and_does_not_overlap() -> None:
    fixed = (FixedOperation("A", 1, 0, 5), FixedOperation("A", 0, 0, 5), FixedOperation("A", 0, 4, 9))
    assert faults(fixed=fixed) == [
        "fixed work is on machine 1 of A, which there is not",
        "fixed work overlaps on machine 0 of A",
    ]
    assert faults(fixed=(FixedOperation("A", 0, 5, 5),)) == ["fixed work on A ends no later than it starts"]


def test_a_change_has_no_negative_price() -> None:
    assert faults(incumbent=Incumbent(Schedule(()), per_minute=-1)) == ["the price of a change is negative"]
