"""The envelopes of EDIFACT: messages with what their interchange, group and own trailer say of them.

Each control guards content: UNT counts the segments of its message, UNE the messages of its group, UNZ the messages, or
the groups where there are any; and each repeats the reference of what it closes. Where one is missing or does not agree
a message may be cut, spliced or lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from agents.sources.edifact_tokens import Interchange, Segment, Separators, interchanges
from agents.sources.texts import quoted, stain

ENVELOPE_LENGTH = 500
"""Characters of a UNB or UNG that the text of each of its messages repeats."""

LEVEL_OF_TEXT = "UNOW"
"""The character set that the text of a message declares: a person mends it as UTF-8."""


@dataclass(frozen=True, slots=True)
class Message:
    """One UNH … UNT, its segments without the two. `fault` says why it must not be processed, if it must not.

    `kind` is the message type (ORDERS), `release` its directory (96A); `text` is an interchange of this message alone,
    so that a person can mend it and send it again. `is_test` where UNB says that the interchange is one. `unb` and
    `unh` are its own, for an answer, which tells an envelope's fault by the `tag` of its segment and a `code` (0085).
    """

    position: str
    kind: str
    release: str
    sender: str
    decimal: str
    segments: tuple[Segment, ...]
    fault: str
    text: str
    is_test: bool = False
    unb: Segment | None = None
    unh: Segment | None = None
    tag: str = ""
    code: str = ""


class Fault(NamedTuple):
    """What is wrong with an envelope, in words, and by the tag of its segment and a code, as far as there is one."""

    text: str = ""
    tag: str = ""
    code: str = ""


SOUND = Fault()
INTERCHANGE_TRAILER = "UNZ"
_MISSING, _OTHER_NUMBER, _OTHER_COUNT = "13", "28", "29"
"""0085, a segment is missing, references do not match, a count is not what arrived."""


def messages(body: bytes) -> list[Message]:
    """Every message of a body of interchanges, in order; an interchange without any is itself a faulty one."""
    seen: Counter[str] = Counter()
    found: list[Message] = []
    for interchange in interchanges(body):
        for each in _Opened(interchange).messages() if interchange.segments else [_empty(interchange)]:
            seen[each.position] += 1
            again = f"{each.position}-{seen[each.position]}" if seen[each.position] > 1 else each.position
            found.append(replace(each, position=again))
    return found


def _empty(interchange: Interchange, fault: str = "") -> Message:
    reference = interchange.segments[0].get(5) if interchange.segments else ""
    fault = fault or interchange.fault or "the interchange breaks off within its UNB; ask for it again"
    return Message(f"UNB{reference}", "", "", "", ".", (), fault, interchange.text)


@dataclass(slots=True)
class _Message:
    unh: Segment
    body: list[Segment] = field(default_factory=list)
    unt: Segment | None = None


@dataclass(slots=True)
class _Group:
    """A functional group; without `ung` what stands in the interchange itself."""

    ung: Segment | None
    messages: list[_Message] = field(default_factory=list)
    une: Segment | None = None
    strays: list[Segment] = field(default_factory=list)


class _Opened:
    """An interchange taken apart into groups and messages."""

    def __init__(self, interchange: Interchange) -> None:
        self._interchange = interchange
        self._unb = interchange.segments[0]
        self._groups: list[_Group] = [_Group(None)]
        self._unz: Segment | None = None
        for segment in interchange.segments[1:]:
            self._take(segment)

    def messages(self) -> list[Message]:
        """The messages in order, each with the first fault that concerns it."""
        outer = self._fault()
        found: list[Message] = []
        for group in self._groups:
            found.extend(self._message(group, each, outer) for each in group.messages)
            if group.ung and not group.messages and (fault := _group_fault(group)).text:
                text = self._text(group, None)
                found.append(Message(f"UNG{group.ung.get(5)}", "", "", "", ".", (), fault.text, text))
        return found or [_empty(self._interchange, outer.text or "there is no message in the interchange")]

    def _take(self, segment: Segment) -> None:
        """Put a segment where it belongs. What opens something closes nothing: a missing trailer stays missing."""
        group = self._groups[-1]
        current = group.messages[-1] if group.messages and not group.messages[-1].unt else None
        if segment.tag == "UNG":
            self._groups.append(_Group(segment))
        elif segment.tag == "UNZ":
            self._unz = segment
        elif segment.tag == "UNH":
            group.messages.append(_Message(segment))
        elif segment.tag == "UNE" and group.ung:
            group.une = segment
            self._groups.append(_Group(None))
        elif segment.tag == "UNT" and current:
            current.unt = segment
        elif current:
            current.body.append(segment)
        else:
            group.strays.append(segment)

    def _fault(self) -> Fault:
        """What is wrong with the interchange as a whole."""
        unz, tag = self._unz, INTERCHANGE_TRAILER
        if unz is None or not self._interchange.is_whole:
            return Fault("the interchange breaks off: it has no UNZ; ask for it again", tag, _MISSING)
        stray = next((group.strays[0] for group in self._groups if not group.ung and group.strays), None)
        if stray:
            return Fault(f"segment {quoted(stray.tag)} stands outside of every message")
        groups = sum(group.ung is not None for group in self._groups)
        if groups and any(group.messages for group in self._groups if not group.ung):
            return Fault("some messages of the interchange stand in groups (UNG), others outside of them")
        arrived = groups or sum(len(group.messages) for group in self._groups)
        if _count(unz.get(1)) != arrived:
            unit = "groups" if groups else "messages"
            told = quoted(unz.get(1))
            text = f"UNZ counts {told} {unit}, but {arrived} arrived: ask for the interchange again"
            return Fault(text, tag, _OTHER_COUNT)
        if unz.get(2) != self._unb.get(5):
            opened = quoted(self._unb.get(5))
            text = f"UNZ closes interchange {quoted(unz.get(2))}, but UNB opened {opened}"
            return Fault(text, tag, _OTHER_NUMBER)
        return SOUND

    def _message(self, group: _Group, each: _Message, outer: Fault) -> Message:
        segments = [self._unb, group.ung, each.unh, *each.body, each.unt]
        faults = (Fault(self._stain(segments)), _message_fault(each), _group_fault(group), outer)
        fault = next((one for one in faults if one.text), SOUND)
        return Message(
            position=each.unh.get(1) or "UNH",
            kind=each.unh.get(2, 1),
            release=each.unh.get(2, 3),
            sender=self._unb.get(2),
            decimal=self._interchange.separators.decimal,
            segments=tuple(each.body),
            fault=fault.text,
            text=self._text(group, each),
            is_test=self._unb.get(11) == "1",
            unb=self._unb,
            unh=each.unh,
            tag=fault.tag,
            code=fault.code,
        )

    def _stain(self, segments: Sequence[Segment | None]) -> str:
        found = stain("".join(segment.raw for segment in segments if segment))
        if "which is not UTF-8" not in found:
            return found
        byte = found.partition(",")[0]
        level = quoted(self._unb.get(1))
        return f"{byte}, which the character set {level} of UNB does not have: declare UNOC (Latin-1) or UNOW (UTF-8)"

    def _text(self, group: _Group, each: _Message | None) -> str:
        """An interchange of one message, or of a group that has none."""
        marks = self._interchange.separators
        e = marks.element
        raws = [segment.raw for segment in ([each.unh, *each.body, each.unt] if each else group.strays) if segment]
        if group.ung:
            closing = f"UNE{e}{1 if each else 0}{e}{_reference(group.ung, marks)}"
            raws = [group.ung.raw[:ENVELOPE_LENGTH], *raws, closing]
        opening = self._unb.raw[:ENVELOPE_LENGTH]
        if not "".join(raws).isascii():
            opening = opening.replace(self._unb.get(1), LEVEL_OF_TEXT, 1)
        return _written([opening, *raws, f"UNZ{e}1{e}{_reference(self._unb, marks)}"], marks)


def _reference(opening: Segment, marks: Separators) -> str:
    """The reference of a UNB or UNG as its trailer repeats it."""
    reference = opening.get(5)[:ENVELOPE_LENGTH]
    if marks.release:
        special = (marks.release, marks.component, marks.element, marks.repetition, marks.terminator)
        return "".join(marks.release + c if c in special else c for c in reference)
    return reference


def _written(raws: Sequence[str], marks: Separators) -> str:
    advice = "".join(
        ("UNA", marks.component, marks.element, marks.decimal, marks.release or " ", marks.repetition or " ")
    )
    end = marks.terminator if marks.terminator in "\r\n" else marks.terminator + "\n"
    return advice + end + "".join(raw + end for raw in raws)


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _message_fault(each: _Message) -> Fault:
    reference, tag = each.unh.get(1), "UNT"
    if each.unt is None:
        return Fault(f"message {reference} breaks off: it has no UNT; ask for it again", tag, _MISSING)
    if each.unt.get(2) != reference:
        text = f"UNT closes message {quoted(each.unt.get(2))}, but UNH opened {quoted(reference)}"
        return Fault(text, tag, _OTHER_NUMBER)
    held, told = len(each.body) + 2, quoted(each.unt.get(1))
    if _count(each.unt.get(1)) != held:
        text = f"UNT counts {told} segments, but the message has {held}: some were lost or added"
        return Fault(text, tag, _OTHER_COUNT)
    if each.unh.get(4, 1) and (each.unh.get(4, 1), each.unh.get(4, 2)) != ("1", "F"):
        return Fault(f"message {reference} is one of several parts (UNH S010): send the order as one message")
    return SOUND


def _group_fault(group: _Group) -> Fault:
    if group.ung is None:
        return SOUND
    if group.strays:
        return Fault(f"segment {quoted(group.strays[0].tag)} stands outside of every message of its group")
    if group.une is None:
        return Fault("the group breaks off: it has no UNE; ask for it again", "UNE", _MISSING)
    if _count(group.une.get(1)) != len(group.messages):
        arrived, told = len(group.messages), quoted(group.une.get(1))
        text = f"UNE counts {told} messages, but {arrived} arrived: ask for the group again"
        return Fault(text, "UNE", _OTHER_COUNT)
    if group.une.get(2) != group.ung.get(5):
        text = f"UNE closes group {quoted(group.une.get(2))}, but UNG opened {quoted(group.ung.get(5))}"
        return Fault(text, "UNE", _OTHER_NUMBER)
    return SOUND
