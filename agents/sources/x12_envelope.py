"""The envelopes of X12: transaction sets with what their interchange, group and own trailer say of them.

Strict where a control guards content: a set's SE (count and number), a group's GE (count and number) and the
interchange's IEA (count) have to be there and agree, for without them a set may be cut, spliced or missing. Lenient
in one thing: the number in IEA may differ from ISA's, since partners in production send it so, and the counts
beneath it already say that all is there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import NamedTuple

from agents.sources.texts import quoted, stain
from agents.sources.x12_tokens import Interchange, Segment, Separators, interchanges

_NO_CONTENT = "024"
"""I18, the content of an interchange makes no sense."""

ENVELOPE_LENGTH = 200
"""Characters of a GS that the text of each of its sets repeats (a hundred, by the standard)."""


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One ST … SE, its segments without the two. `fault` says why it must not be processed, if it must not.

    `text` is an interchange of this set alone, so that a person can mend it and send it again. `is_test` where ISA15
    says that the interchange is one. `isa` and `gs` are those that it stands in, for an answer, which tells a fault of
    an envelope by the `code` that its `level` has for it.
    """

    position: str
    set_id: str
    sender: str
    segments: tuple[Segment, ...]
    fault: str
    text: str
    is_test: bool = False
    number: str = ""
    isa: Segment | None = None
    gs: Segment | None = None
    level: Level | None = None
    code: str = ""


class Level(Enum):
    """Where a fault is: in a set (718), a group (716) or an interchange (I18)."""

    SET = "set"
    GROUP = "group"
    INTERCHANGE = "interchange"


class Fault(NamedTuple):
    """What is wrong with an envelope, in words and by its level's code; none where the words are empty."""

    text: str = ""
    level: Level | None = None
    code: str = ""


SOUND = Fault()
INTERCHANGE_ACKNOWLEDGED = "TA1"
"""What stands for a set where an interchange holds nothing but the acknowledgement of another."""


def transaction_sets(text: str) -> list[TransactionSet]:
    """Every transaction set of a text of interchanges, in order; an interchange without any is itself a faulty one."""
    seen: Counter[str] = Counter()
    found: list[TransactionSet] = []
    for interchange in interchanges(text):
        sets = _Opened(interchange).sets() if interchange.segments else [_empty(interchange, interchange.fault)]
        for each in sets:
            seen[each.position] += 1
            again = f"{each.position}-{seen[each.position]}" if seen[each.position] > 1 else each.position
            found.append(replace(each, position=again))
    return found


def _empty(interchange: Interchange, fault: str) -> TransactionSet:
    isa = interchange.segments[0] if interchange.segments else None
    number = isa.element(13) if isa is not None else ""
    level = Level.INTERCHANGE if isa is not None else None
    code = "" if isa is None else _NO_CONTENT
    return TransactionSet(f"ISA{number}", "", "", (), fault, interchange.text, isa=isa, level=level, code=code)


@dataclass(slots=True)
class _Set:
    st: Segment
    body: list[Segment] = field(default_factory=list)
    se: Segment | None = None


@dataclass(slots=True)
class _Group:
    gs: Segment | None
    sets: list[_Set] = field(default_factory=list)
    ge: Segment | None = None
    strays: list[Segment] = field(default_factory=list)


class _Opened:
    """An interchange taken apart into groups and sets."""

    def __init__(self, interchange: Interchange) -> None:
        self._interchange = interchange
        self._isa = interchange.segments[0]
        self._groups: list[_Group] = []
        self._strays: list[Segment] = []
        self._iea: Segment | None = None
        self._ta1: Segment | None = None
        for segment in interchange.segments[1:]:
            self._take(segment)

    def sets(self) -> list[TransactionSet]:
        """The sets in order, each with the first fault that concerns it."""
        outer = self._interchange_fault()
        found: list[TransactionSet] = []
        for group in self._groups:
            found.extend(self._set(group, each, outer) for each in group.sets)
            if not group.sets and (fault := _group_fault(group)).text:
                position, text = _group_position(group), self._text(group, None)
                found.append(TransactionSet(position, "", "", (), fault.text, text, isa=self._isa))
        if self._ta1 is not None and not found and not outer.text:
            kind, text = INTERCHANGE_ACKNOWLEDGED, self._interchange.text
            return [TransactionSet(kind, kind, self._isa.element(6), (self._ta1,), "", text)]
        return found or [_empty(self._interchange, outer.text or "there is no transaction set in the interchange")]

    def _take(self, segment: Segment) -> None:
        """Put a segment where it belongs. What opens something closes nothing: a missing trailer stays missing."""
        group = self._groups[-1] if self._groups and not self._groups[-1].ge else None
        current = group.sets[-1] if group and group.sets and not group.sets[-1].se else None
        if segment.tag == "GS":
            self._groups.append(_Group(segment))
        elif segment.tag == "IEA":
            self._iea = segment
        elif segment.tag == "TA1" and group is None:
            self._ta1 = segment
        elif group is None and segment.tag == "ST":
            self._groups.append(_Group(None, [_Set(segment)]))
        elif group is None:
            self._strays.append(segment)
        elif segment.tag == "ST":
            group.sets.append(_Set(segment))
        elif segment.tag == "GE":
            group.ge = segment
        elif segment.tag == "SE" and current:
            current.se = segment
        elif current:
            current.body.append(segment)
        else:
            group.strays.append(segment)

    def _interchange_fault(self) -> Fault:
        level = Level.INTERCHANGE
        if self._iea is None:
            return Fault("the interchange breaks off: it has no IEA; ask for it again", level, "023")
        if self._strays:
            return Fault(f"segment {quoted(self._strays[0].tag)} stands outside of every group", level, _NO_CONTENT)
        told, arrived = self._iea.element(1), sum(group.gs is not None for group in self._groups)
        if _count(told) != arrived:
            text = f"IEA counts {quoted(told)} groups, but {arrived} arrived: ask for the interchange again"
            return Fault(text, level, "021")
        return SOUND

    def _set(self, group: _Group, each: _Set, outer: Fault) -> TransactionSet:
        number = each.st.element(2) or "ST"
        text = self._text(group, each)
        segments = [group.gs, each.st, *each.body, each.se]
        stains = stain("".join(segment.raw for segment in (self._isa, *segments) if segment))
        found = (Fault(stains), _set_fault(each), _group_fault(group), outer)
        fault = next((one for one in found if one.text), SOUND)
        return TransactionSet(
            position=number,
            set_id=each.st.element(1),
            sender=self._isa.element(6),
            segments=tuple(each.body),
            fault=fault.text,
            text=text,
            is_test=self._isa.element(15) == "T",
            number=each.st.element(2),
            isa=self._isa,
            gs=group.gs,
            level=fault.level,
            code=fault.code,
        )

    def _text(self, group: _Group, each: _Set | None) -> str:
        """An interchange of one set, or of a group that has none."""
        marks = self._interchange.separators
        assert marks is not None  # there are segments
        e = marks.element
        segments = [each.st, *each.body, each.se] if each else group.strays
        raws = [segment.raw for segment in segments if segment]
        if group.gs:
            raws = [
                group.gs.raw[:ENVELOPE_LENGTH],
                *raws,
                f"GE{e}{1 if each else 0}{e}{group.gs.element(6)[:ENVELOPE_LENGTH]}",
            ]
        return _written([self._isa.raw, *raws, f"IEA{e}1{e}{self._isa.element(13)}"], marks)


def _group_position(group: _Group) -> str:
    return f"GS{group.gs.element(6)}" if group.gs else "GS"


def _written(raws: Sequence[str], marks: Separators) -> str:
    return "".join(raw + (marks.terminator if marks.terminator in "\r\n" else marks.terminator + "\n") for raw in raws)


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _set_fault(each: _Set) -> Fault:
    number, level = each.st.element(2), Level.SET
    if each.se is None:
        return Fault(f"set {number} breaks off: it has no SE; ask for it again", level, "2")
    if each.se.element(2) != number:
        return Fault(f"SE closes set {quoted(each.se.element(2))}, but ST opened {quoted(number)}", level, "3")
    held, told = len(each.body) + 2, quoted(each.se.element(1))
    if _count(each.se.element(1)) != held:
        return Fault(f"SE counts {told} segments, but the set has {held}: some were lost or added", level, "4")
    return SOUND


def _group_fault(group: _Group) -> Fault:
    level = Level.GROUP
    if group.gs is None:
        return Fault("the set stands outside of a group: GS is missing", level)
    if group.strays:
        return Fault(f"segment {quoted(group.strays[0].tag)} stands outside of every set of its group", level)
    if group.ge is None:
        return Fault("the group breaks off: it has no GE; ask for it again", level, "3")
    told, arrived = quoted(group.ge.element(1)), len(group.sets)
    if _count(group.ge.element(1)) != arrived:
        return Fault(f"GE counts {told} sets, but {arrived} arrived: ask for the group again", level, "5")
    if group.ge.element(2) != group.gs.element(6):
        opened = quoted(group.gs.element(6))
        return Fault(f"GE closes group {quoted(group.ge.element(2))}, but GS opened {opened}", level, "4")
    return SOUND
