"""Reading the tables of a run: rows of strings, as the CSV files have them, become records."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeAlias, TypeVar
from urllib.parse import unquote

from knowledge.instants import Instant, parse
from knowledge.wording import showable
from simulations.report.records import (
    ActionMessage,
    Approval,
    Operation,
    Peg,
    Promise,
    Purchase,
    Quarantined,
    Records,
    Shipment,
    Step,
    WorkOrder,
)

Tables: TypeAlias = Mapping[str, list[dict[str, str]]]
"""The contract's tables by name (`promises`, `work_orders`, …), each row as its CSV file has it."""


def readable(document: str) -> str:
    """A document's name for people: `manual/SO%201/1` is `manual/SO 1/1`. Pegs are matched by this name too."""
    return showable(unquote(document)) if "%" in document else showable(document)


def read_pegs(text: str) -> tuple[Peg, ...]:
    """The pegs of a `pegged_to` cell: `document=quantity`, separated by spaces, the document percent-encoded."""
    pairs = (entry.rpartition("=") for entry in text.split())
    return tuple(Peg(readable(document), _decimal(quantity)) for document, _, quantity in pairs)


def read_tables(tables: Tables) -> Records:
    """All tables; one that is not there is empty. Raises ValueError on a cell that is no such time or quantity."""
    return Records(
        promises=_rows(tables, "promises", _promise),
        work_orders=_rows(tables, "work_orders", _work_order),
        operations=_rows(tables, "operations", _operation),
        purchases=_rows(tables, "purchase_orders", _purchase),
        shipments=_rows(tables, "shipping_orders", _shipment),
        availability=_availability(tables),
        actions=_rows(tables, "action_messages", _action),
        approvals=_rows(tables, "approvals", _approval),
        quarantine=_rows(tables, "quarantine", _quarantined),
    )


def _decimal(text: str) -> Decimal:
    """A cell's number, however large: a sum may be beyond what any document may hold. Raises ValueError."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a number") from error


R = TypeVar("R")
Row: TypeAlias = Mapping[str, str]


def _rows(tables: Tables, name: str, read: Callable[[Row], R]) -> tuple[R, ...]:
    return tuple(read(row) for row in tables.get(name, ()))


def _time(row: Row, column: str) -> Instant | None:
    text = row.get(column, "")
    return parse(text) if text else None


def _number(row: Row, column: str) -> Decimal | None:
    text = row.get(column, "")
    return _decimal(text) if text else None


def _text(row: Row, column: str) -> str:
    return showable(row.get(column, ""))


def _promise(row: Row) -> Promise:
    return Promise(
        readable(row["order"]),
        readable(row["line"]),
        _text(row, "item"),
        _text(row, "classified_as"),
        _decimal(row["quantity"]),
        _time(row, "requested"),
        _time(row, "promised"),
        _text(row, "status"),
        _text(row, "reason"),
    )


def _work_order(row: Row) -> WorkOrder:
    return WorkOrder(
        _text(row, "work_order"),
        _text(row, "item"),
        _decimal(row["quantity"]),
        parse(row["start"]),
        parse(row["finish"]),
        _text(row, "status"),
        read_pegs(row.get("pegged_to", "")),
    )


def _operation(row: Row) -> Operation:
    return Operation(
        _text(row, "work_order"),
        _text(row, "step"),
        _text(row, "work_centre"),
        _text(row, "machine"),
        parse(row["start"]),
        parse(row["finish"]),
    )


def _purchase(row: Row) -> Purchase:
    return Purchase(
        _text(row, "purchase_order"),
        _text(row, "supplier"),
        _text(row, "item"),
        _decimal(row["quantity"]),
        _number(row, "unit_price"),
        _text(row, "currency"),
        _time(row, "order_by"),
        parse(row["due"]),
        _text(row, "status"),
        read_pegs(row.get("pegged_to", "")),
    )


def _shipment(row: Row) -> Shipment:
    return Shipment(
        _text(row, "shipping_order"),
        readable(row["order"]),
        _text(row, "release"),
        readable(row["line"]),
        _text(row, "item"),
        _decimal(row["quantity"]),
        _text(row, "customer"),
        _text(row, "ship_to"),
        parse(row["ship"]),
        _text(row, "status"),
    )


def _availability(tables: Tables) -> dict[str, tuple[Step, ...]]:
    by_item: dict[str, list[Step]] = {}
    for row in tables.get("availability", ()):
        step = Step(parse(row["time"]), _decimal(row["projected"]), _decimal(row["promisable"]))
        by_item.setdefault(_text(row, "item"), []).append(step)
    return {item: tuple(sorted(steps, key=lambda step: step.time)) for item, steps in by_item.items()}


def _action(row: Row) -> ActionMessage:
    return ActionMessage(
        _text(row, "action"),
        readable(row["document"]),
        _text(row, "item"),
        _number(row, "quantity"),
        _time(row, "time"),
        _text(row, "reason"),
    )


def _approval(row: Row) -> Approval:
    return Approval(
        _text(row, "approval"),
        _text(row, "decision"),
        readable(row["subject"]),
        _text(row, "status"),
        _text(row, "by"),
        _text(row, "reason"),
    )


def _quarantined(row: Row) -> Quarantined:
    return Quarantined(_text(row, "document"), _text(row, "reason"))
