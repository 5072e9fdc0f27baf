"""Firm operations that wait for each other: they keep their sequence on each machine, in time that is open."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from heapq import heapify, heappop, heappush

from agents.planner.core import Core
from knowledge.instants import MINUTE, Instant
from knowledge.supply import OperationSlot, WorkOrder


def moved(state: Core, slot: OperationSlot, begin: Instant) -> OperationSlot:
    """The slot, not before a time, on its work centre's open time."""
    begin = max(slot.start, begin)
    if not slot.minutes:
        return replace(slot, start=begin, finish=begin)
    axis = state.book.shop.axes[slot.work_centre]
    position = axis.open_seconds(begin)
    return replace(slot, start=axis.start_at(position), finish=axis.finish_at(position + slot.minutes * MINUTE))


def retimed(state: Core, order: WorkOrder, begin: Instant) -> WorkOrder:
    """The order, not begun before a time, its operations one after the other."""
    delay = max(0, begin - order.start)
    slots: list[OperationSlot] = []
    for slot in order.operations:
        slots.append(moved(state, slot, begin))
        begin = slots[-1].finish
    finish = max(order.finish, slots[-1].finish) if slots else order.finish + delay
    return replace(order, start=order.start + delay, finish=finish, operations=tuple(slots))


def push_back(state: Core, orders: Iterable[WorkOrder], down: Collection[str] = ()) -> None:
    """Operations still to be done that overlap on a machine wait for the one that begins first (of several, that of the
    order numbered first), those of no minutes for none.

    What is being worked on ends when it was to end, or was reported to, but on the work centres that are `down`:
    there it pauses. What is reported to be on a machine comes before what only was to be there.
    """
    orders = sorted(orders, key=lambda order: order.document)
    slots = [list(order.operations) for order in orders]
    free: dict[tuple[str, int], Instant] = {}
    on = _reported_on(orders, state.now)
    for machine, (index, step) in on.items():
        slot = slots[index][step]
        if slot.work_centre in down:
            slot = slots[index][step] = moved(state, slot, slot.start)
        free[machine] = slot.finish
    waiting = [(order.operations[0].start, index, 0) for index, order in enumerate(orders) if order.operations]
    heapify(waiting)
    while waiting:
        begin, index, step = heappop(waiting)
        slot = slots[index][step]
        machine = slot.work_centre, slot.machine
        if slot.finish > state.now and on.get(machine) != (index, step):
            later = max(begin, free.get(machine, 0)) if slot.minutes else begin  # else it needs no machine
            if later > begin:
                heappush(waiting, (later, index, step))
                continue
            if begin > slot.start or slot.work_centre in down:
                slot = slots[index][step] = moved(state, slot, begin)
            if slot.minutes:
                free[machine] = slot.finish
        if step + 1 < len(slots[index]):
            heappush(waiting, (max(slot.finish, slots[index][step + 1].start), index, step + 1))
    for order, new in zip(orders, slots, strict=True):
        if tuple(new) != order.operations:
            state.set_firm(replace(order, operations=tuple(new), finish=max(order.finish, new[-1].finish)))


def _reported_on(orders: Iterable[WorkOrder], now: Instant) -> dict[tuple[str, int], tuple[int, int]]:
    """Which operation, as (order, step), each machine is reported to be working on; of several the one begun last."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    begun: dict[tuple[str, int], Instant] = {}
    for index, order in enumerate(orders):
        for step, slot in enumerate(order.operations):
            machine = slot.work_centre, slot.machine
            going = slot.done is not None and slot.start <= now < slot.finish
            if going and slot.start >= begun.get(machine, slot.start):
                found[machine], begun[machine] = (index, step), slot.start
    return found
