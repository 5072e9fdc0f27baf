"""The books of the auditor, and of explanations, from a database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Protocol

from pydantic import TypeAdapter
from sqlmodel import SQLModel

from knowledge.auditor import Books
from knowledge.deliveries import Delivery, records_of
from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.store.database import Store
from knowledge.store.learned import learned_plant
from knowledge.store.rows import award_of, purchase_of, slots_by_order, work_order_of
from knowledge.store.tables import (
    AgentStateRow,
    ApprovalRow,
    CustomerOrderRow,
    DeliveryRow,
    DemandRow,
    EarmarkRow,
    InventoryEventRow,
    MessageRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseAwardRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from knowledge.supply import Release

_RELEASE = TypeAdapter(Release)
_DOWNTIME = "downtime:"


class Tables(Protocol):
    """Where rows are read from: a store, or who has read them before."""

    def rows(self, model: type[SQLModel], *columns: str, **where: object) -> list[dict[str, Any]]:
        """See `Store`."""


def books_of(store: Tables, plant: Plant, now: Instant) -> Books:
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
        store.rows(EarmarkRow),
    )


def explained_books_of(store: Store, plant: Plant, now: Instant) -> Books:
    """The same with what explanations look at besides."""
    return replace(
        books_of(store, learned_plant(store, plant), now),
        releases=[_RELEASE.validate_json(row["body"]) for row in store.rows(DemandRow)],
        approvals=[_approval(row) for row in store.rows(ApprovalRow)],
        told=list(_told(store)),
        awards={(row["purchase_order"], row["row"]): award_of(row) for row in store.rows(PurchaseAwardRow)},
        punctuality=records_of(map(Delivery.of, store.rows(DeliveryRow)), plant.zone),
    )


def _approval(row: dict[str, Any]) -> dict[str, Any]:
    """An approval with its order, the agent that asked for it, and what silence means."""
    body = json.loads(row["body"])
    silence = body["terms"]["on_silence"] if "terms" in body else ""
    return {**row, "order": body["decision"]["order"], "asker": body["asker"], "silence": silence}


def _told(store: Store) -> Iterator[dict[str, Any]]:
    """What the planner told of orders: (line, promised, status) of every part, in order of time."""
    rows = store.rows(MessageRow, "sequence", "sent", "body", kind="OrderPlanned")
    for row in sorted(rows, key=lambda r: (r["sent"], r["sequence"])):
        body = json.loads(row["body"])
        parts = frozenset((part["line"], part["promised"], part["status"]) for part in body["parts"])
        yield {"order": body["order"], "time": row["sent"], "parts": parts}


def _downtimes(rows: list[dict[str, Any]]) -> dict[str, tuple[tuple[Instant, Instant], ...]]:
    return {
        row["key"].removeprefix(_DOWNTIME): tuple((start, end) for start, end in json.loads(row["body"]))
        for row in rows
        if row["key"].startswith(_DOWNTIME)
    }
