"""What an independent trading partner sends, in both syntaxes: orders, changes and cancellations."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from mockedi.testing import Mock

from agents.sources.reading import read_bytes
from knowledge.documents import CustomerOrder, OrderCancel, OrderChange

MAKERS = {"x12": "MAKERX", "edifact": "MAKERE"}
LINES = [
    {"sku": "CAB-600", "quantity": 3, "price": "149.50", "description": "Cabinet: grey+oak, doesn't wobble"},
    {"sku": "TOP", "quantity": "2.5", "uom": "KG", "price": "3.10", "upc": "012345678905"},
]


@pytest.fixture(scope="module")
def buyer() -> Iterator[Mock]:
    """A buyer with a supplier a syntax."""
    with Mock.start(as2_id="BUYCO") as mock:
        for syntax, name in MAKERS.items():
            mock.expect("POST", "/_mock/partners", {"id": name, "dialect": syntax.upper(), "role": "supplier"}, 201)
        yield mock


def sent(buyer: Mock, maker: str, reference: str) -> list[Any]:
    """The documents of what the buyer has sent a supplier about an order."""
    found = [d for d in buyer.mailbox(maker) if reference in d["payload"]]
    reads = [read for each in found for read in read_bytes("mailbox", each["payload"].encode("latin-1"))]
    assert [read.reason for read in reads if read.document is None] == []
    return [read.document for read in reads]


@pytest.mark.parametrize("syntax", MAKERS)
def test_what_a_trading_partner_sends_is_read(buyer: Mock, syntax: str) -> None:
    maker = MAKERS[syntax]
    wanted = {"partner": maker, "requested_on": "2026-12-15", "currency": "EUR", "lines": LINES}
    number = buyer.expect("POST", "/_mock/purchase", wanted, 201)["po_number"]
    change = [{"line": "1", "quantity": "4"}, {"line": "2", "action": "delete"},
              {"action": "add", "sku": "LEG", "quantity": 8, "price": "1.5"}]  # fmt: skip
    for more in ({"lines": change}, {"cancel": True}):
        buyer.expect("POST", f"/_mock/purchase/{number}/change?partner={maker}", more)

    order, changed, cancelled = sent(buyer, maker, number)

    assert isinstance(order, CustomerOrder)
    assert (order.source, order.number, order.customer, order.currency) == (f"{syntax}:BUYCO", number, "BUYCO", "EUR")
    assert order.ship_to == "Mock EDI Supply Co (BUYCO), 500 Seaport Boulevard, Boston, MA 02210, US"
    assert [(line.line, line.item, line.quantity, line.unit_price, line.requested) for line in order.lines] == [
        ("1", "CAB-600", Decimal(3), Decimal("149.50"), "2026-12-15"),
        ("2", "TOP", Decimal("2.5"), Decimal("3.10"), "2026-12-15"),
    ]
    assert order.lines[0].description == "Cabinet: grey+oak, doesn't wobble"
    assert order.lines[1].other_items == ("012345678905",)
    assert isinstance(changed, OrderChange)
    assert (changed.source, changed.number, changed.complete) == (order.source, number, False)
    assert [(line.line, line.item, line.quantity) for line in changed.lines] == [
        ("1", "CAB-600", Decimal(4)),
        ("2", None, Decimal(0)),
        ("3", "LEG", Decimal(8)),
    ]
    assert cancelled == OrderCancel(source=order.source, number=number)
