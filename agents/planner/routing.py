"""Operations of an order from its item's route: the alternatives of each step with their minutes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from agents.planner.book import Shop
from knowledge.instants import MINUTE
from knowledge.plant import Alternative, Item
from knowledge.quantities import Units, ceil_div, from_units


@dataclass(frozen=True, slots=True)
class Way:
    """One alternative of an operation: where, and for how long."""

    work_centre: str
    minutes: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of an order."""

    step: str
    ways: tuple[Way, ...]


def operations_of(shop: Shop, code: str, quantity: Units) -> list[Operation]:
    """The operations of an order of an item, in order; none where the item has no route."""
    key = code, quantity
    found = shop.operations.get(key)
    if found is None:
        route = shop.plant.routes.get(code)
        item = shop.plant.items[code]
        found = [
            Operation(step.step, tuple(_way(shop, item, way, quantity) for way in step.alternatives))
            for step in (route.steps if route else ())
        ]
        shop.operations[key] = found
    return found


def _way(shop: Shop, item: Item, way: Alternative, quantity: Units) -> Way:
    minutes = minutes_of(shop, item, way, quantity)
    return Way(way.work_centre, minutes, minutes * MINUTE)


def minutes_of(shop: Shop, item: Item, way: Alternative, quantity: Units) -> int:
    """Minutes of an operation: (setup + run × quantity + teardown) × 100 ÷ efficiency, rounded up."""
    setup = _setup(shop, item, way)
    total = setup + way.run_minutes * from_units(quantity, item.decimals) + way.teardown_minutes
    efficiency = shop.plant.work_centres[way.work_centre].efficiency_percent
    top, bottom = (total * 100).as_integer_ratio()
    by, of = efficiency.as_integer_ratio()
    return ceil_div(top * of, bottom * by)


def _setup(shop: Shop, item: Item, way: Alternative) -> Decimal:
    """The longest set-up that the table can ask for before this item's group, so that any sequence fits."""
    rows = [
        minutes
        for (centre, _, to_group), minutes in shop.plant.setups.items()
        if centre == way.work_centre and to_group == item.group
    ]
    return max([way.setup_minutes, *rows]) if rows else way.setup_minutes
