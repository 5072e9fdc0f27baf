"""An X12 850, Purchase Order, as a customer order: its header, its lines, and the totals that must agree."""

from __future__ import annotations

from collections.abc import Sequence

from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, total
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import quoted
from agents.sources.x12_areas import Areas, areas, check_count, currency, order_number
from agents.sources.x12_codes import CANCEL_PURPOSES, ORDER_PURPOSES, OTHER_PURPOSES, REPLACE_PURPOSES
from agents.sources.x12_lines import Line, parties, read_line, ship_to, under_header
from agents.sources.x12_tokens import Segment


def read_order(segments: Sequence[Segment], sender: str) -> OrderDraft:
    """The order of a set's segments (without ST and SE). Raises UnreadableError with what is wrong, and where."""
    parts = areas(segments, "BEG", "PO1")
    purpose = _purpose(parts.header[0])
    po_number = order_number(parts.header[0])
    if purpose in CANCEL_PURPOSES:
        return OrderDraft(kind="cancel", partner=sender, number=po_number)
    lines = [read_line(group, ordinal) for ordinal, group in enumerate(parts.lines, 1)]
    if not lines:
        raise UnreadableError("the order has no line: there is no PO1")
    money = currency(segments)
    check_count(parts, [line.quantity for line in lines])
    _check_amount(parts, lines, money)
    return order_draft(
        {
            "standing": purpose in REPLACE_PURPOSES,  # it takes the place of what came before, if anything did
            "partner": sender,
            "number": po_number,
            "customer": _customer(parts.header) or sender,
            "currency": money,
            "ship_to": ship_to(parts.header, "the order"),
            "lines": under_header([draft for line in lines for draft in line.drafts], parts.header),
        }
    )


def _purpose(beg: Segment) -> str:
    purpose = beg.element(1)
    if purpose not in ORDER_PURPOSES | REPLACE_PURPOSES | CANCEL_PURPOSES:
        meaning = OTHER_PURPOSES.get(purpose, "no whole order")
        raise UnreadableError(f"BEG01 {quoted(purpose)} says that this is {meaning}: send the order as original (00)")
    return purpose


def _customer(header: Sequence[Segment]) -> str:
    buyers = [party[0] for party in parties(header) if party[0].element(1) == "BY"]
    return next((n1.element(4) or n1.element(2) for n1 in buyers if n1.element(4) or n1.element(2)), "")


def _check_amount(parts: Areas, lines: Sequence[Line], money: str | None) -> None:
    """AMT*TT is the sum of quantity × price, unless prices are missing or charges and taxes come in between."""
    stated = [s.element(2) for s in (*parts.header, *parts.summary) if s.tag == "AMT" and s.element(1) == "TT"]
    extras = {"SAC", "TXI", "TAX", "CTP", "ITA"}
    every = (*parts.header, *(segment for group in parts.lines for segment in group), *parts.summary)
    amounts = [line.amount for line in lines if line.amount is not None]
    if len(amounts) < len(lines) or any(segment.tag in extras for segment in every):
        return
    for told in stated:
        if not adds_up(number(told, "AMT*TT"), amounts, money):
            raise UnreadableError(
                f"AMT*TT says that the order comes to {told}, but quantity × price of its lines comes to "
                f"{plain(total(amounts))}"
            )
