"""What is wrong with the segments of an EDIFACT message by its grammar: what a CONTRL tells of them (UCS, UCD).

It knows the segments that are read of ORDERS and ORDCHG; what it does not know it does not judge. Whether a message
makes sense is another question, of which a CONTRL has no words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from agents.sources.edifact_tokens import Segment

INVALID, MISSING, NO_NUMBER, LONG = "12", "13", "37", "39"
"""0085, a value is invalid, missing, of another type of characters, or too long."""

_DAY = "102"
"""2379, CCYYMMDD."""


class _Value(NamedTuple):
    """A value by the place of its element and component, both from 1; `kind` is an (any text) or n (a number)."""

    element: int
    component: int
    kind: str
    most: int
    wanted: bool = False


_VALUES: dict[str, tuple[_Value, ...]] = {
    "BGM": (_Value(1, 1, "an", 3), _Value(2, 1, "an", 70), _Value(3, 1, "an", 3)),
    "DTM": (_Value(1, 1, "an", 3, wanted=True), _Value(1, 2, "an", 35), _Value(1, 3, "an", 3)),
    "NAD": (_Value(1, 1, "an", 3, wanted=True), _Value(2, 1, "an", 35)),
    "CUX": (_Value(1, 1, "an", 3, wanted=True), _Value(1, 2, "an", 3)),
    "LIN": (_Value(1, 1, "an", 6), _Value(2, 1, "an", 3), _Value(3, 1, "an", 35), _Value(3, 2, "an", 3)),
    "QTY": (_Value(1, 1, "an", 3, wanted=True), _Value(1, 2, "n", 15, wanted=True), _Value(1, 3, "an", 8)),
    "PRI": (_Value(1, 1, "an", 3, wanted=True), _Value(1, 2, "n", 15)),
    "CNT": (_Value(1, 1, "an", 3, wanted=True), _Value(1, 2, "n", 18, wanted=True)),
    "UNS": (_Value(1, 1, "an", 1, wanted=True),),
}


@dataclass(frozen=True, slots=True)
class SegmentFault:
    """The values that are wrong in a segment, each with its code; `place` counts from UNH, which is 1."""

    place: int
    values: tuple[tuple[int, int, str], ...]

    def written(self) -> Iterator[Sequence[str | tuple[str, str]]]:
        """As UCS, and UCD for each value; of the places of elements the tag is the first."""
        yield ["UCS", str(self.place)]
        for element, component, code in self.values:
            yield ["UCD", code, (str(element + 1), str(component))]


def faults(segments: Sequence[Segment], decimal: str) -> list[SegmentFault]:
    """All that is wrong with the segments between UNH and UNT, in their order."""
    found = []
    for place, segment in enumerate(segments, 2):
        values = _VALUES.get(segment.tag, ())
        wrong = [(v.element, v.component, code) for v in values if (code := _code(segment, v, decimal))]
        if wrong:
            found.append(SegmentFault(place, tuple(wrong)))
    return found


def _code(segment: Segment, value: _Value, decimal: str) -> str:
    """What is wrong with a value; empty where nothing is."""
    text = segment.get(value.element, value.component)
    if not text:
        return MISSING if value.wanted else ""
    if value.kind == "n":
        mark = re.escape(decimal)
        if not re.fullmatch(rf"-?(?:[0-9]+(?:{mark}[0-9]*)?|{mark}[0-9]+)", text):
            return NO_NUMBER
        text = text.lstrip("-").replace(decimal, "")  # neither sign nor mark counts
    if len(text) > value.most:
        return LONG
    is_day = segment.tag == "DTM" and value.component == 2 and segment.get(1, 3) == _DAY
    return INVALID if is_day and not _is_day(text) else ""


def _is_day(text: str) -> bool:
    try:
        dt.datetime.strptime(text, "%Y%m%d")  # noqa: DTZ007 a date has no zone
    except ValueError:
        return False
    return len(text) == 8
