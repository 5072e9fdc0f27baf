"""Firm work orders that have not begun, and the revision in force: what they are planned by that is so no more."""

from __future__ import annotations

from agents.planner.book import Shop
from agents.planner.routing import operations_of
from knowledge.instants import MINUTE
from knowledge.plant import Alternative
from knowledge.supply import OperationSlot, WorkOrder


def superseded(shop: Shop, order: WorkOrder) -> str:
    """What an order is planned by that is no longer in force, in words; empty where all of it is, or it has begun."""
    if order.drawn:
        return ""
    bom, route = shop.plant.boms.get(order.item), shop.plant.routes.get(order.item)
    revision = bom.revision if bom else ""
    if revision != order.revision:
        return f"bill of materials{_named(order.revision)} than the one in force{_named(revision)}"
    if dict(shop.parts(order.item, order.quantity)) != dict(order.components):
        return f"bill of materials than the one in force{_named(revision)}"
    if not _routed(shop, order):
        return f"route than the one in force{_named(route.revision if route else '')}"
    return ""


def _named(revision: str) -> str:
    return f" (revision {revision})" if revision else ""


def _routed(shop: Shop, order: WorkOrder) -> bool:
    """Whether the operations of an order are those of the route in force."""
    route = shop.plant.routes.get(order.item)
    steps = route.steps if route else ()
    if [slot.step for slot in order.operations] != [step.step for step in steps]:
        return False
    operations = operations_of(shop, order.item, order.quantity)
    return all(
        any(
            _is_done_so(slot, alternative, {way.seconds, *way.changeover.values()})
            for alternative, way in zip(step.alternatives, operation.ways, strict=True)
        )
        for slot, step, operation in zip(order.operations, steps, operations, strict=True)
    )


def _is_done_so(slot: OperationSlot, alternative: Alternative, seconds: set[int]) -> bool:
    """Whether an operation is as an alternative of its step says; minutes that were learned say nothing of a route."""
    if slot.work_centre != alternative.work_centre:
        return False
    return alternative.learned_percent is not None or slot.minutes * MINUTE in seconds
