"""Improving: every schedule is one, none is worse, small ones are the best there are, and it stops when told."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.sequencing import (
    Alternative,
    Cost,
    Job,
    Objective,
    Placement,
    Problem,
    Progress,
    Schedule,
    WorkCentre,
    check,
    cost,
    improve,
)
from agents.planner.sequencing.timeline import machines_of
from tests.agents.planner.sequencing.shops import plain, rich
from tests.effort import times


def orders(counts: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every order in which jobs with so many steps can take turns."""
    if not any(counts):
        yield ()
    for job, count in enumerate(counts):
        if count:
            rest = (*counts[:job], count - 1, *counts[job + 1 :])
            yield from ((job, *later) for later in orders(rest))


def decode(problem: Problem, order: tuple[int, ...], choice: tuple[tuple[Alternative, int], ...]) -> Schedule:
    """Each operation as early as it fits after those before it in the order."""
    machines = machines_of(problem)
    firsts = [sum(len(job.operations) for job in problem.jobs[:number]) for number in range(len(problem.jobs))]
    done = [0] * len(problem.jobs)
    ready = [job.release for job in problem.jobs]
    places = {}
    for number in order:
        step = done[number]
        way, machine = choice[firsts[number] + step]
        row = machines[way.work_centre, machine]
        start, end = row.fit(way, ready[number])
        row.take(way, end)
        done[number], ready[number] = step + 1, end
        places[number, step] = Placement(problem.jobs[number].name, step, way.work_centre, machine, start, end)
    return Schedule(tuple(places[key] for key in sorted(places)))


def least(problem: Problem) -> Cost:
    """The cost of the best schedule, by trying every order and every choice."""
    counts = {centre.name: centre.machines for centre in problem.work_centres}
    ways = [
        [(way, machine) for way in options for machine in range(counts[way.work_centre])]
        for job in problem.jobs
        for options in job.operations
    ]
    turns = list(orders(tuple(len(job.operations) for job in problem.jobs)))
    return min(cost(problem, decode(problem, order, choice)) for choice in product(*ways) for order in turns)


@st.composite
def small(draw: st.DrawFn) -> Problem:
    """Few jobs with everything but set-ups by sequence, jobs that wait for each other and prices on change."""
    problem = draw(rich(jobs=3))
    centres = tuple(replace(centre, machines=1) for centre in problem.work_centres)
    jobs = tuple(replace(job, operations=job.operations[:2], after=()) for job in problem.jobs)
    return replace(problem, work_centres=centres, jobs=jobs, setups={}, incumbent=None)


@settings(max_examples=times(10, 500), deadline=None)
@given(small())
def test_a_small_problem_is_solved_and_the_solution_proven(problem: Problem) -> None:
    found = improve(problem, rounds=5)
    assert found.cost == least(problem)
    assert found.proven or found.missed


@settings(max_examples=times(20, 1000), deadline=None)
@given(rich(), st.integers(0, 1000))
def test_every_schedule_is_one_and_no_worse_than_dispatching(problem: Problem, seed: int) -> None:
    found = improve(problem, seed=seed, rounds=2)
    assert check(problem, found.schedule) == []
    assert found.cost == cost(problem, found.schedule) <= found.dispatched
    assert not found.refused


@pytest.mark.parametrize("objective", Objective)
def test_a_larger_problem_is_improved_and_the_same_seed_gives_the_same_schedule(objective: Objective) -> None:
    problem = plain(60, 8, 2, objective=objective, steps=5)
    one, two = improve(problem, seed=3, rounds=55), improve(problem, seed=3, rounds=55)
    assert one == two
    assert one.cost < one.dispatched
    assert not one.refused
    assert one.schedule != improve(problem, seed=4, rounds=3).schedule


def test_a_promise_that_can_be_kept_is_kept_whatever_it_costs() -> None:
    jobs = (
        Job("heavy", ((Alternative("A", 50),),), due=50, weight=1000),
        Job("promised", ((Alternative("A", 50),),), due=500, deadline=60),
    )
    found = improve(Problem((WorkCentre("A"),), jobs), rounds=5)
    assert found.missed == ()
    assert found.cost == Cost(0, 50_000)


def test_a_promise_that_cannot_be_kept_is_told_and_missed_by_the_least() -> None:
    jobs = tuple(Job(name, ((Alternative("A", minutes),),), deadline=60) for name, minutes in (("x", 80), ("y", 50)))
    found = improve(Problem((WorkCentre("A"),), jobs), rounds=5)
    assert (found.missed, found.cost, found.proven) == (("x",), Cost(70, 0), False)


def test_set_ups_are_saved_where_they_make_jobs_late() -> None:
    ways = [Alternative("A", 30, 20, group) for group in "rgrgrg"]
    jobs = tuple(Job(f"J{n}", ((way,),), due=100) for n, way in enumerate(ways))
    setups = {("A", one, other): 0 if one == other else 20 for one in "rg" for other in "rg"}
    found = improve(Problem((WorkCentre("A"),), jobs, setups), rounds=10)
    groups = ["rg"[int(place.job[1]) % 2] for place in found.schedule.by_machine()["A", 0]]
    assert groups in (list("rrrggg"), list("gggrrr"))
    assert max(found.schedule.ends().values()) == 20 + 6 * 10 + 20


def test_an_operation_goes_where_it_is_done_sooner_in_the_end() -> None:
    slow, fast = Alternative("A", 90), Alternative("B", 20)
    jobs = (*(Job(f"J{n}", ((slow, fast),), due=20 * (n + 1)) for n in range(5)), Job("x", ((slow,),), due=90))
    centres = (WorkCentre("A"), WorkCentre("B"))
    found = improve(Problem(centres, jobs, setups={("A", "r", "g"): 1}), rounds=3)
    assert found.cost == Cost(0, 0)


def test_it_stops_within_a_round_of_being_told() -> None:
    problem = plain(300, 10, 1, objective=Objective.WEIGHTED_TARDINESS, steps=5)
    improve(problem, rounds=1)  # compiled
    asked: list[float] = []

    def spent() -> float:
        asked.append(time.perf_counter())
        return 1.0 if len(asked) > 40 else 0.0

    found = improve(problem, spent=spent)
    assert found.cost < found.dispatched
    assert found.rounds < 40
    assert len(asked) <= 42


def test_without_effort_it_is_the_best_that_dispatching_gives() -> None:
    problem = plain(20, 5, 1, objective=Objective.WEIGHTED_TARDINESS)
    found = improve(problem, rounds=0)
    assert (found.cost, found.rounds) == (found.dispatched, 0)
    assert improve(problem, spent=lambda: 1.0).rounds == 0


def test_an_effort_without_an_end_is_refused() -> None:
    with pytest.raises(ValueError, match="limits the effort"):
        improve(plain(2, 2, 1, objective=Objective.MAKESPAN))


def test_progress_is_told_each_time_something_better_is_found() -> None:
    heard: list[Progress] = []
    found = improve(plain(40, 6, 1, objective=Objective.WEIGHTED_TARDINESS), rounds=20, report=heard.append)
    assert [p.value for p in heard] == sorted((p.value for p in heard), reverse=True)
    assert heard[-1].value == found.cost.objective


def test_nothing_to_do_is_a_schedule() -> None:
    found = improve(Problem((WorkCentre("A"),), ()), rounds=5)
    assert (found.schedule, found.cost) == (Schedule(()), Cost(0, 0))


def test_neither_solver_nor_compiler_is_loaded_before_it_is_needed() -> None:
    code = (
        "import sys, agents.planner.sequencing; "
        "print([name for name in ('ortools', 'numba', 'numpy') if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "[]"
