"""Compiled searches: their times are those of the plain code, and what they keep count of is what it is."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.planner.sequencing import Objective, Problem, check, cost
from agents.planner.sequencing.arrays import MISSED, Plan, Shop, compile_shop, to_plan, to_schedule, value
from agents.planner.sequencing.dispatch import dispatch, earliest_due_date
from agents.planner.sequencing.kernels.anneal import anneal
from agents.planner.sequencing.kernels.chance import below, seeded
from agents.planner.sequencing.kernels.state import State, plan_of, restore, state_of, total
from agents.planner.sequencing.kernels.tabu import search, tabu_of
from tests.agents.planner.sequencing.shops import plain, rich
from tests.effort import times


def started(problem: Problem) -> tuple[Shop, Plan]:
    """The arrays of a problem and of its schedule by due dates."""
    shop, index = compile_shop(problem)
    return shop, to_plan(problem, shop, index, dispatch(problem, earliest_due_date))


def sequences(state: State) -> list[list[int]]:
    """What is kept of the state beside times."""
    return [array.tolist() for array in (state.alt, state.at, state.used)]


@settings(max_examples=times(60, 2000), deadline=None)
@given(rich())
def test_sequences_are_timed_as_the_checker_demands_and_cost_what_the_records_cost(problem: Problem) -> None:
    shop, plan = started(problem)
    _, index = compile_shop(problem)
    state = state_of(shop, plan)
    schedule = to_schedule(shop, index, plan_of(state))
    assert check(problem, schedule) == []
    costs = cost(problem, schedule)
    assert total(shop, state) == value(shop, plan_of(state)) == MISSED * costs.missed + costs.objective


@settings(max_examples=times(60, 2000), deadline=None)
@given(rich(), st.integers(0, 100))
def test_after_any_moves_made_and_undone_the_state_is_as_if_made_anew(problem: Problem, seed: int) -> None:
    shop, plan = started(problem)
    state = state_of(shop, plan)
    kept = plan_of(state)
    best = anneal(shop, state, kept, total(shop, state), seeded(seed), 200.0, 5.0, 3_000)
    anew = state_of(shop, plan_of(state))
    assert sequences(state) == sequences(anew)
    assert state.start.tolist() == anew.start.tolist()
    assert total(shop, state) == total(shop, anew)
    assert value(shop, kept) == best


@settings(max_examples=times(30, 1000), deadline=None)
@given(st.integers(2, 6), st.integers(2, 5), st.integers(1, 2), st.integers(0, 1000))
def test_tabu_search_keeps_a_schedule_of_the_makespan_that_it_says(
    jobs: int, machines: int, ways: int, seed: int
) -> None:
    problem = plain(jobs, machines, seed, objective=Objective.MAKESPAN, ways=ways)
    shop, plan = started(problem)
    _, index = compile_shop(problem)
    state = state_of(shop, plan)
    tabu = tabu_of(shop, state)
    found = search(shop, state, tabu, seeded(seed), 200)
    assert check(problem, to_schedule(shop, index, tabu.kept)) == []
    assert int(tabu.kept.end.max()) == found <= int(plan.end.max())


def test_a_state_is_restored_from_a_plan() -> None:
    shop, plan = started(plain(6, 4, 1, objective=Objective.WEIGHTED_TARDINESS))
    state = state_of(shop, plan)
    before = plan_of(state)
    anneal(shop, state, plan_of(state), total(shop, state), seeded(1), 500.0, 500.0, 2_000)
    assert not np.array_equal(state.start, before.start)
    restore(shop, state, before)
    assert np.array_equal(state.start, before.start)


def test_chance_is_the_same_for_the_same_seed_and_even() -> None:
    counts = [0] * 5
    chance, again = seeded(7), seeded(7)
    for _ in range(5_000):
        number = below(chance, 5)
        assert number == below(again, 5)
        counts[number] += 1
    assert all(850 < count < 1150 for count in counts)
