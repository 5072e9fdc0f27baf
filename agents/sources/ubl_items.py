"""The item of a UBL line: its numbers, its words, and its options."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted
from agents.sources.ubl_vocabulary import UBL
from agents.sources.xml_text import content

ITEM_NUMBERS = (
    "SellersItemIdentification",
    "BuyersItemIdentification",
    "StandardItemIdentification",
    "ManufacturersItemIdentification",
    "CatalogueItemIdentification",
    "AdditionalItemIdentification",
)
"""What can name an item, best first: the seller's number is ours, the standard one a GTIN."""

LISTS = {
    "CommodityClassification": "cac:CommodityClassification/cbc:ItemClassificationCode",
    "ItemSpecificationDocumentReference": "cac:ItemSpecificationDocumentReference/cbc:ID",
    "SerialID": "cac:ItemInstance/cbc:SerialID",
    "LotNumberID": "cac:ItemInstance/cac:LotIdentification/cbc:LotNumberID",
}
"""What is kept of an item as a list: classes, drawings, and the very pieces or lots that are wanted."""


def read_item(item: etree._Element) -> dict[str, Any]:
    """The item by every number given, best first, its words, and what else is said of it as configuration."""
    numbers = {kind: found for kind in ITEM_NUMBERS if (found := UBL.first(item, f"cac:{kind}/cbc:ID"))}
    configuration: dict[str, Any] = dict(list(numbers.items())[1:])
    for name, value in _properties(item):
        if configuration.setdefault(name, value) != value:
            raise UnreadableError(f"the item's property {quoted(name)} has several values")
    for name, path in LISTS.items():
        if several := [content(node) for node in UBL.all(item, path)]:
            configuration.setdefault(name, several)
    name = UBL.text(item, "cbc:Name")
    words = [content(node) for node in UBL.all(item, "cbc:Description")]
    description = ": ".join(dict.fromkeys(part for part in (name, " ".join(filter(None, words))) if part))
    return {
        "items": tuple(dict.fromkeys(numbers.values())),
        "description": description or None,
        "configuration": configuration or None,
    }


def sub_lines(item_line: etree._Element) -> list[str]:
    """What a line is made up of where it says so, each part in words: it is delivered as the line, not beside it."""
    return list(_parts(item_line))


def _parts(item_line: etree._Element) -> Iterator[str]:
    for node in UBL.all(item_line, "cac:SubLineItem/cac:LineItem"):
        item = UBL.one(node, "cac:Item")
        known: dict[str, Any] = read_item(item) if item is not None else {}
        numbers, words = known.get("items", ()), known.get("description") or ""
        yield " ".join(filter(None, (UBL.text(node, "cbc:ID"), UBL.text(node, "cbc:Quantity"), *numbers[:1], words)))


def _properties(item: etree._Element) -> Iterator[tuple[str, Any]]:
    """Options: properties of the item, of the very instance that is wanted, and what makes a number a variant."""
    for node in UBL.all(item, "cac:AdditionalItemProperty | cac:ItemInstance/cac:AdditionalItemProperty"):
        name = UBL.first(node, "cbc:Name", "cbc:NameCode", "cbc:ID")
        if name:
            yield name, _value(node)
    for kind in ITEM_NUMBERS:
        for number in UBL.all(item, f"cac:{kind}"):
            if variant := UBL.text(number, "cbc:ExtendedID"):
                yield "ExtendedID", variant
            for node in UBL.all(number, "cac:PhysicalAttribute"):
                value = UBL.first(node, "cbc:Description", "cbc:DescriptionCode", "cbc:PositionCode")
                yield UBL.text(node, "cbc:AttributeID"), value


def _value(node: etree._Element) -> Any:
    """A property's value: one, several, or a quantity with its unit."""
    several = [content(each) for each in UBL.all(node, "cbc:ListValue")]
    if several:
        return several
    value = UBL.first(node, "cbc:Value")
    quantity = UBL.one(node, "cbc:ValueQuantity")
    if value or quantity is None:
        return value
    return " ".join(filter(None, (content(quantity), str(quantity.get("unitCode") or ""))))
