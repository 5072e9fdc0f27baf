from __future__ import annotations

from typing import Any

from lxml import etree

from agents.sources.ubl import Ubl, UblConfig
from agents.sources.ubl_answers import order_response
from protocols.publishing import OrderNews, PartNews, ShippingLineNews, ShippingOrderNews

ASKED = "2026-02-03T00:00:00+01:00"


def part(line: str = "1", status: str = "promised", promised: str | None = ASKED, **more: Any) -> PartNews:
    fields = {"line": line, "item": "PUMP", "quantity": "12", "requested": ASKED, "reason": ""}
    return PartNews.model_validate({**fields, "status": status, "promised": promised, **more})


def news(*parts: PartNews, quantity: str = "12", uom: str = "EA") -> OrderNews:
    """News of an order of one line."""
    line = {"line": "1", "item": "PUMP", "quantity": quantity, "uom": uom, "requested": "2026-02-02"}
    document = {"type": "customer_order", "source": "ubl:NORTH", "number": "7", "lines": [line]}
    return OrderNews(
        at="2026-01-05T08:00:00+01:00",
        source="ubl:NORTH",
        number="7",
        customer="NORTH",
        status="open",
        lines=parts,
        document=document,
    )


def test_an_order_response_says_when_what_comes() -> None:
    root = etree.fromstring(order_response(news(part(reason="why & how")), "7-1", "MAKER"))
    space = {"c": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"}
    texts = {
        tag: [n.text for n in root.iterfind(f".//c:{tag}", space)] for tag in ("OrderResponseCode", "EndDate", "Note")
    }
    assert texts == {"OrderResponseCode": ["AP"], "EndDate": ["2026-02-02"], "Note": ["why & how"]}


def test_a_ubl_order_is_answered_again_under_another_number_when_its_promise_changes() -> None:
    source = Ubl(UblConfig(seller="MAKER"))
    [first] = source.answers(news(part()), 0)
    [second] = source.answers(news(part(promised="2026-02-20T00:00:00+01:00")), 1)
    assert (first.name, second.name) == ("response-7-1.xml", "response-7-2.xml")


def test_goods_are_announced_when_they_leave_and_not_before() -> None:
    line = ShippingLineNews(line="1", item="PUMP", description="Pump", quantity="12", uom="EA")
    fields: dict[str, Any] = {"shipping_order": "SH-1", "source": "ubl:NORTH", "number": "7", "customer": "NORTH"}
    fields |= {"ship_to": "", "ship": ASKED, "lines": (line,)}
    assert list(Ubl().answers(ShippingOrderNews(**fields, status="released"), 0)) == []
    [advice] = Ubl().answers(ShippingOrderNews(**fields, status="done"), 0)
    assert b"<cbc:ID>SH-1</cbc:ID>" in advice.body
    assert b"<cbc:LineID>1</cbc:LineID>" in advice.body
