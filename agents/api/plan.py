"""The plan: availability of items, the schedule, purchases, shipments, action messages; and quotes."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime

from agents.api.access import needs
from agents.api.context import Here, Limit, Offset, Search, View
from agents.api.documents import RAW, read_body
from agents.api.orders import shipment_view
from agents.api.problems import ProblemError, documented
from agents.api.quoting import quick, quoted, told
from agents.api.schemas import ActionView, OperationView, Page, PurchaseView, ShipmentView, WorkOrderView
from knowledge.access import Permission
from knowledge.instants import from_datetime
from knowledge.outlook import UnknownItemError, outlook_of
from knowledge.store.books import books_of
from knowledge.store.tables import (
    ActionMessageRow,
    OperationRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import readable

router = APIRouter(tags=["plan"], dependencies=[needs(Permission.READ)])

Text = Annotated[str | None, Query(max_length=200)]
Time = Annotated[AwareDatetime | None, Query(examples=["2026-02-02T00:00:00Z"])]


def _given(**where: str | None) -> dict[str, object]:
    return {name: value for name, value in where.items() if value is not None}


@router.get("/items/{item:path}/availability", responses=documented(404, 422, 503))
def availability(here: Here, item: Annotated[str, Path(max_length=200, examples=["STOOL"])]) -> dict[str, Any]:
    """An item over time: its balance, what may be promised, and every event with its pegs."""
    with here.view() as view:
        try:
            return here.views.outlook(outlook_of(books_of(view.snapshot, view.plant, view.now), item))
        except UnknownItemError as error:
            raise ProblemError(404, str(error)) from error


@router.get("/schedule", responses=documented(422, 503))
def schedule(
    here: Here,
    work_centre: Text = None,
    work_order: Text = None,
    start: Time = None,
    end: Time = None,
    limit: Limit = 500,
    offset: Offset = 0,
) -> Page[OperationView]:
    """Operations by work centre and start; with `start` and `end` those that run between the two."""
    between = [] if start is None else [("finish", ">", from_datetime(start))]
    between += [] if end is None else [("start", "<", from_datetime(end))]
    with here.view() as view:
        rows, total = view.snapshot.page(
            OperationRow,
            _given(work_centre=work_centre, work_order=work_order),
            between=between,
            order=("work_centre", "start", "machine"),
            limit=limit,
            offset=offset,
        )
        return Page(
            rows=[OperationView.model_validate(_times(view, row, "start", "finish")) for row in rows], total=total
        )


@router.get("/work-orders", responses=documented(422, 503))
def work_orders(
    here: Here, item: Text = None, status: Text = None, search: Search = "", limit: Limit = 100, offset: Offset = 0
) -> Page[WorkOrderView]:
    """Work orders by number."""
    with here.view() as view:
        where, like = _given(item=item, status=status), (search, ("work_order", "item"))
        rows, total = view.snapshot.page(WorkOrderRow, where, like, limit=limit, offset=offset)
        shown = [_times(view, _units(view, row, "quantity"), "start", "finish") for row in rows]
        return Page(rows=[WorkOrderView.model_validate(row) for row in shown], total=total)


@router.get("/purchase-orders", responses=documented(422, 503))
def purchase_orders(
    here: Here,
    item: Text = None,
    supplier: Text = None,
    status: Text = None,
    search: Search = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[PurchaseView]:
    """Rows of purchase orders by number."""
    with here.view() as view:
        where = _given(item=item, supplier=supplier, status=status)
        like = (search, ("purchase_order", "item", "supplier"))
        rows, total = view.snapshot.page(PurchaseOrderRow, where, like, limit=limit, offset=offset)
        shown = [_times(view, _units(view, row, "quantity", "received"), "order_by", "due") for row in rows]
        return Page(rows=[PurchaseView.model_validate(row) for row in shown], total=total)


@router.get("/shipments", responses=documented(422, 503))
def shipments(
    here: Here,
    customer: Text = None,
    item: Text = None,
    status: Text = None,
    search: Search = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[ShipmentView]:
    """Lines of shipping orders, those that leave first at the top."""
    with here.view() as view:
        where, like = _given(customer=customer, item=item, status=status), (search, ("shipping_order", "order", "item"))
        rows, total = view.snapshot.page(ShippingOrderRow, where, like, order=("ship",), limit=limit, offset=offset)
        return Page(rows=[shipment_view(view, row) for row in rows], total=total)


@router.get("/action-messages", responses=documented(422, 503))
def action_messages(
    here: Here, action: Text = None, item: Text = None, limit: Limit = 100, offset: Offset = 0
) -> Page[ActionView]:
    """What a person should do about firm or released supply: expedite, defer, decrease, cancel, substitute."""
    with here.view() as view:
        rows, total = view.snapshot.page(
            ActionMessageRow, _given(action=action, item=item), order=("sequence",), limit=limit, offset=offset
        )
        shown = [_times(view, _units(view, row, "quantity"), "time") for row in rows]
        told = [ActionView.model_validate({**row, "document": readable(row["document"])}) for row in shown]
        return Page(rows=told, total=total)


@router.post(
    "/quotes", responses=documented(400, 413, 422, 429, 503), openapi_extra=RAW, dependencies=[needs(Permission.QUOTE)]
)
async def quote(
    request: Request,
    here: Here,
    everything: Annotated[
        bool, Query(description="All that `what-if` tells, worked out on a copy beside the service: takes seconds.")
    ] = False,
    alternatives: Annotated[
        bool, Query(description="What else could be answered to one new order, each answer with its cost.")
    ] = False,
) -> dict[str, Any]:
    """What documents would change if they were brought now. Nothing of it is kept.

    Of a few orders it is told at once what would be promised, bought and asked; whatever else is brought, and where
    `everything` is asked for, all supply, costs and loads are compared as well.
    """
    reads = await read_body(request, here)
    orders = [] if everything else quick(reads)
    if alternatives and len(orders) != 1:
        raise ProblemError(422, "alternatives are told of one new order at a time, and without `everything`")
    if orders:
        found = await quoted(here, orders, alternatives=alternatives)
        return await asyncio.to_thread(told, here, found)
    settings = here.service.settings
    return await here.beside.work_out(here.views.quote, settings.db, reads, settings.seed)


def _times(view: View, row: dict[str, Any], *columns: str) -> dict[str, Any]:
    return {**row, **{name: view.time(row[name]) for name in columns}}


def _units(view: View, row: dict[str, Any], *columns: str) -> dict[str, Any]:
    return {**row, **{name: view.units(row["item"], row[name]) for name in columns}}
