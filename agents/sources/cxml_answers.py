"""What is answered to cXML orders: ConfirmationRequest, and ShipNoticeRequest when goods have left.

Each line stands in a confirmation as it is now; one that is sent again is an update that names the one before it, by
the payloadID that every answer gets from what it answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from agents.sources.answers import LineAnswer, Verdict, answers
from agents.sources.exact import plain
from agents.sources.xml_text import clean
from protocols.publishing import OrderNews, ShippingOrderNews

DTD = '<!DOCTYPE cXML SYSTEM "http://xml.cxml.org/schemas/cXML/1.2.050/Fulfill.dtd">'
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_REFUSED = {Verdict.REJECTED, Verdict.CANCELLED}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who answers: identification and the domain that it is of, and the secret that shows it."""

    own_id: str
    domain: str
    secret: str


def confirmation(news: OrderNews, told: int, head: Letterhead) -> bytes:
    """A ConfirmationRequest of all lines; `told` is how many went before it."""
    lines = answers(news)
    refused = all(line.verdict in _REFUSED for line in lines)
    header = etree.Element(
        "ConfirmationHeader",
        confirmID=f"{news.number}-{told + 1}",
        operation="update" if told else "new",
        type="reject" if refused else "detail",
        noticeDate=news.at,
    )
    if told:
        etree.SubElement(header, "DocumentReference", payloadID=_payload(news, head, f"{news.number}-{told}"))
    if refused:
        header.extend(_comments("; ".join(dict.fromkeys(line.reason for line in lines if line.reason))))
    request = etree.Element("ConfirmationRequest")
    request.extend([header, _order_reference(news)])
    if not refused:
        request.extend([_item(line) for line in lines])
    return _document(news, head, f"{news.number}-{told + 1}", request)


def ship_notice(shipped: ShippingOrderNews, head: Letterhead) -> bytes:
    """A ShipNoticeRequest of a shipping order that has left."""
    header = etree.Element(
        "ShipNoticeHeader",
        shipmentID=shipped.shipping_order,
        operation="new",
        noticeDate=shipped.at,
        shipmentDate=shipped.ship,
        shipmentType="actual",
    )
    portion = etree.Element("ShipNoticePortion")
    portion.append(_order_reference(shipped))
    for line in shipped.lines:
        item = etree.SubElement(portion, "ShipNoticeItem", quantity=line.quantity, lineNumber=line.line)
        item.append(_text("UnitOfMeasure", line.uom or "EA"))
    request = etree.Element("ShipNoticeRequest")
    request.extend([header, portion])
    return _document(shipped, head, shipped.shipping_order, request)


def _item(answer: LineAnswer) -> etree._Element:
    """A line with a status for each promise, and one for what is not promised; they sum to what was ordered."""
    uom = str(answer.line.get("uom") or "EA")
    item = etree.Element("ConfirmationItem", quantity=plain(answer.quantity), lineNumber=answer.name)
    item.append(_text("UnitOfMeasure", uom))
    kind = "accept" if answer.verdict is Verdict.ACCEPTED else "detail"
    for promise in answer.promises:
        status = etree.SubElement(item, "ConfirmationStatus", quantity=plain(promise.quantity), type=kind)
        status.set("deliveryDate", f"{promise.day}T12:00:00+00:00")  # the same day in almost every time zone
        status.append(_text("UnitOfMeasure", uom))
        status.extend(_comments(answer.reason))
    left = answer.quantity - answer.promised
    if left > 0:
        kind = "unknown" if answer.verdict is Verdict.HELD else "reject"
        status = etree.SubElement(item, "ConfirmationStatus", quantity=plain(left), type=kind)
        status.append(_text("UnitOfMeasure", uom))
        status.extend(_comments(answer.reason))
    return item


def _order_reference(news: OrderNews | ShippingOrderNews) -> etree._Element:
    """The order by its number, and by the payloadID that it came with."""
    reference = etree.Element("OrderReference", orderID=clean(news.number))
    etree.SubElement(reference, "DocumentReference", payloadID=clean(news.reference))
    return reference


def _document(news: OrderNews | ShippingOrderNews, head: Letterhead, name: str, content: etree._Element) -> bytes:
    buyer = news.source.partition(":")[2] or news.customer
    root = etree.Element("cXML", payloadID=_payload(news, head, name), timestamp=news.at)
    header = etree.SubElement(root, "Header")
    for party, identity in (("From", head.own_id), ("To", buyer), ("Sender", head.own_id)):
        credential = etree.SubElement(etree.SubElement(header, party), "Credential", domain=head.domain)
        credential.append(_text("Identity", identity))
        if party == "Sender" and head.secret:
            credential.append(_text("SharedSecret", head.secret))
    header[-1].append(_text("UserAgent", "society"))
    etree.SubElement(root, "Request", deploymentMode="production").append(content)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True, doctype=DTD)


def _payload(news: OrderNews | ShippingOrderNews, head: Letterhead, name: str) -> str:
    """A name that no other answer has, and the same answer always."""
    return clean(f"{name}.{news.source}@{head.own_id}".replace(" ", "_"))


def _comments(text: str) -> Iterator[etree._Element]:
    if text:
        comments = _text("Comments", text)
        comments.set(_LANGUAGE, "en")
        yield comments


def _text(tag: str, text: str) -> etree._Element:
    made = etree.Element(tag)
    made.text = clean(text)
    return made
