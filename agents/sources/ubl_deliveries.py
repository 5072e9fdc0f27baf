"""Deliveries of a UBL order or line: when, where to, and in which shares."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from agents.sources.errors import UnreadableError
from agents.sources.texts import joined, quoted
from agents.sources.ubl_vocabulary import UBL, quantity_of
from agents.sources.xml_text import content

_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?", re.ASCII)
_CLOCK = re.compile(r"(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-]\d{2}:\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Deliveries:
    """What the cac:Delivery elements of an order or a line ask for."""

    requested: str | None = None
    schedule: tuple[dict[str, Any], ...] = ()
    ship_to: str | None = None


def deliveries(node: etree._Element, what: str, quantity: Decimal | None = None, uom: str | None = None) -> Deliveries:
    """The requested date or schedule, and the place, of the cac:Delivery elements of an order or a line."""
    nodes = UBL.all(node, "cac:Delivery")
    periods = [_requested(each, what) for each in nodes]
    shares = [quantity_of(each, "cbc:Quantity", f"{what}: cac:Delivery") for each in nodes]
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
