"""The lines of a UBL order: quantity, exact unit price, item, deliveries, and the amount that must agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, product, total, unit_price
from agents.sources.texts import quoted
from agents.sources.ubl_deliveries import deliveries
from agents.sources.ubl_items import read_item, sub_lines
from agents.sources.ubl_vocabulary import UBL, quantity_of
from agents.sources.xml_text import content


class Status(Enum):
    """What is to become of a line."""

    UNSAID = ""
    WANTED = "wanted"
    GONE = "gone"
    UNTOUCHED = "untouched"


STATUSES = {
    "": Status.UNSAID,
    "nostatus": Status.UNSAID,
    **dict.fromkeys(("1", "3", "5", "74", "added", "changed", "revised", "reopened"), Status.WANTED),
    **dict.fromkeys(("2", "cancelled", "canceled", "deleted"), Status.GONE),
    "4": Status.UNTOUCHED,
}
"""cbc:LineStatusCode: actions of UN/CEFACT 1229, which Peppol uses, and the words of UBL's own list."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line as read; `amount` is its LineExtensionAmount, or quantity × price where that is not given."""

    draft: dict[str, Any]
    amount: Decimal | None
    status: Status


def read_line(node: etree._Element, ordinal: int, currency: str | None, *, changes: bool = False) -> Line:
    """A cac:OrderLine as an order line; `changes` where it may take one off. Raises UnreadableError with its name."""
    item_line = UBL.one(node, "cac:LineItem")
    if item_line is None:
        raise UnreadableError(f"line {ordinal}: cac:LineItem is missing")
    name = UBL.text(item_line, "cbc:ID") or ("" if changes else str(ordinal))
    if not name:
        raise UnreadableError(f"line {ordinal} has no cbc:ID: which one it changes is not said")
    what = f"line {quoted(name)}"
    status = _status(item_line, what)
    if status is Status.GONE and not changes:
        raise UnreadableError(f"{what} is marked as cancelled: send the order without it")
    quantity, uom = quantity_of(item_line, "cbc:Quantity", what)
    if changes and (status is Status.GONE or quantity == 0):
        return Line({"line": name, "removed": True}, Decimal(0), Status.GONE)
    if quantity is None:
        raise UnreadableError(f"{what}: cbc:Quantity is missing")
    price = _price(item_line, uom, what)
    wanted = deliveries(item_line, what, quantity, uom)
    item = UBL.one(item_line, "cac:Item")
    draft = {
        "line": name,
        "quantity": quantity,
        "uom": uom or None,
        "requested": wanted.requested,
        "schedule": wanted.schedule or None,
        "ship_to": wanted.ship_to,
        "price": price,
        "text": "\n".join(_notes(node)),
        **(read_item(item) if item is not None else {}),
    }
    if parts := sub_lines(item_line):
        draft["configuration"] = {**(draft.get("configuration") or {}), "SubLineItem": parts}
    return Line(draft, _amount(item_line, quantity, price, currency, what), status)


def _notes(node: etree._Element) -> Iterator[str]:
    yield from (content(note) for note in UBL.all(node, "cbc:Note | cac:LineItem/cbc:Note"))
    if UBL.text(node, "cac:LineItem/cbc:PartialDeliveryIndicator").lower() in ("false", "0"):
        yield "not to be delivered in parts"


def _status(item_line: etree._Element, what: str) -> Status:
    code = UBL.text(item_line, "cbc:LineStatusCode")
    status = STATUSES.get(code.lower())
    if status is None:
        raise UnreadableError(f"{what}: LineStatusCode {quoted(code)} does not say what is to become of it")
    return status


def _price(item_line: etree._Element, uom: str, what: str) -> Decimal | None:
    """The exact price of one of the quantity's unit; no cac:Price is no price."""
    node = UBL.one(item_line, "cac:Price")
    amount = UBL.text(node, "cbc:PriceAmount") if node is not None else ""
    if node is None or not amount:
        return None
    base, unit = quantity_of(node, "cbc:BaseQuantity", what)
    if base is None:
        base, unit = Decimal(1), uom
    if unit and uom and unit != uom:
        raise UnreadableError(f"{what}: the price is for {unit}, the quantity in {uom}")
    if UBL.text(node, "cbc:OrderableUnitFactorRate") not in ("", "1", "1.0", "1.00"):
        raise UnreadableError(
            f"{what}: a price with an OrderableUnitFactorRate is not read: give one per {uom or 'unit'}"
        )
    return unit_price(number(amount, f"{what}: cbc:PriceAmount"), base, what)


def _amount(
    item_line: etree._Element, quantity: Decimal, price: Decimal | None, currency: str | None, what: str
) -> Decimal | None:
    """The line's amount. Stated, it must agree with the price, allowances and charges included."""
    told = UBL.text(item_line, "cbc:LineExtensionAmount")
    stated = number(told, f"{what}: cbc:LineExtensionAmount") if told else None
    if price is None:
        return stated
    extras: list[Decimal] = []
    for node in UBL.all(item_line, "cac:AllowanceCharge"):
        extra = number(UBL.text(node, "cbc:Amount"), f"{what}: cac:AllowanceCharge")
        is_charge = UBL.text(node, "cbc:ChargeIndicator") in ("true", "1")
        extras.append(extra if is_charge else extra.copy_negate())
    goods = product(quantity, price)
    if stated is None:
        return total((goods, *extras))
    # Some senders state the line before its allowances and charges, as UBL 2.0 left open.
    if not adds_up(stated, (goods, *extras), currency) and not adds_up(stated, (goods,), currency):
        more = " with its allowances and charges" if extras else ""
        raise UnreadableError(
            f"{what}: LineExtensionAmount is {told}, but {plain(quantity)} × {plain(price)}{more} "
            f"is {plain(total((goods, *extras)))}"
        )
    return stated
