"""What would be promised for orders, asked of the society itself between its jobs: no copy of it is planned."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.api.approval_views import alternative_view
from agents.api.context import Context, View
from agents.api.problems import ProblemError
from agents.sources.reading import Read
from knowledge.documents import CustomerOrder
from knowledge.errors import SocietyError
from knowledge.instants import iso
from knowledge.supply import readable
from protocols.orders import PartState
from protocols.quoting import (
    DocumentsQuoted,
    PromiseMoved,
    Quotable,
    QuotedMessage,
    QuotedOrder,
    QuotedPart,
    QuotedPurchase,
)

MOST_ORDERS = 20
"""More orders at once are worked out beside: nobody's order is to wait for them."""

UNDER_WAY = 16
"""Questions under way at most."""

ANSWER_SECONDS = 30.0

_BUSY = {"Retry-After": "1"}


async def quoted(here: Context, orders: Sequence[Quotable], *, alternatives: bool = False) -> DocumentsQuoted:
    """What would become of orders, with other answers to the one order. Raises ProblemError where nobody says in
    time."""
    waiting = here.app.state.quotes
    if len(waiting) >= UNDER_WAY:
        raise ProblemError(429, f"{UNDER_WAY} quotes are being worked out", _BUSY)
    answer = here.service.quote(orders, alternatives=alternatives)
    waiting.add(answer)
    try:
        content = await asyncio.wait_for(asyncio.wrap_future(answer), ANSWER_SECONDS)
    except TimeoutError as error:
        raise ProblemError(503, "what is under way takes too long: ask again", _BUSY) from error
    except SocietyError as error:
        raise ProblemError(503, str(error)) from error
    finally:
        waiting.discard(answer)
    if not isinstance(content, DocumentsQuoted):
        raise ProblemError(503, f"the quote could not be worked out: {getattr(content, 'reason', '')}")
    return content


def quick(reads: Sequence[Read]) -> list[CustomerOrder]:
    """The orders of documents that are nothing but a few new orders; none where these are something else."""
    orders = [read.document for read in reads if isinstance(read.document, CustomerOrder)]
    return orders if len(orders) == len(reads) <= MOST_ORDERS else []


def told(here: Context, found: DocumentsQuoted) -> dict[str, Any]:
    """A quote as the API shows it: in the words of `what-if`, as far as it goes; other answers as approvals do."""
    outcomes = [order.outcome for order in found.orders]
    with here.view() as view:
        zone, supply = view.plant.zone, found.supply
        own = [line for order in found.orders for line in _lines(zone, order)]
        return {
            "documents": {name: outcomes.count(name) for name in ("accepted", "duplicate", "quarantined")},
            "now": view.time(view.now),
            "differs": bool(own or supply.moved),
            "promises": [*own, *(_moved(view, each) for each in supply.moved)],
            "new_work_orders": supply.work_orders,
            "new_purchases": [_purchase(view, row) for row in supply.purchases],
            "outlay": {"amount": f"{supply.outlay:.2f}", "currency": view.plant.currency},
            "approvals": {"asked": [approval.model_dump() for approval in supply.approvals], "settled": []},
            "action_messages": [_message(view, message) for message in supply.messages],
            "alternatives": [alternative_view(view.plant, each).model_dump() for each in found.alternatives],
            "quarantine": [
                {"document": readable(order.order), "reason": order.reason}
                for order in found.orders
                if order.outcome == "quarantined"
            ],
        }


def _lines(zone: dt.tzinfo, order: QuotedOrder) -> Iterator[dict[str, Any]]:
    lines: dict[str, list[QuotedPart]] = {}
    for part in order.parts:
        lines.setdefault(part.line, []).append(part)
    for line, parts in lines.items():
        after = [_part(zone, part.model_dump(), part.delivery) for part in parts]
        yield {"line": f"{readable(order.order)}/{line}", "effect": "new", "before": [], "after": after}


def _part(zone: dt.tzinfo, part: Mapping[str, Any], delivery: int | None) -> dict[str, Any]:
    requested, promised = part["requested"], part["promised"]
    late = max(0, delivery - requested) if delivery is not None and requested is not None else 0
    return {
        "item": part["item"],
        "quantity": part["quantity"],
        "requested": _time(zone, requested),
        "promised": _time(zone, promised),
        "delivery": _time(zone, delivery),
        "late_seconds": late,
        "status": part["status"],
        "reason": part["reason"],
    }


def _moved(view: View, moved: PromiseMoved) -> dict[str, Any]:
    some = moved.after or moved.before
    assert some is not None
    shown = {
        "before": [_other(view, moved.before)] if moved.before else [],
        "after": [_other(view, moved.after)] if moved.after else [],
    }
    return {"line": f"{readable(moved.order)}/{some.line}", "effect": _effect(moved), **shown}


def _effect(moved: PromiseMoved) -> str:
    before, after = (part.promised if part is not None else None for part in (moved.before, moved.after))
    if before is None or after is None or before == after:
        return "other"
    return "worse" if after > before else "better"


def _other(view: View, part: PartState) -> dict[str, Any]:
    shown = {**part.model_dump(), "quantity": view.units(part.item, part.quantity)}
    return _part(view.plant.zone, shown, part.promised)


def _purchase(view: View, row: QuotedPurchase) -> dict[str, Any]:
    times = {"order_by": view.time(row.order_by), "due": view.time(row.due)}
    shown = {"quantity": view.units(row.item, row.quantity), "unit_price": f"{row.unit_price:f}"}
    return {**row.model_dump(), **times, **shown}


def _message(view: View, message: QuotedMessage) -> dict[str, Any]:
    return {**message.model_dump(), "quantity": view.units(message.item, message.quantity)}


def _time(zone: dt.tzinfo, instant: int | None) -> str | None:
    return None if instant is None else iso(instant, zone)
