"""Open work orders as the society begins: their components, and places for their operations on the machines."""

from __future__ import annotations

from dataclasses import replace

from agents.planner.book import Book
from agents.planner.capacity import Load
from agents.planner.routing import operations_of, way_to
from knowledge.instants import MINUTE
from knowledge.plant import SupplyStatus, components
from knowledge.supply import OperationSlot, WorkOrder


def opened_work_order(book: Book, order: WorkOrder) -> WorkOrder:
    """The order with its start where none was given, its components, and its operations as late as keeps its date.

    A released order has drawn its components, and its operations stand from now on at the earliest. One that cannot be
    done by its date any more is expected for when it can.
    """
    bom = book.shop.plant.boms.get(order.item)
    slots = _slots(book, order)
    start = order.start
    if not start:
        lead = book.shop.plant.items[order.item].lead_time
        start = slots[0].start if slots else lead.backward(order.finish)
    drawn = order.status is SupplyStatus.RELEASED
    revision = bom.revision if bom else ""
    return replace(
        order,
        start=min(start, order.finish),
        finish=max([order.finish, *(slot.finish for slot in slots)]),
        components=components(bom, order.quantity),
        operations=slots,
        revision=revision,
        drawn=drawn,
    )


def _slots(book: Book, order: WorkOrder) -> tuple[OperationSlot, ...]:
    return _by_its_date(book, order) or _as_early_as_can_be(book, order)


def _by_its_date(book: Book, order: WorkOrder) -> tuple[OperationSlot, ...]:
    """Operations as late as keeps the order's date; none where it cannot be kept."""
    slots: list[OperationSlot] = []
    due = order.finish
    for operation in reversed(operations_of(book.shop, order.item, order.quantity)):
        way = operation.ways[0]
        axis = book.shop.axes[way.work_centre]
        load = _load(book, way.work_centre)
        floor = axis.open_seconds(max(order.start, book.now))
        place = load.latest(axis.open_seconds(due), way, floor)
        if place is None:
            return ()
        position, machine, length = place
        due = axis.start_at(position)
        finish = max(due, axis.finish_at(position + length))
        slots.append(OperationSlot(operation.step, way.work_centre, machine + 1, due, finish, length // MINUTE))
    return tuple(reversed(slots))


def _as_early_as_can_be(book: Book, order: WorkOrder) -> tuple[OperationSlot, ...]:
    slots: list[OperationSlot] = []
    free = max(order.start, book.now)
    for operation in operations_of(book.shop, order.item, order.quantity):
        way = operation.ways[0]
        axis = book.shop.axes[way.work_centre]
        position, machine, length = _load(book, way.work_centre).earliest(axis.open_seconds(free), way)
        start = axis.start_at(position)
        free = max(start, axis.finish_at(position + length))
        slots.append(OperationSlot(operation.step, way.work_centre, machine + 1, start, free, length // MINUTE))
    return tuple(slots)


def _load(book: Book, work_centre: str) -> Load:
    """The machines of a work centre as firm orders fill them so far."""
    load = book.shop.idle(work_centre)
    axis = book.shop.axes[work_centre]
    for other in book.firm_work_orders(book.shop.plant.items):
        for slot in other.operations:
            if slot.work_centre == work_centre:
                start, end = axis.open_seconds(slot.start), axis.open_seconds(slot.finish)
                way = way_to(book.shop, other.item, other.quantity, slot.step, work_centre, end - start)
                load.take(start, slot.machine - 1, end - start, way)
    return load
