"""An X12 860, Purchase Order Change, as a change or the cancellation of an order.

Of each line only what its change code names is changed: the rest of a POC repeats the order for a reader's eye, and
may be in other words. Nothing is reckoned here from what the order was.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from agents.sources.errors import UnreadableError
from agents.sources.exact import number, plain, total
from agents.sources.order_draft import OrderDraft, order_draft
from agents.sources.texts import quoted
from agents.sources.x12_areas import Areas, areas, check_count, currency, order_number
from agents.sources.x12_codes import (
    ADDED_LINE,
    CANCEL_PURPOSES,
    CHANGE_PURPOSES,
    DATES,
    ITEM,
    LINE_CHANGES,
    LINE_REMOVED,
    MORE,
    OTHER_CHANGES,
    OTHER_PURPOSES,
    PRICE,
    QUANTITY,
    REPLACE_PURPOSES,
)
from agents.sources.x12_lines import line_fields, messages, read_line, requested_date, ship_to, under_header
from agents.sources.x12_tokens import Segment

_FIELDS = {
    QUANTITY: ("quantity", "uom"),
    PRICE: ("price",),
    DATES: ("requested", "schedule"),
    ITEM: ("items", "description", "configuration", "text", "ship_to"),
}
"""The fields of a line that each kind of change is of."""


def read_change(segments: Sequence[Segment], sender: str) -> OrderDraft:
    """The change of a set's segments (without ST and SE). Raises UnreadableError with what is wrong, and where."""
    parts = areas(segments, "BCH", "POC")
    purpose = parts.header[0].element(1)
    po_number = order_number(parts.header[0])
    check_count(parts, [number(head.element(3), "POC03") for head, *_ in parts.lines if head.element(3)])
    if purpose in CANCEL_PURPOSES:
        _check_all_removed(parts)
        return OrderDraft(kind="cancel", partner=sender, number=po_number)
    if purpose not in CHANGE_PURPOSES | REPLACE_PURPOSES:
        meaning = OTHER_PURPOSES.get(purpose, "no change request")
        raise UnreadableError(f"BCH01 {quoted(purpose)} says that this is {meaning}: send a change as 04")
    complete = purpose in REPLACE_PURPOSES
    if complete:
        drafts = [draft for group in parts.lines for draft in _whole_line(group)]
        lines = under_header(drafts, parts.header)
    else:
        lines = [fields for group in parts.lines if (fields := _line(group, parts.header))]
    if not lines:
        raise UnreadableError("the change says of no line what changes: send a POC for each, or BCH01 01 to cancel")
    return order_draft(
        {
            "kind": "change",
            "complete": complete,
            "partner": sender,
            "number": po_number,
            "currency": currency(segments),
            "ship_to": ship_to(parts.header, "the change"),
            "lines": lines,
        }
    )


def _check_all_removed(parts: Areas) -> None:
    """A cancellation that keeps a line is none."""
    for head, *_ in parts.lines:
        if head.element(2) not in (LINE_REMOVED, "CF"):
            said = f"line {quoted(head.element(1))} has the change code {quoted(head.element(2))}"
            raise UnreadableError(f"BCH01 cancels the order, but {said}: remove the line (DI), or send a change (04)")


def _whole_line(group: Sequence[Segment]) -> Sequence[dict[str, Any]]:
    """The order lines that a POC group of a replacement makes; none where it removes them."""
    name = _name(group[0])
    if group[0].element(2) == LINE_REMOVED:
        return ()
    po1 = _as_po1(group)
    _check_quantity(group[0], po1.element(2), f"line {quoted(name)}")
    return read_line([po1, *group[1:]], 0).drafts


def _name(poc: Segment) -> str:
    if not poc.element(1):
        raise UnreadableError("POC01 is empty: which line changes is not said")
    return poc.element(1)


def _line(group: Sequence[Segment], header: Sequence[Segment]) -> dict[str, Any] | None:
    """A POC group as the fields of a changed line; None where it changes nothing."""
    poc = group[0]
    name, code = _name(poc), poc.element(2)
    what = f"line {quoted(name)}"
    if code == LINE_REMOVED:
        return {"line": name, "removed": True}
    of = LINE_CHANGES.get(code)
    if of is None:
        meaning = OTHER_CHANGES.get(code, "something that no order line has")
        raise UnreadableError(f"{what}: the change code {quoted(code)} is of {meaning}, which is not read")
    if not of:
        return None
    po1 = _as_po1(group)
    fields = line_fields([po1, *group[1:]], name)
    if any(segment.tag == "SDQ" for segment in group):
        raise UnreadableError(f"{what}: a change spread over destinations (SDQ) is not read: send a line for each")
    if QUANTITY in of:
        _check_quantity(poc, po1.element(2), what)
    if DATES in of:
        _take_dates(fields, of, header, what)
    if ITEM in of:
        fields["text"] = "\n".join(filter(None, (messages(header), fields["text"]))) or None
    wanted = [field for kind in of for field in _FIELDS[kind]]
    changed = {field: fields[field] for field in wanted if fields[field] not in (None, [], "")}
    _check_said(code, of, changed, what)
    return {"line": name, **changed}


def _as_po1(group: Sequence[Segment]) -> Segment:
    """The line as a PO1; one that stands in the loop fills what the POC leaves out, and must not say otherwise."""
    poc = group[0]
    elements = [poc.element(1), poc.element(3), *poc.elements[4:]]
    for po1 in (segment for segment in group[1:] if segment.tag == "PO1"):
        elements += [""] * (len(po1.elements) - len(elements))
        for at, said in enumerate(po1.elements):
            if said and elements[at] not in ("", said):
                raise UnreadableError(f"line {quoted(poc.element(1))}: POC says {elements[at]}, its PO1 {said}")
            elements[at] = said or elements[at]
    return Segment("PO1", tuple(elements), poc.raw)


def _check_quantity(poc: Segment, told: str, what: str) -> None:
    """POC03 is the new quantity. Some partners send the old one, and the new one as POC04: that is not to be guessed.

    What is left to receive (POC04) of an increase can only be less than what is ordered where POC03 is the new one.
    """
    ordered = number(told, f"{what}: POC03") if told else None
    if ordered == 0:
        raise UnreadableError(f"{what}: a quantity of 0 removes a line: say so by the change code DI")
    left = number(poc.element(4), f"{what}: POC04") if poc.element(4) else None
    if left is None or ordered is None or left == ordered or (poc.element(2) == MORE and 0 < left < ordered):
        return
    raise UnreadableError(
        f"{what}: POC03 is {plain(ordered)} and POC04 {plain(left)}: which is the new quantity is not clear; "
        "send the new quantity in both"
    )


def _take_dates(fields: dict[str, Any], of: frozenset[str], header: Sequence[Segment], what: str) -> None:
    """A date of the header holds for lines without their own; a schedule must come to the quantity, where both are."""
    if fields["schedule"]:
        spread: Decimal = total(each["quantity"] for each in fields["schedule"])
        if fields["quantity"] is not None and fields["quantity"] != spread:
            raise UnreadableError(
                f"{what}: the schedule comes to {plain(spread)}, but POC03 is {plain(fields['quantity'])}"
            )
        if QUANTITY not in of and fields["quantity"] is None:
            raise UnreadableError(f"{what}: a schedule without the quantity (POC03): whether it is whole is not said")
    else:
        fields["requested"] = fields["requested"] or requested_date(header, "the change")


def _check_said(code: str, of: frozenset[str], changed: dict[str, Any], what: str) -> None:
    """A code that promises a quantity, a price or a date has to bring it."""
    given = {
        QUANTITY: "quantity" in changed or "schedule" in changed,
        PRICE: "price" in changed,
        DATES: "requested" in changed or "schedule" in changed,
    }
    wanted = {QUANTITY} if code == ADDED_LINE else set() if ITEM in of or code == "MU" else of
    missing = sorted(kind for kind in wanted if not given[kind])
    if missing or not changed:
        said = " and ".join(missing) or "anything to change"
        raise UnreadableError(f"{what}: the change code {quoted(code)} comes without {said}")
