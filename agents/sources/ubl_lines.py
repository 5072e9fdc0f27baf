"""The lines of a UBL order: quantity, exact unit price, item, deliveries, and the amount that must agree."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, product, total, unit_price
from agents.sources.texts import joined, quoted
from agents.sources.xml_text import Reader, content

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
ORDER = f"{_SCHEMA}Order-2"
UBL = Reader({"cac": f"{_SCHEMA}CommonAggregateComponents-2", "cbc": f"{_SCHEMA}CommonBasicComponents-2"})

ITEM_NUMBERS = ("SellersItemIdentification", "BuyersItemIdentification", "StandardItemIdentification")
"""What can name an item, best first: the seller's number is ours."""

CANCELLED = "cancelled"

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_CLOCK = re.compile(r"(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as read; `amount` is its LineExtensionAmount, or quantity × price where that is not given."""

    draft: dict[str, Any]
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What the cac:Delivery elements of an order or a line ask for."""

    requested: str | None = None
    schedule: tuple[dict[str, Any], ...] = ()
    ship_to: str | None = None


def read_line(node: etree._Element, ordinal: int, currency: str | None) -> Line:
    """A cac:OrderLine as an order line. Raises UnreadableError, which names the line."""
    item_line = UBL.one(node, "cac:LineItem")
    if item_line is None:
        raise UnreadableError(f"line {ordinal}: cac:LineItem is missing")
    name = UBL.text(item_line, "cbc:ID") or str(ordinal)
    what = f"line {quoted(name)}"
    if UBL.text(item_line, "cbc:LineStatusCode").lower() == CANCELLED:
        raise UnreadableError(f"{what} is marked as cancelled: send the order without it")
    quantity, uom = _quantity(item_line, "cbc:Quantity", what)
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
        "text": "\n".join(content(note) for note in UBL.all(node, "cbc:Note | cac:LineItem/cbc:Note")),
        **(_item(item) if item is not None else {}),
    }
    return Line(draft, _amount(item_line, quantity, price, currency, what))


def deliveries(node: etree._Element, what: str, quantity: Decimal | None = None, uom: str | None = None) -> Deliveries:
    """The requested date or schedule, and the place, of the cac:Delivery elements of an order or a line."""
    nodes = UBL.all(node, "cac:Delivery")
    periods = [_requested(each, what) for each in nodes]
    shares = [_quantity(each, "cbc:Quantity", f"{what}: cac:Delivery") for each in nodes]
    if any(share is not None and unit and uom and unit != uom for share, unit in shares):
        raise UnreadableError(f"{what}: cac:Delivery is in another unit than {uom}")
    places = {place for each in nodes if (place := _place(each))}
    if len(places) > 1:
        raise UnreadableError(f"{what} is to be delivered to several places: send a line, or an order, for each")
    place = next(iter(places), None)
    if len(nodes) > 1 and all(share is not None and period for (share, _), period in zip(shares, periods, strict=True)):
        schedule = ({"quantity": s, "requested": p} for (s, _), p in zip(shares, periods, strict=True))
        return Deliveries(None, tuple(schedule), place)
    if quantity is not None and any(share not in (None, quantity) for share, _ in shares):
        raise UnreadableError(f"{what}: the quantity of cac:Delivery is not the line's, or lacks a date")
    dates = {period for period in periods if period}
    if len(dates) > 1:
        raise UnreadableError(f"{what}: several cac:Delivery ask for {', '.join(sorted(dates))}: give each a quantity")
    return Deliveries(next(iter(dates), None), (), place)


def _quantity(node: etree._Element, path: str, what: str) -> tuple[Decimal | None, str]:
    found = UBL.one(node, path)
    if found is None:
        return None, ""
    return number(content(found), f"{what}: {path}"), str(found.get("unitCode") or "").strip()


def _price(item_line: etree._Element, uom: str, what: str) -> Decimal | None:
    """The exact price of one of the quantity's unit; no cac:Price is no price."""
    node = UBL.one(item_line, "cac:Price")
    amount = UBL.text(node, "cbc:PriceAmount") if node is not None else ""
    if node is None or not amount:
        return None
    base, unit = _quantity(node, "cbc:BaseQuantity", what)
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


def _item(item: etree._Element) -> dict[str, Any]:
    """The item by the best number given, its words, and every other number and property as configuration."""
    numbers = {kind: UBL.text(item, f"cac:{kind}/cbc:ID") for kind in ITEM_NUMBERS}
    known = [kind for kind in ITEM_NUMBERS if numbers[kind]]
    configuration: dict[str, Any] = {kind: found for kind, found in numbers.items() if found and kind not in known[:1]}
    for node in UBL.all(item, "cac:AdditionalItemProperty"):
        name, value = UBL.text(node, "cbc:Name"), UBL.first(node, "cbc:Value")
        if name and configuration.setdefault(name, value) != value:
            raise UnreadableError(f"the item's property {quoted(name)} has several values")
    name = UBL.text(item, "cbc:Name")
    words = [content(node) for node in UBL.all(item, "cbc:Description")]
    description = ": ".join(dict.fromkeys(part for part in (name, " ".join(filter(None, words))) if part))
    return {
        "items": [numbers[kind] for kind in known],
        "description": description or None,
        "configuration": configuration or None,
    }


def _requested(delivery: etree._Element, what: str) -> str | None:
    """The end of the requested period, else its start, else the latest delivery date."""
    period = "cac:RequestedDeliveryPeriod/cbc:"
    pairs = (
        (f"{period}End", "Date", "Time"),
        (f"{period}Start", "Date", "Time"),
        ("cbc:LatestDelivery", "Date", "Time"),
    )
    for stem, day, clock in pairs:
        if found := UBL.text(delivery, stem + day):
            return _when(found, UBL.text(delivery, stem + clock), what)
    return None


def _when(day: str, clock: str, what: str) -> str:
    """A date and an optional time of XML Schema as ISO 8601. A date's own offset says nothing of the day meant."""
    date, time = _DATE.fullmatch(day), _CLOCK.fullmatch(clock)
    if date is None or (clock and time is None):
        raise UnreadableError(f"{what}: {quoted(f'{day} {clock}'.strip())} is not a date and time")
    text = f"{date[1]}T{time[1]}{time[3] or ''}" if time else date[1]
    try:
        dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise UnreadableError(f"{what}: {quoted(text)} is not a date of the calendar") from error
    return text


def _place(delivery: etree._Element) -> str | None:
    """Where a delivery goes, as one line of text."""
    address = UBL.one(delivery, "cac:DeliveryLocation/cac:Address | cac:DeliveryAddress")
    party = UBL.first(delivery, "cac:DeliveryParty/cac:PartyName/cbc:Name")
    location = UBL.first(delivery, "cac:DeliveryLocation/cbc:ID", "cac:DeliveryLocation/cbc:Description")
    return joined((party, *_address(address)) if address is not None else (party, location)) or None


def _address(address: etree._Element) -> Iterable[str]:
    yield " ".join(filter(None, (UBL.text(address, f"cbc:{part}") for part in ("StreetName", "BuildingNumber"))))
    for part in ("BuildingName", "AdditionalStreetName", "Department", "Postbox"):
        yield UBL.text(address, f"cbc:{part}")
    yield from (content(line) for line in UBL.all(address, "cac:AddressLine/cbc:Line"))
    yield " ".join(filter(None, (UBL.text(address, f"cbc:{part}") for part in ("PostalZone", "CityName"))))
    yield UBL.text(address, "cbc:CountrySubentity")
    yield UBL.first(address, "cac:Country/cbc:IdentificationCode", "cac:Country/cbc:Name")
