"""The model: its hint is complete and a solution, and what it finds is a schedule."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from ortools.sat.python import cp_model

from agents.planner.sequencing import Objective, Problem, check
from agents.planner.sequencing import solving as solving_module
from agents.planner.sequencing.arrays import compile_shop, to_plan, to_schedule, value
from agents.planner.sequencing.dispatch import dispatch, earliest_due_date
from agents.planner.sequencing.model import Stretch
from agents.planner.sequencing.solving import Answer, choose_stretch, solve_stretch, solve_whole
from tests.agents.planner.sequencing.shops import plain, rich
from tests.effort import times


def never() -> bool:
    """Nobody stops."""
    return False


@settings(max_examples=times(25, 500), deadline=None)
@given(rich(jobs=6))
def test_every_variable_has_a_hint_and_together_they_are_a_solution_of_the_same_cost(problem: Problem) -> None:
    problem = replace(problem, setups={})
    shop, index = compile_shop(problem)
    plan = to_plan(problem, shop, index, dispatch(problem, earliest_due_date))
    everything = np.ones(shop.operations, dtype=np.bool_)
    model = Stretch(problem, shop, plan, everything, everything).model
    assert len(set(model.proto.solution_hint.vars)) == len(model.proto.variables)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.fix_variables_to_their_hinted_value = True
    assert solver.solve(model) == cp_model.OPTIMAL
    assert round(solver.objective_value) == value(shop, plan)


@settings(max_examples=times(15, 300), deadline=None)
@given(rich(jobs=5))
def test_what_it_finds_is_a_schedule_and_no_worse(problem: Problem) -> None:
    problem = replace(problem, setups={})
    shop, index = compile_shop(problem)
    plan = to_plan(problem, shop, index, dispatch(problem, earliest_due_date))
    answer, found = solve_whole(problem, shop, plan, 1, 0.01, never)
    assert answer in (Answer.BETTER, Answer.NO_BETTER, Answer.OPTIMAL)
    assert value(shop, found) <= value(shop, plan)
    assert check(problem, to_schedule(shop, index, found)) == []


@pytest.mark.parametrize("objective", Objective)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_stretch_moves_nothing_outside_it(objective: Objective, seed: int) -> None:
    problem = plain(80, 6, seed, objective=objective)
    shop, index = compile_shop(problem)
    plan = to_plan(problem, shop, index, dispatch(problem, earliest_due_date))
    inside, freed = choose_stretch(shop, plan, random.Random(seed))
    assert inside.sum() < shop.operations
    assert (inside | ~freed).all()
    answer, found = solve_stretch(problem, shop, plan, seed, 0.01, never)
    assert answer in (Answer.BETTER, Answer.NO_BETTER)
    assert check(problem, to_schedule(shop, index, found)) == []
    assert (found.start[~inside] == plan.start[~inside]).all()


def test_a_model_that_the_solver_refuses_leaves_the_plan_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = plain(4, 3, 1, objective=Objective.MAKESPAN)
    shop, index = compile_shop(problem)
    plan = to_plan(problem, shop, index, dispatch(problem, earliest_due_date))

    class Contradicting(Stretch):
        def read(self, solver: cp_model.CpSolver) -> object:  # type: ignore[override]
            raise AssertionError("nothing to read")

        def _order(self) -> None:
            super()._order()
            self.model.add(next(iter(self.start.values())) < 0)

    monkeypatch.setattr(solving_module, "Stretch", Contradicting)
    assert solve_whole(problem, shop, plan, 1, 0.01, never) == (Answer.REFUSED, plan)


def test_a_solver_without_time_leaves_the_plan_as_it_is_or_better() -> None:
    problem = plain(12, 6, 1, objective=Objective.WEIGHTED_TARDINESS)
    shop, index = compile_shop(problem)
    plan = to_plan(problem, shop, index, dispatch(problem, earliest_due_date))
    answer, found = solve_whole(problem, shop, plan, 1, 1e-9, never)
    assert answer in (Answer.BETTER, Answer.NO_BETTER)
    assert value(shop, found) <= value(shop, plan)


def test_a_solver_that_is_stopped_answers_soon() -> None:
    problem = plain(40, 6, 1, objective=Objective.WEIGHTED_TARDINESS)
    shop, index = compile_shop(problem)
    plan = to_plan(problem, shop, index, dispatch(problem, earliest_due_date))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 3

    answer, found = solve_whole(problem, shop, plan, 1, 1e9, stop)
    assert answer is Answer.STOPPED
    assert asked < 200
    assert value(shop, found) <= value(shop, plan)
