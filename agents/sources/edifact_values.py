"""Values of EDIFACT segments: numbers, dates, parties, free text, and segments with what belongs to them."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from agents.sources.edifact_codes import REQUESTED_DATES, SHIP_TO
from agents.sources.edifact_tokens import Segment
from agents.sources.errors import UnreadableError
from agents.sources.exact import number
from agents.sources.texts import joined, quoted

NAME_WIDTH, TEXT_WIDTH = 35, 70
"""Characters of a component of a name or description (3036, 7008) and of a text (4440): what fills one goes on in the
next without a blank."""

_OPENERS = frozenset(
    {"ALC", "CCI", "CUX", "EQD", "LOC", "NAD", "PAC", "PAT", "PRI", "RCS", "RFF", "SCC", "TAX", "TDT", "TOD"}
)
"""Segments that others belong to, up to the next of them."""

_DATELESS = {"ALC", "CUX", "LOC", "PAC", "PAT", "SCC", "TDT"}
"""Openers whose dates say nothing of when the goods are wanted, or only of a part of them."""

_FORMATS = {
    "101": (6, 0),
    "102": (8, 0),
    "201": (6, 4),
    "202": (6, 6),
    "203": (8, 4),
    "204": (8, 6),
    "301": (6, 4),
    "303": (8, 4),
    "304": (8, 6),
}
"""2379, digits of the day and of the clock; from 301 on a zone follows."""

_PERIODS = {"713": "201", "717": "101", "718": "102", "719": "203"}
"""2379, periods of two times with a hyphen, by the format of each."""

_LENGTHS = {8: "102", 12: "203", 14: "204"}
"""Formats by length, where none is said: shorter dates are not clear."""


@dataclass(slots=True)
class Owned:
    """A segment and those that belong to it; without `opener` those of the line or the header itself."""

    opener: Segment | None
    members: list[Segment] = field(default_factory=list)

    @property
    def tag(self) -> str:
        return self.opener.tag if self.opener else ""


def owned(segments: Iterable[Segment]) -> list[Owned]:
    """Segments parted by what they belong to, in order; the first part has no opener."""
    found = [Owned(None)]
    for segment in segments:
        if segment.tag in _OPENERS:
            found.append(Owned(segment))
        else:
            found[-1].members.append(segment)
    return found


def amount(text: str, decimal: str, what: str) -> Decimal:
    """A number whose decimal mark is the interchange's own. Raises UnreadableError."""
    if decimal == "," and text.count(",") == 1 and "." not in text:
        return number(text.replace(",", "."), what)
    if decimal == "," and "." in text:
        raise UnreadableError(f"{what} {quoted(text)} has a point, but UNA says that the decimal mark is a comma")
    return number(text, what)


def requested_date(parts: Sequence[Owned], what: str) -> str | None:
    """The most telling requested date among segments. Two of one kind that differ are refused."""
    members = (segment for part in parts if part.tag not in _DATELESS for segment in part.members)
    return most_telling((segment for segment in members if segment.tag == "DTM"), what)


def most_telling(dtms: Iterable[Segment], what: str) -> str | None:
    """The most telling requested date of DTM segments."""
    dates: dict[str, set[str]] = {}
    for dtm in dtms:
        code = dtm.get(1)
        if code in REQUESTED_DATES and dtm.get(1, 2):
            dates.setdefault(code, set()).add(date(dtm.get(1, 2), dtm.get(1, 3), f"{what}: DTM {code}"))
    for code in REQUESTED_DATES:
        if code in dates:
            if len(dates[code]) > 1:
                raise UnreadableError(f"{what}: DTM {code} gives several dates: {', '.join(sorted(dates[code]))}")
            return dates[code].pop()
    return None


def date(value: str, form: str, what: str) -> str:
    """A date of EDIFACT as ISO 8601. Of a period, a week or a month the end is what has to be kept.

    Midnight is what many systems send for "no time", and zones such as CET name two offsets: both leave the bare date.
    """
    if form in _PERIODS:
        value, form = value.rpartition("-")[2], _PERIODS[form]
    form = form or _LENGTHS.get(len(value), "")
    try:
        if form == "616" and _digits(value, 6):
            return f"{dt.date.fromisocalendar(int(value[:4]), int(value[4:]), 7)}"
        if form == "610" and _digits(value, 6):
            year, month = int(value[:4]), int(value[4:])
            return f"{dt.date(year, month, calendar.monthrange(year, month)[1])}"
        if form in _FORMATS:
            return _point(value, form)
    except (ValueError, IndexError) as error:
        raise UnreadableError(f"{what}: {quoted(value)} is not a date of the calendar") from error
    raise UnreadableError(f"{what}: the format {quoted(form)} of {quoted(value)} is not read: send CCYYMMDD (102)")


def _point(value: str, form: str) -> str:
    """A point in time. Raises ValueError."""
    days, clock = _FORMATS[form]
    digits, zone = value[: days + clock], value[days + clock :]
    if not _digits(digits, days + clock) or (zone and form < "300"):
        raise ValueError(value)
    day = digits[:days] if days == 8 else f"20{digits[:days]}"
    read = dt.date(int(day[:4]), int(day[4:6]), int(day[6:]))
    hands = digits[days:]
    if not hands.strip("0") or hands in ("2400", "240000"):
        return f"{read}"
    time = dt.time(int(hands[:2]), int(hands[2:4]), int(hands[4:] or 0))
    offset = {"": "", "UTC": "Z", "GMT": "Z", "Z": "Z"}.get(zone)
    return f"{read}" if offset is None else f"{read}T{time}{offset}"


def _digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def text_of(components: Sequence[str], width: int = NAME_WIDTH) -> str:
    """Components of one text, put together as they were cut."""
    result = ""
    for before, part in zip(("", *components), components, strict=False):
        result += part if len(before) == width or not part else f" {part}"
    return result.strip()


def notes(parts: Iterable[Owned], but: str = "") -> str:
    """The free text (FTX) of the line or the header itself, a line each; `but` is a subject (4451) to leave out."""
    found = (s for part in parts for s in part.members if s.tag == "FTX" and not (but and s.get(1) == but))
    return "\n".join(filter(None, (text_of(s.elements[3], TEXT_WIDTH) if len(s.elements) > 3 else "" for s in found)))


def ship_to(parts: Sequence[Owned], what: str) -> str | None:
    """The party that goods go to, with its address, as one line of text. Two of one kind that differ are refused."""
    for role in SHIP_TO:
        found = {joined(_address(nad)) for nad in _parties(parts, role)} - {""}
        if len(found) > 1:
            raise UnreadableError(
                f"{what} names several ship-to parties (NAD+{role}): send a line, or an order, for each"
            )
        if found:
            return found.pop()
    return None


def customer(parts: Sequence[Owned]) -> str:
    """The buyer's identification, else the name."""
    buyers = _parties(parts, "BY")
    return next((said for nad in buyers if (said := nad.get(2) or _name(nad))), "")


def _parties(parts: Iterable[Owned], role: str) -> list[Segment]:
    return [part.opener for part in parts if part.opener and part.tag == "NAD" and part.opener.get(1) == role]


def _name(nad: Segment) -> str:
    """The name (C080), else the first line of an unstructured address (C058)."""
    name = text_of(nad.elements[3][:5]) if len(nad.elements) > 3 else ""
    return name or nad.get(3)


def _address(nad: Segment) -> Iterable[str]:
    name, identification = _name(nad), nad.get(2)
    yield f"{name} ({identification})" if name and identification else name or identification
    lines = nad.elements[2] if len(nad.elements) > 2 else ()
    yield from lines if lines[:1] != (name,) else lines[1:]
    yield from nad.elements[4] if len(nad.elements) > 4 else ()
    yield nad.get(6)
    yield f"{nad.get(7)} {nad.get(8)}"
    yield nad.get(9)
