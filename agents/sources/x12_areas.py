"""The three areas of an X12 order or change of one, its number, and the totals that must agree with its lines."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from agents.sources.errors import UnreadableError
from agents.sources.exact import number, plain, total
from agents.sources.texts import quoted
from agents.sources.x12_codes import ESTIMATE_TYPES, RELEASE_TYPES
from agents.sources.x12_tokens import Segment

HASH_MODULUS = 10**10
"""CTT02 holds at most ten digits; a longer hash total loses those in front."""


class Areas(NamedTuple):
    """What stands before the lines, each line's segments, and what follows CTT."""

    header: Sequence[Segment]
    lines: Sequence[Sequence[Segment]]
    summary: Sequence[Segment]


def areas(segments: Sequence[Segment], beginning: str, line: str) -> Areas:
    """The areas of a set that begins with one segment and whose lines begin with another."""
    tags = [segment.tag for segment in segments]
    if tags[:1] != [beginning] or tags.count(beginning) > 1:
        raise UnreadableError(f"the set begins with one {beginning} segment, right after ST")
    if tags.count("CTT") > 1:
        raise UnreadableError("CTT stands twice")
    end = tags.index("CTT") if "CTT" in tags else len(tags)
    starts = [at for at, tag in enumerate(tags) if tag == line]
    if starts and starts[-1] > end:
        raise UnreadableError(f"a {line} stands behind CTT, which ends the lines")
    groups = [segments[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)] if starts else []
    return Areas(segments[: starts[0] if starts else end], groups, segments[end:])


def order_number(beginning: Segment) -> str:
    """The number that BEG or BCH gives, with that of the release where the order is one. Raises UnreadableError."""
    kind, po_number, release = (beginning.element(position) for position in (2, 3, 4))
    if kind in ESTIMATE_TYPES:
        said = f"{beginning.tag}02 {quoted(kind)} says that this is {ESTIMATE_TYPES[kind]}"
        raise UnreadableError(f"{said}: nothing is ordered yet")
    if not po_number:
        raise UnreadableError(f"{beginning.tag}03 is empty: the order has no number")
    return f"{po_number}-{release}" if kind in RELEASE_TYPES and release else po_number


def currency(segments: Sequence[Segment]) -> str | None:
    """The one currency (CUR) that a set names."""
    found = dict.fromkeys(s.element(2).upper() for s in segments if s.tag == "CUR" and s.element(2))
    if len(found) > 1:
        raise UnreadableError(f"CUR names several currencies: {', '.join(found)}")
    return next(iter(found), None)


def check_count(areas: Areas, quantities: Sequence[Decimal]) -> None:
    """CTT01 counts the lines; CTT02, where given, is the hash total of their quantities. Raises UnreadableError."""
    if not areas.summary:
        return
    count, hashed = areas.summary[0].element(1), areas.summary[0].element(2)
    if number(count, "CTT01") != len(areas.lines):
        tag = areas.lines[0][0].tag if areas.lines else "lines"
        raise UnreadableError(f"CTT counts {count} lines, but there are {len(areas.lines)} {tag}")
    if not hashed:
        return
    told = number(hashed, "CTT02")
    # The standard hashes the digits with their points left out; most partners send the plain sum.
    digits = Decimal(sum(int(plain(quantity).replace(".", "")) for quantity in quantities))
    plain_sum = total(quantities)
    if told not in (plain_sum, digits, digits % HASH_MODULUS):
        raise UnreadableError(f"CTT's hash total of quantities is {hashed}, but the lines come to {plain(plain_sum)}")
