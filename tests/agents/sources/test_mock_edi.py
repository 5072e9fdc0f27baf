"""An independent trading partner, in both syntaxes: orders, changes and cancellations that it sends are read, and what
they are answered it takes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from mockedi.testing import Mock

from agents.sources import edifact_answers, x12_answers
from agents.sources.edifact import Edifact
from agents.sources.edifact_envelope import messages
from agents.sources.reading import read_bytes
from agents.sources.x12 import X12
from agents.sources.x12_acknowledging import acknowledgements
from agents.sources.x12_envelope import transaction_sets
from knowledge.documents import CustomerOrder, OrderCancel, OrderChange
from protocols.publishing import OrderNews, PartNews
from tests.agents.sources.builders import part

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


AT = dt.datetime(2026, 11, 28, 9, 30, tzinfo=dt.UTC)
WANTED, LATER = "2026-12-16T00:00:00+00:00", "2026-12-20T12:00:00+00:00"

ANSWERED = [
    ([part("3", WANTED, WANTED, item="CAB-600")], ("IA", "3", "")),
    ([part("3", WANTED, LATER, item="CAB-600", reason="capacity of SAW")], ("DR", "3", "capacity of SAW")),
    ([part("3", WANTED, None, item="CAB-600", status="infeasible", reason="no saw")], ("IR", "0", "no saw")),
]
"""Parts of a line as they are published, and what the partner makes of the answer in X12."""


def answered(body: bytes, news: OrderNews, number: int, change: str = "") -> list[bytes]:
    """The acknowledgement of what came, and the answer to it."""
    if body.startswith(b"ISA"):
        head = x12_answers.reply_to(transaction_sets(body.decode())[0])
        received = [each for _, each in acknowledgements(X12(), body, number, AT)]
        return [*received, x12_answers.order_acknowledgement(news, head, number + 1, AT, change)]
    reply = edifact_answers.reply_to(messages(body)[0])
    received = edifact_answers.syntax_reports(Edifact(), body, number, AT)
    return [*received, edifact_answers.order_response(news, reply, number + 1, AT, change)]


def published(order: CustomerOrder, parts: list[PartNews]) -> OrderNews:
    return OrderNews(
        source=order.source,
        number=order.number,
        customer=order.customer or "",
        status="",
        lines=tuple(parts),
        document=json.loads(order.model_dump_json()),
    )


@pytest.mark.parametrize("syntax", MAKERS)
def test_a_trading_partner_takes_the_answers_to_what_it_sent(buyer: Mock, syntax: str) -> None:
    maker = MAKERS[syntax]
    wanted = {"partner": maker, "requested_on": "2026-12-15", "currency": "EUR", "lines": LINES[:1]}
    for at, (parts, (status, confirmed, reason)) in enumerate(ANSWERED):
        number = buyer.expect("POST", "/_mock/purchase", wanted, 201)["po_number"]
        [body] = [d["payload"].encode("latin-1") for d in buyer.mailbox(maker) if number in d["payload"]]
        [order] = sent(buyer, maker, number)
        for answer in answered(body, published(order, parts), 100 + 10 * at):
            taken = buyer.send(answer.decode("latin-1"))
            assert [each["findings"] for each in taken["transactionSets"]] == [[]]
            assert taken["accepted"]
        [line] = buyer.order(number, maker)["lines"]
        # An ORDRSP has no status of a line: the partner tells it by how much is confirmed.
        told = {"DR": "IA"}.get(status, status) if syntax == "edifact" else status
        assert (line["status"], line["confirmed"], line["reason"]) == (told, confirmed, reason)
        assert number not in {row["reference"] for row in buyer.unacknowledged()}


@pytest.mark.parametrize("syntax", MAKERS)
def test_a_trading_partner_takes_the_answer_to_a_change(buyer: Mock, syntax: str) -> None:
    maker = MAKERS[syntax]
    wanted = {"partner": maker, "requested_on": "2026-12-15", "currency": "EUR", "lines": LINES[:1]}
    number = buyer.expect("POST", "/_mock/purchase", wanted, 201)["po_number"]
    [order] = sent(buyer, maker, number)
    change = {"lines": [{"line": "1", "quantity": "4"}]}
    buyer.expect("POST", f"/_mock/purchase/{number}/change?partner={maker}", change)
    body = [d["payload"].encode("latin-1") for d in buyer.mailbox(maker) if number in d["payload"]][-1]
    lines = (order.lines[0].model_copy(update={"quantity": Decimal(4)}),)
    news = published(order.model_copy(update={"lines": lines}), [part("4", WANTED, WANTED, item="CAB-600")])
    for answer in answered(body, news, 500, "1" if syntax == "x12" else f"{number}-1"):
        taken = buyer.send(answer.decode("latin-1"))
        assert [each["findings"] for each in taken["transactionSets"]] == [[]]
        assert taken["accepted"]


@pytest.mark.parametrize("syntax", MAKERS)
def test_a_trading_partner_takes_it_when_what_it_sent_is_refused_with_the_place(buyer: Mock, syntax: str) -> None:
    maker = MAKERS[syntax]
    wanted = {"partner": maker, "requested_on": "2026-12-15", "currency": "EUR", "lines": LINES[:1]}
    number = buyer.expect("POST", "/_mock/purchase", wanted, 201)["po_number"]
    [body] = [d["payload"].encode("latin-1") for d in buyer.mailbox(maker) if number in d["payload"]]
    if syntax == "x12":
        spoiled = body.replace(b"PO1*1*3*", b"PO1*1*three*")
        [(_, answer)] = acknowledgements(X12(), spoiled, 700, AT)
        place = b"AK4*2*330*6*three~"
    else:
        spoiled = body.replace(b"QTY+21:3", b"QTY+21:three")
        [answer] = edifact_answers.syntax_reports(Edifact(), spoiled, 700, AT)
        place = b"UCD+37+2:2'"
    assert spoiled != body
    assert place in answer
    taken = buyer.send(answer.decode("latin-1"))
    assert [each["findings"] for each in taken["transactionSets"]] == [[]]
