"""Availability: every item with what is on hand, and one item over time with its events and pegs."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse

from agents.api.access import needs
from agents.api.context import Here, Offset, Search, View
from agents.api.problems import ProblemError
from agents.console import charts
from agents.console.frame import page
from agents.service.item_books import item_books
from agents.service.worklists import Worklists
from knowledge.access import Permission
from knowledge.instants import DAY
from knowledge.outlook import ItemEvent, Outlook, UnknownItemError, outlook_of
from knowledge.plant import Item, Plant
from knowledge.supply import SAFETY_STOCK, STOCK, base_document, readable

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 50
EVENTS = 100
"""Events of an item on one page."""


@router.get("/availability", response_class=HTMLResponse)
def items(request: Request, here: Here, search: Search = "", offset: Offset = 0) -> HTMLResponse:
    """Items that are searched for, or all, by code."""
    with here.view() as view:
        found = matching(view.plant, search)
        some = found[offset : offset + SHOWN]
        stock = Worklists(view.snapshot, view.plant, view.now, SHOWN).stock_of(item.code for item in some)
        return page(
            request,
            "availability.html.j2",
            view,
            rows=[_row(view, item, stock.get(item.code, 0)) for item in some],
            total=len(found),
            search=search,
            offset=offset,
            limit=SHOWN,
            address=f"/availability?{urlencode({'search': search})}&",
        )


def _row(view: View, item: Item, on_hand: int) -> tuple[Item, str, str]:
    safety = view.units(item.code, item.safety_stock) if item.safety_stock else ""
    return item, view.units(item.code, on_hand), safety


def matching(plant: Plant, search: str) -> list[Item]:
    """The items whose code or description holds a text, by code."""
    wanted = search.strip().casefold()
    found = (i for i in plant.items.values() if wanted in i.code.casefold() or wanted in i.description.casefold())
    return sorted(found, key=lambda item: item.code)


@router.get("/availability/{item:path}", response_class=HTMLResponse)
def one_item(
    request: Request, here: Here, item: Annotated[str, Path(max_length=200)], offset: Offset = 0
) -> HTMLResponse:
    """One item over time."""
    with here.view() as view:
        try:
            outlook = outlook_of(item_books(view.snapshot, view.plant, view.now, item), item)
        except UnknownItemError as error:
            raise ProblemError(404, str(error)) from error
        events = outlook.events[offset : offset + EVENTS]
        end = max(outlook.steps[-1].time, view.now + DAY) + DAY
        return page(
            request,
            "availability_item.html.j2",
            view,
            item=outlook.item,
            outlook=outlook,
            units=lambda units: view.units(item, units),
            events=[_shown(view, outlook, event) for event in events],
            stock_pegs=_pegs(view, outlook, outlook.stock_pegs),
            spec=charts.embedded(charts.availability(outlook, end)),
            offset=offset,
            limit=EVENTS,
            total=len(outlook.events),
            address=f"{request.url.path}?",
        )


_PLAIN = {STOCK: "stock", SAFETY_STOCK: "safety stock"}
"""Ends of pegs that are no documents."""

_KINDS = {
    "purchase_order": "purchase",
    "work_order": "made",
    "order_line": "ships",
    "component": "used",
    "expiry": "expires",
    "unknown": "",
}


def _shown(view: View, outlook: Outlook, event: ItemEvent) -> dict[str, Any]:
    code = outlook.item.code
    return {
        "time": event.time,
        "document": readable(event.document),
        "why": readable(base_document(event.document)),
        "kind": _KINDS[event.kind.value],
        "status": event.status,
        "partner": event.partner,
        "units": ("+" if event.units > 0 else "") + view.units(code, event.units),
        "projected": view.units(code, event.projected),
        "promisable": view.units(code, event.promisable),
        "negative": event.projected < 0,
        "overdue": event.overdue,
        "receipt": event.units > 0,
        "short": view.units(code, event.short) if event.short else "",
        "pegs": _pegs(view, outlook, event.pegs),
    }


def _pegs(view: View, outlook: Outlook, pegs: Any) -> list[dict[str, Any]]:
    code = outlook.item.code
    return [
        {
            "document": _PLAIN.get(peg.document) or readable(peg.document),
            "link": "" if peg.document in _PLAIN else readable(base_document(peg.document)),
            "units": view.units(code, peg.units),
            "late": peg.late,
        }
        for peg in pegs
    ]
