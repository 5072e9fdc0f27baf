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

from agents.sources.texts import quoted, stain
from agents.sources.x12_tokens import Interchange, Segment, Separators, interchanges

ENVELOPE_LENGTH = 200
"""Characters of a GS that the text of each of its sets repeats (a hundred, by the standard)."""


@dataclass(frozen=True, slots=True)
class TransactionSet:
    """One ST … SE, its segments without the two. `fault` says why it must not be processed, if it must not.

    `text` is an interchange of this set alone, so that a person can mend it and send it again. `is_test` where ISA15
    says that the interchange is one. `isa` and `gs` are those that it stands in, for an answer.
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
    number = interchange.segments[0].element(13) if interchange.segments else ""
    return TransactionSet(f"ISA{number}", "", "", (), fault, interchange.text)


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
        for segment in interchange.segments[1:]:
            self._take(segment)

    def sets(self) -> list[TransactionSet]:
        """The sets in order, each with the first fault that concerns it."""
        outer = self._interchange_fault()
        found: list[TransactionSet] = []
        for group in self._groups:
            found.extend(self._set(group, each, outer) for each in group.sets)
            if not group.sets and (fault := _group_fault(group)):
                found.append(TransactionSet(_group_position(group), "", "", (), fault, self._text(group, None)))
        return found or [_empty(self._interchange, outer or "there is no transaction set in the interchange")]

    def _take(self, segment: Segment) -> None:
        """Put a segment where it belongs. What opens something closes nothing: a missing trailer stays missing."""
        group = self._groups[-1] if self._groups and not self._groups[-1].ge else None
        current = group.sets[-1] if group and group.sets and not group.sets[-1].se else None
        if segment.tag == "GS":
            self._groups.append(_Group(segment))
        elif segment.tag == "IEA":
            self._iea = segment
        elif segment.tag == "TA1" and group is None:
            pass  # an acknowledgement of an interchange: nothing to process
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

    def _interchange_fault(self) -> str:
        if self._iea is None:
            return "the interchange breaks off: it has no IEA; ask for it again"
        if self._strays:
            return f"segment {quoted(self._strays[0].tag)} stands outside of every group"
        told, arrived = self._iea.element(1), sum(group.gs is not None for group in self._groups)
        if _count(told) != arrived:
            return f"IEA counts {quoted(told)} groups, but {arrived} arrived: ask for the interchange again"
        return ""

    def _set(self, group: _Group, each: _Set, outer: str) -> TransactionSet:
        number = each.st.element(2) or "ST"
        text = self._text(group, each)
        segments = [group.gs, each.st, *each.body, each.se]
        stains = stain("".join(segment.raw for segment in (self._isa, *segments) if segment))
        fault = stains or _set_fault(each) or _group_fault(group) or outer
        return TransactionSet(
            position=number,
            set_id=each.st.element(1),
            sender=self._isa.element(6),
            segments=tuple(each.body),
            fault=fault,
            text=text,
            is_test=self._isa.element(15) == "T",
            number=each.st.element(2),
            isa=self._isa,
            gs=group.gs,
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


def _set_fault(each: _Set) -> str:
    if each.se is None:
        return f"set {each.st.element(2)} breaks off: it has no SE; ask for it again"
    if each.se.element(2) != each.st.element(2):
        return f"SE closes set {quoted(each.se.element(2))}, but ST opened {quoted(each.st.element(2))}"
    held = len(each.body) + 2
    if _count(each.se.element(1)) != held:
        return f"SE counts {quoted(each.se.element(1))} segments, but the set has {held}: some were lost or added"
    return ""


def _group_fault(group: _Group) -> str:
    if group.gs is None:
        return "the set stands outside of a group: GS is missing"
    if group.strays:
        return f"segment {quoted(group.strays[0].tag)} stands outside of every set of its group"
    if group.ge is None:
        return "the group breaks off: it has no GE; ask for it again"
    if _count(group.ge.element(1)) != len(group.sets):
        return f"GE counts {quoted(group.ge.element(1))} sets, but {len(group.sets)} arrived: ask for the group again"
    if group.ge.element(2) != group.gs.element(6):
        return f"GE closes group {quoted(group.ge.element(2))}, but GS opened {quoted(group.gs.element(6))}"
    return ""
