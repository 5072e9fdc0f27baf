"""What is answered to a trading partner in EDIFACT: CONTRL (received), ORDRSP (what becomes of an order or its change).

Pure: references and the time come from outside. Addresses are those of what is answered, turned round.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from agents.sources.answers import LineAnswer, Verdict, answers
from agents.sources.edi import EdiConfig
from agents.sources.edifact_codes import READ
from agents.sources.edifact_envelope import INTERCHANGE_TRAILER, Message, messages
from agents.sources.edifact_syntax import faults
from agents.sources.edifact_values import TEXT_WIDTH
from agents.sources.exact import plain
from agents.sources.source import Rejected, Source, Transaction, transactions
from protocols.publishing import OrderNews, ShippingOrderNews

SYNTAX_REPORT = "CONTRL"
_SERVICE_VERSION, _VERSION = ("D", "3", "UN"), ("D", "96A", "UN")

_REJECTED, _ACKNOWLEDGED = "4", "7"
"""0083, what becomes of a message; of an interchange, 7 says that of its messages it is said one by one."""
_NO_AGREEMENT, _UNSPECIFIED = "17", "18"
"""0085, it was not agreed on to receive such a message; an error of no kind of its own."""

_LINE_ACTION = {Verdict.ACCEPTED: "5", Verdict.REJECTED: "7", Verdict.CANCELLED: "2"}
"""1229, a line is accepted as it is, not accepted, or deleted; else it is changed."""
_CHANGED = "3"
_ORDERED, _TO_BE_DELIVERED, _NOT_YET = "21", "113", "83"
"""6063, the ordered quantity, what is to be delivered, and what is left of it (back order)."""
_DELIVERY = "67"
"""2005, delivery, current schedule."""

_UNITS = {"EA": "PCE", "KG": "KGM", "FT": "FOT", "IN": "INH", "LB": "LBR", "YD": "YRD", "M": "MTR", "L": "LTR"}
"""Units of Recommendation 20 in place of others' codes."""

_MARK = re.compile(r"([?+:'])")
Composite: TypeAlias = str | Sequence[str]
Body: TypeAlias = Sequence[Sequence[Composite]]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who answers whom: identifications with their qualifiers (UNB S002, S003)."""

    ours: tuple[str, str]
    theirs: tuple[str, str]
    is_test: bool = False


def reply_to(each: Message) -> Letterhead:
    """The letterhead of an answer to a message. Raises ValueError where it has no UNB."""
    unb = each.unb
    if unb is None:
        raise ValueError("a message without an interchange cannot be answered")
    return Letterhead((unb.get(3), unb.get(3, 2)), (unb.get(2), unb.get(2, 2)), each.is_test)


def syntax_reports(source: Source[EdiConfig], body: bytes, reference: int, at: dt.datetime) -> list[bytes]:
    """A CONTRL for every interchange of what was received, numbered from `reference` on. A CONTRL is never answered.

    A message is accepted when it was read; what went to quarantine is rejected, with what is wrong, so that the partner
    knows. An interchange that is not sound is rejected as a whole.
    """
    pairs = [
        (each, outcome)
        for each, outcome in zip(messages(body), transactions(source, {}, body), strict=True)
        if each.unb is not None and each.unh is not None and each.kind != SYNTAX_REPORT
    ]
    found: list[bytes] = []
    for _, group in groupby(pairs, key=lambda pair: id(pair[0].unb)):
        each = list(group)
        head = reply_to(each[0][0])
        found.append(interchange(head, SYNTAX_REPORT, _reported(each), reference + len(found), at))
    return found


def order_response(news: OrderNews, head: Letterhead, reference: int, at: dt.datetime, change: str = "") -> bytes:
    """An ORDRSP for an order as it stands; `change` is the number of the change that it answers, if any."""
    lines = answers(news)
    ours, theirs = head.ours[0], head.theirs[0]
    body: list[Sequence[Composite]] = [
        ["BGM", "231", str(reference), "9", _overall(lines)],
        ["DTM", ("137", f"{at:%Y%m%d%H%M}", "203")],
        ["RFF", ("ON", news.number)],
        *([["RFF", ("CR", change)]] if change else []),
        ["NAD", "BY", (news.customer or theirs, "", "92")],
        ["NAD", "SU", (ours, "", "92")],
    ]
    if news.document.get("currency"):
        body.append(["CUX", ("2", str(news.document["currency"]), "9")])
    for line in lines:
        body.extend(_line(line))
    body += [["UNS", "S"], ["CNT", ("2", str(len(lines)))]]
    return interchange(head, "ORDRSP", body, reference, at)


def despatch_advice(news: ShippingOrderNews, head: Letterhead, reference: int, at: dt.datetime) -> bytes:
    """A DESADV for a shipping order that has left."""
    body: list[Sequence[Composite]] = [
        ["BGM", "351", news.shipping_order, "9"],
        ["DTM", ("137", f"{at:%Y%m%d%H%M}", "203")],
        ["DTM", ("11", f"{dt.datetime.fromisoformat(news.ship):%Y%m%d}", "102")],
        ["RFF", ("ON", news.number)],
        ["NAD", "BY", (news.customer or head.theirs[0], "", "92")],
        ["NAD", "SU", (head.ours[0], "", "92")],
        ["CPS", "1"],
    ]
    for number, line in enumerate(news.lines, 1):
        body += [["LIN", str(number), "", (line.item, "SA")], ["QTY", ("12", line.quantity, line.uom)]]
        body.append(["RFF", ("LI", line.line)])
    return interchange(head, "DESADV", body, reference, at)


def interchange(head: Letterhead, kind: str, body: Body, reference: int, at: dt.datetime) -> bytes:
    """An interchange of one message, in Latin-1 (UNOC)."""
    version = _SERVICE_VERSION if kind == SYNTAX_REPORT else _VERSION
    test: Sequence[Composite] = ["", "", "", "", "", "1"] if head.is_test else []
    moment = (f"{at:%y%m%d}", f"{at:%H%M}")
    segments: list[Sequence[Composite]] = [
        ["UNB", ("UNOC", "3"), head.ours, head.theirs, moment, str(reference), *test],
        ["UNH", "1", (kind, *version)],
        *body,
        ["UNT", str(len(body) + 2), "1"],
        ["UNZ", "1", str(reference)],
    ]
    return ("UNA:+.? '\n" + "".join(f"{_segment(each)}'\n" for each in segments)).encode("latin-1")


def _reported(pairs: Sequence[tuple[Message, Transaction]]) -> Body:
    """The body of a CONTRL: the interchange, and each of its messages."""
    unb = pairs[0][0].unb
    assert unb is not None  # the caller has looked
    sender, recipient = ((unb.get(at), unb.get(at, 2)) for at in (2, 3))
    unsound = next((each for each, _ in pairs if each.tag == INTERCHANGE_TRAILER), None)
    if unsound is not None:
        return [["UCI", unb.get(5), sender, recipient, _REJECTED, unsound.code, unsound.tag]]
    body: list[Sequence[Composite]] = [["UCI", unb.get(5), sender, recipient, _ACKNOWLEDGED]]
    for each, transaction in pairs:
        unh = each.unh
        assert unh is not None  # the caller has looked
        kind = [unh.get(2, at) for at in range(1, 5)]
        if isinstance(transaction.outcome, Rejected):
            body.extend(_refused(each, ["UCM", unh.get(1), kind, _REJECTED]))
        else:
            body.append(["UCM", unh.get(1), kind, _ACKNOWLEDGED])
    return body


def _refused(each: Message, ucm: Sequence[Composite]) -> Iterator[Sequence[Composite]]:
    """A UCM with why a message is refused, and what is wrong with its segments and values, as far as that is it."""
    if each.kind not in READ:
        yield [*ucm, _NO_AGREEMENT]
    elif each.code:
        yield [*ucm, each.code, each.tag]
    elif found := faults(each.segments, each.decimal):
        yield ucm
        for fault in found:
            yield from fault.written()
    else:
        yield [*ucm, _UNSPECIFIED]


def _line(line: LineAnswer) -> Iterator[Sequence[Composite]]:
    """A LIN with what was ordered, and what is to be delivered when: several deliveries are a schedule (SCC)."""
    unit = str(line.line.get("uom") or "")
    uom = _UNITS.get(unit.upper(), unit)
    yield ["LIN", line.name, _LINE_ACTION.get(line.verdict, _CHANGED), *([(line.item, "SA")] if line.item else [])]
    left = line.quantity - line.promised
    yield ["QTY", (_ORDERED, plain(line.quantity), uom)]
    yield ["QTY", (_TO_BE_DELIVERED, plain(line.promised), uom)]
    if left > 0 and line.verdict is not Verdict.CANCELLED:
        yield ["QTY", (_NOT_YET, plain(left), uom)]
    if line.promises:
        yield ["DTM", (_DELIVERY, f"{max(promise.day for promise in line.promises):%Y%m%d}", "102")]
    if line.reason:
        text = line.reason
        yield ["FTX", "AAO", "", "", (text[:TEXT_WIDTH], text[TEXT_WIDTH : 2 * TEXT_WIDTH])]
    if line.line.get("unit_price") is not None:
        yield ["PRI", ("AAA", str(line.line["unit_price"]))]
    if len(line.promises) > 1:
        yield ["SCC", "1"]
        for promise in line.promises:
            yield ["QTY", (_TO_BE_DELIVERED, plain(promise.quantity), uom)]
            yield ["DTM", (_DELIVERY, f"{promise.day:%Y%m%d}", "102")]


def _overall(lines: Sequence[LineAnswer]) -> str:
    """4343: rejected, accepted, or acknowledged with detail and change."""
    verdicts = {line.verdict for line in lines}
    if verdicts == {Verdict.REJECTED}:
        return "RE"
    return "AP" if verdicts <= {Verdict.ACCEPTED, Verdict.CANCELLED} else "AC"


def _segment(parts: Sequence[Composite]) -> str:
    return "+".join(_whole([_composite(part) for part in parts]))


def _composite(part: Composite) -> str:
    values = [part] if isinstance(part, str) else part
    return ":".join(_whole([_MARK.sub(r"?\1", _latin(value)) for value in values]))


def _latin(text: str) -> str:
    """A text in the character set, on one line."""
    known = text.encode("latin-1", "replace").decode("latin-1")
    return " ".join("".join(c if c.isprintable() else " " for c in known).split())


def _whole(parts: list[str]) -> list[str]:
    """The parts without those at the end that are empty."""
    while parts and not parts[-1]:
        parts.pop()
    return parts
