"""Receiving and shipping: goods that come in, what is counted, what is to be picked and has left."""

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
from agents.service.worklists import Worklists
from knowledge.access import Permission
from knowledge.instants import DAY, iso
from knowledge.supply import base_document, readable

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 40

Days = Annotated[int, Query(ge=1, le=400)]


# -- receiving


@router.get("/receiving", response_class=HTMLResponse)
def receiving(request: Request, here: Here, search: Search = "", offset: Offset = 0, told: Told = "") -> HTMLResponse:
    """What is to come, the first due first."""
    return _receiving(request, here, search, offset, told)


@router.post("/receiving/receipt", response_class=HTMLResponse, dependencies=[needs(Permission.RECEIVE)])
async def receive(
    request: Request, here: Here, purchase_order: Field, item: Field, quantity: Field = "", search: Search = ""
) -> Response:
    """Goods have come in."""
    back = f"/receiving?{urlencode({'search': search})}"
    try:
        fields = {"purchase_order": purchase_order, "item": item, "quantity": quantity}
        return await entered(here, back, "goods_receipt", **fields)
    except EntryError as error:
        return await asyncio.to_thread(_receiving, request, here, search, 0, "", f"{purchase_order}: {error}")


@router.post("/receiving/count", response_class=HTMLResponse, dependencies=[needs(Permission.RECEIVE)])
async def count(request: Request, here: Here, item: Field = "", quantity: Field = "") -> Response:
    """So much was counted on the shelf."""
    try:
        return await entered(here, "/receiving", "stock_count", item=item.strip(), quantity=quantity)
    except EntryError as error:
        return await asyncio.to_thread(_receiving, request, here, "", 0, "", f"count: {error}")


def _receiving(request: Request, here: Here, search: str, offset: int, told: str, problem: str = "") -> HTMLResponse:
    outcome = said(here, told)
    with here.view() as view:
        found = Worklists(view.snapshot, view.plant, view.now, SHOWN, offset).arrivals(search)
        return page(
            request,
            "receiving.html.j2",
            view,
            status=422 if problem else 200,
            rows=[_arrival(view, row) for row in found.rows],
            total=found.total,
            search=search,
            offset=offset,
            limit=SHOWN,
            address=f"/receiving?{urlencode({'search': search})}&",
            outcome=outcome,
            problem=problem,
        )


def _arrival(view: View, row: dict[str, Any]) -> dict[str, Any]:
    item = row["item"]
    known = view.plant.items.get(item)
    return {
        **row,
        "description": known.description if known else "",
        "uom": known.uom if known else "",
        "quantity": view.units(item, row["quantity"]),
        "received": view.units(item, row["received"]) if row["received"] else "",
        "left": view.units(item, max(0, row["quantity"] - row["received"])),
        "late": row["due"] < view.now,
    }


# -- shipping


@router.get("/shipping", response_class=HTMLResponse)
def shipping(
    request: Request, here: Here, search: Search = "", days: Days = 7, offset: Offset = 0, told: Told = ""
) -> HTMLResponse:
    """What is to leave in the next days, by shipping order."""
    return _shipping(request, here, search, days, offset, told)


@router.post("/shipping/report", response_class=HTMLResponse, dependencies=[needs(Permission.SHIP)])
async def ship(request: Request, here: Here, shipping_order: Field, search: Search = "", days: Days = 7) -> Response:
    """A shipping order has left."""
    back = f"/shipping?{urlencode({'search': search, 'days': days})}"
    shipped = iso(here.service.now, here.service.zone)
    try:
        return await entered(here, back, "shipment_report", shipping_order=shipping_order, shipped=shipped)
    except EntryError as error:
        return await asyncio.to_thread(_shipping, request, here, search, days, 0, "", f"{shipping_order}: {error}")


def _shipping(
    request: Request, here: Here, search: str, days: int, offset: int, told: str, problem: str = ""
) -> HTMLResponse:
    outcome = said(here, told)
    with here.view() as view:
        lists = Worklists(view.snapshot, view.plant, view.now, SHOWN, offset)
        found = lists.departures(search, view.now + days * DAY)
        return page(
            request,
            "shipping.html.j2",
            view,
            status=422 if problem else 200,
            orders=_by_shipping_order(view, found.rows),
            total=found.total,
            search=search,
            days=days,
            choices=(1, 3, 7, 14, 30, 90),
            offset=offset,
            limit=SHOWN,
            address=f"/shipping?{urlencode({'search': search, 'days': days})}&",
            outcome=outcome,
            problem=problem,
        )


def _by_shipping_order(view: View, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Shipping orders with their lines; `ready` says whether everything of it is on the shelf.

    Who leaves earlier takes from the shelf first, as far as the page shows it.
    """
    orders: dict[str, dict[str, Any]] = {}
    left = {row["item"]: row["on_hand"] for row in rows}
    for row in rows:
        order = orders.setdefault(row["shipping_order"], {**row, "lines": [], "ready": True})
        there = left[row["item"]] >= row["quantity"]
        left[row["item"]] -= row["quantity"]
        order["ready"] = order["ready"] and there
        known = view.plant.items.get(row["item"])
        order["late"] = row["ship"] < view.now
        order["lines"].append(
            {
                **row,
                "line": readable(base_document(row["line"]).rpartition("/")[2]),
                "quantity": view.units(row["item"], row["quantity"]),
                "on_hand": view.units(row["item"], row["on_hand"]),
                "uom": known.uom if known else "",
                "description": known.description if known else "",
                "there": there,
            }
        )
    return list(orders.values())
