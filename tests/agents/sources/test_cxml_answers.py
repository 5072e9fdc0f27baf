from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from lxml import etree
from pydantic import SecretStr

from agents.sources.cxml import Cxml, CxmlConfig
from agents.sources.cxml_answers import DTD
from agents.sources.errors import SourceError
from protocols.publishing import OrderNews, PartNews, ShippingLineNews, ShippingOrderNews
from tests.agents.sources.builders import part

WANTED, LATER = "2026-02-03T00:00:00+01:00", "2026-02-20T00:00:00+01:00"
SOURCE = Cxml(CxmlConfig(own_id="AN02", own_secret=SecretStr("open sesame")))

FULFIL = """
<!ELEMENT cXML (Header, Request)> <!ATTLIST cXML payloadID CDATA #REQUIRED timestamp CDATA #REQUIRED>
<!ELEMENT Header (From, To, Sender)> <!ELEMENT From (Credential+)> <!ELEMENT To (Credential+)>
<!ELEMENT Sender (Credential+, UserAgent)> <!ELEMENT UserAgent (#PCDATA)>
<!ELEMENT Credential (Identity, SharedSecret?)> <!ATTLIST Credential domain CDATA #REQUIRED>
<!ELEMENT Identity (#PCDATA)> <!ELEMENT SharedSecret (#PCDATA)>
<!ELEMENT Request (ConfirmationRequest | ShipNoticeRequest)>
<!ATTLIST Request deploymentMode (production | test) "production">
<!ELEMENT ConfirmationRequest (ConfirmationHeader, OrderReference, ConfirmationItem*)>
<!ELEMENT ConfirmationHeader (DocumentReference?, Comments?)>
<!ATTLIST ConfirmationHeader confirmID CDATA #IMPLIED operation (new | update) "new"
  type (accept | allDetail | detail | backordered | except | reject | requestToPay | replace) #REQUIRED
  noticeDate CDATA #REQUIRED>
<!ELEMENT OrderReference (DocumentReference)> <!ATTLIST OrderReference orderID CDATA #IMPLIED>
<!ELEMENT DocumentReference EMPTY> <!ATTLIST DocumentReference payloadID CDATA #REQUIRED>
<!ELEMENT Comments (#PCDATA)> <!ATTLIST Comments xml:lang CDATA #IMPLIED>
<!ELEMENT ConfirmationItem (UnitOfMeasure, ConfirmationStatus+)>
<!ATTLIST ConfirmationItem quantity CDATA #REQUIRED lineNumber CDATA #REQUIRED>
<!ELEMENT ConfirmationStatus (UnitOfMeasure, Comments?)>
<!ATTLIST ConfirmationStatus quantity CDATA #REQUIRED deliveryDate CDATA #IMPLIED
  type (accept | allDetail | detail | backordered | reject | unknown | requestToPay) #REQUIRED>
<!ELEMENT UnitOfMeasure (#PCDATA)>
<!ELEMENT ShipNoticeRequest (ShipNoticeHeader, ShipNoticePortion)>
<!ELEMENT ShipNoticeHeader EMPTY>
<!ATTLIST ShipNoticeHeader shipmentID CDATA #REQUIRED operation (new | update | delete) "new"
  noticeDate CDATA #REQUIRED shipmentDate CDATA #IMPLIED shipmentType (actual | planned) #IMPLIED>
<!ELEMENT ShipNoticePortion (OrderReference, ShipNoticeItem+)>
<!ELEMENT ShipNoticeItem (UnitOfMeasure)>
<!ATTLIST ShipNoticeItem quantity CDATA #REQUIRED lineNumber CDATA #REQUIRED>
"""
"""What is used of cXML's fulfilment documents, as their DTD has it."""


def valid(body: bytes) -> etree._Element:
    """The root of a document that keeps the rules."""
    assert DTD.encode() in body
    root = etree.fromstring(body.replace(DTD.encode(), b""))
    dtd = etree.DTD(StringIO(FULFIL))
    assert dtd.validate(root), dtd.error_log
    return root


def news(*parts: PartNews, **more: Any) -> OrderNews:
    """News of an order of three lines of ten pieces each."""
    lines = [{"line": name, "quantity": "10", "uom": "EA"} for name in ("1", "2", "3")]
    document = {"number": "PO-7", "reference": "17@hub", "lines": lines}
    fields = {"source": "cxml:AN01", "number": "PO-7", "customer": "N", "status": "open", "document": document}
    return OrderNews.model_validate({"at": WANTED, **fields, "lines": parts, **more})


def answered(told: int, *parts: PartNews) -> etree._Element:
    [parcel] = SOURCE.answers(news(*parts), told)
    return valid(parcel.body)


def statuses(root: etree._Element) -> dict[str, list[tuple[str, str, str]]]:
    """By line: type, quantity and day of each status."""
    return {
        str(item.get("lineNumber")): [
            (str(each.get("type")), str(each.get("quantity")), str(each.get("deliveryDate") or "")[:10])
            for each in item.iter("ConfirmationStatus")
        ]
        for item in root.iter("ConfirmationItem")
    }


def test_every_line_is_accepted_changed_or_refused_and_its_statuses_sum_to_what_was_ordered() -> None:
    root = answered(
        0,
        part("10", WANTED, WANTED),
        part("4", WANTED, WANTED, line="2"),
        part("5", WANTED, LATER, line="2", reason="no steel"),
        part("1", WANTED, None, line="2", status="infeasible"),
        part("10", WANTED, None, line="3", status="question"),
    )
    assert statuses(root) == {
        "1": [("accept", "10", "2026-02-02")],
        "2": [("detail", "4", "2026-02-02"), ("detail", "5", "2026-02-19"), ("reject", "1", "")],
        "3": [("unknown", "10", "")],
    }
    [header] = root.iter("ConfirmationHeader")
    assert (header.get("type"), header.get("operation"), header.get("confirmID")) == ("detail", "new", "PO-7-1")
    [reference] = root.iter("OrderReference")
    assert (reference.get("orderID"), reference[0].get("payloadID")) == ("PO-7", "17@hub")
    assert [node.text for node in root.iter("Identity")] == ["AN02", "AN01", "AN02"]
    assert [node.text for node in root.iter("SharedSecret")] == ["open sesame"]


def test_a_confirmation_that_is_sent_anew_names_the_one_before_it() -> None:
    first, second = answered(0, part("10", WANTED, WANTED)), answered(1, part("10", WANTED, LATER))
    [header] = second.iter("ConfirmationHeader")
    assert header.get("operation") == "update"
    assert header[0].get("payloadID") == first.get("payloadID") != second.get("payloadID")


def test_an_order_that_cannot_be_delivered_is_rejected_with_the_reason() -> None:
    lost = [part("10", WANTED, None, line=line, status="infeasible", reason="no steel") for line in ("1", "2", "3")]
    root = answered(0, *lost)
    assert [(each.get("type"), each[0].text) for each in root.iter("ConfirmationHeader")] == [("reject", "no steel")]
    assert statuses(root) == {}


def test_goods_are_announced_when_they_have_left_and_not_before() -> None:
    line = ShippingLineNews(line="1", item="PUMP", description="Pump", quantity="12", uom="EA")
    fields: dict[str, Any] = {"shipping_order": "SH-1", "source": "cxml:AN01", "number": "PO-7", "customer": "N"}
    fields |= {"reference": "17@hub", "ship_to": "", "ship": WANTED, "at": WANTED, "lines": (line,)}
    assert list(SOURCE.answers(ShippingOrderNews(**fields, status="released"), 0)) == []
    [notice] = SOURCE.answers(ShippingOrderNews(**fields, status="done"), 0)
    [item] = valid(notice.body).iter("ShipNoticeItem")
    assert (item.get("lineNumber"), item.get("quantity"), item[0].text) == ("1", "12", "EA")


def test_nobody_answers_in_no_name() -> None:
    with pytest.raises(SourceError, match="own_id is not set"):
        list(Cxml().answers(news(), 0))
