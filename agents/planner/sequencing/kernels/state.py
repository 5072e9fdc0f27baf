"""A schedule under search: the sequence of each machine, the times that follow from it, and what it costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from agents.planner.sequencing.arrays import MISSED, NEVER, Integers, Plan, Shop
from agents.planner.sequencing.kernels.jit import compiled
from agents.planner.sequencing.kernels.timing import fit

TOTAL, COSTLY, LOGGED, HEAPED, STAMP = range(5)


class State(NamedTuple):
    """`row` holds the sequences, one machine after the other, `used` places of each; `number` what the constants name.

    `costly` lists the jobs that cost something; `log_*` is what an undo needs; `heap_*` the operations to be timed.
    """

    alt: Integers
    row: Integers
    used: Integers
    at: Integers
    start: Integers
    end: Integers
    cost: Integers
    job_cost: Integers
    costly: Integers
    costly_at: Integers
    number: Integers
    log_operation: Integers
    log_start: Integers
    log_end: Integers
    stamp: Integers
    heap_key: Integers
    heap: Integers
    heaped: Integers


def state_of(shop: Shop, plan: Plan) -> State:
    """The state of a plan, every operation as early as its sequence lets it be."""
    size, jobs = shop.operations, len(shop.last)
    state = State(
        alt=plan.alt.copy(),
        row=np.zeros(len(shop.alt_machine), dtype=np.int64),
        used=np.zeros(len(shop.plain), dtype=np.int64),
        **{name: np.zeros(size, dtype=np.int64) for name in ("at", "start", "end", "cost", "heaped", "stamp")},
        **{name: np.zeros(size, dtype=np.int64) for name in ("log_operation", "log_start", "log_end")},
        **{name: np.zeros(size + 1, dtype=np.int64) for name in ("heap_key", "heap")},
        **{name: np.zeros(jobs, dtype=np.int64) for name in ("job_cost", "costly")},
        costly_at=np.full(jobs, -1, dtype=np.int64),
        number=np.zeros(5, dtype=np.int64),
    )
    restore(shop, state, plan)
    return state


def plan_of(state: State) -> Plan:
    """What a state says, copied."""
    return Plan(state.alt.copy(), state.start.copy(), state.end.copy())


@compiled
def keep(state: State, kept: Plan) -> None:
    """Copy what a state says."""
    for operation in range(len(state.alt)):
        kept.alt[operation] = state.alt[operation]
        kept.start[operation] = state.start[operation]
        kept.end[operation] = state.end[operation]


def restore(shop: Shop, state: State, plan: Plan) -> None:
    """Sequence and time a state anew, in the order of a plan's times."""
    state.alt[:] = plan.alt
    arrange(shop, state, np.lexsort((plan.end, plan.start)))


@compiled
def arrange(shop: Shop, state: State, order: Integers) -> None:
    """Sequence and time all operations in an order in which nothing comes before what it waits for."""
    for machine in range(len(state.used)):
        state.used[machine] = 0
    for index in range(len(order)):
        operation = order[index]
        machine = shop.alt_machine[state.alt[operation]]
        state.at[operation] = state.used[machine]
        state.row[shop.row_ptr[machine] + state.used[machine]] = operation
        state.used[machine] += 1
        start, end = times(shop, state, operation)
        set_times(shop, state, operation, start, end)


@compiled
def times(shop: Shop, state: State, operation: int) -> tuple[int, int]:
    """When an operation starts and ends after what comes before it."""
    ready = shop.release[operation]
    for index in range(shop.pred_ptr[operation], shop.pred_ptr[operation + 1]):
        ready = max(ready, state.end[shop.pred[index]])
    way = state.alt[operation]
    place = state.at[operation]
    if place == 0:
        return fit(shop, way, ready, -NEVER, -1)
    before = state.row[shop.row_ptr[shop.alt_machine[way]] + place - 1]
    return fit(shop, way, ready, state.end[before], shop.alt_group[state.alt[before]])


@compiled
def set_times(shop: Shop, state: State, operation: int, start: int, end: int) -> None:
    """Set when an operation runs, and what follows for the cost."""
    state.start[operation] = start
    state.end[operation] = end
    job = shop.job[operation]
    cost = 0
    if shop.last[job] == operation:
        cost += shop.weight[job] * max(0, end - shop.due[job]) + MISSED * max(0, end - shop.deadline[job])
    old = shop.old_start[operation]
    if old != NEVER:
        moved = abs(start - old)
        cost += shop.prices[0] * moved
        if moved > 0 or shop.centre[shop.alt_machine[state.alt[operation]]] != shop.old_centre[operation]:
            cost += shop.prices[1]
    change = cost - state.cost[operation]
    if change != 0:
        state.cost[operation] = cost
        state.number[TOTAL] += change
        state.job_cost[job] += change
        _list(state, job)


@compiled
def _list(state: State, job: int) -> None:
    """Keep the list of costly jobs."""
    place = state.costly_at[job]
    if state.job_cost[job] > 0 and place < 0:
        state.costly_at[job] = state.number[COSTLY]
        state.costly[state.number[COSTLY]] = job
        state.number[COSTLY] += 1
    elif state.job_cost[job] == 0 and place >= 0:
        state.number[COSTLY] -= 1
        other = state.costly[state.number[COSTLY]]
        state.costly[place] = other
        state.costly_at[other] = place
        state.costly_at[job] = -1


@compiled
def makespan(shop: Shop, state: State) -> int:
    """When the last job ends."""
    latest = 0
    for job in range(len(shop.last)):
        latest = max(latest, state.end[shop.last[job]])
    return latest


@compiled
def total(shop: Shop, state: State) -> int:
    """What the state costs, minutes after deadlines weighed by `MISSED`."""
    return state.number[TOTAL] + makespan(shop, state) if shop.makespan[0] else state.number[TOTAL]
