"""Whether a new version of a knowledge folder may take the place of the old one while work goes on, and if not, why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from knowledge.errors import Problem
from knowledge.plant import Item, Plant

SHOWN = 5
"""How many documents a problem names before it only counts them."""

Documents = Mapping[str, tuple[str, ...]]
"""By code: the documents that name it."""


@dataclass(frozen=True, slots=True)
class InUse:
    """What the records of a society name.

    `items` are in any record, `open_items` in what is not over yet: stock, open lines, orders that are issued.
    `work_centres` are those with work that is issued, `machines` the highest number of a machine on which there is any.
    `suppliers` have orders to fill, `customers` orders to get. Rules of approval are not among it: what waits keeps the
    terms on which it was asked.
    """

    items: Documents = field(default_factory=dict)
    open_items: Documents = field(default_factory=dict)
    work_centres: Documents = field(default_factory=dict)
    machines: Mapping[str, int] = field(default_factory=dict)
    suppliers: Documents = field(default_factory=dict)
    customers: Documents = field(default_factory=dict)


def objections(old: Plant, new: Plant, used: InUse) -> list[Problem]:
    """Everything that stands against the change: what it takes away is in use, or would be read as something else."""
    return [
        *_settings(old, new),
        *_items(old, new, used),
        *_work_centres(old, new, used),
        *_suppliers(old, new, used),
        *_customers(new, used),
    ]


def touched(old: Plant, new: Plant) -> set[str]:
    """The items whose plan the change may touch, where that can be told; none where it may be any.

    Whoever competes with one of them, for a component or a machine, is touched with it: that is for who plans.
    """
    if _of_all(old) != _of_all(new):
        return set()
    items = {*old.items, *new.items}
    centres = {
        code
        for code in {*old.work_centres, *new.work_centres}
        if old.work_centres.get(code) != new.work_centres.get(code) or _setups(old, code) != _setups(new, code)
    }
    found = {item for item in items if _of_item(old, item) != _of_item(new, item)}
    for plant in (old, new):
        for route in plant.routes.values():
            if any(way.work_centre in centres for step in route.steps for way in step.alternatives):
                found.add(route.item)
    for item in sorted(found):  # what an item is made of no more is free for others
        for bom in (old.boms.get(item), new.boms.get(item)):
            found.update(part.item for part in (bom.components if bom else ()))
    # what changes for no item at all, a customer say, is for what comes; something has to be named, as none means all
    return found & set(new.items) or set(list(new.items)[:1])


def _of_all(plant: Plant) -> tuple[object, ...]:
    """What concerns the plan of every item."""
    horizons = plant.release_horizon_days, plant.frozen_horizon_days
    return *horizons, plant.sourcing, plant.learning, plant.calendars, plant.suppliers, plant.rates


def _of_item(plant: Plant, item: str) -> tuple[object, ...]:
    return plant.items.get(item), plant.boms.get(item), plant.routes.get(item), plant.offers.get(item)


def _setups(plant: Plant, work_centre: str) -> dict[tuple[str, str], object]:
    return {(before, after): minutes for (code, before, after), minutes in plant.setups.items() if code == work_centre}


def _settings(old: Plant, new: Plant) -> Iterator[Problem]:
    why = "stays what it was when the society began: what is written down would be read as something else"
    if str(old.zone) != str(new.zone):
        yield Problem("plant.toml", 0, "timezone", f"cannot change from {old.zone} to {new.zone}; the zone {why}")
    if old.currency != new.currency:
        text = f"cannot change from {old.currency} to {new.currency}; the currency {why}"
        yield Problem("plant.toml", 0, "currency", text)


def _items(old: Plant, new: Plant, used: InUse) -> Iterator[Problem]:
    for code, before in old.items.items():
        after = new.items.get(code)
        named, busy = used.items.get(code, ()), used.open_items.get(code, ())
        if after is None:
            if busy:
                yield Problem("items.csv", 0, "item", f"{code} cannot be removed: {_named(busy)} still needs it")
            elif named:
                text = (
                    f"{code} cannot be removed: {_named(named)} is shown in its unit; remove its BOM and route instead"
                )
                yield Problem("items.csv", 0, "item", text)
            continue
        yield from _item(before, after, used)


def _item(old: Item, new: Item, used: InUse) -> Iterator[Problem]:
    code = old.code
    named, busy = used.items.get(code, ()), used.open_items.get(code, ())
    if named:
        for column in ("decimals", "uom"):
            before, after = getattr(old, column), getattr(new, column)
            if before != after:
                text = f"{code} cannot change from {before} to {after}: {_named(named)} is written in the old unit"
                yield Problem("items.csv", 0, column, text)
    if old.supply is not new.supply and busy:
        text = f"{code} cannot change from {old.supply} to {new.supply} while {_named(busy)} is open"
        yield Problem("items.csv", 0, "supply", text)
    if old.shelf_life_days != new.shelf_life_days and busy:
        text = f"{code} cannot change while {_named(busy)} is there: its lots were dated by the old one"
        yield Problem("items.csv", 0, "shelf_life_days", text)


def _work_centres(old: Plant, new: Plant, used: InUse) -> Iterator[Problem]:
    for code in old.work_centres:
        orders, after = used.work_centres.get(code, ()), new.work_centres.get(code)
        if orders and after is None:
            text = f"{code} cannot be removed: {_named(orders)} is issued to it"
            yield Problem("work_centres.csv", 0, "work_centre", text)
        elif orders and after is not None and after.machines < used.machines.get(code, 0):
            text = f"{code} cannot have {after.machines}: {_named(orders)} is issued to machine {used.machines[code]}"
            yield Problem("work_centres.csv", 0, "machines", text)


def _suppliers(old: Plant, new: Plant, used: InUse) -> Iterator[Problem]:
    for code, orders in used.suppliers.items():
        if _supplies(old, code) and not _supplies(new, code):
            yield Problem("suppliers.csv", 0, "supplier", f"{code} cannot be removed: {_named(orders)} is issued to it")


def _supplies(plant: Plant, code: str) -> bool:
    return code in plant.suppliers or any(o.supplier == code for offers in plant.offers.values() for o in offers)


def _customers(new: Plant, used: InUse) -> Iterator[Problem]:
    for code, orders in used.customers.items():
        if new.customers is not None and code not in new.customers:
            yield Problem("customers.csv", 0, "customer", f"{code} cannot be left out: {_named(orders)} is open")


def _named(documents: Iterable[str]) -> str:
    documents = list(documents)
    more = len(documents) - SHOWN
    return ", ".join(documents[:SHOWN]) + (f" and {more} more" if more > 0 else "")
