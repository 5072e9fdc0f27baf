"""What is wrong with the segments of an X12 set by its grammar: what a 997 tells of segments (AK3) and elements (AK4).

It knows the segments that are read of an 850 and an 860, as they are since 004010; what it does not know it does not
judge. Whether a set makes sense is another question, of which a 997 has no words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agents.sources.x12_tokens import Segment

UNKNOWN, MISSING, IN_ERROR = "1", "3", "8"
"""720, what is wrong with a segment: nobody knows it, it has to be there, or an element of it is wrong."""

EMPTY, SHORT, LONG, STRANGE, NO_DATE = "1", "4", "5", "6", "8"
"""723, what is wrong with an element: it is missing, too short or too long, has a wrong character, is no date."""

_COPY_LENGTH = 99
_TAG = re.compile(r"[A-Z][A-Z0-9]{1,2}")
_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)", re.ASCII)


class _Element(NamedTuple):
    """An element by its number in the dictionary. `kind` is AN (any text), N0, R (a number) or DT (a date)."""

    number: int
    kind: str
    least: int
    most: int
    wanted: bool = False


def _must(number: int, kind: str, least: int, most: int) -> _Element:
    return _Element(number, kind, least, most, wanted=True)


_ANY = _Element(0, "", 0, 0)
_ELEMENTS: dict[str, tuple[_Element, ...]] = {
    "BEG": (_must(353, "AN", 2, 2), _must(92, "AN", 2, 2), _must(324, "AN", 1, 22), _ANY, _Element(373, "DT", 6, 8)),
    "BCH": (_must(353, "AN", 2, 2), _must(92, "AN", 2, 2), _must(324, "AN", 1, 22)),
    "CUR": (_must(98, "AN", 2, 3), _must(100, "AN", 3, 3)),
    "DTM": (_must(374, "AN", 3, 3), _Element(373, "DT", 6, 8)),
    "N1": (_must(98, "AN", 2, 3), _Element(93, "AN", 1, 60), _Element(66, "AN", 1, 2), _Element(67, "AN", 2, 80)),
    "PO1": (_ANY, _Element(330, "R", 1, 15), _Element(355, "AN", 2, 2), _Element(212, "R", 1, 17)),
    "POC": (_ANY, _must(670, "AN", 2, 2), _Element(330, "R", 1, 15), _Element(671, "R", 1, 15), _ANY,
            _Element(212, "R", 1, 17)),
    "SCH": (_must(380, "R", 1, 15), _must(355, "AN", 2, 2), _ANY, _ANY, _must(374, "AN", 3, 3), _must(373, "DT", 6, 8)),
    "CTT": (_must(354, "N0", 1, 6), _Element(347, "R", 1, 10)),
    "AMT": (_must(522, "AN", 1, 3), _must(782, "R", 1, 18)),
}  # fmt: skip

_FIRST = {"850": "BEG", "860": "BCH"}
_LINE = {"850": "PO1"}


@dataclass(frozen=True, slots=True)
class ElementFault:
    """What is wrong with an element: its place in the segment, its number in the dictionary, and a copy of it."""

    place: int
    number: int
    code: str
    copy: str


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """What is wrong with a segment; `place` counts from ST, which is 1."""

    tag: str
    place: int
    code: str
    elements: tuple[ElementFault, ...] = ()

    def written(self) -> Iterator[Sequence[str]]:
        """As AK3, and AK4 for each element."""
        yield ["AK3", self.tag, str(self.place), "", self.code]
        for each in self.elements:
            yield ["AK4", str(each.place), str(each.number), each.code, each.copy[:_COPY_LENGTH]]


def faults(set_id: str, segments: Sequence[Segment]) -> list[SegmentFault]:
    """All that is wrong with the segments between ST and SE, in their order."""
    found = [fault for place, each in enumerate(segments, 2) if (fault := _fault(each, place)) is not None]
    for tag, place in ((_FIRST.get(set_id), 2), (_LINE.get(set_id), len(segments) + 2)):
        if tag is not None and all(segment.tag != tag for segment in segments):
            found.append(SegmentFault(tag, place, MISSING))
    return sorted(found, key=lambda fault: fault.place)


def _fault(segment: Segment, place: int) -> SegmentFault | None:
    if not _TAG.fullmatch(segment.tag):
        return SegmentFault(segment.tag[:3], place, UNKNOWN)
    wrong = []
    for at, element in enumerate(_ELEMENTS.get(segment.tag, ()), 1):
        value = segment.element(at)
        if code := _code(value, element):
            wrong.append(ElementFault(at, element.number, code, value))
    return SegmentFault(segment.tag, place, IN_ERROR, tuple(wrong)) if wrong else None


def _code(value: str, element: _Element) -> str:
    """What is wrong with a value; empty where nothing is."""
    if not value:
        return EMPTY if element.wanted else ""
    if element.kind in ("R", "N0"):
        if not (_NUMBER if element.kind == "R" else re.compile(r"-?\d+", re.ASCII)).fullmatch(value):
            return STRANGE
        value = value.lstrip("-").replace(".", "")  # neither sign nor point counts
    elif element.kind == "DT" and not _is_date(value):
        return NO_DATE
    if not element.kind or element.least <= len(value) <= element.most:
        return ""
    return SHORT if len(value) < element.least else LONG


def _is_date(value: str) -> bool:
    if not (value.isascii() and value.isdigit() and len(value) in (6, 8)):
        return False
    try:
        dt.datetime.strptime(value, "%Y%m%d" if len(value) == 8 else "%y%m%d")  # noqa: DTZ007 a date has no zone
    except ValueError:
        return False
    return True
