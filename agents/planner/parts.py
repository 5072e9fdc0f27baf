"""How an order stands, line by line, in the terms of the promises table."""

from __future__ import annotations

from collections.abc import Iterator

from agents.planner.state import State
from knowledge.plant import Plant
from knowledge.supply import Release
from protocols.orders import PartState


def class_of(plant: Plant, item: str, custom: bool) -> str:
    """What is replenished for a line: custom, or as its item is supplied."""
    if custom:
        return "custom"
    supply = plant.items[item].supply.value
    return "custom" if supply == "engineer" else supply


def parts_of(state: State, order: str) -> Iterator[PartState]:
    """The parts of an order: its releases, and what cannot be supplied."""
    planned = state.orders.get(order)
    for document in state.documents(order):
        yield part_of(state, state.releases[document])
    for missing in planned.missing if planned else ():
        yield PartState(
            line=missing.line,
            item=missing.item,
            classified_as=missing.classified_as or class_of(state.plant, missing.item, False),
            quantity=missing.quantity,
            requested=missing.requested,
            promised=None,
            status=missing.status,
            reason=missing.reason,
        )


def part_of(state: State, release: Release) -> PartState:
    """A release as a part of its line."""
    status = "awaiting_approval" if release.held else "at_risk" if release.at_risk else "promised"
    pending = state.orders[release.order].pending if release.held else ()
    return PartState(
        line=release.line,
        item=release.item,
        classified_as=class_of(state.plant, release.item, release.custom),
        quantity=release.quantity,
        requested=release.requested,
        promised=None if release.held else release.promised,
        status=status,
        reason=f"waits for approval of {', '.join(pending)}" if release.held else release.reason,
        shipped=release.shipped,
    )
