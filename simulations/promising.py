"""What would be promised for documents, worked out in a process of its own: the quick half of a quote.

A quote compares everything of two societies, one with the documents and one without. Here there is one, and only what
is promised and asked of people is compared: a fraction of the work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from agents.runtime.memory import collect_seldom
from agents.society import stored_files
from agents.sources.reading import Read
from knowledge.store.copying import private_copy
from knowledge.store.database import Store
from knowledge.store.tables import (
    ApprovalRow,
    MessageRow,
    PromiseRow,
    PurchaseOrderRow,
    QuarantineRow,
    WorkOrderRow,
)
from simulations.processing import Processing, earliest

Key = tuple[str, str, int]
Row = Mapping[str, Any]


def promised(url: str, reads: Sequence[Read], seed: int) -> dict[str, Any]:
    """Rows of promises that documents would change, of a running service's database as it is at this moment.

    `documents` counts what became of them, `quarantine` has the reasons of those that cannot be taken, `changes` pairs
    of promises before and after (either may be None), in the order of their orders and lines; `asked` approvals that
    would be asked for, `work_orders` and `purchase_orders` how many of either would be new.
    """
    collect_seldom()
    with closing(Store(url, reading=True)) as store:
        copy = private_copy(store)
    start = copy.highest(MessageRow, "sent") or earliest(reads)
    trial = Processing(copy, stored_files(copy), start, seed=seed)
    before, supply, asked = _promises(copy), _supply(copy), _pending(copy)
    kept = len(copy.rows(QuarantineRow, "sequence"))
    for _ in trial.run(reads):
        pass
    after, new_supply = _promises(copy), _supply(copy)
    changed = [key for key in before.keys() | after.keys() if before.get(key) != after.get(key)]
    changed.sort(key=lambda key: _place(after.get(key) or before[key]))
    outcome = trial.outcome
    return {
        "documents": {name: getattr(outcome, name) for name in ("accepted", "duplicate", "quarantined")},
        "quarantine": [row["reason"] for row in copy.rows(QuarantineRow)[kept:]],
        "changes": [(before.get(key), after.get(key)) for key in changed],
        "asked": [row for name, row in _pending(copy).items() if name not in asked],
        **{name: len(new_supply[name] - supply[name]) for name in supply},
    }


def _promises(store: Store) -> dict[Key, dict[str, Any]]:
    return {(row["order"], row["line"], row["part"]): row for row in store.rows(PromiseRow)}


def _supply(store: Store) -> dict[str, set[tuple[Any, ...]]]:
    """The keys of all supply, by kind."""
    work = {(row["work_order"],) for row in store.rows(WorkOrderRow, "work_order")}
    bought = {(row["purchase_order"], row["row"]) for row in store.rows(PurchaseOrderRow, "purchase_order", "row")}
    return {"work_orders": work, "purchase_orders": bought}


def _pending(store: Store) -> dict[str, dict[str, str]]:
    rows = store.rows(ApprovalRow, "approval", "decision", "subject", status="pending")
    return {row["approval"]: row for row in rows}


def _place(row: Row) -> tuple[int, int, int]:
    return row["sequence"], row["line_sequence"], row["part"]
