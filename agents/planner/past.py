"""What is closed does not stay with the planner: it lies in the records, and is read from there if it is asked for."""

from __future__ import annotations

from collections.abc import Collection

from pydantic import TypeAdapter

from agents.planner.delta import Delta
from agents.planner.kept import Planned
from agents.planner.state import State
from agents.runtime.agent import Records
from knowledge.store.tables import AgentStateRow, DemandRow, ShippingOrderRow, WorkOrderRow
from knowledge.supply import Release, base_document
from protocols.orders import OrderFacts

RELEASE = TypeAdapter(Release)
RELEASES = TypeAdapter(list[Release])
PLANNED = TypeAdapter(Planned)

NAME = "planner"
OPEN_SHIPMENTS = ("planned", "released")
"""What shipping orders are that have not left."""

CLOSED = "planner closed"
"""Under this name lie the orders that are closed, so that a start need not look at them."""


def order_key(order: str) -> str:
    """Under which key an order lies."""
    return f"order:{order}"


def is_closed(state: State, order: str) -> bool:
    """Whether all of an order has left: nothing of it is missing, or waits for anybody."""
    documents = state.by_order.get(order)
    if not documents or not all(state.releases[document].shipped for document in documents):
        return False
    planned = state.orders[order]
    return not planned.missing and not planned.pending


def concerned(delta: Delta) -> list[str]:
    """The orders that a decision changed something of."""
    releases = (release for pair in delta.releases.values() for release in pair if release is not None)
    return list(dict.fromkeys([*delta.orders, *(release.order for release in releases)]))


def forget(state: State, delta: Delta) -> list[str]:
    """Let go of what a decision has closed, once it is told and stored; the order lines that nobody asks about."""
    lines: list[str] = []
    for order in concerned(delta):
        if order in state.orders and is_closed(state, order):
            del state.orders[order]
        if order not in state.orders:
            lines.extend(_forget_releases(state, order))
    state.forget_supply()
    return lines


def _forget_releases(state: State, order: str) -> list[str]:
    documents = state.by_order.pop(order, {})
    for document in documents:
        del state.releases[document]
    lines = list(dict.fromkeys(map(base_document, documents)))
    for line in lines:
        state.book.custom.discard(line)
        state.book.customers.pop(line, None)
    return lines


_AT_ONCE = 500
"""Of so many orders the releases are asked for together."""


def releases_of(records: Records, orders: Collection[str]) -> list[Release]:
    """The releases of some of the orders that are open, or of all of them.

    What is closed is not looked at, however much there is of it: nearly every open order has something to ship.
    """
    rows = records.of(DemandRow, "order", ShippingOrderRow, {"status": OPEN_SHIPMENTS})
    rows = [row for row in rows if row["order"] in orders]
    found = {row["order"] for row in rows}
    left = [order for order in orders if order not in found]
    for start in range(0, len(left), _AT_ONCE):
        rows += records.rows(DemandRow, order=tuple(left[start : start + _AT_ONCE]))
    return RELEASES.validate_json(f"[{','.join([row['body'] for row in rows])}]")


def recall(state: State, records: Records, facts: OrderFacts) -> None:
    """Have an order with the planner as it was left, if it was there before: to be called before a decision begins."""
    if facts.sequence > state.highest:
        state.highest = facts.sequence
        return
    if facts.order in state.orders:
        return
    for name in (NAME, CLOSED):
        for row in records.own(AgentStateRow, agent=name, key=order_key(facts.order)):
            state.orders.restore(facts.order, row["body"])
    releases = [RELEASE.validate_json(row["body"]) for row in records.own(DemandRow, order=facts.order)]
    for release in releases:
        state.restore_release(release)


def let_go(state: State, order: str) -> None:
    """Forget a closed order again that was recalled."""
    state.orders.pop(order, None)
    _forget_releases(state, order)


def status_of(records: Records, work_order: str) -> str | None:
    """What has become of a work order that is open no more."""
    return next((row["status"] for row in records.own(WorkOrderRow, work_order=work_order)), None)
