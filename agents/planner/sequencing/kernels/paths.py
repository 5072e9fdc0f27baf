"""Longest paths through the sequences, from both ends, where nothing else decides when operations run."""

from __future__ import annotations

from typing import NamedTuple

from agents.planner.sequencing.arrays import Integers, Plan, Shop
from agents.planner.sequencing.kernels.jit import compiled
from agents.planner.sequencing.kernels.state import State


class Tabu(NamedTuple):
    """What the search keeps: tails with the operation itself, what jobs bind, what is forbidden until which round.

    `number` holds what the constants name: the round, the best makespan, the round that found it, and the best move.
    """

    tail: Integers
    job_ready: Integers
    job_tail: Integers
    order: Integers
    degree: Integers
    path: Integers
    head: Integers
    until: Integers
    number: Integers
    kept: Plan


@compiled
def longest_paths(shop: Shop, state: State, tabu: Tabu) -> int:
    """Time all operations from both ends; the makespan, or -1 where the sequences make a cycle."""
    size, done = len(shop.job), 0
    for operation in range(size):
        tabu.degree[operation] = shop.pred_ptr[operation + 1] - shop.pred_ptr[operation] + (state.at[operation] > 0)
        if tabu.degree[operation] == 0:
            tabu.order[done] = operation
            done += 1
    index, latest = 0, 0
    while index < done:
        operation = tabu.order[index]
        index += 1
        latest = max(latest, _head(shop, state, tabu, operation))
        for s in range(shop.succ_ptr[operation], shop.succ_ptr[operation + 1]):
            done = _release(tabu, shop.succ[s], done)
        machine = shop.alt_machine[state.alt[operation]]
        if state.at[operation] + 1 < state.used[machine]:
            done = _release(tabu, state.row[shop.row_ptr[machine] + state.at[operation] + 1], done)
    if done < size:
        return -1
    for index in range(size - 1, -1, -1):
        operation = tabu.order[index]
        tail = 0
        for s in range(shop.succ_ptr[operation], shop.succ_ptr[operation + 1]):
            tail = max(tail, tabu.tail[shop.succ[s]])
        tabu.job_tail[operation] = tail
        machine = shop.alt_machine[state.alt[operation]]
        if state.at[operation] + 1 < state.used[machine]:
            tail = max(tail, tabu.tail[state.row[shop.row_ptr[machine] + state.at[operation] + 1]])
        tabu.tail[operation] = tail + shop.alt_minutes[state.alt[operation]]
    return latest


@compiled
def _release(tabu: Tabu, operation: int, done: int) -> int:
    tabu.degree[operation] -= 1
    if tabu.degree[operation] == 0:
        tabu.order[done] = operation
        return done + 1
    return done


@compiled
def _head(shop: Shop, state: State, tabu: Tabu, operation: int) -> int:
    ready = shop.release[operation]
    for p in range(shop.pred_ptr[operation], shop.pred_ptr[operation + 1]):
        ready = max(ready, state.end[shop.pred[p]])
    tabu.job_ready[operation] = ready
    way = state.alt[operation]
    if state.at[operation] > 0:
        ready = max(ready, state.end[state.row[shop.row_ptr[shop.alt_machine[way]] + state.at[operation] - 1]])
    state.start[operation] = ready
    state.end[operation] = ready + shop.alt_minutes[way]
    return state.end[operation]
