"""An X12 850, Purchase Order, as a customer order: its header, its lines, and the totals that must agree."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, total
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import quoted
from agents.sources.x12_codes import CANCEL_PURPOSES, ESTIMATE_TYPES, ORDER_PURPOSES, OTHER_PURPOSES, RELEASE_TYPES
from agents.sources.x12_lines import Line, messages, parties, read_line, requested_date, ship_to
from agents.sources.x12_tokens import Segment

HASH_MODULUS = 10**10
"""CTT02 holds at most ten digits; a longer hash total loses those in front."""


class _Areas(NamedTuple):
    """The three areas of the set: what stands before the lines, each line's segments, and what follows CTT."""

    header: Sequence[Segment]
    lines: Sequence[Sequence[Segment]]
    summary: Sequence[Segment]


def read_order(segments: Sequence[Segment], sender: str) -> OrderDraft:
    """The order of a set's segments (without ST and SE). Raises UnreadableError with what is wrong, and where."""
    areas = _areas(segments)
    po_number, purpose = _identity(areas.header[0])
    if purpose in CANCEL_PURPOSES:
        return OrderDraft(kind="cancel", partner=sender, number=po_number)
    lines = [read_line(group, ordinal) for ordinal, group in enumerate(areas.lines, 1)]
    if not lines:
        raise UnreadableError("the order has no line: there is no PO1")
    currency = _currency(segments)
    _check_count(areas.summary, lines)
    _check_amount(areas, lines, currency)
    requested = requested_date(areas.header, "the order")
    drafts = [draft for line in lines for draft in line.drafts]
    notes = messages(areas.header)
    for draft in drafts:
        if not draft["schedule"]:
            draft["requested"] = draft["requested"] or requested
        draft["text"] = "\n".join(filter(None, (notes, draft["text"]))) or None
    return order_draft(
        {
            "partner": sender,
            "number": po_number,
            "customer": _customer(areas.header) or sender,
            "currency": currency,
            "ship_to": ship_to(areas.header, "the order"),
            "lines": drafts,
        }
    )


def _areas(segments: Sequence[Segment]) -> _Areas:
    tags = [segment.tag for segment in segments]
    if tags[:1] != ["BEG"] or tags.count("BEG") > 1:
        raise UnreadableError("a purchase order begins with one BEG segment, right after ST")
    if tags.count("CTT") > 1:
        raise UnreadableError("CTT stands twice")
    end = tags.index("CTT") if "CTT" in tags else len(tags)
    starts = [at for at, tag in enumerate(tags) if tag == "PO1"]
    if starts and starts[-1] > end:
        raise UnreadableError("a PO1 stands behind CTT, which ends the lines")
    groups = [segments[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)] if starts else []
    return _Areas(segments[: starts[0] if starts else end], groups, segments[end:])


def _identity(beg: Segment) -> tuple[str, str]:
    purpose, kind, po_number, release = (beg.element(position) for position in (1, 2, 3, 4))
    if purpose not in ORDER_PURPOSES | CANCEL_PURPOSES:
        meaning = OTHER_PURPOSES.get(purpose, "no whole order")
        raise UnreadableError(f"BEG01 {quoted(purpose)} says that this is {meaning}: send the order as original (00)")
    if kind in ESTIMATE_TYPES:
        raise UnreadableError(f"BEG02 {quoted(kind)} says that this is {ESTIMATE_TYPES[kind]}: nothing is ordered yet")
    if not po_number:
        raise UnreadableError("BEG03 is empty: the order has no number")
    return (f"{po_number}-{release}" if kind in RELEASE_TYPES and release else po_number), purpose


def _customer(header: Sequence[Segment]) -> str:
    buyers = [party[0] for party in parties(header) if party[0].element(1) == "BY"]
    return next((n1.element(4) or n1.element(2) for n1 in buyers if n1.element(4) or n1.element(2)), "")


def _currency(segments: Sequence[Segment]) -> str | None:
    found = dict.fromkeys(s.element(2).upper() for s in segments if s.tag == "CUR" and s.element(2))
    if len(found) > 1:
        raise UnreadableError(f"CUR names several currencies: {', '.join(found)}")
    return next(iter(found), None)


def _check_count(summary: Sequence[Segment], lines: Sequence[Line]) -> None:
    """CTT01 counts the lines; CTT02, where given, is the hash total of the quantities."""
    if not summary:
        return
    count, hashed = summary[0].element(1), summary[0].element(2)
    if number(count, "CTT01") != len(lines):
        raise UnreadableError(f"CTT counts {count} lines, but there are {len(lines)} PO1")
    if not hashed:
        return
    told, quantities = number(hashed, "CTT02"), [line.quantity for line in lines]
    # The standard hashes the digits with their points left out; most partners send the plain sum.
    digits = Decimal(sum(int(plain(quantity).replace(".", "")) for quantity in quantities))
    plain_sum = total(quantities)
    if told not in (plain_sum, digits, digits % HASH_MODULUS):
        raise UnreadableError(f"CTT's hash total of quantities is {hashed}, but the lines come to {plain(plain_sum)}")


def _check_amount(areas: _Areas, lines: Sequence[Line], currency: str | None) -> None:
    """AMT*TT is the sum of quantity × price, unless prices are missing or charges and taxes come in between."""
    stated = [s.element(2) for s in (*areas.header, *areas.summary) if s.tag == "AMT" and s.element(1) == "TT"]
    extras = {"SAC", "TXI", "TAX", "CTP", "ITA"}
    every = (*areas.header, *(segment for group in areas.lines for segment in group), *areas.summary)
    amounts = [line.amount for line in lines if line.amount is not None]
    if len(amounts) < len(lines) or any(segment.tag in extras for segment in every):
        return
    for told in stated:
        if not adds_up(number(told, "AMT*TT"), amounts, currency):
            raise UnreadableError(
                f"AMT*TT says that the order comes to {told}, but quantity × price of its lines comes to "
                f"{plain(total(amounts))}"
            )
