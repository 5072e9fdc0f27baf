"""Operations of an order from its item's route: the alternatives of each step with their minutes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from agents.planner.book import Shop
from agents.planner.capacity import Way
from knowledge.instants import MINUTE
from knowledge.plant import Alternative, Item
from knowledge.quantities import Units, ceil_div, from_units


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
    rows = {
        from_group: minutes
        for (centre, from_group, to_group), minutes in shop.plant.setups.items()
        if centre == way.work_centre and to_group == item.group
    }
    return Way(
        way.work_centre,
        minutes_of(shop, item, way, quantity, way.setup_minutes) * MINUTE,
        item.group,
        {group: minutes_of(shop, item, way, quantity, setup) * MINUTE for group, setup in rows.items()},
    )


def minutes_of(shop: Shop, item: Item, way: Alternative, quantity: Units, setup: Decimal) -> int:
    """Minutes of an operation: (setup + run × quantity + teardown) × 100 ÷ efficiency, rounded up."""
    minutes = Fraction(setup) + Fraction(way.run_minutes) * Fraction(from_units(quantity, item.decimals))
    minutes += Fraction(way.teardown_minutes)
    minutes = minutes * 100 / Fraction(shop.plant.work_centres[way.work_centre].efficiency_percent)
    return ceil_div(minutes.numerator, minutes.denominator)


def way_to(shop: Shop, code: str, quantity: Units, step: str, work_centre: str, seconds: int) -> Way:
    """The way in which a firm operation is done: as the route has it, with the length that it has."""
    for operation in operations_of(shop, code, quantity):
        for way in operation.ways:
            if operation.step == step and way.work_centre == work_centre:
                return way
    return Way(work_centre, seconds, shop.plant.items[code].group)
