"""Retention: old conversations are forgotten once they are over and nothing that is open has to do with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import delete

from knowledge.instants import Instant
from knowledge.store.database import Store
from knowledge.store.tables import (
    DemandRow,
    MessageRow,
    PromiseRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
    table_of,
)

_MESSAGE = table_of(MessageRow)
_SETTLED = ("handled", "resent")
_CLOSED = ("done", "cancelled")
_PENDING = ("at_risk", "awaiting_engineering", "awaiting_approval", "question")
_A_BATCH = 500


@dataclass(slots=True)
class _Told:
    """What there is to know of a conversation before it may be forgotten."""

    last: Instant = 0
    settled: bool = True
    subjects: set[str] = field(default_factory=set)
    messages: int = 0


def forget_conversations(store: Store, before: Instant, keep: Collection[str] = ()) -> tuple[int, int]:
    """Remove every conversation that ended before an instant; how many conversations and messages that was.

    What stays: messages that wait or are dead letters, and all of their conversations; conversations about an order
    that is not closed, or about supply or shipments of it that are not; those named in `keep` (still going on); the
    newest message of all, from which the clock and the numbers go on. Only messages go: orders, supply, promises,
    approvals and quarantined documents are records of their own.
    """
    open_subjects, kept = open_documents(store), frozenset(keep)
    found = _conversations(store)
    newest = max((told.last for told in found.values()), default=0)
    chosen = [
        name
        for name, told in found.items()
        if told.settled
        and told.last < min(before, newest)
        and name not in kept
        and told.subjects.isdisjoint(open_subjects)
    ]
    with store.writing() as connection:
        for start in range(0, len(chosen), _A_BATCH):
            names = chosen[start : start + _A_BATCH]
            connection.execute(delete(_MESSAGE).where(_MESSAGE.c.conversation.in_(names)))
    return len(chosen), sum(found[name].messages for name in chosen)


def open_documents(store: Store) -> set[str]:
    """Names of the orders, supply and shipments that are not closed."""
    found = _open_orders(store)
    found |= {row["work_order"] for row in store.rows(WorkOrderRow) if row["status"] not in _CLOSED}
    found |= {row["purchase_order"] for row in store.rows(PurchaseOrderRow) if row["status"] not in _CLOSED}
    return found | {row["shipping_order"] for row in store.rows(ShippingOrderRow) if row["status"] not in _CLOSED}


def _open_orders(store: Store) -> set[str]:
    """Orders that something is still to be done for: supplied, shipped, answered, or not shipped in any part yet."""
    shipments = store.rows(ShippingOrderRow)
    waiting = {row["order"] for row in shipments if row["status"] not in _CLOSED}
    waiting |= {row["order"] for row in store.rows(DemandRow)}
    shipped = {row["order"] for row in shipments}
    for row in store.rows(PromiseRow):
        if row["status"] in _PENDING or (row["status"] == "promised" and row["order"] not in shipped):
            waiting.add(row["order"])
    return waiting


def _conversations(store: Store) -> dict[str, _Told]:
    found: dict[str, _Told] = {}
    for row in store.rows(MessageRow, "conversation", "subject", "sent", "due", "status"):
        told = found.setdefault(row["conversation"], _Told())
        told.last = max(told.last, row["sent"], row["due"])
        told.settled = told.settled and row["status"] in _SETTLED
        told.subjects.add(row["subject"])
        told.messages += 1
    return found
