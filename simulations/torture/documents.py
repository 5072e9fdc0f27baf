"""Documents of every kind in the contract's own terms. Times are minutes after `START`, a Monday's midnight in UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
DAY_MINUTES = 1440


def after(minutes: int) -> str:
    """The time so many minutes after the start, as documents write it."""
    return (START + dt.timedelta(minutes=minutes)).isoformat()


def order(number: str, customer: str, lines: Iterable[tuple[str, int, int | None]], minutes: int) -> dict[str, Any]:
    """A customer order; its lines are (item, quantity, day on which it is requested)."""
    rows = [
        {
            "line": str(index),
            "item": item,
            "quantity": str(quantity),
            "requested": None if day is None else after(day * DAY_MINUTES),
            "unit_price": "10",
        }
        for index, (item, quantity, day) in enumerate(lines, 1)
    ]
    return {
        "type": "customer_order",
        "source": "t",
        "number": number,
        "customer": customer,
        "received": after(minutes),
        "currency": "EUR",
        "lines": rows,
    }


def change(number: str, line: str, quantity: int, day: int | None, minutes: int) -> dict[str, Any]:
    """A change of one line's quantity and, where a day is given, of its date."""
    values: dict[str, Any] = {"line": line, "quantity": str(quantity)}
    if day is not None:
        values["requested"] = after(day * DAY_MINUTES)
    return {"type": "order_change", "source": "t", "number": number, "received": after(minutes), "lines": [values]}


def cancel(number: str, minutes: int) -> dict[str, Any]:
    """A cancelled order."""
    return {"type": "order_cancel", "source": "t", "number": number, "received": after(minutes)}


# -- facts


def confirmation(number: str, item: str | None, quantity: int | None, due: int | None, minutes: int) -> dict[str, Any]:
    """A supplier's confirmation of a purchase order; `due` is in minutes, what is not said stays."""
    return {
        "type": "supplier_confirmation",
        "purchase_order": number,
        "item": item,
        "quantity": None if quantity is None else str(quantity),
        "due": None if due is None else after(due),
        "received": after(minutes),
    }


def receipt(number: str, item: str | None, quantity: int, minutes: int) -> dict[str, Any]:
    """Goods that came in on a purchase order."""
    return {
        "type": "goods_receipt",
        "purchase_order": number,
        "item": item,
        "quantity": str(quantity),
        "received": after(minutes),
    }


def report(
    number: str,
    step: str | None,
    good: int,
    scrap: int,
    minutes: int,
    *,
    finished: int | None = None,
    complete: bool = False,
) -> dict[str, Any]:
    """Progress of a work order, or of one step of it; `finished` is in minutes."""
    return {
        "type": "operation_report",
        "work_order": number,
        "step": step,
        "good": str(good),
        "scrap": str(scrap),
        "finished": None if finished is None else after(finished),
        "complete": complete,
        "received": after(minutes),
    }


def shipment(number: str, minutes: int) -> dict[str, Any]:
    """A shipping order has left."""
    return {"type": "shipment_report", "shipping_order": number, "shipped": after(minutes), "received": after(minutes)}


def count(item: str, quantity: int, minutes: int) -> dict[str, Any]:
    """So much was counted on the shelf."""
    return {"type": "stock_count", "item": item, "quantity": str(quantity), "received": after(minutes)}


def downtime(centre: str, start: int, end: int, minutes: int) -> dict[str, Any]:
    """A work centre's machines stand from `start` to `end`, in minutes."""
    return {
        "type": "machine_downtime",
        "work_centre": centre,
        "start": after(start),
        "end": after(end),
        "received": after(minutes),
    }


def revision(
    item: str, name: str, bom: Iterable[tuple[str, int]], route: Iterable[tuple[int, str]], minutes: int
) -> dict[str, Any]:
    """A revision of an item; its BOM is (component, quantity), its route (step, work centre), either empty to stay."""
    return {
        "type": "engineering_release",
        "item": item,
        "revision": name,
        "bom": [{"component": component, "quantity": str(quantity)} for component, quantity in bom],
        "route": [
            {"step": str(step), "work_centre": centre, "setup_minutes": "30", "run_minutes": "10"}
            for step, centre in route
        ],
        "received": after(minutes),
    }


def answer(approval: str, decision: str, minutes: int) -> dict[str, Any]:
    """A manager's answer to what waits for approval."""
    return {
        "type": "approval_answer",
        "approval": approval,
        "decision": decision,
        "by": "Ann",
        "received": after(minutes),
    }
