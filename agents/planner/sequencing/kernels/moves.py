"""Moves of one operation in the sequences, timed exactly and undone exactly."""

from __future__ import annotations

from agents.planner.sequencing.arrays import Shop
from agents.planner.sequencing.kernels.jit import compiled
from agents.planner.sequencing.kernels.state import HEAPED, LOGGED, STAMP, TOTAL, State, set_times, times


@compiled
def may_go_before(shop: Shop, state: State, operation: int, other: int) -> bool:
    """Whether an operation may change places with one that it comes after on a machine.

    True only where no path leads from `other` to `operation` beside the machine: what follows `other` in its job ends
    after what `operation` waits for has started.
    """
    for s in range(shop.succ_ptr[other], shop.succ_ptr[other + 1]):
        after = shop.succ[s]
        for p in range(shop.pred_ptr[operation], shop.pred_ptr[operation + 1]):
            before = shop.pred[p]
            if after == operation or before == after or state.end[after] <= state.start[before]:
                return False
    return True


@compiled
def shift(shop: Shop, state: State, machine: int, place: int, to: int) -> None:
    """Move what is at a place of a machine's sequence to another place of it."""
    first = shop.row_ptr[machine]
    operation = state.row[first + place]
    step = 1 if to > place else -1
    for index in range(place, to, step):
        other = state.row[first + index + step]
        state.row[first + index] = other
        state.at[other] = index
    state.row[first + to] = operation
    state.at[operation] = to


@compiled
def rehouse(shop: Shop, state: State, operation: int, way: int, place: int) -> None:
    """Take an operation out of its sequence and put it at a place of that of another alternative's machine."""
    old = shop.alt_machine[state.alt[operation]]
    shift(shop, state, old, state.at[operation], state.used[old] - 1)
    state.used[old] -= 1
    new = shop.alt_machine[way]
    state.alt[operation] = way
    state.at[operation] = state.used[new]
    state.row[shop.row_ptr[new] + state.used[new]] = operation
    state.used[new] += 1
    shift(shop, state, new, state.at[operation], place)


@compiled
def begin(state: State) -> None:
    """Begin to log, for a move that may be undone."""
    state.number[STAMP] += 1
    state.number[LOGGED] = 0


@compiled
def retime(shop: Shop, state: State, machine: int, place: int) -> None:
    """Note that an operation is to be timed again."""
    if 0 <= place < state.used[machine]:
        _push(state, state.row[shop.row_ptr[machine] + place])


@compiled
def settle(shop: Shop, state: State, few: int, most: int, limit: float) -> int:
    """Time what is noted and all that follows from it; how many timings that took, below 0 where it was given up.

    It is given up after `most` timings, and after `few` while it costs more than the limit: what a move spoils mostly
    shows before what it mends.
    """
    effort = 0
    while state.number[HEAPED] > 0:
        operation = _pop(state)
        effort += 1
        if effort > most or (effort > few and state.number[TOTAL] > limit):
            while state.number[HEAPED] > 0:
                _pop(state)
            return -effort
        start, end = times(shop, state, operation)
        if start == state.start[operation] and end == state.end[operation]:
            continue
        _log(state, operation)
        ended = end != state.end[operation]
        set_times(shop, state, operation, start, end)
        if ended:
            for s in range(shop.succ_ptr[operation], shop.succ_ptr[operation + 1]):
                _push(state, shop.succ[s])
            retime(shop, state, shop.alt_machine[state.alt[operation]], state.at[operation] + 1)
    return effort


@compiled
def undo_times(shop: Shop, state: State) -> None:
    """Give every operation back the times that it had when logging began; the sequences are as they were."""
    for index in range(state.number[LOGGED] - 1, -1, -1):
        operation = state.log_operation[index]
        set_times(shop, state, operation, state.log_start[index], state.log_end[index])


@compiled
def _log(state: State, operation: int) -> None:
    if state.stamp[operation] != state.number[STAMP]:
        state.stamp[operation] = state.number[STAMP]
        index = state.number[LOGGED]
        state.number[LOGGED] += 1
        state.log_operation[index] = operation
        state.log_start[index] = state.start[operation]
        state.log_end[index] = state.end[operation]


@compiled
def _push(state: State, operation: int) -> None:
    if state.heaped[operation]:
        return
    state.heaped[operation] = 1
    key = state.start[operation]
    hole = state.number[HEAPED]
    state.number[HEAPED] += 1
    while hole > 0:
        parent = (hole - 1) // 2
        if state.heap_key[parent] <= key:
            break
        state.heap_key[hole] = state.heap_key[parent]
        state.heap[hole] = state.heap[parent]
        hole = parent
    state.heap_key[hole] = key
    state.heap[hole] = operation


@compiled
def _pop(state: State) -> int:
    operation = state.heap[0]
    state.heaped[operation] = 0
    state.number[HEAPED] -= 1
    size = state.number[HEAPED]
    key, moved = state.heap_key[size], state.heap[size]
    hole = 0
    child = 1
    while child < size:
        if child + 1 < size and state.heap_key[child + 1] < state.heap_key[child]:
            child += 1
        if state.heap_key[child] >= key:
            break
        state.heap_key[hole] = state.heap_key[child]
        state.heap[hole] = state.heap[child]
        hole = child
        child = 2 * hole + 1
    state.heap_key[hole] = key
    state.heap[hole] = moved
    return operation
