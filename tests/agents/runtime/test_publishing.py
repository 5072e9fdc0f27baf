from __future__ import annotations

from typing import Any

import pytest

from agents.runtime.agent import Effect, Send
from agents.runtime.publishing import published
from knowledge.store.database import Write
from knowledge.store.tables import InventoryEventRow, PromiseRow, PurchaseOrderRow, ShippingOrderRow, WorkOrderRow
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.orders import Acknowledged
from protocols.publishing import Changed, Subscription, Topic

EVERYTHING = Subscription("sink:erp", frozenset(Topic))


def handled() -> Envelope[Any]:
    """A message that an agent has handled."""
    return Envelope(
        id="m1",
        conversation="c1",
        protocol=ProtocolName.REQUEST,
        performative=Performative.REQUEST,
        sender="a",
        receiver="b",
        sent=0,
        content=Content(),
    )


def told(*effects: Effect, to: Subscription = EVERYTHING) -> list[tuple[Topic, str]]:
    """What is told to a subscriber."""
    sends = list(published(handled(), effects, (to,)))
    assert {send.receiver for send in sends} <= {to.sink}
    assert len({send.conversation for send in sends}) == len(sends)
    return [(send.content.topic, send.content.document) for send in sends if isinstance(send.content, Changed)]


def test_what_is_only_planned_is_told_to_nobody() -> None:
    planned = Write(WorkOrderRow, {"work_order": "WO-1", "status": "planned"})
    gone = Write(WorkOrderRow, {"work_order": "WO-2"}, remove=True)
    stock = Write(InventoryEventRow, {"item": "A", "status": "firm"})
    assert told(planned, gone, stock) == []


def test_a_document_of_several_rows_is_told_of_once() -> None:
    rows = [Write(PurchaseOrderRow, {"purchase_order": "PO-1", "row": n, "status": "released"}) for n in (1, 2, 3)]
    assert told(*rows) == [(Topic.PURCHASE_ORDER, "PO-1")]


def test_an_order_is_told_of_when_a_promise_changes_or_goes() -> None:
    change = Write(PromiseRow, {"order": "shop/1", "line": "1", "part": 0, "status": "promised"})
    removal = Write(PromiseRow, {"order": "shop/2", "line": "1", "part": 1}, remove=True)
    assert told(change, removal) == [(Topic.ORDER, "shop/1"), (Topic.ORDER, "shop/2")]


def test_a_document_is_told_of_once_it_is_accepted() -> None:
    def said(outcome: str) -> Send:
        content = Acknowledged(name="n", outcome=outcome)
        return Send("c7", ProtocolName.REQUEST, Performative.INFORM, "door", content)

    assert told(said("quarantined"), said("duplicate")) == []
    assert told(said("accepted")) == [(Topic.DOCUMENT, "c7")]


@pytest.mark.parametrize(
    ("source", "heard"), [("shop", True), ("shop:a.example", True), ("shop:b", False), ("sho", False)]
)
def test_a_source_is_told_of_its_own_orders_and_their_shipments(source: str, heard: bool) -> None:
    to = Subscription("answers:shop", frozenset({Topic.ORDER, Topic.SHIPPING_ORDER}), source)
    order = "shop%3Aa.example/1%2F2"
    promise = Write(PromiseRow, {"order": order, "line": "1", "part": 0, "status": "promised"})
    shipping = Write(ShippingOrderRow, {"shipping_order": "SH-1", "line": "1", "order": order, "status": "released"})
    assert len(told(promise, shipping, to=to)) == (2 if heard else 0)


def test_topics_that_nobody_wants_are_left_out() -> None:
    to = Subscription("sink:mes", frozenset({Topic.WORK_ORDER}))
    work = Write(WorkOrderRow, {"work_order": "WO-1", "status": "released"})
    promise = Write(PromiseRow, {"order": "shop/1", "line": "1", "part": 0, "status": "promised"})
    assert told(work, promise, to=to) == [(Topic.WORK_ORDER, "WO-1")]
