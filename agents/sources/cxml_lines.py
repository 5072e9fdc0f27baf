"""The items of a cXML order: quantity, exact unit price, numbers, options and deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from agents.sources.cxml_words import CXML, attribute, comments, extrinsics, money, says_yes, ship_to, words
from agents.sources.errors import UnreadableError
from agents.sources.exact import number, plain, product, unit_price
from agents.sources.texts import quoted

_REFUSED = {
    "isReturn": "is a return of goods: nothing is ordered",
    "isDeliveryCompleted": "says that it is delivered: nothing more is wanted of it",
}
_GTIN_DOMAINS = ("ean", "gtin", "upc")


@dataclass(frozen=True, slots=True)
class Line:
    """An ItemOut as read.

    `parent` is the line that it is part of, and `pricing` how a line with parts is priced: groupLevel, itemLevel, or
    not said. `amount` is quantity × price, None where no price is given; `extras` are its shipping and its tax.
    """

    draft: dict[str, Any]
    parent: str
    pricing: str
    amount: Decimal | None
    extras: tuple[Decimal, Decimal]

    @property
    def name(self) -> str:
        """The line's number."""
        return str(self.draft["line"])


def read_line(node: etree._Element, ordinal: int) -> Line:
    """An ItemOut as an order line. Raises UnreadableError, which names the line."""
    name = attribute(node, "lineNumber") or str(ordinal)
    what = f"line {quoted(name)}"
    for flag, meaning in _REFUSED.items():
        if says_yes(node, flag):
            raise UnreadableError(f"{what} {meaning} ({flag})")
    if CXML.one(node, "BlanketItemDetail") is not None:
        raise UnreadableError(f"{what} is of a blanket order: nothing is wanted before it is released")
    quantity = number(attribute(node, "quantity"), f"{what}: quantity")
    detail = CXML.one(node, "ItemDetail")
    uom = CXML.text(detail, "UnitOfMeasure") if detail is not None else ""
    price = _price(detail, uom, what) if detail is not None else None
    schedule = _schedule(node, uom, what)
    draft = {
        "line": name,
        "quantity": quantity,
        "uom": uom or None,
        "requested": None if schedule else attribute(node, "requestedDeliveryDate") or None,
        "schedule": schedule or None,
        "ship_to": ship_to(node),
        "price": price,
        "text": _text(node) or None,
        **_item(node, detail, what),
    }
    extras = [money(node, f"{kind}/Money", what) or Decimal(0) for kind in ("Shipping", "Tax")]
    amount = None if price is None else product(quantity, price)
    pricing = attribute(node, "compositeItemType")
    return Line(draft, attribute(node, "parentLineNumber"), pricing, amount, (extras[0], extras[1]))


def _price(detail: etree._Element, uom: str, what: str) -> Decimal | None:
    """The exact price of one of the ordered unit: of it there are `conversionFactor` of the unit that is priced."""
    price = money(detail, "UnitPrice/Money", what)
    basis = CXML.one(detail, "PriceBasisQuantity")
    if price is None or basis is None:
        return price
    base = number(attribute(basis, "quantity"), f"{what}: PriceBasisQuantity")
    unit, factor = CXML.text(basis, "UnitOfMeasure"), attribute(basis, "conversionFactor")
    if not factor and unit and uom and unit != uom:
        raise UnreadableError(f"{what}: the price is for {unit}, the quantity in {uom}: conversionFactor is missing")
    if factor:
        price = product(price, _positive(factor, f"{what}: conversionFactor"))
    return unit_price(price, base, f"{what}: price")


def _positive(text: str, what: str) -> Decimal:
    value = number(text, what)
    if value <= 0:
        raise UnreadableError(f"{what} {plain(value)} is not more than 0")
    return value


def _schedule(node: etree._Element, uom: str, what: str) -> tuple[dict[str, Any], ...]:
    """The deliveries of a line where there are several dates. Forecasts are no orders."""
    found = []
    for each in CXML.all(node, "ScheduleLine"):
        day, unit = attribute(each, "requestedDeliveryDate"), CXML.text(each, "UnitOfMeasure")
        if not day:
            raise UnreadableError(f"{what}: ScheduleLine has no requestedDeliveryDate")
        if unit and uom and unit != uom:
            raise UnreadableError(f"{what}: ScheduleLine is in {unit}, the quantity in {uom}")
        if any(attribute(info, "commitmentCode") == "forecast" for info in CXML.all(each, "ScheduleLineReleaseInfo")):
            raise UnreadableError(f"{what}: the delivery of {day} is a forecast: nothing of it is ordered yet")
        found.append({"quantity": number(attribute(each, "quantity"), f"{what}: ScheduleLine"), "requested": day})
    return tuple(found)


def _item(node: etree._Element, detail: etree._Element | None, what: str) -> dict[str, Any]:
    """The item by every number given, best first, its words, and its options as configuration."""
    identity = CXML.one(node, "ItemID")
    if identity is None:
        raise UnreadableError(f"{what}: ItemID is missing")
    items = [CXML.text(identity, "SupplierPartID"), CXML.first(identity, "BuyerPartID")]
    configuration: dict[str, Any] = {}
    for reference in CXML.all(identity, "IdReference"):
        domain, value = attribute(reference, "domain"), attribute(reference, "identifier")
        if domain.lower().startswith(_GTIN_DOMAINS):
            items.append(value)
        elif domain and value:
            configuration[domain] = value
    if auxiliary := CXML.first(identity, "SupplierPartAuxiliaryID"):
        configuration["SupplierPartAuxiliaryID"] = auxiliary
    description = ""
    if detail is not None:
        items.append(CXML.first(detail, "ManufacturerPartID"))
        description = next(map(words, CXML.all(detail, "Description")), "")
        configuration |= extrinsics(detail, "Extrinsic")
    configuration |= extrinsics(node, "Extrinsic")
    return {
        "items": tuple(dict.fromkeys(filter(None, items))),
        "description": description or None,
        "configuration": configuration or None,
    }


def _text(node: etree._Element) -> str:
    """What a person is to read of a line: comments, and when it is to be shipped where that is said."""
    shipped = attribute(node, "requestedShipmentDate")
    return "\n".join(filter(None, (comments(node), f"to be shipped by {shipped}" if shipped else "")))
