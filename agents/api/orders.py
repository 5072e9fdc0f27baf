"""Orders: searched, and one with its lines, releases, reasons, conversation and history."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from agents.api.access import needs
from agents.api.context import Context, Here, Limit, Offset, Search, View
from agents.api.problems import ProblemError, documented
from agents.api.schemas import HistoryEntry, MessageView, OrderSummary, OrderView, Page, PartView, ShipmentView
from knowledge.access import Permission
from knowledge.explanation.names import UnknownDocumentError
from knowledge.instants import iso
from knowledge.store.tables import ApprovalRow, CustomerOrderRow, MessageRow, PromiseRow, ShippingOrderRow
from knowledge.supply import base_document, order_document, readable

router = APIRouter(tags=["orders"], dependencies=[needs(Permission.READ)])

Name = Annotated[str, Path(max_length=600, description="source/number", examples=["manual/1"])]


def part_view(zone: dt.tzinfo, row: Mapping[str, Any]) -> PartView:
    """A part of a line as the API shows it."""
    times = {name: None if row[name] is None else iso(row[name], zone) for name in ("requested", "promised")}
    return PartView.model_validate({**row, **times})


@router.get("/orders", responses=documented(422, 503))
def orders(
    here: Here,
    search: Search = "",
    customer: Annotated[str | None, Query(max_length=200)] = None,
    source: Annotated[str | None, Query(max_length=200)] = None,
    status: Annotated[str | None, Query(pattern="^(open|cancelled)$")] = None,
    line_status: Annotated[str | None, Query(max_length=40, description="Orders with a line that stands so.")] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> Page[OrderSummary]:
    """Customer orders, the latest first. `search` looks at source, number and customer."""
    where = {"customer": customer, "source": source, "status": status}
    having = None if line_status is None else (PromiseRow, "order", {"status": line_status})
    with here.view() as view:
        rows, total = view.snapshot.page(
            CustomerOrderRow,
            {name: value for name, value in where.items() if value is not None},
            like=(search, ("source", "number", "customer")),
            having=having,
            order=("-sequence",),
            limit=limit,
            offset=offset,
        )
        return Page(rows=[OrderSummary(**_summary(view, row)) for row in rows], total=total)


def _summary(view: View, row: dict[str, Any]) -> dict[str, Any]:
    parts = sorted(view.snapshot.rows(PromiseRow, order=row["order"]), key=lambda r: (r["line_sequence"], r["part"]))
    return {
        "order": readable(row["order"]),
        "source": row["source"],
        "number": row["number"],
        "customer": row["customer"],
        "received": view.time(row["received"]),
        "status": row["status"],
        "lines": [part_view(view.plant.zone, part) for part in parts],
    }


def order_row(view: View, name: str) -> dict[str, Any]:
    """The order of a name: `source/number`, plain or percent-encoded; either may hold a slash."""
    cuts = [place for place, letter in enumerate(name) if letter == "/"]
    for key in (name, *(order_document(name[:cut], name[cut + 1 :]) for cut in cuts)):
        for row in view.snapshot.rows(CustomerOrderRow, order=key):
            return row
    raise ProblemError(404, f"there is no order {name}")


@router.get("/orders/{order:path}/why", responses=documented(404, 422, 429, 503))
async def why_order(here: Here, order: Name) -> dict[str, Any]:
    """What each line waits for (its peg tree), and why it is late, with what would cure that at what cost."""
    return await explained(here, await asyncio.to_thread(_key, here, order))


def _key(here: Context, order: str) -> str:
    with here.view() as view:
        return str(order_row(view, order)["order"])


async def explained(here: Context, document: str) -> dict[str, Any]:
    """What is said about a document. Raises ProblemError where there is none of that name."""
    try:
        return await here.beside.work_out(here.views.explained, here.service.settings.db, document, here.service.now)
    except UnknownDocumentError as error:
        raise ProblemError(404, str(error)) from error


@router.get("/orders/{order:path}/conversation", responses=documented(404, 422, 503))
def conversation(here: Here, order: Name, limit: Limit = 500, offset: Offset = 0) -> Page[MessageView]:
    """Every message about an order, in order."""
    with here.view() as view:
        key = order_row(view, order)["order"]
        rows, total = view.snapshot.page(MessageRow, {"subject": readable(key)}, limit=limit, offset=offset)
        return Page(rows=[message_view(view, row) for row in rows], total=total)


def message_view(view: View, row: dict[str, Any]) -> MessageView:
    """A message as the API shows it."""
    return MessageView.model_validate({**row, "sent": view.time(row["sent"]), "content": json.loads(row["body"])})


@router.get("/orders/{order:path}/history", responses=documented(404, 422, 503))
def history(here: Here, order: Name) -> list[HistoryEntry]:
    """What happened to an order: the documents about it, what was planned, and what people decided."""
    with here.view() as view:
        rows = view.snapshot.rows(MessageRow, subject=readable(order_row(view, order)["order"]))
        causes = dict.fromkeys(row["causation"] for row in rows if row["sender"] == "intake")
        documents = [row for cause in causes for row in view.snapshot.rows(MessageRow, message=cause)]
        told = [entry for row in documents if row["kind"] == "SubmitDocument" for entry in _document(view, row)]
        told += [entry for row in rows for entry in _event(view, row)]
        return [entry for _, entry in sorted(told, key=lambda each: each[0])]


Told = list[tuple[int, HistoryEntry]]


def _document(view: View, row: dict[str, Any]) -> Told:
    body = json.loads(row["body"])
    return _entry(view, row, body["document"]["type"], f"{body['name']} came in")


def _event(view: View, row: dict[str, Any]) -> Told:
    body = json.loads(row["body"])
    match row["kind"]:
        case "OrderPlanned":
            parts = [_planned(view, part) for part in body["parts"]]
            return _entry(view, row, "planned", "; ".join(parts) or "nothing is planned for it any more")
        case "Decision":
            return _entry(view, row, "approval asked", body["text"])
        case "Approved" | "Rejected":
            return _entry(
                view, row, row["kind"].lower(), f"by {body['by']}{': ' if body['note'] else ''}{body['note']}"
            )
        case "Designed":
            return _entry(view, row, "designed", f"line {body['line']} is item {body['item']}")
    return []


def _planned(view: View, part: dict[str, Any]) -> str:
    date = view.time(part["promised"])
    quantity = view.units(part["item"], part["quantity"])
    return " ".join(filter(None, (f"line {part['line']}: {quantity}", part["status"], date)))


def _entry(view: View, row: dict[str, Any], event: str, text: str) -> Told:
    entry = HistoryEntry(time=view.time(row["sent"]), event=event, text=text, message=row["message"])
    return [(row["sequence"], entry)]


@router.get("/orders/{order:path}", responses=documented(404, 422, 503))
def one_order(here: Here, order: Name) -> OrderView:
    """One order as it stands."""
    with here.view() as view:
        row = order_row(view, order)
        releases = [shipment_view(view, each) for each in view.snapshot.rows(ShippingOrderRow, order=row["order"])]
        return OrderView(
            **_summary(view, row),
            document=json.loads(row["document"])["document"],
            releases=releases,
            approvals=_asked(view, row["order"]),
        )


def _asked(view: View, order: str) -> list[str]:
    """The approvals that are about an order, by number."""
    wanted = f'"order": {json.dumps(order)}'  # as their bodies have it
    rows, _ = view.snapshot.page(ApprovalRow, {}, like=(wanted, ("body",)), limit=500)
    return [row["approval"] for row in rows if json.loads(row["body"])["decision"]["order"] == order]


def shipment_view(view: View, row: dict[str, Any]) -> ShipmentView:
    """A row of a shipping order as the API shows it."""
    shown = {
        "order": readable(row["order"]),
        "line": readable(base_document(row["line"]).rpartition("/")[2]),
        "quantity": view.units(row["item"], row["quantity"]),
        "ship": view.time(row["ship"]),
    }
    return ShipmentView.model_validate({**row, **shown})


@router.get("/why/{document:path}", responses=documented(404, 422, 429, 503))
async def why(here: Here, document: Annotated[str, Path(max_length=600, examples=["WO-000001"])]) -> dict[str, Any]:
    """What an order line, work order, purchase order or shipping order is for, and what it waits for."""
    return await explained(here, document)
