"""What an engineering release makes of a plant: the new item, BOM and route in force, or why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from knowledge.calendars import LeadTime
from knowledge.documents import EngineeringRelease, RouteRow
from knowledge.plant import Alternative, Bom, Item, Kind, Plant, Replenishment, Route, Step, component


def release_problem(plant: Plant, release: EngineeringRelease) -> str:
    """What stands against a release: unknown components or work centres, or a BOM that would contain itself."""
    for row in release.bom:
        if row.component not in plant.items:
            return f"component {row.component} is not a known item"
    for step in release.route:
        if step.work_centre not in plant.work_centres:
            return f"step {step.step}: work centre {step.work_centre} is not known"
    path = _cycle(plant, release)
    return f"the BOM would contain itself: {' → '.join(path)}" if path else ""


def _cycle(plant: Plant, release: EngineeringRelease) -> list[str]:
    """A path from the released item down to itself, or nothing."""

    def search(code: str, path: list[str]) -> list[str]:
        if code == release.item:
            return [*path, code]
        bom = plant.boms.get(code)
        for part in bom.components if bom else ():
            found = search(part.item, [*path, code])
            if found:
                return found
        return []

    for row in release.bom:
        found = search(row.component, [release.item])
        if found:
            return found
    return []


def revised(plant: Plant, release: EngineeringRelease) -> Plant:
    """The plant with the release in force. An item first named by it is a finished item that is made."""
    items: dict[str, Item] = dict(plant.items)
    known = items.get(release.item)
    item = known or Item(release.item, kind=Kind.FINISHED, supply=Replenishment.MAKE)
    if release.lead_time_days is not None:
        item = replace(item, lead_time=LeadTime(release.lead_time_days, item.lead_time.calendar))
    items[release.item] = item
    boms: Mapping[str, Bom] = plant.boms
    if release.bom or known is None:
        parts = tuple(
            component(row.component, row.quantity, row.scrap_percent, item.decimals, items[row.component].decimals)
            for row in release.bom
        )
        boms = {**plant.boms, release.item: Bom(release.item, release.revision, parts)}
    routes: Mapping[str, Route] = plant.routes
    if release.route:
        routes = {**plant.routes, release.item: Route(release.item, release.revision, _steps(release.route))}
    return replace(plant, items=items, boms=boms, routes=routes)


def _steps(rows: tuple[RouteRow, ...]) -> tuple[Step, ...]:
    steps: dict[str, list[Alternative]] = {}
    for row in rows:
        way = Alternative(row.work_centre, row.setup_minutes, row.run_minutes, row.teardown_minutes)
        steps.setdefault(row.step, []).append(way)
    names = list(steps)
    if all(name.isdigit() for name in names):
        names.sort(key=Decimal)
    return tuple(Step(name, tuple(steps[name])) for name in names)
