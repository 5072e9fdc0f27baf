"""X12 interchanges cut into segments, with the separators that each interchange declares in its ISA.

The separators are told by counting ISA's elements, not by fixed columns: real files pad ISA's elements one short, or
with other blanks, and put a blank before a line end that serves as terminator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from agents.sources.edi_limits import SEGMENTS_MOST, TooManyError, check_length
from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted

ISA_ELEMENTS = 16
ISA_LENGTH_MOST = 200
"""Characters within which ISA's last separator must stand (106 by the standard)."""

BLANK = " \t\r\n\x1a\ufeff"
"""What may stand between segments: indentation, line ends, an end-of-file mark, a mark of another file joined on."""

NO_SEPARATORS = " \t\r\n\xa0"
"""Blanks that are data or layout. Control characters are separators in many real files."""

_NEXT_ISA = re.compile(r"ISA([^A-Za-z0-9 ])[0-9]{2}\1")


class Separators(NamedTuple):
    """The characters that an interchange is cut at."""

    element: str
    component: str
    terminator: str


class Segment(NamedTuple):
    """A segment: its tag, its elements (the first is `element(1)`), and its text as it stood, without terminator."""

    tag: str
    elements: tuple[str, ...]
    raw: str

    def element(self, position: int) -> str:
        """The element at a position from 1 on; empty where the segment ends before it."""
        return self.elements[position - 1] if position <= len(self.elements) else ""


@dataclass(frozen=True, slots=True)
class Interchange:
    """From an ISA to its IEA, or as far as it goes. `fault` says what could not be cut; then there are no segments."""

    separators: Separators | None
    segments: tuple[Segment, ...]
    fault: str
    text: str


def interchanges(text: str) -> Iterator[Interchange]:
    """The interchanges of a text, in order; what stands between or after them comes as a faulty one."""
    at, left = _skip(text, 0), SEGMENTS_MOST
    while at < len(text):
        if not text.startswith("ISA", at):
            end = _next_isa(text, at)
            fault = f"{quoted(text[at : at + 20], 20)} stands outside of an interchange: it must begin with ISA"
            yield Interchange(None, (), fault, text[at:end])
        else:
            try:
                marks = separators(text, at)
                cut, end = _segments(text, at, marks, left)
                left -= len(cut)
                yield Interchange(marks, cut, "", text[at:end])
            except TooManyError as error:
                yield Interchange(None, (), str(error), text[at:])
                return
            except UnreadableError as error:
                end = _next_isa(text, at + 3)
                yield Interchange(None, (), str(error), text[at:end])
        at = _skip(text, end)


def separators(text: str, at: int) -> Separators:
    """The separators that the ISA at a place declares. Raises UnreadableError where it is not whole."""
    element = text[at + 3 : at + 4]
    if not _separates(element):
        raise UnreadableError("the ISA segment names no element separator in its fourth character")
    last = at
    for _ in range(ISA_ELEMENTS):
        last = text.find(element, last + 1, at + ISA_LENGTH_MOST)
        if last < 0:
            raise UnreadableError(f"the ISA segment is not whole: it has {ISA_ELEMENTS} elements and a terminator")
    component, after = text[last + 1 : last + 2], text[last + 2 : last + 20]
    ends_line = after.lstrip(" \t")[:1] in ("\r", "\n")
    terminator = "\n" if ends_line else after[:1]
    if ends_line and "\n" not in after:
        terminator = "\r"
    if not _separates(component) or component == element or terminator in (element, component):
        raise UnreadableError("the ISA segment's last element is not a component separator of its own")
    if not ends_line and not _separates(terminator):
        raise UnreadableError("no segment terminator follows the ISA segment")
    return Separators(element, component, terminator)


def _separates(mark: str) -> bool:
    return len(mark) == 1 and not mark.isalnum() and mark not in NO_SEPARATORS


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in BLANK:
        at += 1
    return at


def _next_isa(text: str, at: int) -> int:
    found = _NEXT_ISA.search(text, at)
    return found.start() if found else len(text)


def _segments(text: str, at: int, marks: Separators, most: int) -> tuple[tuple[Segment, ...], int]:
    """The segments up to IEA, the next ISA or the end, and where they end. Raises TooManyError, UnreadableError."""
    cut: list[Segment] = []
    while at < len(text):
        end = text.find(marks.terminator, at)
        end = len(text) if end < 0 else end
        raw = text[at:end].strip(BLANK)
        if raw.startswith("ISA" + marks.element) and cut:
            return tuple(cut), at
        at = end + 1
        check_length(raw)
        if len(cut) >= most:
            raise TooManyError
        if raw:
            cut.append(_segment(raw, marks))
            if cut[-1].tag == "IEA":
                break
    return tuple(cut), at


def _segment(raw: str, marks: Separators) -> Segment:
    # A line end within a segment is the wrapping of a file at a fixed width, not data: X12's character set has none.
    raw = raw.replace("\r", "").replace("\n", "")
    tag, *elements = raw.split(marks.element)
    return Segment(tag.strip(), tuple(element.strip() for element in elements), raw)
