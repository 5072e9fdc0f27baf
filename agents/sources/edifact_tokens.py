"""UN/EDIFACT interchanges (ISO 9735) cut into segments, with the service characters and the character set of each.

This is done here, not by a library: pydifact 0.2.3 drops a segment that a file breaks off in, everything before an
apostrophe that "UNA" follows in a text, and the first of two interchanges, each without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from agents.sources.edi_limits import SEGMENTS_MOST, TooManyError, check_length
from agents.sources.errors import UnreadableError
from agents.sources.texts import quoted

_BLANKS = re.compile(r"[ \t\r\n\x1a]*")
"""What may stand between segments: indentation, line ends, an end-of-file mark."""

BYTE_ORDER_MARK = "\xef\xbb\xbf"
"""As it looks where every byte is a character."""

CHARSETS = {
    **dict.fromkeys(("UNOA", "UNOB"), "ascii"),
    "UNOC": "cp1252",
    "UNOD": "iso8859-2",
    "UNOE": "iso8859-5",
    "UNOF": "iso8859-7",
    "UNOG": "iso8859-3",
    "UNOH": "iso8859-4",
    "UNOI": "iso8859-6",
    "UNOJ": "iso8859-8",
    "UNOK": "iso8859-9",
    "UNOL": "iso8859-15",
    **dict.fromkeys(("UNOW", "UNOX", "UNOY"), "utf-8"),
}
"""Data element 0001. UNOC is Latin-1, which everybody's software writes and reads as its superset Windows-1252. Of
UNOX, ISO 2022, what needs no escape sequence is read."""

REPEATING_SYNTAX = "4"
"""The syntax version from which elements may be repeated."""

_NEXT = re.compile(r"UNA[^A-Za-z0-9]{6}[\r\n]*UNB|UNB[+\x1d](?:UNO[A-Z]|KECA)")


class Separators(NamedTuple):
    """The service characters of an interchange; `release` is empty where nothing can be released, `repetition` where
    elements are not repeated."""

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = ""
    terminator: str = "'"


LEVEL_B = Separators("\x1f", "\x1d", ".", "", "", "\x1c")
"""Control characters, as level B (UNOB) has by default."""


class Segment(NamedTuple):
    """A segment: its tag, its elements, each of components, and its text as it stood, without terminator.

    `is_repeated` where an element is given several times: then `get` knows only the first.
    """

    tag: str
    elements: tuple[tuple[str, ...], ...]
    raw: str
    is_repeated: bool = False

    def get(self, element: int, component: int = 1) -> str:
        """A component of an element, both counted from 1; empty where the segment ends before it."""
        if element > len(self.elements):
            return ""
        components = self.elements[element - 1]
        return components[component - 1] if component <= len(components) else ""


@dataclass(frozen=True, slots=True)
class Interchange:
    """From a UNB (or the UNA before it) to its UNZ, or as far as it goes.

    `fault` says what could not be cut; then there are no segments. `is_whole` unless the text ends within a segment.
    Characters that the declared set does not have stay as lone surrogates, for `stain`.
    """

    separators: Separators
    charset: str
    segments: tuple[Segment, ...]
    fault: str
    text: str
    is_whole: bool = True


def interchanges(body: bytes) -> Iterator[Interchange]:
    """The interchanges of a body, in order; what stands between or after them comes as a faulty one."""
    text = body.decode("latin-1").removeprefix(BYTE_ORDER_MARK)  # every byte a character, until the set is known
    at, left = _skip(text, 0), SEGMENTS_MOST
    while at < len(text):
        try:
            found, end = _interchange(text, at, left)
            left -= len(found.segments)
            yield found
        except TooManyError as error:
            yield Interchange(Separators(), "ascii", (), str(error), text[at:])
            return
        except UnreadableError as error:
            following = _NEXT.search(text, at + 1)
            end = following.start() if following else len(text)
            yield Interchange(Separators(), "ascii", (), str(error), text[at:end])
        at = _skip(text, end)


def _skip(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _interchange(text: str, at: int, most: int) -> tuple[Interchange, int]:
    """The interchange at a place, of so many segments at most, and where it ends."""
    marks, begin = _separators(text, at)
    begin = _skip(text, begin)
    if not text.startswith("UNB" + marks.element, begin):
        shown = text[begin : begin + 20].partition("\n")[0].strip()
        raise UnreadableError(f"{quoted(shown, 20)} stands outside of an interchange: it must begin with UNB")
    head, _ = _raw(text, begin, marks)
    syntax = _cut(_joined(head, marks), marks)
    level, version = syntax.get(1, 1), syntax.get(1, 2)
    charset = CHARSETS.get(level)
    if charset is None:
        raise UnreadableError(
            f"the character set {quoted(level)} in UNB is not known: it is UNOA to UNOL, UNOW or UNOY"
        )
    if version == REPEATING_SYNTAX and not marks.repetition and not text.startswith("UNA", at):
        marks = marks._replace(repetition="*")
    elif version != REPEATING_SYNTAX:
        marks = marks._replace(repetition="")
    segments, end, is_whole = _segments(text, begin, marks, charset, most)
    if level == "UNOX" and "\x1b" in text[begin:end]:
        raise UnreadableError("UNOX with escape sequences (ISO 2022) is not read: send UTF-8 (UNOW)")
    return Interchange(marks, charset, segments, "", text[at:end], is_whole), end


def _separators(text: str, at: int) -> tuple[Separators, int]:
    """The service characters that are in force at a place, and where the UNB is to stand."""
    if not text.startswith("UNA", at):
        return (LEVEL_B if text.startswith("UNB" + LEVEL_B.element, at) else Separators()), at
    advice = text[at + 3 : at + 9]
    if len(advice) < 6:
        raise UnreadableError("the UNA segment is not whole: six service characters follow its tag")
    component, element, decimal, release, repetition, terminator = tuple(advice)
    told = Separators(component, element, decimal, release.strip(), repetition.strip(), terminator)
    marks = [mark for mark in (component, element, told.release, told.repetition, terminator) if mark]
    if len(set(marks)) < len(marks) or any(mark.isalnum() or mark == " " for mark in marks) or decimal not in ".,":
        raise UnreadableError(f"UNA names the service characters {quoted(advice)}: each must be a mark of its own")
    return told, at + 9


def _segments(text: str, at: int, marks: Separators, charset: str, most: int) -> tuple[tuple[Segment, ...], int, bool]:
    """The segments up to UNZ, the next interchange or the end; where they end, and whether they end there."""
    cut: list[Segment] = []
    openings = ("UNA", "UNB" + marks.element)
    while (at := _skip(text, at)) < len(text):
        if cut and text.startswith(openings, at):
            return tuple(cut), at, True
        raw, end = _raw(text, at, marks)
        if end > len(text):
            return tuple(cut), len(text), False
        at = end
        check_length(raw)
        if len(cut) >= most:
            raise TooManyError
        raw = _joined(raw, marks)
        if not raw.isascii():
            raw = raw.encode("latin-1").decode(charset, "surrogateescape")
        if raw.strip():
            cut.append(_cut(raw, marks))
            if cut[-1].tag == "UNZ":
                break
    return tuple(cut), at, True


def _raw(text: str, at: int, marks: Separators) -> tuple[str, int]:
    """The text of the segment at a place, and where the next one begins: beyond the text where it has no end."""
    start = at
    while True:
        end = text.find(marks.terminator, at)
        if end < 0:
            return text[start:], len(text) + 1
        if not marks.release or not _is_released(text, end, start, marks.release):
            return text[start:end], end + 1
        at = end + 1


def _is_released(text: str, at: int, start: int, release: str) -> bool:
    """Whether the character at a place is data: an odd number of release characters stands before it."""
    before = at
    while before > start and text[before - 1] == release:
        before -= 1
    return (at - before) % 2 == 1


def _joined(raw: str, marks: Separators) -> str:
    """A segment without the line ends that a file is wrapped by: they are in no character set of the standard."""
    return raw.replace("\r", "").replace("\n", "") if marks.terminator not in "\r\n" else raw


def _cut(raw: str, marks: Separators) -> Segment:
    if marks.release and marks.release in raw:
        tag, *elements = _split(raw, marks.element, marks.release)
        is_repeated = bool(marks.repetition) and any(
            len(_split(element, marks.repetition, marks.release)) > 1 for element in elements
        )
        if is_repeated:
            elements = [_split(element, marks.repetition, marks.release)[0] for element in elements]
        parts = [[_plain(part, marks.release) for part in _split(e, marks.component, marks.release)] for e in elements]
    else:
        tag, *elements = raw.split(marks.element)
        is_repeated = bool(marks.repetition) and any(marks.repetition in element for element in elements)
        if is_repeated:
            elements = [element.partition(marks.repetition)[0] for element in elements]
        parts = [element.split(marks.component) for element in elements]
    return Segment(
        tag.partition(marks.component)[0].strip(),
        tuple(tuple(part.strip() for part in components) for components in parts),
        raw,
        is_repeated,
    )


def _split(text: str, mark: str, release: str) -> list[str]:
    """A text cut at every mark that is not released."""
    piece = _piece(mark, release)
    parts: list[str] = []
    at = 0
    while (found := piece.match(text, at)) is not None:
        parts.append(found.group())
        at = found.end() + 1
        if at > len(text):
            break
    return parts


@lru_cache(maxsize=64)
def _piece(mark: str, release: str) -> re.Pattern[str]:
    """What stands before the next mark that is not released."""
    return re.compile(f"(?:[^{re.escape(mark + release)}]++|{re.escape(release)}.?)*+", re.DOTALL)


def _plain(text: str, release: str) -> str:
    """A text without its release characters."""
    if release not in text:
        return text
    return re.sub(re.escape(release) + "(.?)", r"\1", text, flags=re.DOTALL)
