"""What a firm expects to need: the demand for finished items, through all bills of material."""

from __future__ import annotations

from knowledge.plant import Plant
from simulations.policies.policy import Known


def needed_per_day(known: Known) -> dict[str, float]:
    """Whole units of each item that are expected to be needed on a day of the calendar, at every level."""
    plant, found = known.plant, dict(known.demand_per_day)
    for parent in _from_the_top(plant):
        amount, bom = found.get(parent, 0.0), plant.boms.get(parent)
        for part in bom.components if bom and amount else ():
            need = float(part.quantity) * (1 + float(part.scrap_percent) / 100)
            found[part.item] = found.get(part.item, 0.0) + amount * need
    return found


def _from_the_top(plant: Plant) -> list[str]:
    """Parents before their components."""
    found: dict[str, None] = {}

    def visit(item: str) -> None:
        if item in found:
            return
        bom = plant.boms.get(item)
        for part in bom.components if bom else ():
            visit(part.item)
        found[item] = None

    for item in plant.boms:
        visit(item)
    return list(found)[::-1]
