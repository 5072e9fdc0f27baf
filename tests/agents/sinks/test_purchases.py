"""What suppliers are sent, read back by readers of these formats: our own, which know nothing of the writers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.sinks.buying import BuyingConfig
from agents.sinks.edifact_purchase import EdifactPurchase, EdifactPurchaseConfig
from agents.sinks.sink import Parcel, Sink, SinkError
from agents.sinks.ubl_purchase import UblPurchase
from agents.sinks.x12_purchase import X12Purchase, X12PurchaseConfig
from agents.sources.reading import read_bytes
from knowledge.documents import CustomerOrder, Document, OrderCancel, OrderChange
from protocols.publishing import PurchaseOrderNews, PurchaseRowNews

SINKS: dict[str, Callable[[], Sink[Any]]] = {
    "ubl": lambda: UblPurchase(BuyingConfig(buyer="MAKER", buyer_name="Maker Ltd")),
    "x12": lambda: X12Purchase(X12PurchaseConfig(buyer="MAKER", buyer_name="Maker Ltd")),
    "edifact": lambda: EdifactPurchase(EdifactPurchaseConfig(buyer="MAKER", buyer_name="Maker Ltd")),
}
each_sink = pytest.mark.parametrize("sink", SINKS.values(), ids=SINKS)


def row(number: int = 1, **more: Any) -> PurchaseRowNews:
    fields: dict[str, Any] = {"row": number, "item": f"TUBE-{number}", "description": "Steel tube", "quantity": "12.5"}
    fields |= {"uom": "M", "unit_price": "3.20", "order_by": "2026-03-02T08:00:00+01:00", "status": "released"}
    return PurchaseRowNews.model_validate({**fields, "due": "2026-03-20T00:00:00+01:00", **more})


def purchase(*rows: PurchaseRowNews, **more: Any) -> PurchaseOrderNews:
    fields: dict[str, Any] = {"purchase_order": "PO-000042", "supplier": "STEELCO", "supplier_name": "Steel & Co"}
    return PurchaseOrderNews.model_validate({**fields, "currency": "EUR", "rows": rows or (row(),), **more})


def parcels(sink: Callable[[], Sink[Any]], news: PurchaseOrderNews, told: int = 0) -> list[Parcel]:
    return list(sink().parcels(news, told))


def read(sink: Callable[[], Sink[Any]], news: PurchaseOrderNews, told: int = 0) -> Document:
    """What a supplier's reader makes of it."""
    [parcel] = parcels(sink, news, told)
    [found] = read_bytes(parcel.name, parcel.body)
    assert found.document is not None, found.reason
    return found.document


@each_sink
def test_a_supplier_reads_what_is_wanted_when_and_at_what_price(sink: Callable[[], Sink[Any]]) -> None:
    order = read(sink, purchase(row(1), row(2, quantity="400", uom="EA", unit_price="0.125")))
    assert isinstance(order, CustomerOrder)
    assert (order.number, order.currency) == ("PO-000042", "EUR")
    assert [(line.line, line.quantity, line.unit_price) for line in order.lines] == [
        ("1", Decimal("12.5"), Decimal("3.20")),
        ("2", Decimal(400), Decimal("0.125")),
    ]
    assert all(str(line.requested).startswith("2026-03-20") for line in order.lines)
    assert all(f"TUBE-{line.line}" in {line.item, *(line.other_items or ())} for line in order.lines)


@each_sink
def test_what_is_not_issued_yet_is_not_sent(sink: Callable[[], Sink[Any]]) -> None:
    assert parcels(sink, purchase(row(1, status="firm"))) == []
    order = read(sink, purchase(row(1), row(2, status="firm")))
    assert isinstance(order, CustomerOrder)
    assert [line.line for line in order.lines] == ["1"]


@each_sink
def test_a_change_replaces_the_whole_order(sink: Callable[[], Sink[Any]]) -> None:
    change = read(sink, purchase(row(1, quantity="20")), told=1)
    assert isinstance(change, OrderChange | CustomerOrder)
    assert change.number == "PO-000042"
    assert [line.quantity for line in change.lines] == [Decimal(20)]


@each_sink
def test_a_cancelled_order_is_cancelled_and_one_that_was_never_sent_is_not_sent(sink: Callable[[], Sink[Any]]) -> None:
    gone = purchase(row(1, status="cancelled"))
    assert parcels(sink, gone) == []
    cancel = read(sink, gone, told=1)
    assert isinstance(cancel, OrderCancel)
    assert cancel.number == "PO-000042"


@each_sink
@settings(max_examples=25, deadline=None)
@given(
    text=st.text(min_size=1, max_size=60),
    item=st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1, max_size=20).filter(
        lambda t: t.strip() == t
    ),
)
def test_no_text_breaks_the_format(sink: Callable[[], Sink[Any]], text: str, item: str) -> None:
    order = read(sink, purchase(row(1, description=text, item=item)))
    assert isinstance(order, CustomerOrder)
    assert [line.quantity for line in order.lines] == [Decimal("12.5")]


@each_sink
def test_the_same_news_makes_the_same_parcels(sink: Callable[[], Sink[Any]]) -> None:
    assert parcels(sink, purchase()) == parcels(sink, purchase())


def test_only_the_suppliers_that_are_named_are_told() -> None:
    sink = UblPurchase(BuyingConfig(buyer="MAKER", suppliers=("OTHER",)))
    assert list(sink.parcels(purchase(), 0)) == []


def test_a_supplier_without_an_identification_that_fits_is_named() -> None:
    sink = X12Purchase(X12PurchaseConfig(buyer="MAKER"))
    with pytest.raises(SinkError, match="set `partners`"):
        list(sink.parcels(purchase(supplier="A supplier with a long name"), 0))
    partnered = X12PurchaseConfig(buyer="MAKER", partners={"A supplier with a long name": "4012345000009"})
    assert len(list(X12Purchase(partnered).parcels(purchase(supplier="A supplier with a long name"), 0))) == 1
