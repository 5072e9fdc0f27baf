"""When an operation runs, given what comes before it: the rules of `timeline`, compiled."""

from __future__ import annotations

from agents.planner.sequencing.arrays import Integers, Shop
from agents.planner.sequencing.kernels.jit import compiled


@compiled
def _first_above(values: Integers, first: int, last: int, limit: int) -> int:
    """The first place from `first` to before `last` whose value is above a limit, or `last`."""
    while first < last:
        middle = (first + last) // 2
        if values[middle] > limit:
            last = middle
        else:
            first = middle + 1
    return first


@compiled
def fit(shop: Shop, way: int, ready: int, free: int, group: int) -> tuple[int, int]:
    """Start and end of an operation done this way, on a machine that is free from then on and did work of a group."""
    machine = shop.alt_machine[way]
    start = max(ready, free)
    if shop.plain[machine]:
        return start, start + shop.alt_minutes[way]
    first, last = shop.fixed_ptr[machine], shop.fixed_ptr[machine + 1]
    over = _first_above(shop.fixed_end, first, last, start)
    if over > first and shop.fixed_end[over - 1] > free:
        group = shop.fixed_group[over - 1]
    for block in range(over, last):
        start = opening(shop, machine, start)
        end = finish(shop, machine, start, minutes_after(shop, way, group))
        if end <= shop.fixed_start[block]:
            return start, end
        start, group = max(start, shop.fixed_end[block]), shop.fixed_group[block]
    start = opening(shop, machine, start)
    return start, finish(shop, machine, start, minutes_after(shop, way, group))


@compiled
def minutes_after(shop: Shop, way: int, group: int) -> int:
    """How long an operation takes after work of a group."""
    minutes = shop.alt_minutes[way]
    table, own = shop.table[shop.alt_machine[way]], shop.alt_group[way]
    if table < 0 or group < 0 or own < 0:
        return minutes
    setup = shop.setup[table, group, own]
    return minutes if setup < 0 else minutes - shop.alt_setup[way] + setup


@compiled
def opening(shop: Shop, machine: int, time: int) -> int:
    """The first open minute of a machine from a time on."""
    first, last = shop.open_ptr[machine], shop.open_ptr[machine + 1]
    place = _first_above(shop.open_end, first, last, time)
    return time if place == last else max(time, shop.open_start[place])


@compiled
def finish(shop: Shop, machine: int, start: int, minutes: int) -> int:
    """When work of at least one open minute ends that starts at an open minute."""
    first, last = shop.open_ptr[machine], shop.open_ptr[machine + 1]
    place = _first_above(shop.open_end, first, last, start)
    if place == last or start + minutes <= shop.open_end[place]:
        return start + minutes
    worked = shop.open_before[place] + start - shop.open_start[place] + minutes
    place = _first_above(shop.open_before, first, last, worked - 1) - 1
    return shop.open_start[place] + worked - shop.open_before[place]
