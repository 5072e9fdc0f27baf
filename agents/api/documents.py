"""Documents in: any format that a source reads, as a raw body; reports typed; and what became of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request, Response

from agents.api.access import needs
from agents.api.context import Context, Here, View, Wait
from agents.api.orders import part_view
from agents.api.problems import ProblemError, documented
from agents.api.schemas import PartView, Submission, Submitted
from agents.service.desk import Outcome, Ticket
from agents.sources.reading import Read, read_bytes
from knowledge.access import SUBMITTING, Permission, needed
from knowledge.documents import (
    CustomerOrder,
    Document,
    EngineeringRelease,
    GoodsReceipt,
    MachineDowntime,
    OperationReport,
    OrderCancel,
    OrderChange,
    ShipmentReport,
    StockCount,
    SupplierConfirmation,
)
from knowledge.store.tables import MessageRow, PromiseRow, QuarantineRow
from knowledge.supply import order_document, readable

router = APIRouter(tags=["documents"])

SMALL = 32 * 2**10
"""Bytes of a body that is read at once; a larger one is read in a thread, so that others need not wait."""

_ORDER = {
    "type": "customer_order",
    "source": "manual",
    "number": "1",
    "customer": "ACME",
    "lines": [{"line": "10", "item": "STOOL", "quantity": 12, "requested": "2026-02-02"}],
}
_TEXT = {"schema": {"type": "string"}}
RAW: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One document or several, in any format that is read: JSON (one object, an array, one a line), "
        "X12 850, UBL Order, Shopify orders.",
        "content": {
            "application/json": {"schema": {"type": ["object", "array"]}, "example": _ORDER},
            "application/x-ndjson": _TEXT,
            "application/edi-x12": _TEXT,
            "application/xml": _TEXT,
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
_DONE: dict[int | str, dict[str, Any]] = {
    200: {"model": Submission, "description": "Nothing of it is under way any more."},
    202: {"model": Submission, "description": "Taken and durable; what becomes of it is told at `status_url`."},
}
_PROBLEMS = documented(400, 413, 422, 429, 503)
File = Annotated[str, Query(max_length=120, pattern=r"^[^\x00-\x1f]*$", description="The file's name, for people.")]


@router.post(
    "/documents",
    responses=_DONE | _PROBLEMS,
    openapi_extra=RAW,
    status_code=202,
    dependencies=[needs(*sorted(SUBMITTING))],
)
async def submit_documents(
    request: Request, response: Response, here: Here, wait: Wait = 0, file: File = ""
) -> Submission:
    """Bring documents: each is accepted, a duplicate, or quarantined with its reason; all are taken or none (429)."""
    return await answered(here, response, await read_body(request, here, file), wait)


async def read_body(request: Request, here: Context, file: str = "") -> list[Read]:
    """The documents of a body. Raises ProblemError where there is nothing."""
    body = await request.body()
    if not body.strip():
        raise ProblemError(400, "the body is empty")
    name = "/".join(filter(None, (here.service.new_id()[:12], file)))
    if len(body) <= SMALL:
        return read_bytes(name, body)
    return await asyncio.to_thread(read_bytes, name, body)


async def answered(here: Context, response: Response, reads: Sequence[Read], wait: float) -> Submission:
    """Submit documents, wait, and tell what became of them."""
    tickets = await here.submit(reads)
    settled = await here.waited(tickets, wait)
    response.status_code = 200 if settled else 202
    known = [ticket for ticket in tickets if ticket.outcome is Outcome.DUPLICATE and ticket.order] if wait else []
    stored = await asyncio.to_thread(_stored, here, known) if known else {}
    return Submission(settled=settled, documents=[_told(here, ticket, stored) for ticket in tickets])


def _stored(here: Context, tickets: Sequence[Ticket]) -> dict[str, list[PartView]]:
    """The lines of orders that were there before, by order."""
    with here.view() as view:
        return {ticket.order: _parts(view, ticket.order) for ticket in tickets}


def _parts(view: View, order: str) -> list[PartView]:
    return [part_view(view.plant.zone, row) for row in view.snapshot.rows(PromiseRow, order=order)]


def _told(here: Context, ticket: Ticket, stored: Mapping[str, list[PartView]]) -> Submitted:
    parts = stored.get(ticket.order)
    if parts is None:
        rows = list(ticket.answers.values())  # others may still come
        rows.sort(key=lambda row: (row["line_sequence"], row["part"]))
        parts = [part_view(here.service.zone, row) for row in rows]
    return _submitted(ticket.conversation, ticket.read.name, ticket.outcome, ticket.reason, ticket.order, parts)


def submitted(here: Context, ticket: Ticket) -> Submitted:
    """What is known of a document at the desk."""
    return _told(here, ticket, {})


def _submitted(
    conversation: str, name: str, outcome: Outcome, reason: str, order: str, parts: Sequence[PartView] = ()
) -> Submitted:
    known = order if outcome is not Outcome.QUARANTINED else ""
    return Submitted(
        document=name,
        conversation=conversation,
        outcome=outcome,
        reason=reason,
        status_url=f"/api/v1/submissions/{conversation}",
        order=readable(known) or None,
        order_url=f"/api/v1/orders/{known}" if known else None,
        lines=list(parts) if known else [],
    )


@router.get(
    "/submissions/{conversation}",
    responses=documented(404, 422, 503),
    dependencies=[needs(Permission.READ)],
)
def submission(here: Here, conversation: Annotated[str, Path(max_length=64)]) -> Submitted:
    """What became of a document that was brought earlier."""
    ticket = here.service.desk.tickets.get(conversation)
    with here.view() as view:
        rows = view.snapshot.rows(MessageRow, conversation=conversation)
        asked = next((row for row in rows if row["sender"] == "door"), None)
        if asked is None:
            if ticket is None:
                raise ProblemError(404, f"there is no submission {conversation}")
            return _submitted(conversation, ticket.read.name, ticket.outcome, ticket.reason, ticket.order)
        body = json.loads(asked["body"])
        document = body.get("document") or {}
        order = order_document(document["source"], document["number"]) if _names_order(document) else ""
        said = next((json.loads(row["body"]) for row in rows if row["kind"] == "Acknowledged"), None)
        outcome = Outcome(said["outcome"]) if said else Outcome.PENDING
        reason = said["reason"] if said else ""
        if outcome is Outcome.ACCEPTED and (late := _refused_later(view, body["name"])):
            outcome, reason = Outcome.QUARANTINED, late
        return _submitted(conversation, body["name"], outcome, reason, order, _parts(view, order))


def _names_order(document: dict[str, Any]) -> bool:
    return bool(document.get("source") and document.get("number"))


def _refused_later(view: View, name: str) -> str:
    """Why whoever a report concerns would not take it."""
    return next((row["reason"] for row in view.snapshot.rows(QuarantineRow, document=name)), "")


def _typed(path: str, told: str, tag: str, example: dict[str, Any], kind: Any) -> None:
    """A route that takes one kind of document, which says its type already."""

    async def take(here: Here, response: Response, document: Document, wait: Wait = 0) -> Submission:
        name = f"{here.service.new_id()[:12]}/{document.type}"
        read = Read(name, document, "", document.model_dump_json(exclude_none=True))
        return await answered(here, response, [read], wait)

    body = Annotated[kind, Body(description=told, examples=[example])]
    take.__annotations__ = {**take.__annotations__, "document": body, "here": Here, "response": Response}
    take.__annotations__ |= {"wait": Wait, "return": Submission}
    take.__name__ = f"bring_{path.strip('/').replace('-', '_')}"
    asked = [needs(needed(kind), Permission.SUBMIT_ANY)]
    router.post(path, responses=_DONE | _PROBLEMS, tags=[tag], summary=told, status_code=202, dependencies=asked)(take)


_ORDER_NAME = {"source": "manual", "number": "1"}
_typed("/orders", "A customer order", "orders", _ORDER, CustomerOrder)
_typed(
    "/order-changes",
    "New values of lines of an order",
    "orders",
    {"type": "order_change", **_ORDER_NAME, "lines": [{"line": "10", "quantity": 8}]},
    OrderChange,
)
_typed("/order-cancels", "An order is cancelled", "orders", {"type": "order_cancel", **_ORDER_NAME}, OrderCancel)
_typed(
    "/engineering-releases",
    "Drawings, BOM and route of a custom line, or a revision of an item",
    "engineering",
    {
        "type": "engineering_release",
        **_ORDER_NAME,
        "line": "10",
        "item": "FRAME-1",
        "revision": "A",
        "bom": [{"component": "TUBE", "quantity": 4}],
        "route": [{"step": "10", "work_centre": "SAW", "run_minutes": 12}],
    },
    EngineeringRelease,
)
_typed(
    "/supplier-confirmations",
    "What a supplier confirms",
    "purchasing",
    {"type": "supplier_confirmation", "purchase_order": "PO-000001", "quantity": 100, "due": "2026-02-01"},
    SupplierConfirmation,
)
_typed(
    "/receipts",
    "Goods that came in",
    "purchasing",
    {"type": "goods_receipt", "purchase_order": "PO-000001", "quantity": 100},
    GoodsReceipt,
)
_typed(
    "/operation-reports",
    "Progress of a work order",
    "floor",
    {"type": "operation_report", "work_order": "WO-000001", "step": "10", "good": 12},
    OperationReport,
)
_typed(
    "/downtimes",
    "A machine that is down",
    "floor",
    {"type": "machine_downtime", "work_centre": "SAW", "start": "2026-01-05T08:00:00Z", "end": "2026-01-05T12:00:00Z"},
    MachineDowntime,
)
_typed(
    "/shipment-reports",
    "A shipping order that has left",
    "shipping",
    {"type": "shipment_report", "shipping_order": "SH-000001"},
    ShipmentReport,
)
_typed(
    "/stock-counts",
    "What was counted on the shelf",
    "stock",
    {"type": "stock_count", "item": "STOOL", "quantity": 7},
    StockCount,
)
