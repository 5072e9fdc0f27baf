"""What a new version of a knowledge folder changes: what is added, changed or removed, field by field, as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from knowledge.calendars import Calendar, LeadTime
from knowledge.plant import ApprovalRule, Bom, Item, LotRule, Offer, Plant, Route, WorkCentre
from knowledge.quantities import show_units

Shown: TypeAlias = dict[str, str]
"""A thing by its fields, as a person would write them; what is not given is left out."""


class What(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a thing, before and after; empty where it was, or is, not given."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that another version of the folder changes. `kind` in the singular: item, BOM, work centre …"""

    kind: str
    name: str
    what: What
    fields: tuple[Field, ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}".strip()


def difference(old: Plant, new: Plant) -> tuple[Change, ...]:
    """Everything in which two plants differ, in the order of the folder's files.

    Stock and open orders are left out: they are opening balances, which count once.
    """
    return tuple(
        change for kind, things in KINDS.items() for change in _changes(kind, dict(things(old)), dict(things(new)))
    )


def _changes(kind: str, old: dict[str, Shown], new: dict[str, Shown]) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before == after:
            continue
        what = What.ADDED if before is None else What.REMOVED if after is None else What.CHANGED
        yield Change(kind, name, what, _fields(before or {}, after or {}))


def _fields(before: Shown, after: Shown) -> tuple[Field, ...]:
    names = dict.fromkeys([*before, *after])
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(Field(name, old, new) for name, old, new in pairs if old != new)


def _plain(thing: Any, *without: str) -> Shown:
    """A frozen value by its fields, as text."""
    found = {f.name: _text(getattr(thing, f.name)) for f in fields(thing) if f.name not in without}
    return {name: text for name, text in found.items() if text}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, LeadTime):
        if not value.days:
            return ""
        working = "" if value.calendar is None else " working"
        days = f"{value.days}{working} {'day' if value.days == 1 else 'days'}"
        return f"{days} ({value.calendar.name})" if value.calendar is not None else days
    if isinstance(value, Calendar):
        return value.name
    return str(value)


def _settings(plant: Plant) -> Iterator[tuple[str, Shown]]:
    kept = ("name", "zone", "currency", "release_horizon_days", "frozen_horizon_days", "sourcing")
    learning = {} if plant.learning is None else _plain(plant.learning)
    yield "", {name: _text(getattr(plant, name)) for name in kept} | {f"learning.{k}": v for k, v in learning.items()}


def _rules(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for number, rule in enumerate(plant.approvals, 1):
        yield f"{number}", _rule(rule)


def _rule(rule: ApprovalRule) -> Shown:
    return _plain(rule)


def _items(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for code, item in plant.items.items():
        yield code, _item(item)


def _item(item: Item) -> Shown:
    shown = _plain(item, "code", "lot", "safety_stock")
    if item.safety_stock:
        shown["safety_stock"] = show_units(item.safety_stock, item.decimals)
    return shown | _lot(item.lot, item.decimals)


def _lot(lot: LotRule, decimals: int) -> Shown:
    found: Shown = {}
    if lot.minimum:
        found["lot_minimum"] = show_units(lot.minimum, decimals)
    if lot.maximum is not None:
        found["lot_maximum"] = show_units(lot.maximum, decimals)
    if lot.multiple != 1:
        found["lot_multiple"] = show_units(lot.multiple, decimals)
    return found


def _boms(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for code, bom in plant.boms.items():
        yield code, _bom(bom)


def _bom(bom: Bom) -> Shown:
    found = {"revision": bom.revision} if bom.revision else {}
    for part in bom.components:
        scrap = f" and {_text(part.scrap_percent)} % scrap" if part.scrap_percent else ""
        name = part.item if part.item not in found else f"{part.item} again"
        found[name] = f"{_text(part.quantity)}{scrap}"
    return found


def _routes(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for code, route in plant.routes.items():
        yield code, _route(route)


def _route(route: Route) -> Shown:
    found = {"revision": route.revision} if route.revision else {}
    for step in route.steps:
        ways = []
        for way in step.alternatives:
            minutes = f"{_text(way.setup_minutes)} + {_text(way.run_minutes)} a unit"
            after = f" + {_text(way.teardown_minutes)}" if way.teardown_minutes else ""
            ways.append(f"{way.work_centre} {minutes}{after} min")
        found[f"step {step.step}"] = " or ".join(ways)
    return found


def _work_centres(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for code, centre in plant.work_centres.items():
        yield code, _work_centre(centre)


def _work_centre(centre: WorkCentre) -> Shown:
    return _plain(centre, "code")


def _setups(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for (centre, before, after), minutes in plant.setups.items():
        yield f"{centre} {before} → {after}", {"minutes": _text(minutes)}


def _calendars(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for name, calendar in plant.calendars.items():
        yield name, _calendar(calendar)


_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _calendar(calendar: Calendar) -> Shown:
    found: Shown = {}
    for number, day in enumerate(_WEEKDAYS, 1):
        shifts = sorted((s.start, s.end) for s in calendar.shifts if s.weekday == number)
        if shifts:
            found[day] = ", ".join(f"{_clock(start)}–{_clock(end)}" for start, end in shifts)
    if calendar.holidays:
        found["holidays"] = ", ".join(day.isoformat() for day in sorted(calendar.holidays))
    return found


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _suppliers(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for code, supplier in plant.suppliers.items():
        yield code, _plain(supplier, "code")


def _offers(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for code, offers in plant.offers.items():
        decimals = plant.items[code].decimals if code in plant.items else 0
        for offer in offers:
            yield f"{offer.supplier} of {code}", _offer(offer, decimals)


def _offer(offer: Offer, decimals: int) -> Shown:
    shown = _plain(offer, "supplier", "item", "breaks", "lot", "capacity_per_week")
    for begin, price in offer.breaks:
        shown[f"price from {show_units(begin, decimals)}" if begin else "price"] = _text(price)
    if offer.capacity_per_week is not None:
        shown["capacity_per_week"] = show_units(offer.capacity_per_week, decimals)
    lot = _lot(offer.lot, decimals)
    return shown | {name.removeprefix("lot_"): text for name, text in lot.items()}


def _customers(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for code, customer in (plant.customers or {}).items():
        yield code, _plain(customer, "code")


def _aliases(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for (source, foreign), alias in plant.aliases.items():
        yield f"{foreign} of {source}" if source else foreign, _plain(alias)


def _conversions(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for (item, uom), factor in plant.uom_conversions.items():
        yield f"{uom} of {item}", {"factor": _text(factor)}


def _rates(plant: Plant) -> Iterator[tuple[str, Shown]]:
    for currency, rate in plant.rates.items():
        yield currency, {"rate": _text(rate)}


KINDS: Mapping[str, Callable[[Plant], Iterator[tuple[str, Shown]]]] = {
    "plant": _settings,
    "approval rule": _rules,
    "item": _items,
    "BOM": _boms,
    "route": _routes,
    "work centre": _work_centres,
    "set-up": _setups,
    "calendar": _calendars,
    "supplier": _suppliers,
    "offer": _offers,
    "customer": _customers,
    "alias": _aliases,
    "unit": _conversions,
    "rate": _rates,
}
"""What there is to change, in the order in which it is told: by kind, every thing of a plant with its fields."""
