"""What is answered to UBL orders: OrderResponse, and DespatchAdvice when a shipping order is issued."""

from __future__ import annotations

from typing import Any

from lxml import etree

from agents.sources.answers import LineAnswer, Verdict, answers, overall
from agents.sources.exact import plain
from agents.sources.xml_text import clean
from protocols.publishing import OrderNews, ShippingOrderNews

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_SCHEMA}CommonAggregateComponents-2", f"{_SCHEMA}CommonBasicComponents-2"

CODES = {
    Verdict.ACCEPTED: "AP",
    Verdict.CHANGED: "CA",
    Verdict.REJECTED: "RE",
    Verdict.CANCELLED: "RE",
    Verdict.HELD: "AB",
}
"""OrderResponseCode: accepted, conditionally accepted, rejected, message acknowledged (UNCL4343, as Peppol has it)."""

LINE_CODES = {Verdict.ACCEPTED: "5", Verdict.CHANGED: "3", Verdict.REJECTED: "7", Verdict.CANCELLED: "7"}
"""LineStatusCode: accepted without amendment, changed, not accepted (UNCL1229)."""


def order_response(news: OrderNews, number: str, seller: str) -> bytes:
    """An OrderResponse. `number` is its own, `seller` our identification."""
    lines = answers(news)
    head = [_b("UBLVersionID", "2.1"), _b("ID", number), _b("IssueDate", news.at[:10]), _b("IssueTime", news.at[11:])]
    head.append(_b("OrderResponseCode", CODES[overall(lines)]))
    if currency := news.document.get("currency"):
        head.append(_b("DocumentCurrencyCode", str(currency)))
    buyer = news.source.partition(":")[2] or news.customer
    parties = [_a("SellerSupplierParty", _party(seller)), _a("BuyerCustomerParty", _party(buyer))]
    told = [_line(line) for line in lines if line.verdict is not Verdict.HELD]
    return _document("OrderResponse", *head, _a("OrderReference", _b("ID", news.number)), *parties, *told)


def despatch_advice(shipped: ShippingOrderNews, seller: str) -> bytes:
    """A DespatchAdvice of a shipping order that leaves."""
    head = [_b("UBLVersionID", "2.1"), _b("ID", shipped.shipping_order), _b("IssueDate", shipped.ship[:10])]
    buyer = shipped.source.partition(":")[2] or shipped.customer
    lines = [
        _a(
            "DespatchLine",
            _b("ID", str(number)),
            _b("DeliveredQuantity", line.quantity, **({"unitCode": line.uom} if line.uom else {})),
            _a("OrderLineReference", _b("LineID", line.line), _a("OrderReference", _b("ID", shipped.number))),
            _a("Item", _b("Name", line.description or line.item), _identified("SellersItemIdentification", line.item)),
        )
        for number, line in enumerate(shipped.lines, 1)
    ]
    return _document(
        "DespatchAdvice",
        *head,
        _a("OrderReference", _b("ID", shipped.number)),
        _a("DespatchSupplierParty", _party(seller)),
        _a("DeliveryCustomerParty", _party(buyer)),
        *lines,
    )


def _line(answer: LineAnswer) -> etree._Element:
    uom = answer.line.get("uom")
    unit = {"unitCode": str(uom)} if uom else {}
    inside = [_b("ID", answer.name)]
    if answer.reason:
        inside.append(_b("Note", answer.reason))
    inside += [_b("LineStatusCode", LINE_CODES[answer.verdict]), _b("Quantity", plain(answer.quantity), **unit)]
    for promise in answer.promises:
        period = _a("PromisedDeliveryPeriod", _b("EndDate", promise.day.isoformat()))
        inside.append(_a("Delivery", _b("Quantity", plain(promise.quantity), **unit), period))
    name = str(answer.line.get("description") or answer.item or answer.name)
    numbers = [_identified("SellersItemIdentification", answer.item)] if answer.item else []
    inside.append(_a("Item", _b("Name", name), *numbers))
    return _a("OrderLine", _a("LineItem", *inside))


def _identified(kind: str, number: str) -> etree._Element:
    return _a(kind, _b("ID", number))


def _party(identity: str) -> etree._Element:
    return _a("Party", _a("PartyIdentification", _b("ID", identity)))


def _document(kind: str, *inside: etree._Element) -> bytes:
    names: dict[Any, str] = {None: f"{_SCHEMA}{kind}-2", "cac": _CAC, "cbc": _CBC}
    root = etree.Element(f"{{{_SCHEMA}{kind}-2}}{kind}", nsmap=names)
    root.extend(inside)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _a(tag: str, *inside: etree._Element) -> etree._Element:
    made = etree.Element(f"{{{_CAC}}}{tag}")
    made.extend(inside)
    return made


def _b(tag: str, text: str, **attributes: str) -> etree._Element:
    made = etree.Element(f"{{{_CBC}}}{tag}", attributes)
    made.text = clean(text)
    return made
