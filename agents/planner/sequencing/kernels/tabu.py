"""Tabu search for the makespan of shops whose machines are always open and need no sequence-dependent set-up.

On a critical path, operations move to the ends of their blocks and the ends into them (neighbourhood N7: Zhang, Li,
Guan and Rao, 2007, after Balas and Vazacopoulos, 1998), or to other machines (after Mastrolilli and Gambardella, 2000).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from agents.planner.sequencing.arrays import Shop
from agents.planner.sequencing.kernels.chance import below
from agents.planner.sequencing.kernels.jit import compiled
from agents.planner.sequencing.kernels.moves import rehouse, shift
from agents.planner.sequencing.kernels.paths import Tabu, longest_paths
from agents.planner.sequencing.kernels.state import State, keep, plan_of

ROUND, BEST, IMPROVED, FOUND, TIES, OPERATION, WAY, TO = range(8)

_MEMORY = 1 << 20
"""Places of the hash table of forbidden orders."""

_NOTHING = 1 << 60


def tabu_of(shop: Shop, state: State) -> Tabu:
    """An empty memory, with nothing found."""
    size = shop.operations
    names = ("tail", "job_ready", "job_tail", "order", "degree", "path", "head")
    tabu = Tabu(
        **{name: np.zeros(size, dtype=np.int64) for name in names},
        until=np.zeros(_MEMORY, dtype=np.int64),
        number=np.zeros(8, dtype=np.int64),
        kept=plan_of(state),
    )
    forget(tabu)
    return tabu


def forget(tabu: Tabu) -> None:
    """Begin a new search; the next schedule is the best so far."""
    tabu.until[:] = 0
    tabu.number[:] = 0
    tabu.number[BEST] = _NOTHING


@compiled
def search(shop: Shop, state: State, tabu: Tabu, chance: NDArray[np.uint64], rounds: int) -> int:
    """Make so many moves, each the best that is not forbidden; the least makespan so far."""
    makespan = longest_paths(shop, state, tabu)
    if makespan < tabu.number[BEST]:
        tabu.number[BEST] = makespan
        keep(state, tabu.kept)
    for _ in range(rounds):
        tabu.number[ROUND] += 1
        length = _critical_path(shop, state, tabu, chance, makespan)
        tabu.number[FOUND], tabu.number[TIES], tabu.number[OPERATION] = _NOTHING, 0, -1
        _look_at_blocks(shop, state, tabu, chance, length)
        _look_elsewhere(shop, state, tabu, chance, length)
        if tabu.number[OPERATION] < 0 and not _any_swap(shop, state, tabu, chance, length):
            continue  # until something is not forbidden any more
        makespan = _move(shop, state, tabu, chance)
        if makespan < tabu.number[BEST]:
            tabu.number[BEST], tabu.number[IMPROVED] = makespan, tabu.number[ROUND]
            keep(state, tabu.kept)
    return tabu.number[BEST]


@compiled
def _critical_path(shop: Shop, state: State, tabu: Tabu, chance: NDArray[np.uint64], makespan: int) -> int:
    """Walk back along a critical path chosen by chance; its length. `path` holds it from the end."""
    operation, seen = -1, 0
    for job in range(len(shop.last)):
        if state.end[shop.last[job]] == makespan:
            seen += 1
            if below(chance, seen) == 0:
                operation = shop.last[job]
    length = 0
    while operation >= 0:
        tabu.path[length] = operation
        length += 1
        start, binding = state.start[operation], -1
        for p in range(shop.pred_ptr[operation], shop.pred_ptr[operation + 1]):
            if state.end[shop.pred[p]] == start:
                binding = shop.pred[p]
        if state.at[operation] > 0:
            before = state.row[shop.row_ptr[shop.alt_machine[state.alt[operation]]] + state.at[operation] - 1]
            if state.end[before] == start and (binding < 0 or below(chance, 2)):
                binding = before
        operation = binding
    return length


@compiled
def _look_at_blocks(shop: Shop, state: State, tabu: Tabu, chance: NDArray[np.uint64], length: int) -> None:
    """Value the moves within the blocks of the path, which runs backwards."""
    end = 0
    while end < length:
        machine = shop.alt_machine[state.alt[tabu.path[end]]]
        begin = end
        while begin + 1 < length and shop.alt_machine[state.alt[tabu.path[begin + 1]]] == machine:
            begin += 1
        first, last = state.at[tabu.path[begin]], state.at[tabu.path[end]]
        if last - first == begin - end:
            for place in range(first, last + 1):
                if end > 0:
                    _value(shop, state, tabu, chance, machine, place, last)
                    if place > first and last - place > 1:
                        _value(shop, state, tabu, chance, machine, last, place)
                if begin < length - 1:
                    _value(shop, state, tabu, chance, machine, place, first)
                    if place < last and place - first > 1:
                        _value(shop, state, tabu, chance, machine, first, place)
        end = begin + 1


@compiled
def _value(shop: Shop, state: State, tabu: Tabu, chance: NDArray[np.uint64], machine: int, place: int, to: int) -> None:
    """Value the move of what is at a place of a sequence to another, where it can make no cycle."""
    if place == to:
        return
    first = shop.row_ptr[machine]
    operation, other = state.row[first + place], state.row[first + to]
    if place < to:
        if tabu.job_tail[operation] > tabu.tail[other]:
            return
        value = _forward(shop, state, tabu, machine, place, to)
    else:
        if tabu.job_ready[operation] > state.end[other]:
            return
        value = _backward(shop, state, tabu, machine, place, to)
    if value >= tabu.number[BEST]:
        low, high = min(place, to), max(place, to)
        for index in range(low, high + 1):
            passed = state.row[first + index]
            if index != place:
                key = _key(shop, passed, operation) if place < to else _key(shop, operation, passed)
                if tabu.until[key] > tabu.number[ROUND]:
                    return
    _offer(tabu, chance, value, operation, state.alt[operation], to)


@compiled
def _key(shop: Shop, before: int, after: int) -> int:
    return (before * len(shop.job) + after) & (_MEMORY - 1)


@compiled
def _offer(tabu: Tabu, chance: NDArray[np.uint64], value: int, operation: int, way: int, to: int) -> None:
    """Keep a move if it is the best so far, one of the best by chance."""
    if value > tabu.number[FOUND]:
        return
    if value < tabu.number[FOUND]:
        tabu.number[TIES] = 0
    tabu.number[TIES] += 1
    if below(chance, tabu.number[TIES]) == 0:
        tabu.number[FOUND] = value
        tabu.number[OPERATION], tabu.number[WAY], tabu.number[TO] = operation, way, to


@compiled
def _forward(shop: Shop, state: State, tabu: Tabu, machine: int, place: int, to: int) -> int:
    """The longest path through what a move to a later place touches (Balas and Vazacopoulos)."""
    first = shop.row_ptr[machine]
    ready = state.end[state.row[first + place - 1]] if place > 0 else 0
    for index in range(place + 1, to + 1):
        operation = state.row[first + index]
        tabu.head[index] = max(ready, tabu.job_ready[operation])
        ready = tabu.head[index] + shop.alt_minutes[state.alt[operation]]
    operation = state.row[first + place]
    tail = tabu.tail[state.row[first + to + 1]] if to + 1 < state.used[machine] else 0
    tail = max(tail, tabu.job_tail[operation]) + shop.alt_minutes[state.alt[operation]]
    value = max(ready, tabu.job_ready[operation]) + tail
    for index in range(to, place, -1):
        operation = state.row[first + index]
        tail = max(tail, tabu.job_tail[operation]) + shop.alt_minutes[state.alt[operation]]
        value = max(value, tabu.head[index] + tail)
    return value


@compiled
def _backward(shop: Shop, state: State, tabu: Tabu, machine: int, place: int, to: int) -> int:
    """The longest path through what a move to an earlier place touches."""
    first = shop.row_ptr[machine]
    moved = state.row[first + place]
    ready = state.end[state.row[first + to - 1]] if to > 0 else 0
    head = max(ready, tabu.job_ready[moved])
    ready = head + shop.alt_minutes[state.alt[moved]]
    for index in range(to, place):
        operation = state.row[first + index]
        tabu.head[index] = max(ready, tabu.job_ready[operation])
        ready = tabu.head[index] + shop.alt_minutes[state.alt[operation]]
    tail = tabu.tail[state.row[first + place + 1]] if place + 1 < state.used[machine] else 0
    value = 0
    for index in range(place - 1, to - 1, -1):
        operation = state.row[first + index]
        tail = max(tail, tabu.job_tail[operation]) + shop.alt_minutes[state.alt[operation]]
        value = max(value, tabu.head[index] + tail)
    return max(value, head + max(tail, tabu.job_tail[moved]) + shop.alt_minutes[state.alt[moved]])


@compiled
def _look_elsewhere(shop: Shop, state: State, tabu: Tabu, chance: NDArray[np.uint64], length: int) -> None:
    """Value the moves of the path's operations to other machines."""
    for index in range(length):
        operation = tabu.path[index]
        if shop.alt_ptr[operation + 1] - shop.alt_ptr[operation] == 1:
            continue
        started, done = -1, _NOTHING
        for p in range(shop.pred_ptr[operation], shop.pred_ptr[operation + 1]):
            started = max(started, state.start[shop.pred[p]])
        for s in range(shop.succ_ptr[operation], shop.succ_ptr[operation + 1]):
            done = min(done, state.end[shop.succ[s]])
        for way in range(shop.alt_ptr[operation], shop.alt_ptr[operation + 1]):
            if way != state.alt[operation]:
                _value_places(shop, state, tabu, chance, operation, way, started, done)


@compiled
def _value_places(
    shop: Shop,
    state: State,
    tabu: Tabu,
    chance: NDArray[np.uint64],
    operation: int,
    way: int,
    started: int,
    done: int,
) -> None:
    """Value the places of another machine that can make no cycle.

    `started` is when what the operation waits for has started, `done` when the first that waits for it has ended.
    """
    machine = shop.alt_machine[way]
    first, size = shop.row_ptr[machine], state.used[machine]
    forbidden = tabu.until[_key(shop, operation, len(shop.job) + machine)] > tabu.number[ROUND]
    for place in range(size + 1):
        ready, tail = tabu.job_ready[operation], tabu.job_tail[operation]
        if place > 0:
            before = state.row[first + place - 1]
            if state.start[before] >= done:
                break
            ready = max(ready, state.end[before])
        if place < size:
            after = state.row[first + place]
            if state.end[after] <= started:
                continue
            tail = max(tail, tabu.tail[after])
        value = ready + shop.alt_minutes[way] + tail
        if value < tabu.number[BEST] or not forbidden:
            _offer(tabu, chance, value, operation, way, place)


@compiled
def _any_swap(shop: Shop, state: State, tabu: Tabu, chance: NDArray[np.uint64], length: int) -> bool:
    """Choose a swap of neighbours on the path by chance, forbidden or not; False where there is none."""
    seen = 0
    for index in range(length - 1):
        after, before = tabu.path[index], tabu.path[index + 1]
        machine = shop.alt_machine[state.alt[after]]
        if machine == shop.alt_machine[state.alt[before]] and shop.job[after] != shop.job[before]:
            seen += 1
            if below(chance, seen) == 0:
                tabu.number[OPERATION], tabu.number[WAY] = after, state.alt[after]
                tabu.number[TO] = state.at[before]
    return seen > 0


@compiled
def _move(shop: Shop, state: State, tabu: Tabu, chance: NDArray[np.uint64]) -> int:
    """Make the move that was found and forbid its reverse; the makespan then. A move that makes a cycle is undone."""
    operation, way, to = tabu.number[OPERATION], tabu.number[WAY], tabu.number[TO]
    old_way, place = state.alt[operation], state.at[operation]
    machine = shop.alt_machine[old_way]
    first = shop.row_ptr[machine]
    lasting = tabu.number[ROUND] + 10 + len(shop.last) // max(1, len(shop.plain))
    lasting += below(chance, 8 + len(shop.last) // 4)
    if way == old_way:
        low, high = min(place, to), max(place, to)
        for index in range(low, high + 1):
            passed = state.row[first + index]
            if index != place:
                key = _key(shop, operation, passed) if place < to else _key(shop, passed, operation)
                tabu.until[key] = lasting
        shift(shop, state, machine, place, to)
    else:
        tabu.until[_key(shop, operation, len(shop.job) + machine)] = lasting
        rehouse(shop, state, operation, way, to)
    makespan = longest_paths(shop, state, tabu)
    if makespan >= 0:
        return makespan
    if way == old_way:
        shift(shop, state, machine, to, place)
    else:
        rehouse(shop, state, operation, old_way, place)
    return longest_paths(shop, state, tabu)
