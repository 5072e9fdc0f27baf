"""Purchasing: what is to be ordered, what is open or late, why of whom; what suppliers confirm is entered here."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from agents.api.access import needs
from agents.api.context import Here, Offset, Search, View
from agents.console.entering import EntryError, Field, Told, entered, said
from agents.console.frame import page
from agents.service.worklists import ISSUED, Buying, Worklists
from knowledge.access import Permission
from knowledge.instants import iso

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 40

Supplier = Annotated[str, Query(max_length=200)]


@router.get("/purchasing", response_class=HTMLResponse)
def purchasing(
    request: Request,
    here: Here,
    show: Buying = Buying.TO_ORDER,
    search: Search = "",
    supplier: Supplier = "",
    offset: Offset = 0,
    told: Told = "",
) -> HTMLResponse:
    """Purchase rows of one list."""
    return _page(request, here, show, search, supplier, offset, told)


@router.post("/purchasing/confirm", response_class=HTMLResponse, dependencies=[needs(Permission.CONFIRM_PURCHASES)])
async def confirm(
    request: Request,
    here: Here,
    purchase_order: Field,
    item: Field,
    quantity: Field = "",
    due: Field = "",
    show: Buying = Buying.OPEN,
    search: Search = "",
) -> Response:
    """Enter what a supplier confirms of a row; another date or quantity is a change."""
    back = f"/purchasing?{urlencode({'show': show.value, 'search': search})}"
    fields = {"purchase_order": purchase_order, "item": item, "quantity": quantity, "due": due}
    try:
        return await entered(here, back, "supplier_confirmation", **fields)
    except EntryError as error:
        problem = f"{purchase_order}: {error}"
        return await asyncio.to_thread(_page, request, here, show, search, "", 0, "", problem)


def _page(
    request: Request,
    here: Here,
    show: Buying,
    search: str,
    supplier: str,
    offset: int,
    told: str,
    problem: str = "",
) -> HTMLResponse:
    outcome = said(here, told)
    with here.view() as view:
        lists = Worklists(view.snapshot, view.plant, view.now, SHOWN, offset)
        found = lists.purchases(show, search, supplier)
        asked = {"show": show.value, "search": search, "supplier": supplier}
        return page(
            request,
            "purchasing.html.j2",
            view,
            status=422 if problem else 200,
            rows=[_shown(view, row) for row in found.rows],
            total=found.total,
            counts=lists.buying_counts(),
            show=show,
            shows=list(Buying),
            search=search,
            supplier=supplier,
            offset=offset,
            limit=SHOWN,
            address=f"/purchasing?{urlencode(asked)}&",
            outcome=outcome,
            problem=problem,
        )


def _shown(view: View, row: dict[str, Any]) -> dict[str, Any]:
    item = row["item"]
    return {
        **row,
        "quantity": view.units(item, row["quantity"]),
        "received": view.units(item, row["received"]) if row["received"] else "",
        "uom": view.plant.items[item].uom if item in view.plant.items else "",
        "due_local": iso(row["due"], view.plant.zone)[:16],
        "supplier_name": view.plant.suppliers[row["supplier"]].name if row["supplier"] in view.plant.suppliers else "",
        "issued": row["status"] in ISSUED,
        "late": row["status"] in ISSUED and row["due"] < view.now,
        "must_go": row["status"] in ("planned", "firm") and row["order_by"] < view.now,
        "record": row["record"].said() if row["record"].came else "",
    }
