"""Work orders and purchase rows as the tables hold them, both ways."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from knowledge.awards import Award, Policy
from knowledge.plant import SupplyStatus
from knowledge.supply import OperationSlot, PurchaseRow, WorkOrder, encode

GAVE_WAY = "gave way"
"""Under which key the planner keeps how often everything that it could plan for a fact was refused, so that others gave
way to it, and the last such time."""

_STATUS = {status.value: status for status in SupplyStatus}


@lru_cache(maxsize=10_000)
def _decimal(text: str) -> Decimal:
    return Decimal(text)


@lru_cache(maxsize=100_000)
def _components(text: str) -> tuple[tuple[str, int], ...]:
    return tuple([(item, units) for item, units in json.loads(text)])


@lru_cache(maxsize=10_000)
def _names(names: tuple[str, ...]) -> str:
    return json.dumps(names)


def purchase_fields(row: PurchaseRow) -> dict[str, Any]:
    """A purchase row as it is stored."""
    return {
        "purchase_order": row.number,
        "row": row.row,
        "supplier": row.supplier,
        "item": row.item,
        "quantity": row.quantity,
        "unit_price": str(row.unit_price),
        "currency": row.currency,
        "order_by": row.order_by,
        "due": row.due,
        "status": row.status.value,
        "cause": row.cause,
        "received": row.received,
    }


def purchase_of(row: dict[str, Any]) -> PurchaseRow:
    """The purchase row that a stored row is."""
    return PurchaseRow(
        row["purchase_order"],
        row["row"],
        row["supplier"],
        row["item"],
        row["quantity"],
        _decimal(row["unit_price"]),
        row["currency"],
        row["order_by"],
        row["due"],
        _STATUS[row["status"]],
        row["cause"],
        row["received"],
    )


def award_fields(row: PurchaseRow, award: Award) -> dict[str, Any]:
    """The award of a purchase row as it is stored."""
    return {
        "purchase_order": row.number,
        "row": row.row,
        "policy": award.policy.value,
        "outlay": str(award.outlay),
        "currency": award.currency,
        "next_suppliers": _names(award.next_suppliers),
        "next_outlay": None if award.next_outlay is None else str(award.next_outlay),
        "late": _names(award.late),
    }


def award_of(row: dict[str, Any]) -> Award:
    """The award that a stored row is."""
    return Award(
        Policy(row["policy"]),
        Decimal(row["outlay"]),
        row["currency"],
        tuple(json.loads(row["next_suppliers"])),
        None if row["next_outlay"] is None else Decimal(row["next_outlay"]),
        tuple(json.loads(row["late"])),
    )


def work_order_fields(order: WorkOrder) -> dict[str, Any]:
    """A work order as it is stored, its operations apart."""
    return {
        "work_order": order.number,
        "item": order.item,
        "quantity": order.quantity,
        "start": order.start,
        "finish": order.finish,
        "status": order.status.value,
        "revision": order.revision,
        "drawn": order.drawn,
        "cause": order.cause,
        "made": order.made,
        "starved": order.starved,
        "kept": order.kept,
        "key": order.key,
        "turn": order.turn,
        "components": json.dumps(order.components),
    }


def operation_fields(number: str, sequence: int, slot: OperationSlot) -> dict[str, Any]:
    """An operation as it is stored."""
    return {
        "work_order": number,
        "step": slot.step,
        "sequence": sequence,
        "work_centre": slot.work_centre,
        "machine": slot.machine,
        "start": slot.start,
        "finish": slot.finish,
        "minutes": slot.minutes,
        "done": slot.done,
    }


def slots_by_order(rows: Iterable[dict[str, Any]]) -> dict[str, tuple[OperationSlot, ...]]:
    """Stored operations by work order, in the order of their steps."""
    found: dict[str, list[tuple[int, OperationSlot]]] = {}
    for row in rows:
        slot = OperationSlot(
            row["step"],
            row["work_centre"],
            row["machine"],
            row["start"],
            row["finish"],
            row["minutes"],
            row["done"],
        )
        found.setdefault(row["work_order"], []).append((row["sequence"], slot))
    return {number: tuple([slot for _, slot in sorted(slots, key=_place)]) for number, slots in found.items()}


def _place(numbered: tuple[int, OperationSlot]) -> int:
    return numbered[0]


def work_order_of(row: dict[str, Any], slots: tuple[OperationSlot, ...]) -> WorkOrder:
    """The work order that a stored row is."""
    return WorkOrder(
        row["work_order"],
        row["item"],
        row["quantity"],
        row["start"],
        row["finish"],
        _STATUS[row["status"]],
        _components(row["components"]),
        slots,
        row["revision"],
        row["cause"],
        row["drawn"],
        row["made"],
        row["starved"],
        row["kept"],
        row["key"],
        row["turn"],
    )


def reported_key(work_order: str, step: str) -> str:
    """Under which key the planner keeps what was last reported of a step of an open work order."""
    return f"reported:{encode(work_order)}/{encode(step)}"
