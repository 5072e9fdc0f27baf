"""CP-SAT on stretches of a schedule: which stretch, for how long, and what to make of the answer."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum

import numpy as np
from ortools.sat.python import cp_model

from agents.planner.sequencing.arrays import MISSED, Plan, Shop, value
from agents.planner.sequencing.model import Flags, Stretch
from agents.planner.sequencing.problem import Problem

_WHOLE, _WHOLE_GAPS = 250, 4_000
"""A problem is solved whole that has at most so many alternatives, and times at which one of them can be paused."""

_SLICE = 240
"""How many operations, next to each other in time, a stretch has otherwise."""

_FREED_JOBS = 8
"""How many jobs are freed in it."""

_POLL_SECONDS = 0.02


class Answer(Enum):
    """What came of a model."""

    BETTER = "better"
    NO_BETTER = "no better"
    OPTIMAL = "optimal"
    STOPPED = "stopped"
    REFUSED = "refused"


def can_model(shop: Shop) -> bool:
    """Whether the model knows all that matters: sequence-dependent set-ups it does not."""
    return bool((shop.table < 0).all())


def is_small(shop: Shop) -> bool:
    """Whether a model of all of it is of use."""
    gaps = np.diff(shop.open_ptr)[shop.alt_machine]
    return len(shop.alt_machine) <= _WHOLE and int(gaps.sum()) <= _WHOLE_GAPS


def solve_whole(
    problem: Problem, shop: Shop, plan: Plan, seed: int, effort: float, stop: Callable[[], bool]
) -> tuple[Answer, Plan]:
    """Improve all of a plan; `effort` is deterministic time. OPTIMAL where no plan is better than the one returned."""
    everything = np.ones(shop.operations, dtype=np.bool_)
    return _solve(Stretch(problem, shop, plan, everything, everything), seed, effort, stop, presolve=True)


def solve_stretch(
    problem: Problem, shop: Shop, plan: Plan, seed: int, effort: float, stop: Callable[[], bool]
) -> tuple[Answer, Plan]:
    """Improve a stretch of a plan around a job that costs something, chosen by the seed."""
    inside, freed = choose_stretch(shop, plan, random.Random(seed))
    answer, found = _solve(Stretch(problem, shop, plan, inside, freed), seed, effort, stop, presolve=False)
    if answer is Answer.OPTIMAL:  # of the stretch alone
        answer = Answer.NO_BETTER if found is plan else Answer.BETTER
    return answer, found


def choose_stretch(shop: Shop, plan: Plan, chance: random.Random) -> tuple[Flags, Flags]:
    """Operations about the end of a late job (or of the last), and those of a few jobs among them that are freed."""
    ends = plan.end[shop.last]
    late = np.flatnonzero(ends > shop.due) if not shop.makespan[0] else np.flatnonzero(ends == ends.max())
    job = int(chance.choice((late if len(late) else np.arange(len(ends))).tolist()))
    order = np.lexsort((plan.end, plan.start))
    place = int(np.flatnonzero(order == shop.last[job])[0])
    first = max(0, min(place - chance.randrange(_SLICE // 2, _SLICE), shop.operations - _SLICE))
    inside = np.zeros(shop.operations, dtype=np.bool_)
    inside[order[first : first + _SLICE]] = True
    jobs = [other for other in np.unique(shop.job[inside]).tolist() if other != job]
    freed = [job, *chance.sample(jobs, min(len(jobs), _FREED_JOBS - 1))]
    return inside, inside & np.isin(shop.job, freed)


def _solve(
    stretch: Stretch, seed: int, effort: float, stop: Callable[[], bool], *, presolve: bool
) -> tuple[Answer, Plan]:
    """Solve with one worker. The plan is the stretch's own unless a better one was found."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % (1 << 31)
    solver.parameters.max_deterministic_time = effort
    solver.parameters.cp_model_presolve = presolve
    status, stopped = _run(solver, stretch.model, stop)
    if status == cp_model.UNKNOWN:
        return (Answer.STOPPED if stopped else Answer.NO_BETTER), stretch.plan
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return Answer.REFUSED, stretch.plan  # its hint is a solution, so the model or the solver is wrong
    found = stretch.read(solver)
    better = value(stretch.shop, found) < value(stretch.shop, stretch.plan)
    plan = found if better else stretch.plan
    if status == cp_model.OPTIMAL and not stopped and value(stretch.shop, plan) < MISSED:
        return Answer.OPTIMAL, plan
    if stopped:
        return Answer.STOPPED, plan
    return (Answer.BETTER if better else Answer.NO_BETTER), plan


def _run(
    solver: cp_model.CpSolver, model: cp_model.CpModel, stop: Callable[[], bool]
) -> tuple[cp_model.CpSolverStatus, bool]:
    """Solve beside this thread, which asks often whether to stop; whether it did."""
    stopped = False
    with ThreadPoolExecutor(max_workers=1) as pool:
        solving = pool.submit(solver.solve, model)
        while True:
            try:
                return solving.result(_POLL_SECONDS), stopped
            except TimeoutError:
                if stop():
                    stopped = True
                    solver.stop_search()  # again at each poll: it is ignored before solving has begun
