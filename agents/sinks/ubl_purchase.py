"""The sink that sends purchase orders to suppliers as UBL 2.1: Order, then OrderChange, or OrderCancellation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from lxml import etree

from agents.sinks.buying import BuyingConfig, is_cancelled, issued
from agents.sinks.json_sink import file_name
from agents.sinks.sink import News, Parcel, Sink
from agents.sources.xml_text import clean
from protocols.publishing import PurchaseOrderNews, PurchaseRowNews, Topic

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{_SCHEMA}CommonAggregateComponents-2", f"{_SCHEMA}CommonBasicComponents-2"

UNITS = {"EA": "C62", "PC": "C62", "PCS": "C62", "KG": "KGM", "M": "MTR", "L": "LTR", "G": "GRM"}
"""UN/ECE Recommendation 20, for units that people write otherwise."""


class UblPurchase(Sink[BuyingConfig]):
    """Purchase orders as UBL documents; what has changed since is sent whole, with a number that counts up."""

    kind = "ubl"
    title = "UBL Order to suppliers"
    Config = BuyingConfig
    topics = frozenset({Topic.PURCHASE_ORDER})

    def parcels(self, news: News, told: int) -> Iterator[Parcel]:
        """One document of one purchase order."""
        found = issued(news, self.config)
        if found is None:
            return
        order, rows = found
        if is_cancelled(rows):
            if not told:
                return  # it was never sent
            root = self._cancellation(order)
        else:
            root = self._order(order, rows, told)
        body = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
        yield Parcel(f"{file_name(order)}.xml", body, "application/xml")

    def _order(self, order: PurchaseOrderNews, rows: Sequence[PurchaseRowNews], told: int) -> etree._Element:
        kind = "OrderChange" if told else "Order"
        issue = min(row.order_by for row in rows)
        head = [_b("UBLVersionID", "2.1"), _b("ID", order.purchase_order), _b("IssueDate", issue[:10])]
        if told:
            head.append(_b("SequenceNumberID", str(told)))
        currency = [_b("DocumentCurrencyCode", order.currency)] if order.currency else []
        reference = [_a("OrderReference", _b("ID", order.purchase_order))] if told else []
        lines = [_line(row, order.currency, told) for row in rows]
        return _root(kind, *head, *currency, *reference, *self._parties(order), *lines)

    def _cancellation(self, order: PurchaseOrderNews) -> etree._Element:
        issue = max(row.order_by for row in order.rows)
        return _root(
            "OrderCancellation",
            _b("UBLVersionID", "2.1"),
            _b("ID", f"{order.purchase_order}-cancelled"),
            _b("IssueDate", issue[:10]),
            _b("CancellationNote", "The purchase order is cancelled."),
            _a("OrderReference", _b("ID", order.purchase_order)),
            *self._parties(order),
        )

    def _parties(self, order: PurchaseOrderNews) -> Iterator[etree._Element]:
        yield _a("BuyerCustomerParty", _party(self.config.buyer, self.config.buyer_name))
        yield _a("SellerSupplierParty", _party(order.supplier, order.supplier_name))


def _line(row: PurchaseRowNews, currency: str, told: int) -> etree._Element:
    unit = {"unitCode": UNITS.get(row.uom.upper(), row.uom)} if row.uom else {}
    amount = (Decimal(row.quantity) * Decimal(row.unit_price)).quantize(Decimal("0.01"))
    money = {"currencyID": currency} if currency else {}
    status = {"cancelled": "Cancelled", "done": "NoStatus"}.get(row.status, "Revised" if told else "Added")
    item = [*([_b("Description", row.description)] if row.description else []), _b("Name", row.description or row.item)]
    item.append(_a("BuyersItemIdentification", _b("ID", row.item)))
    line = _a(
        "LineItem",
        _b("ID", str(row.row)),
        *([_b("LineStatusCode", status)] if told else []),
        _b("Quantity", row.quantity, **unit),
        _b("LineExtensionAmount", f"{amount}", **money),
        _a("Delivery", _a("RequestedDeliveryPeriod", _b("EndDate", row.due[:10]), _b("EndTime", row.due[11:19]))),
        _a("Price", _b("PriceAmount", row.unit_price, **money)),
        _a("Item", *item),
    )
    return _a("OrderLine", line)


def _party(identity: str, name: str) -> etree._Element:
    names = [_a("PartyName", _b("Name", name))] if name else []
    return _a("Party", _a("PartyIdentification", _b("ID", identity)), *names)


def _root(kind: str, *inside: etree._Element) -> etree._Element:
    names: dict[Any, str] = {None: f"{_SCHEMA}{kind}-2", "cac": _CAC, "cbc": _CBC}
    root = etree.Element(f"{{{_SCHEMA}{kind}-2}}{kind}", nsmap=names)
    root.extend(inside)
    return root


def _a(tag: str, *inside: etree._Element) -> etree._Element:
    made = etree.Element(f"{{{_CAC}}}{tag}")
    made.extend(inside)
    return made


def _b(tag: str, text: str, **attributes: str) -> etree._Element:
    made = etree.Element(f"{{{_CBC}}}{tag}", attributes)
    made.text = clean(text)
    return made
