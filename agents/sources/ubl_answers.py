"""What is answered to UBL orders: OrderResponse, and DespatchAdvice when a shipping order is issued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from agents.sources.answering import LineAnswer, OrderAnswer, Verdict
from agents.sources.exact import plain
from protocols.publishing import ShippingOrderNews

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_SCHEMA}CommonAggregateComponents-2", f"{_SCHEMA}CommonBasicComponents-2"

CODES = {Verdict.ACCEPTED: "AP", Verdict.CHANGED: "CA", Verdict.REFUSED: "RE", Verdict.RECEIVED: "AB"}
"""OrderResponseCode: accepted, conditionally accepted, rejected, message acknowledged (UNCL4343, as Peppol has it)."""

LINE_CODES = {Verdict.ACCEPTED: "5", Verdict.CHANGED: "3", Verdict.REFUSED: "7"}
"""LineStatusCode: accepted without amendment, changed, not accepted (UNCL1229)."""


def order_response(answer: OrderAnswer, number: str, at: str, seller: str) -> bytes:
    """An OrderResponse. `number` is its own, `at` when it is made (ISO 8601), `seller` our identification."""
    order = answer.order
    head = [_b("UBLVersionID", "2.1"), _b("ID", number), _b("IssueDate", at[:10])]
    if len(at) > 10:
        head.append(_b("IssueTime", at[11:]))
    head.append(_b("OrderResponseCode", CODES[answer.verdict]))
    if order.currency:
        head.append(_b("DocumentCurrencyCode", order.currency))
    parties = [_a("SellerSupplierParty", _party(seller)), _a("BuyerCustomerParty", _party(answer.partner))]
    lines = [_line(line) for line in answer.lines if line.verdict is not Verdict.RECEIVED]
    return _document("OrderResponse", *head, _a("OrderReference", _b("ID", order.number)), *parties, *lines)


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
    line = answer.line
    unit = {"unitCode": line.uom} if line.uom else {}
    inside = [_b("ID", line.line)]
    if answer.reason:
        inside.append(_b("Note", answer.reason))
    inside += [_b("LineStatusCode", LINE_CODES[answer.verdict]), _b("Quantity", plain(answer.ordered), **unit)]
    for share in answer.shares:
        period = _a("PromisedDeliveryPeriod", _b("EndDate", share.promised[:10]), _b("EndTime", share.promised[11:]))
        inside.append(_a("Delivery", _b("Quantity", plain(share.quantity), **unit), period))
    name = line.description or line.item or line.line
    numbers = [_identified("SellersItemIdentification", line.item)] if line.item else []
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
    made.text = "".join(_characters(text))
    return made


def _characters(text: str) -> Iterator[str]:
    """What XML can hold of a text."""
    for c in text:
        if c in "\t\n\r" or " " <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff":
            yield c
