"""Orders: searched, and one with its lines, releases, peg tree, reasons, conversation and history."""

from __future__ import annotations

import asyncio
import json
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from agents.api.access import needs
from agents.api.context import Context, Here, Offset, Search, View
from agents.api.orders import Name, explained, history, one_order, order_row
from agents.console.entering import Told, said
from agents.console.formats import Told as Shown
from agents.console.formats import told_of
from agents.console.frame import page
from agents.service.order_list import Show, orders
from knowledge.access import Permission
from knowledge.store.tables import MessageRow
from knowledge.supply import readable

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 50
MESSAGES = 200
"""Messages of a conversation on one page."""


class Tab(StrEnum):
    """The sides of an order."""

    LINES = "lines"
    WHY = "why"
    CONVERSATION = "conversation"
    HISTORY = "history"


@router.get("/orders", response_class=HTMLResponse)
def order_list(
    request: Request, here: Here, search: Search = "", show: Show = Show.ALL, offset: Offset = 0
) -> HTMLResponse:
    """Orders that are searched for, or all, the latest first."""
    with here.view() as view:
        rows, total = orders(view.snapshot, search, show, view.now, SHOWN, offset)
        return page(
            request,
            "orders.html.j2",
            view,
            rows=[_summary(order, parts) for order, parts in rows],
            total=total,
            search=search,
            show=show,
            shows=list(Show),
            offset=offset,
            limit=SHOWN,
            address=f"/orders?{urlencode({'search': search, 'show': show.value})}&",
        )


def _summary(order: dict[str, Any], parts: list[dict[str, Any]]) -> dict[str, Any]:
    requested = [part["requested"] for part in parts if part["requested"] is not None]
    promised = [part["promised"] for part in parts if part["promised"] is not None]
    statuses: dict[str, int] = {}
    late = 0
    for part in parts:
        if part["promised"] is not None and part["requested"] is not None:
            late = max(late, part["promised"] - part["requested"])
        statuses[part["status"]] = statuses.get(part["status"], 0) + 1
    return {
        **order,
        "items": list(dict.fromkeys(part["item"] for part in parts)),
        "lines": len({part["line"] for part in parts}),
        "statuses": statuses,
        "requested": min(requested, default=None),
        "promised": max(promised, default=None),
        "late": late,
    }


@router.get("/orders/{order:path}", response_class=HTMLResponse)
async def order(
    request: Request,
    here: Here,
    order: Name,
    tab: Tab = Tab.LINES,
    offset: Offset = 0,
    part: bool = False,
    told: Told = "",
) -> HTMLResponse:
    """One order. What takes long to work out comes as a part of its own, after the page."""
    if tab is Tab.WHY and part:
        found = await explained(here, await asyncio.to_thread(_key, here, order))
        return await asyncio.to_thread(_why, request, here, found)
    return await asyncio.to_thread(_order, request, here, order, tab, offset, told)


def _key(here: Context, name: str) -> str:
    with here.view() as view:
        return str(order_row(view, name)["order"])


def _order(request: Request, here: Context, name: str, tab: Tab, offset: int, told: str) -> HTMLResponse:
    outcome = said(here, told)
    found = one_order(here, name)
    with here.view() as view:
        key = order_row(view, name)["order"]
        values: dict[str, Any] = {"order": found, "key": key, "tab": tab, "tabs": list(Tab), "outcome": outcome}
        if tab is Tab.LINES:
            given = Shown({line["line"]: told_of(line) for line in found.document["lines"]})
            places = {line: place for place, line in enumerate(given)}
            values["given"] = given
            values["parts"] = sorted(found.lines, key=lambda each: (places.get(each.line, len(places)), each.part))
        elif tab is Tab.CONVERSATION:
            values |= _conversation(here, view, key, offset)
        elif tab is Tab.HISTORY:
            values |= {"history": history(here, name), "document": json.dumps(found.document, indent=2)}
        return page(request, f"order_{tab.value}.html.j2", view, **values)


def _conversation(here: Context, view: View, key: str, offset: int) -> dict[str, Any]:
    rows, total = view.snapshot.page(MessageRow, {"subject": readable(key)}, limit=MESSAGES, offset=offset)
    label = f"Sequence diagram of the conversation about order {readable(key)}"
    svg, left_out = here.views.sequence(rows, view.plant.zone, label)
    messages = [{**row, "content": json.dumps(json.loads(row["body"]), indent=2, ensure_ascii=False)} for row in rows]
    return {
        "diagram": Markup(svg),  # the writer of the picture escapes what stands in it
        "left_out": left_out,
        "messages": messages,
        "offset": offset,
        "limit": MESSAGES,
        "total": total,
        "agents": len({row["sender"] for row in rows} | {row["receiver"] for row in rows}),
    }


@router.get("/why/{document:path}", response_class=HTMLResponse)
async def why(
    request: Request, here: Here, document: Annotated[str, Path(max_length=600)], part: bool = False
) -> HTMLResponse:
    """What any document is for, and what it waits for."""
    if part:
        found = await explained(here, document)
        return await asyncio.to_thread(_why, request, here, found)
    return await asyncio.to_thread(_empty, request, here, document)


def _why(request: Request, here: Context, found: dict[str, Any]) -> HTMLResponse:
    with here.view() as view:
        return page(request, "why_part.html.j2", view, said=told_of(found))


def _empty(request: Request, here: Context, document: str) -> HTMLResponse:
    with here.view() as view:
        return page(request, "why.html.j2", view, document=document)
