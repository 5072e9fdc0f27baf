"""The lines of an X12 850 or 860: a PO1 and the segments that belong to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from agents.sources.errors import UnreadableError
from agents.sources.exact import number, product, total, unit_price
from agents.sources.texts import joined, quoted
from agents.sources.x12_codes import (
    ITEM_NUMBERS,
    PIECES,
    PRICE_OF_EACH,
    PRICE_OF_MANY,
    PRICE_OF_ONE,
    PRICE_OF_UNIT,
    REQUESTED_DATES,
)
from agents.sources.x12_tokens import Segment


@dataclass(frozen=True, slots=True)
class Line:
    """A PO1 as read: the order lines that it makes, and what the set's totals count it with."""

    drafts: tuple[dict[str, Any], ...]
    quantity: Decimal
    amount: Decimal | None


def read_line(group: Sequence[Segment], ordinal: int) -> Line:
    """A PO1 group as order lines: one, or one a destination where SDQ spreads the quantity over several."""
    name = group[0].element(1) or str(ordinal)
    what = f"line {quoted(name)}"
    draft = line_fields(group, name)
    quantity = draft["quantity"] = _sum(draft["schedule"], what) if draft["quantity"] is None else draft["quantity"]
    amount = None if draft["price"] is None else product(quantity, draft["price"])
    return Line(tuple(_destinations(draft, group, what)), quantity, amount)


def line_fields(group: Sequence[Segment], name: str) -> dict[str, Any]:
    """What a PO1 and the segments that belong to it say, as fields of a draft's line; None is not given."""
    po1, what = group[0], f"line {quoted(name)}"
    uom = po1.element(3)
    schedule = _schedule(group, uom, what)
    return {
        "line": name,
        "quantity": number(po1.element(2), f"{what}: quantity") if po1.element(2) else None,
        "uom": uom or None,
        "requested": None if schedule else requested_date(group, what),
        "schedule": schedule or None,
        "price": _price(po1, uom, what),
        "description": " ".join(s.element(5) for s in group if s.tag == "PID" and s.element(5)) or None,
        "text": messages(group),
        "ship_to": ship_to(group, what),
        **_item(po1, group, what),
    }


def under_header(drafts: Sequence[dict[str, Any]], header: Sequence[Segment]) -> Sequence[dict[str, Any]]:
    """Whole lines with what the header says for those that do not say otherwise."""
    requested, notes = requested_date(header, "the order"), messages(header)
    for draft in drafts:
        if not draft["schedule"]:
            draft["requested"] = draft["requested"] or requested
        draft["text"] = "\n".join(filter(None, (notes, draft["text"]))) or None
    return drafts


def ship_to(segments: Iterable[Segment], what: str) -> str | None:
    """The ship-to party (N1*ST) among segments, with its address, as one line of text."""
    found = {joined(_address(party)) for party in parties(segments) if party[0].element(1) == "ST"} - {""}
    if len(found) > 1:
        raise UnreadableError(f"{what} names several ship-to parties: send a line, or an order, for each")
    return found.pop() if found else None


def messages(segments: Iterable[Segment]) -> str:
    """The free text (MSG, NTE) among segments, a line each."""
    texts = (s.element(1) if s.tag == "MSG" else s.element(2) for s in segments if s.tag in ("MSG", "NTE"))
    return "\n".join(filter(None, texts))


def parties(segments: Iterable[Segment]) -> list[list[Segment]]:
    """The N1 loops among segments, each an N1 with its N2, N3 and N4."""
    found: list[list[Segment]] = []
    for segment in segments:
        if segment.tag == "N1":
            found.append([segment])
        elif segment.tag in ("N2", "N3", "N4") and found:
            found[-1].append(segment)
    return found


def _address(party: Sequence[Segment]) -> Iterable[str]:
    n1 = party[0]
    yield f"{n1.element(2)} ({n1.element(4)})" if n1.element(2) and n1.element(4) else n1.element(2) or n1.element(4)
    for segment in party[1:]:
        if segment.tag == "N4":
            yield segment.element(1)
            yield f"{segment.element(2)} {segment.element(3)}"
            yield segment.element(4)
        else:
            yield from segment.elements


def requested_date(segments: Iterable[Segment], what: str) -> str | None:
    """The most telling requested date among the DTM of segments. Two of one kind that differ are refused."""
    dates: dict[str, set[str]] = {}
    for segment in segments:
        code = segment.element(1)
        # A period (DTM06) is CCYYMMDD, or two of them with a hyphen: its end is what has to be kept.
        day = segment.element(2) or segment.element(6).rpartition("-")[2]
        if segment.tag == "DTM" and code in REQUESTED_DATES and day:
            when = date(day, segment.element(3), segment.element(4), f"{what}: DTM {code}")
            dates.setdefault(code, set()).add(when)
    for code in REQUESTED_DATES:
        if code in dates:
            if len(dates[code]) > 1:
                raise UnreadableError(f"{what}: DTM {code} gives several dates: {', '.join(sorted(dates[code]))}")
            return dates[code].pop()
    return None


def date(day: str, clock: str, zone: str, what: str) -> str:
    """An X12 date as ISO 8601, with its time where the zone is the plant's own or universal.

    Midnight is what many systems send for "no time", and zones such as ET name two offsets: both leave the bare date.
    """
    digits = f"20{day}" if len(day) == 6 else day
    if not (digits.isascii() and digits.isdigit() and len(digits) == 8):
        raise UnreadableError(f"{what}: {quoted(day)} is not a date as CCYYMMDD")
    try:
        read = dt.date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        time = dt.time(int(clock[:2]), int(clock[2:4])) if clock[:4].strip("0") else None
    except ValueError as error:
        raise UnreadableError(f"{what}: {quoted(f'{day} {clock}'.strip())} is not a date of the calendar") from error
    offset = {"": "", "LT": "", "UT": "Z", "GM": "Z"}.get(zone)
    return f"{read}T{time}{offset}" if time and offset is not None else f"{read}"


def _item(po1: Segment, group: Sequence[Segment], what: str) -> dict[str, Any]:
    """The item, and every other number and subline as configuration."""
    numbers: dict[str, str] = {}
    for position in range(6, len(po1.elements) + 1, 2):
        qualifier, value = po1.element(position), po1.element(position + 1)
        if value and not qualifier:
            raise UnreadableError(f"{what}: product id {quoted(value)} has no qualifier before it")
        if numbers.setdefault(qualifier, value) != value:
            raise UnreadableError(f"{what}: product id qualifier {quoted(qualifier)} stands twice")
    numbers = {qualifier: value for qualifier, value in numbers.items() if value}
    known = [qualifier for qualifier in ITEM_NUMBERS if qualifier in numbers]
    configuration: dict[str, Any] = {q: value for q, value in numbers.items() if q not in known[:1]}
    if sublines := [" ".join(filter(None, s.elements)) for s in group if s.tag == "SLN"]:
        configuration["SLN"] = sublines
    return {"items": [numbers[qualifier] for qualifier in known], "configuration": configuration or None}


def _price(po1: Segment, uom: str, what: str) -> Decimal | None:
    """The exact price of one of the quantity's unit; none given is no price."""
    if not po1.element(4):
        return None
    price, basis = number(po1.element(4), f"{what}: price"), po1.element(5)
    if not basis or basis in PRICE_OF_ONE:
        return price
    if basis in PRICE_OF_EACH and uom not in PIECES:
        return price
    if basis in PRICE_OF_MANY:
        base = PRICE_OF_MANY[basis]
        lot = PIECES.get(uom, 1)
        return unit_price(product(price, Decimal(lot)), Decimal(base), what)
    own, base = PRICE_OF_UNIT.get(basis, (None, 1))
    if own == uom and own:
        return unit_price(price, Decimal(base), what)
    raise UnreadableError(
        f"{what}: a price of basis {quoted(basis)} is no price of one {uom or 'unit'}: give one with UM"
    )


def _schedule(group: Sequence[Segment], uom: str, what: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for sch in (segment for segment in group if segment.tag == "SCH"):
        if sch.element(2) and uom and sch.element(2) != uom:
            raise UnreadableError(f"{what}: SCH is in {sch.element(2)}, the line in {uom}")
        dates = {sch.element(at): (sch.element(at + 1), sch.element(at + 2)) for at in (8, 5) if sch.element(at + 1)}
        code = next((code for code in REQUESTED_DATES if code in dates), None)
        if code is None:
            raise UnreadableError(f"{what}: SCH names no requested date")
        when = date(*dates[code], "", f"{what}: SCH")
        found.append({"quantity": number(sch.element(1), f"{what}: SCH quantity"), "requested": when})
    return found


def _sum(schedule: Sequence[dict[str, Any]] | None, what: str) -> Decimal:
    if not schedule:
        raise UnreadableError(f"{what} has no quantity in PO102")
    return total(each["quantity"] for each in schedule)


def _destinations(draft: dict[str, Any], group: Sequence[Segment], what: str) -> Iterable[dict[str, Any]]:
    """The draft, or one a destination: SDQ says how much of the quantity goes where, which a schedule cannot hold."""
    shares: dict[str, Decimal] = {}
    for sdq in (segment for segment in group if segment.tag == "SDQ"):
        if sdq.element(1) != draft["uom"] and sdq.element(1) and draft["uom"]:
            raise UnreadableError(f"{what}: SDQ is in {sdq.element(1)}, the line in {draft['uom']}")
        for at in range(3, min(len(sdq.elements), 22) + 1, 2):
            if place := sdq.element(at):
                share = number(sdq.element(at + 1), f"{what}: SDQ quantity")
                shares[place] = total((shares.get(place, Decimal(0)), share))
    if not shares:
        return [draft]
    if draft["schedule"]:
        raise UnreadableError(f"{what} has both SCH and SDQ: which quantity goes where and when is not said")
    if (spread := total(shares.values())) != draft["quantity"]:
        raise UnreadableError(f"{what}: SDQ spreads {spread}, but PO102 orders {draft['quantity']}")
    shares = {place: share for place, share in shares.items() if share}
    if len(shares) == 1:
        return [{**draft, "ship_to": next(iter(shares))}]
    return [
        {**draft, "line": f"{draft['line']}-{place}", "quantity": share, "ship_to": place}
        for place, share in shares.items()
    ]
