"""The books of one item alone: what its outlook needs, read by key and not with everything else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from knowledge.auditor import Books
from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.store.database import Store
from knowledge.store.rows import purchase_of, work_order_of
from knowledge.store.tables import (
    CustomerOrderRow,
    EarmarkRow,
    InventoryEventRow,
    OnHandRow,
    PromiseRow,
    PurchaseOrderRow,
    WorkOrderRow,
    table_of,
)
from knowledge.supply import base_document, readable

AT_ONCE = 500
"""Keys of one query at most."""


def item_books(store: Store, plant: Plant, now: Instant, item: str) -> Books:
    """The books as far as they speak of one item: its stock and events, and the documents of these."""
    events = store.rows(InventoryEventRow, item=item)
    bases = {base_document(row["document"]) for row in events}
    numbers = [readable(base) for base in bases if "/" not in base]
    marks = store.rows(EarmarkRow, item=item)
    orders = {base.rpartition("/")[0] for base in bases if "/" in base}
    orders |= {row["holder"].rpartition("/")[0] for row in marks if "/" in row["holder"]}
    promises = rows_in(store, PromiseRow, "order", orders) if marks else []
    return Books(
        plant,
        now,
        {row["item"]: row["quantity"] for row in store.rows(OnHandRow, item=item)},
        events,
        rows_in(store, CustomerOrderRow, "order", orders, "order", "customer"),
        promises,
        [],
        [work_order_of(row, ()) for row in rows_in(store, WorkOrderRow, "work_order", numbers)],
        [purchase_of(row) for row in rows_in(store, PurchaseOrderRow, "purchase_order", numbers)],
        {},
        marks,
    )


def rows_in(store: Store, model: Any, column: str, keys: Iterable[str], *columns: str) -> list[dict[str, Any]]:
    """The rows of a table whose column is one of some keys, in the order of the table's key."""
    table, wanted = table_of(model), sorted(set(keys))
    chosen = [table.c[name] for name in columns] if columns else [table]
    found: list[dict[str, Any]] = []
    for begin in range(0, len(wanted), AT_ONCE):
        some = wanted[begin : begin + AT_ONCE]
        statement = select(*chosen).where(table.c[column].in_(some)).order_by(*table.primary_key.columns)
        with store.connected() as connection:
            found.extend(dict(row) for row in connection.execute(statement).mappings())
    return found
