"""Simulated annealing on the sequences, along what makes costly jobs late."""

from __future__ import annotations

from math import log

import numpy as np
from numpy.typing import NDArray

from agents.planner.sequencing.arrays import Plan, Shop
from agents.planner.sequencing.kernels.chance import below, share
from agents.planner.sequencing.kernels.jit import compiled
from agents.planner.sequencing.kernels.moves import (
    begin,
    may_go_before,
    rehouse,
    retime,
    settle,
    shift,
    undo_times,
)
from agents.planner.sequencing.kernels.state import COSTLY, State, keep, makespan, set_times, total

_WALK = 40
"""The longest way back from a late job's end to the wait that a move shortens."""

_FAR = 64
"""The farthest that a move takes an operation in its sequence."""

_MOST = 4096
"""The most timings that a move may take: nearly all that are worth taking need few."""

_FEW, _FEW_SMALL = 8, 100_000
"""After how many timings a move that costs too much so far may be given up; the second is divided by all operations."""


@compiled
def anneal(
    shop: Shop,
    state: State,
    kept: Plan,
    best: int,
    chance: NDArray[np.uint64],
    hot: float,
    cold: float,
    fuel: int,
) -> int:
    """Search for so many timings while the temperature falls from `hot` to `cold`; the cost of what is kept.

    `kept`, which costs `best`, becomes the cheapest schedule found, as far as copying takes no longer than searching.
    """
    current = total(shop, state)
    spent, copied = 0, -len(shop.job)
    while spent < fuel and current > 0:
        temperature = hot * (cold / hot) ** (spent / fuel)
        operation = _waiting(shop, state, chance)
        spent += 2
        if operation >= 0:
            limit = current - temperature * log(share(chance))
            if shop.alt_ptr[operation + 1] - shop.alt_ptr[operation] > 1 and below(chance, 2):
                effort, current = _reassign(shop, state, operation, chance, current, limit)
            else:
                effort, current = _resequence(shop, state, operation, chance, current, limit)
            spent += effort
        if current < best and (spent - copied > len(shop.job) // 2 or spent >= fuel or current == 0):
            best, copied = current, spent
            keep(state, kept)
    return best


@compiled
def _waiting(shop: Shop, state: State, chance: NDArray[np.uint64]) -> int:
    """An operation that makes a costly job late, and waits for its machine or may go elsewhere; -1 where none is."""
    if shop.makespan[0]:
        job = _latest(shop, state, chance)
    else:
        job = state.costly[below(chance, state.number[COSTLY])]
    operation = shop.last[job]
    if shop.prices[0] + shop.prices[1] > 0 and below(chance, 2):
        while shop.pred_ptr[operation] < shop.pred_ptr[operation + 1] and below(chance, 4):
            operation = shop.pred[shop.pred_ptr[operation]]
    found, seen = -1, 0
    for _ in range(_WALK):
        ready, binding = shop.release[operation], -1
        for p in range(shop.pred_ptr[operation], shop.pred_ptr[operation + 1]):
            if state.end[shop.pred[p]] > ready:
                ready, binding = state.end[shop.pred[p]], shop.pred[p]
        place = state.at[operation]
        movable = shop.alt_ptr[operation + 1] - shop.alt_ptr[operation] > 1
        if place > 0:
            before = state.row[shop.row_ptr[shop.alt_machine[state.alt[operation]]] + place - 1]
            if state.end[before] > ready:
                movable = True
                binding = before
        if movable:
            seen += 1
            if below(chance, seen) == 0:
                found = operation
        if binding < 0:
            break
        operation = binding
    return found


@compiled
def _latest(shop: Shop, state: State, chance: NDArray[np.uint64]) -> int:
    """A job that ends last."""
    latest = makespan(shop, state)
    offset = below(chance, len(shop.last))
    for index in range(len(shop.last)):
        job = (index + offset) % len(shop.last)
        if state.end[shop.last[job]] == latest:
            return job
    return 0


@compiled
def _resequence(
    shop: Shop, state: State, operation: int, chance: NDArray[np.uint64], current: int, limit: float
) -> tuple[int, int]:
    """Bring an operation forward, or put back what it waits for; timings and the cost that then holds."""
    machine = shop.alt_machine[state.alt[operation]]
    first = shop.row_ptr[machine]
    span = 1
    while span < _FAR and below(chance, 2):
        span *= 2
    distance = 1 + below(chance, span)
    place = state.at[operation]
    if below(chance, 2):
        to = place
        while to > 0 and place - to < distance:
            if not may_go_before(shop, state, operation, state.row[first + to - 1]):
                break
            to -= 1
    elif place == 0:
        return 1, current
    else:
        place -= 1
        other = state.row[first + place]
        to = place
        while to < state.used[machine] - 1 and to - place < distance:
            if not may_go_before(shop, state, state.row[first + to + 1], other):
                break
            to += 1
    if to == place:
        return 1, current
    begin(state)
    shift(shop, state, machine, place, to)
    for index in range(min(place, to), max(place, to) + 2):
        retime(shop, state, machine, index)
    effort = settle(shop, state, _patience(shop, chance), _MOST, limit)
    cost = total(shop, state)
    if effort < 0 or cost > limit:
        shift(shop, state, machine, to, place)
        undo_times(shop, state)
        cost = current
    return abs(effort), cost


@compiled
def _patience(shop: Shop, chance: NDArray[np.uint64]) -> int:
    """How many timings to wait for what a move mends, by chance."""
    few = max(_FEW, _FEW_SMALL // len(shop.job))
    while few < _MOST and below(chance, 3) == 0:
        few *= 2
    return few


@compiled
def _reassign(
    shop: Shop, state: State, operation: int, chance: NDArray[np.uint64], current: int, limit: float
) -> tuple[int, int]:
    """Put an operation on another machine, about where it fits in time; timings and the cost that then holds."""
    ways = shop.alt_ptr[operation + 1] - shop.alt_ptr[operation]
    old_way, old_place = state.alt[operation], state.at[operation]
    way = shop.alt_ptr[operation] + below(chance, ways)
    if way == old_way:
        return 1, current
    place = _place(shop, state, operation, way, chance)
    if place < 0:
        return 1, current
    old, new = shop.alt_machine[old_way], shop.alt_machine[way]
    begin(state)
    rehouse(shop, state, operation, way, place)
    set_times(shop, state, operation, state.start[operation], state.end[operation])
    retime(shop, state, old, old_place)
    retime(shop, state, new, place)
    retime(shop, state, new, place + 1)
    effort = settle(shop, state, _patience(shop, chance), _MOST, limit)
    cost = total(shop, state)
    if effort < 0 or cost > limit:
        rehouse(shop, state, operation, old_way, old_place)
        undo_times(shop, state)
        set_times(shop, state, operation, state.start[operation], state.end[operation])
        cost = current
    return abs(effort), cost


@compiled
def _place(shop: Shop, state: State, operation: int, way: int, chance: NDArray[np.uint64]) -> int:
    """A place in another machine's sequence that makes no cycle, near where the operation would be ready; or -1."""
    ready = shop.release[operation]
    started = -1
    for p in range(shop.pred_ptr[operation], shop.pred_ptr[operation + 1]):
        ready = max(ready, state.end[shop.pred[p]])
        started = max(started, state.start[shop.pred[p]])
    done = 1 << 60
    for s in range(shop.succ_ptr[operation], shop.succ_ptr[operation + 1]):
        done = min(done, state.end[shop.succ[s]])
    machine = shop.alt_machine[way]
    first, size = shop.row_ptr[machine], state.used[machine]
    low, high = 0, size
    while low < high:  # the first that ends after the operation is ready
        middle = (low + high) // 2
        if state.end[state.row[first + middle]] <= ready:
            low = middle + 1
        else:
            high = middle
    place = min(size, low + below(chance, 3))
    if place > 0 and state.start[state.row[first + place - 1]] >= done:
        return -1
    if place < size and state.end[state.row[first + place]] <= started:
        return -1
    return place
