"""The auditor's books from a database."""

from __future__ import annotations

import json
from typing import Any

from knowledge.auditor import Books
from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.store.database import Store
from knowledge.store.rows import purchase_of, slots_by_order, work_order_of
from knowledge.store.tables import (
    AgentStateRow,
    CustomerOrderRow,
    InventoryEventRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)

_DOWNTIME = "downtime:"


def books_of(store: Store, plant: Plant, now: Instant) -> Books:
    """Everything that the auditor looks at, as the tables have it now."""
    slots = slots_by_order(store.rows(OperationRow))
    return Books(
        plant,
        now,
        {row["item"]: row["quantity"] for row in store.rows(OnHandRow)},
        store.rows(InventoryEventRow),
        store.rows(CustomerOrderRow),
        store.rows(PromiseRow),
        store.rows(ShippingOrderRow),
        [work_order_of(row, slots.get(row["work_order"], ())) for row in store.rows(WorkOrderRow)],
        [purchase_of(row) for row in store.rows(PurchaseOrderRow)],
        _downtimes(store.rows(AgentStateRow, agent="planner")),
    )


def _downtimes(rows: list[dict[str, Any]]) -> dict[str, tuple[tuple[Instant, Instant], ...]]:
    return {
        row["key"].removeprefix(_DOWNTIME): tuple((start, end) for start, end in json.loads(row["body"]))
        for row in rows
        if row["key"].startswith(_DOWNTIME)
    }
