"""An EDIFACT ORDERS as a customer order, an ORDCHG as a change, either as a cancellation."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from agents.sources.edifact_codes import (
    ADDITION,
    CANCEL_FUNCTION,
    CHANGE,
    CHANGE_FUNCTIONS,
    DELETION,
    IN_AN_ORDER,
    LINE_ADDED,
    LINE_CHANGED,
    LINE_COUNT,
    LINE_REMOVED,
    LINE_SAME,
    LINES_AMOUNT,
    MESSAGE_AMOUNT,
    NO_DEMAND,
    ORDER_FUNCTIONS,
    OTHER_FUNCTIONS,
    QUANTITY_TOTAL,
    REPLACE_FUNCTION,
    SCHEDULE_ONLY,
    SUB_LINE,
)
from agents.sources.edifact_envelope import Message
from agents.sources.edifact_lines import Context, Line, line_fields, line_name, read_line, spread_over_places
from agents.sources.edifact_tokens import Segment
from agents.sources.edifact_values import amount, customer, notes, owned, requested_date, ship_to
from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, plain, total
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import quoted

_EXTRAS = {"ALC", "TAX", "PCD"}
"""Segments of allowances, charges and taxes, with which a total is not the sum of the lines."""

_CHANGED = ("items", "quantity", "uom", "requested", "schedule", "price", "description", "text", "ship_to")
"""The fields of a line that a change may give anew."""


_BY_FUNCTION = {ADDITION: LINE_ADDED, DELETION: LINE_REMOVED, CHANGE: LINE_CHANGED}
"""What is to be done with a line that does not say it itself, by the function of its message."""


class _Areas(NamedTuple):
    """What stands before the lines, each line's segments with those of its sub-lines, and what follows UNS."""

    header: Sequence[Segment]
    lines: Sequence[Sequence[Segment]]
    parts: Sequence[Sequence[Sequence[Segment]]]
    summary: Sequence[Segment]


def read_order(message: Message) -> OrderDraft:
    """The order of an ORDERS. Raises UnreadableError with what is wrong, and where."""
    areas = _areas(message.segments)
    bgm = areas.header[0]
    if bgm.get(1) in NO_DEMAND:
        raise UnreadableError(f"BGM 1001 {quoted(bgm.get(1))} says that this is {NO_DEMAND[bgm.get(1)]}")
    number, function = _number(bgm.get(2), "BGM 1004"), bgm.get(3)
    if function == CANCEL_FUNCTION:
        return OrderDraft(kind="cancel", partner=message.sender, number=number)
    if function not in ORDER_FUNCTIONS and function != REPLACE_FUNCTION:
        raise UnreadableError(_no_order(function))
    for lin, *_ in areas.lines:
        if lin.get(2) not in IN_AN_ORDER:
            action = quoted(lin.get(2))
            raise UnreadableError(
                f"line {quoted(lin.get(1))} has the action {action} (LIN 1229): an order adds lines (1)"
            )
    return _whole(message, areas, number, is_new=function != REPLACE_FUNCTION)


def read_change(message: Message) -> OrderDraft:
    """The change or cancellation of an ORDCHG. Raises UnreadableError with what is wrong, and where."""
    areas = _areas(message.segments)
    bgm = areas.header[0]
    number, function = _number(_order_reference(areas.header) or bgm.get(2), "RFF+ON"), bgm.get(3)
    if function == CANCEL_FUNCTION:
        return OrderDraft(kind="cancel", partner=message.sender, number=number)
    if function == REPLACE_FUNCTION:
        return _whole(message, areas, number, is_new=False)
    if function not in CHANGE_FUNCTIONS:
        raise UnreadableError(_no_order(function))
    context = Context(message.decimal, _currency(areas.header))
    fields = [line_fields(group, context) for group in areas.lines]
    _check_counts(areas, [each["quantity"] for each in fields if each["quantity"] is not None], context)
    lines = []
    for group, parts, each in zip(areas.lines, areas.parts, fields, strict=True):
        if parts:
            raise UnreadableError(f"line {quoted(each['line'])}: a change of sub-lines is not read")
        if changed := _changed(group, each, function, areas.header):
            lines.append(changed)
    if not lines:
        raise UnreadableError("the change says of no line what changes: send a LIN for each, or cancel (BGM 1225 1)")
    return order_draft({**_head(message, areas, number, context), "kind": "change", "lines": lines})


def _whole(message: Message, areas: _Areas, number: str, *, is_new: bool) -> OrderDraft:
    """A new order, or a whole new version of one."""
    context = Context(message.decimal, _currency(areas.header))
    every = zip(areas.lines, areas.parts, strict=True)
    lines = [_line(group, parts, context) for group, parts in every if group[0].get(2) != LINE_REMOVED]
    if not lines:
        raise UnreadableError("the order has no line: there is no LIN")
    _check_counts(areas, [line.quantity for line in lines], context)
    _check_amounts(areas, lines, context)
    header = owned(areas.header)
    requested, words = requested_date(header, "the order"), notes(header)
    drafts = [draft for line in lines for draft in line.drafts]
    for draft in drafts:
        if not draft["schedule"]:
            draft["requested"] = draft["requested"] or requested
        draft["text"] = "\n".join(filter(None, (words, draft["text"]))) or None
    kind: dict[str, Any] = {"kind": "change", "complete": True}
    if message.kind == "ORDERS":  # whole by itself: a replacement takes the place of what came before, if anything did
        kind = {"customer": customer(header) or message.sender, "standing": not is_new}
    return order_draft({**_head(message, areas, number, context), **kind, "lines": drafts})


def _head(message: Message, areas: _Areas, number: str, context: Context) -> dict[str, Any]:
    place = ship_to(owned(areas.header), "the order")
    return {"partner": message.sender, "number": number, "currency": context.currency, "ship_to": place}


def _areas(segments: Sequence[Segment]) -> _Areas:
    tags = [segment.tag for segment in segments]
    if tags[:1] != ["BGM"] or tags.count("BGM") > 1:
        raise UnreadableError("an order begins with one BGM segment, right after UNH")
    ends = [at for at, segment in enumerate(segments) if segment.tag == "UNS" and segment.get(1) == "S"]
    if len(ends) > 1:
        raise UnreadableError("UNS+S stands twice")
    end = ends[0] if ends else len(tags)
    starts = [at for at, tag in enumerate(tags) if tag == "LIN"]
    if starts and starts[-1] > end:
        raise UnreadableError("a LIN stands behind UNS+S, which ends the lines")
    groups = [segments[start:stop] for start, stop in zip(starts, [*starts[1:], end], strict=True)] if starts else []
    _check_misplaced((*segments[: starts[0] if starts else end], *segments[end:]))
    lines: list[Sequence[Segment]] = []
    parts: list[list[Sequence[Segment]]] = []
    names: dict[str, int] = {}
    for group in groups:
        name, lin = line_name(group[0]), group[0]
        if lin.get(4) == SUB_LINE:
            if lin.get(4, 2) not in names:
                raise UnreadableError(
                    f"sub-line {quoted(name)} belongs to line {quoted(lin.get(4, 2))}, which is not there"
                )
            parts[names[lin.get(4, 2)]].append(group)
        else:
            names[name] = len(lines)
            lines.append(group)
            parts.append([])
    return _Areas(segments[: starts[0] if starts else end], lines, parts, segments[end:])


def _check_misplaced(outside: Sequence[Segment]) -> None:
    """What only a line has must not stand outside of one: it may have been torn from it."""
    for part in owned(outside):
        tags = [part.tag, *(segment.tag for segment in part.members)]
        misplaced = {"PRI", "PIA", "CAV"} if part.tag == "SCC" else {"PRI", "PIA", "CAV", "QTY"}
        if stray := next((tag for tag in tags if tag in misplaced), None):
            raise UnreadableError(f"a {stray} stands outside of every line (LIN)")


def _number(text: str, what: str) -> str:
    if not text:
        raise UnreadableError(f"{what} is empty: the order has no number")
    return text


def _no_order(function: str) -> str:
    meaning = OTHER_FUNCTIONS.get(function, "nothing that is read")
    return f"BGM 1225 {quoted(function)} says that this is {meaning}"


def _order_reference(header: Sequence[Segment]) -> str:
    """The number of the order that is changed."""
    found = dict.fromkeys(s.get(1, 2) for s in header if s.tag == "RFF" and s.get(1) == "ON" and s.get(1, 2))
    if len(found) > 1:
        raise UnreadableError(f"RFF+ON names several orders: {', '.join(found)}")
    return next(iter(found), "")


def _currency(header: Sequence[Segment]) -> str | None:
    """The order currency (CUX, 6343 9), else the reference currency (6347 2)."""
    given = [element for s in header if s.tag == "CUX" for element in s.elements[:2] if len(element) > 1 and element[1]]
    orders = [element for element in given if len(element) > 2 and element[2] == "9"]
    found = dict.fromkeys(e[1].upper() for e in orders or [e for e in given if e[0] == "2"] or given)
    if len(found) > 1:
        raise UnreadableError(f"CUX names several currencies: {', '.join(found)}")
    return next(iter(found), None)


def _line(group: Sequence[Segment], parts: Sequence[Sequence[Segment]], context: Context) -> Line:
    """A line with its sub-lines: what it is put together from is part of its configuration, not ordered beside it."""
    lin = group[0]
    what = f"line {quoted(line_name(lin))}"
    line = read_line(group, context)
    contents = [_content(part, context, what) for part in parts]
    if contents:
        for draft in line.drafts:
            draft["configuration"] = {**(draft["configuration"] or {}), "contents": contents}
    return line


def _content(part: Sequence[Segment], context: Context, what: str) -> str:
    fields = line_fields(part, context)
    if fields["price"]:
        raise UnreadableError(
            f"{what}: its sub-line {quoted(fields['line'])} has a price of its own: order it as a line"
        )
    quantity = "" if fields["quantity"] is None else plain(fields["quantity"])
    item = next(iter(fields["items"]), None) or fields["description"] or ""
    return " ".join(filter(None, (quantity, fields["uom"], item)))


def _changed(
    group: Sequence[Segment], fields: dict[str, Any], function: str, header: Sequence[Segment]
) -> dict[str, Any] | None:
    """The fields of a changed line; None where it changes nothing."""
    name, what = fields["line"], f"line {quoted(fields['line'])}"
    action = group[0].get(2) or _BY_FUNCTION.get(function, "")
    if action == LINE_SAME:
        return None
    if action == LINE_REMOVED:
        return {"line": name, "removed": True}
    if action not in (LINE_ADDED, LINE_CHANGED, SCHEDULE_ONLY):
        raise UnreadableError(f"{what}: the action {quoted(action)} (LIN 1229) does not say what changes")
    if spread_over_places(group):
        raise UnreadableError(f"{what}: a change spread over places (LOC) is not read: send a line for each")
    _check_quantity(fields, action, what)
    if not fields["schedule"]:
        fields["requested"] = fields["requested"] or requested_date(owned(header), "the change")
    if action == SCHEDULE_ONLY:
        changed = _given(fields, ("requested", "schedule"))
    else:
        changed = _given(fields, (*_CHANGED, "configuration") if action == LINE_ADDED else _CHANGED)
    if not changed:
        raise UnreadableError(f"{what} is to change, but nothing stands there to change it to")
    if "price" in changed:
        changed["price_base"] = fields["price_base"]
    return {"line": name, **changed}


def _given(fields: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: fields[name] for name in names if fields[name] not in (None, [], "")}


def _check_quantity(fields: dict[str, Any], action: str, what: str) -> None:
    quantity, schedule = fields["quantity"], fields["schedule"]
    if quantity == 0:
        raise UnreadableError(f"{what}: a quantity of 0 removes a line: say so by the action 2 (LIN 1229)")
    if quantity is None and not schedule and action == LINE_ADDED:
        raise UnreadableError(f"{what} is added without a quantity (QTY+21)")
    spread = total(each["quantity"] for each in schedule or ())
    if schedule and quantity is not None and spread != quantity:
        raise UnreadableError(f"{what}: the schedule comes to {plain(spread)}, but QTY+21 is {plain(quantity)}")
    if schedule and quantity is None and action == SCHEDULE_ONLY:
        raise UnreadableError(f"{what}: a schedule without the quantity (QTY+21): whether it is whole is not said")


def _check_counts(areas: _Areas, quantities: Sequence[Decimal], context: Context) -> None:
    """CNT+2 counts the lines, sub-lines included or not; CNT+1 is the sum of their quantities."""
    lines = len(areas.lines)
    every = lines + sum(len(parts) for parts in areas.parts)
    for cnt in (segment for segment in areas.summary if segment.tag == "CNT"):
        told, kind = cnt.get(1, 2), cnt.get(1)
        if kind == LINE_COUNT and amount(told, context.decimal, "CNT+2") not in (lines, every):
            raise UnreadableError(f"CNT+2 counts {told} lines, but there are {lines} LIN")
        if kind == QUANTITY_TOTAL and amount(told, context.decimal, "CNT+1") != total(quantities):
            raise UnreadableError(f"CNT+1 is {told}, but the quantities come to {plain(total(quantities))}")


def _check_amounts(areas: _Areas, lines: Sequence[Line], context: Context) -> None:
    """Stated totals are the sum of quantity × price, unless prices are missing or something else comes in between."""
    every = (*areas.header, *(segment for group in areas.lines for segment in group), *areas.summary)
    amounts = [line.amount for line in lines if line.amount is not None]
    stated = [segment for segment in areas.summary if segment.tag == "MOA"]
    if len(amounts) < len(lines) or any(segment.tag in _EXTRAS for segment in every):
        return
    if any(moa.get(1) not in (LINES_AMOUNT, MESSAGE_AMOUNT) for moa in stated):
        return  # charges or taxes are told as amounts only
    for moa in stated:
        told = amount(moa.get(1, 2), context.decimal, f"MOA+{moa.get(1)}")
        if not adds_up(told, amounts, context.currency):
            raise UnreadableError(
                f"MOA+{moa.get(1)} says that the order comes to {plain(told)}, but quantity × price of its lines comes "
                f"to {plain(total(amounts))}"
            )
