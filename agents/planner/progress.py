"""What a report makes of the operations of a work order: what has begun, where and when, and how much of it is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.planner.core import Core
from agents.planner.pushing import moved
from agents.planner.routing import minutes_of
from knowledge.documents import OperationReport
from knowledge.instants import MINUTE, Instant, parse
from knowledge.plant import Alternative, SupplyStatus
from knowledge.quantities import Units, ceil_div
from knowledge.supply import OperationSlot, WorkOrder


def worked(
    state: Core, order: WorkOrder, before: Units, report: OperationReport, good: Units, lost: Units
) -> WorkOrder:
    """The order with its operations as a report has them; its quantities are told already, `before` is what it was of.

    What is left of the step that is reported takes the minutes of the pieces still to be made, from the report on. A
    step reported to have begun, and no more, takes what it was to take. Later steps wait for it, and take less where
    pieces were scrapped; earlier ones are over.
    """
    slots = list(order.operations)
    if not slots:
        return order
    zone = state.plant.zone
    started, finished = (None if t is None else parse(t, zone) for t in (report.started, report.finished))
    started = None if started is None else min(started, state.now)  # a clock that goes wrong
    over = order.status is SupplyStatus.DONE
    if over and finished is not None:
        finished = min(finished, state.now)
    if report.step is None and len(slots) > 1 and not over:
        if started is None or slots[0].done is not None:
            return replace(order, finish=max(order.finish, state.now))
        index, good, lost, finished = 0, 0, 0, None  # of which step the pieces are is not said
    else:
        index = next((n for n, slot in enumerate(slots) if slot.step == report.step), len(slots) - 1)
    slot, last = slots[index], index == len(slots) - 1
    if report.work_centre is not None and (report.step is not None or len(slots) == 1):
        slot = _at(state, order, slot, report.work_centre)
    slot = replace(slot, done=(slot.done or 0) + good) if good or slot.done is not None else slot
    left = order.quantity - (order.made if last else slot.done or 0)
    if over or (not last and (report.complete or finished is not None or left <= 0)):
        begun = started if report.step is not None or len(slots) == 1 else None
        slot = _over(state, slot, begun, state.now if finished is None else finished)
    else:
        slot = _going(state, order, slot, started, finished, left if good or lost else None)
    if not last and slots[index + 1].done is not None:  # it has gone on already
        end = min(slot.finish, slots[index + 1].start)
        slot = replace(slot, start=min(slot.start, end), finish=end)
    slots[: index + 1] = [*_before(slots[:index], slot.start), slot]
    if over and index and report.step is None and started is not None:
        slots[0] = replace(slots[0], start=min(started, slots[0].finish), done=slots[0].done or 0)
    time = slot.finish
    for later in range(index + 1, len(slots)):
        if slots[later].done is None:
            shorter = _for_fewer(state, order, slots[later], before)
            slots[later] = moved(state, shorter, time)
        time = slots[later].finish
    return replace(order, operations=tuple(slots), start=slots[0].start, finish=max(s.finish for s in slots))


def _over(state: Core, slot: OperationSlot, started: Instant | None, time: Instant) -> OperationSlot:
    """The slot as it was worked: ended at a time, with the open minutes that it took."""
    start = min(slot.start if started is None else started, time)
    return _between(state, replace(slot, done=slot.done or 0), start, time)


def _going(
    state: Core,
    order: WorkOrder,
    slot: OperationSlot,
    started: Instant | None,
    told: Instant | None,
    left: Units | None,
) -> OperationSlot:
    """The slot as it is being worked; `left` pieces of it at a time, the time of the report if none is `told`.

    Without `left` nothing is said but that it has begun.
    """
    axis = state.book.shop.axes[slot.work_centre]
    time = state.now if told is None else told
    start = min(slot.start, time) if started is None else started
    if left is not None:
        position, minutes = axis.open_seconds(max(start, time)), _minutes_left(state, order, slot, left)
    elif slot.done is None or start != slot.start:
        position, minutes = axis.open_seconds(start), slot.minutes
    else:
        return slot
    end = axis.finish_at(position + minutes * MINUTE)
    return _between(state, replace(slot, done=slot.done or 0), start, max(start, end, state.now))


def _between(state: Core, slot: OperationSlot, start: Instant, finish: Instant) -> OperationSlot:
    axis = state.book.shop.axes[slot.work_centre]
    minutes = (axis.open_seconds(finish) - axis.open_seconds(start)) // MINUTE
    return replace(slot, start=start, finish=finish, minutes=minutes)


def _before(slots: Sequence[OperationSlot], end: Instant) -> list[OperationSlot]:
    """Earlier steps were over by the time that the next one began, whatever was planned."""
    found: list[OperationSlot] = []
    for slot in reversed(slots):
        found.append(replace(slot, finish=min(slot.finish, end), start=min(slot.start, end)))
        end = found[-1].start
    return found[::-1]


# -- where, and how long


def way_of(state: Core, order: WorkOrder, step: str, work_centre: str) -> Alternative | None:
    """How a step of an order is done on a work centre, as the route of its revision says, if that is in force."""
    bom = state.plant.boms.get(order.item)
    route = state.plant.routes.get(order.item)
    if route is None or (bom.revision if bom else "") != order.revision:
        return None
    ways = (way for each in route.steps if each.step == step for way in each.alternatives)
    return next((way for way in ways if way.work_centre == work_centre), None)


def _at(state: Core, order: WorkOrder, slot: OperationSlot, work_centre: str) -> OperationSlot:
    """The slot on the work centre that it is worked on, at a machine where nothing else is known to be."""
    if work_centre == slot.work_centre:
        return slot
    items = state.book.shop.groups[state.book.shop.group_of[order.item]]
    others = (other for firm in state.book.firm_work_orders(items) for other in firm.operations)
    busy = {o.machine for o in others if o.work_centre == work_centre and o.start <= state.now < o.finish}
    machines = range(1, state.plant.work_centres[work_centre].machines + 1)
    way = way_of(state, order, slot.step, work_centre)
    minutes = slot.minutes if way is None else _minutes(state, order, way, order.quantity, way.setup_minutes)
    machine = next((number for number in machines if number not in busy), 1)
    return replace(slot, work_centre=work_centre, machine=machine, minutes=minutes)


def _minutes(state: Core, order: WorkOrder, way: Alternative, pieces: Units, setup: Decimal) -> int:
    return minutes_of(state.book.shop, state.plant.items[order.item], way, pieces, setup)


def _minutes_left(state: Core, order: WorkOrder, slot: OperationSlot, left: Units) -> int:
    """How long the pieces left of a step take: no set-up; in proportion where its route is not in force any more."""
    way = way_of(state, order, slot.step, slot.work_centre)
    if way is None:
        return ceil_div(slot.minutes * max(0, left), max(1, order.quantity))
    return _minutes(state, order, way, max(0, left), Decimal(0))


def _for_fewer(state: Core, order: WorkOrder, slot: OperationSlot, before: Units) -> OperationSlot:
    """A step still to begin takes less where fewer pieces come to it than before."""
    way = way_of(state, order, slot.step, slot.work_centre)
    if way is None or order.quantity >= before:
        return slot
    saved = _minutes(state, order, way, before, way.setup_minutes)
    saved -= _minutes(state, order, way, order.quantity, way.setup_minutes)
    return replace(slot, minutes=max(0, slot.minutes - saved))
