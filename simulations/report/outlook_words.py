"""How the outlook of an item is put into words, the same in the terminal and on a picture."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.outlook import EventKind, ItemEvent, Pegged
from knowledge.plant import Item
from knowledge.quantities import Units, show_units
from knowledge.wording import showable
from simulations.report.cells import plain
from simulations.report.pegs import STOCK
from simulations.report.reading import readable

MOST_PEGS = 12

_KINDS = {
    EventKind.PURCHASE_ORDER: "purchase order",
    EventKind.WORK_ORDER: "work order",
    EventKind.ORDER_LINE: "order line",
    EventKind.EXPIRY: "end of shelf life",
    EventKind.UNKNOWN: "unknown document",
}


def show_quantity(units: Units, item: Item) -> str:
    """A quantity in the item's unit, a negative one with a true minus sign: `−12.5`."""
    return show_units(units, item.decimals).replace("-", "−")


def show_of(units: Units, item: Item) -> str:
    """A quantity with the item's unit: `12 EA`."""
    return f"{show_quantity(units, item)} {showable(item.uom)}".rstrip()


def what_is(event: ItemEvent) -> str:
    """What the document of an event is: `purchase order (GUSS)`, `component of PUMP-10`."""
    partner = showable(event.partner)
    if event.kind is EventKind.COMPONENT:
        return f"component of {partner}" if partner else "component of work order"
    return f"{_KINDS[event.kind]} ({partner})" if partner else _KINDS[event.kind]


def status_of(event: ItemEvent) -> str:
    """The status of an event: `planned`, `firm, overdue`."""
    return ", ".join(filter(None, (plain(event.status), "overdue" if event.overdue else "")))


def pegs_of(event: ItemEvent, item: Item, glue: str = " ") -> str:
    """What a receipt is for, or what a requirement takes or waits for; `glue` keeps a quantity with its document."""
    if len(event.pegs) == 1 and event.pegs[0].units == abs(event.units):
        word = "for" if event.units > 0 else "waits for" if event.pegs[0].late else "from"
        return f"{word} {_name(event.pegs[0])}"
    if event.units > 0:
        return show_pegs("for", event.pegs, item, glue)
    there = show_pegs("from", [each for each in event.pegs if not each.late], item, glue)
    awaited = show_pegs("waits for", [each for each in event.pegs if each.late], item, glue)
    short = f"short of {show_quantity(event.short, item)}" if event.short else ""
    return "; ".join(filter(None, (there, awaited, short)))


def show_pegs(word: str, pegs: Sequence[Pegged], item: Item, glue: str = " ") -> str:
    """Documents with their quantities: `for WO-000001 × 4, stock × 2`; empty where there are none."""
    if not pegs:
        return ""
    shown = [f"{_name(each)} × {show_quantity(each.units, item)}".replace(" ", glue) for each in pegs[:MOST_PEGS]]
    rest = len(pegs) - MOST_PEGS
    return f"{word} {', '.join(shown)}" + (f" and{glue}{rest:,}{glue}more" if rest > 0 else "")


def _name(pegged: Pegged) -> str:
    return plain(pegged.document) if pegged.document in STOCK else readable(pegged.document)
