"""What is answered to a trading partner in X12: 855 and 865 (what becomes of an order or its change), 856 (shipped).

Pure: control numbers and the time come from outside. Addresses are those of what is answered, turned round.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.sources.answers import LineAnswer, Verdict, answers
from agents.sources.exact import plain
from agents.sources.x12_envelope import TransactionSet
from agents.sources.x12_tokens import Segment
from protocols.publishing import OrderNews, ShippingOrderNews

_GROUPS = {"997": "FA", "855": "PR", "865": "CA", "856": "SH"}
"""479, functional identifiers by transaction set."""

_UNPROMISED = {Verdict.HELD: "IH", Verdict.CANCELLED: "ID"}
"""668, of what is not promised: on hold, deleted; else rejected."""
_ACCEPTED, _REJECTED = "IA", "IR"
_RESCHEDULED, _QUANTITY_CHANGED, _CHANGED = "DR", "IQ", "IC"
"""668, accepted with another date, another quantity, or otherwise changed."""
_DELIVERY = "067"
"""374, current schedule delivery."""

_MARKS = str.maketrans({"*": " ", "~": " ", ">": " "})
_TEXT_LENGTH = 80

Body = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who answers whom: identifications and qualifiers of the interchange, and of the group; and its versions."""

    ours: tuple[str, str]
    theirs: tuple[str, str]
    our_group: str
    their_group: str
    syntax: str = "00401"
    version: str = "004010"
    is_test: bool = False


def reply_to(each: TransactionSet) -> Letterhead:
    """The letterhead of an answer to a set. Raises ValueError where it has neither ISA nor GS."""
    isa, gs = each.isa, each.gs
    if isa is None or gs is None:
        raise ValueError("a set without an envelope cannot be answered")
    return letterhead(isa, gs, is_test=each.is_test)


def letterhead(isa: Segment, gs: Segment | None, *, is_test: bool) -> Letterhead:
    """The letterhead of an answer to an interchange, and to one of its groups."""
    return Letterhead(
        ours=(isa.element(7), isa.element(8)),
        theirs=(isa.element(5), isa.element(6)),
        our_group="" if gs is None else gs.element(3),
        their_group="" if gs is None else gs.element(2),
        syntax=isa.element(12),
        version="" if gs is None else gs.element(8),
        is_test=is_test,
    )


def order_acknowledgement(news: OrderNews, head: Letterhead, control: int, at: dt.datetime, change: str = "") -> bytes:
    """An 855 for an order as it stands, or, where the number of a change (BCH05) is given, an 865.

    The day of the order is that of its receipt.
    """
    lines = answers(news)
    day = _received(news) or at.date()
    status, sent = _overall(lines), _date(at.date())
    body: list[Sequence[str]] = []
    if change:
        body.append(["BCA", "00", status, news.number, "", change, _date(day), "", "", "", sent])
    else:
        body.append(["BAK", "00", status, news.number, _date(day), "", "", "", "", sent])
    if news.document.get("currency"):
        body.append(["CUR", "SE", str(news.document["currency"])])
    for line in lines:
        body.extend(_line(line, is_change=bool(change)))
    body.append(["CTT", str(len(lines))])
    return interchange(head, "865" if change else "855", body, control, at)


def ship_notice(news: ShippingOrderNews, head: Letterhead, control: int, at: dt.datetime) -> bytes:
    """An 856 for a shipping order that has left: shipment, order, items."""
    sent = dt.datetime.fromisoformat(news.ship)
    body: list[Sequence[str]] = [
        ["BSN", "00", news.shipping_order, _date(at.date()), f"{at:%H%M}", "0001"],
        ["DTM", "011", _date(sent.date())],
        ["HL", "1", "", "S"],
        *([["N1", "ST", news.ship_to]] if news.ship_to else []),
        ["HL", "2", "1", "O"],
        ["PRF", news.number],
    ]
    for number, line in enumerate(news.lines, 3):
        body += [
            ["HL", str(number), "2", "I"],
            ["LIN", line.line, "VP", line.item],
            ["SN1", line.line, line.quantity, line.uom or "EA"],
        ]
    body.append(["CTT", str(len(news.lines) + 2)])
    return interchange(head, "856", body, control, at)


def interchange(head: Letterhead, set_id: str, body: Body, control: int, at: dt.datetime) -> bytes:
    """An interchange of one set, in ASCII."""
    number = control % 10**9
    day, clock = f"{at:%Y%m%d}", f"{at:%H%M}"
    group = [
        ["GS", _GROUPS[set_id], head.our_group, head.their_group, day, clock, str(number), "X", head.version],
        ["ST", set_id, "0001"],
        *([_text(part) for part in segment] for segment in body),
        ["SE", str(len(body) + 2), "0001"],
        ["GE", "1", str(number)],
    ]
    return enveloped(head, group, 1, control, at)


def enveloped(head: Letterhead, inside: Body, groups: int, control: int, at: dt.datetime) -> bytes:
    """An interchange of whole groups, or of a TA1 alone, in ASCII."""
    number = f"{control % 10**9:09}"
    parties = [head.ours[0], f"{head.ours[1]:15}", head.theirs[0], f"{head.theirs[1]:15}"]
    isa = ["ISA", "00", " " * 10, "00", " " * 10, *parties, f"{at:%y%m%d}", f"{at:%H%M}", "U", head.syntax, number, "0"]
    segments = [[*isa, "T" if head.is_test else "P", ">"], *inside, ["IEA", str(groups), number]]
    return "".join(f"{'*'.join(segment).rstrip('*')}~\n" for segment in segments).encode("ascii")


def _line(line: LineAnswer, *, is_change: bool) -> Iterator[Sequence[str]]:
    """A PO1, or a POC, with an ACK for each promise and one for what is not promised."""
    uom = str(line.line.get("uom") or "EA")
    price = "" if line.line.get("unit_price") is None else str(line.line["unit_price"])
    item = ["VP", line.item] if line.item else []
    quantity = plain(line.quantity)
    if is_change:
        yield ["POC", line.name, "CA", quantity, "", uom, price, "", *item]
    else:
        yield ["PO1", line.name, quantity, uom, price, "", *item]
    if line.reason:
        yield ["REF", "ZZ", "", line.reason[:_TEXT_LENGTH]]
    for promise in line.promises:
        yield ["ACK", _status(line, promise.is_late), plain(promise.quantity), uom, _DELIVERY, _date(promise.day)]
    left = line.quantity - line.promised
    if left > 0:
        status = _UNPROMISED.get(line.verdict, _REJECTED)
        yield ["ACK", status, "0" if status == _REJECTED and not line.promises else plain(left), uom]


def _status(line: LineAnswer, is_late: bool) -> str:
    if line.verdict is Verdict.ACCEPTED:
        return _ACCEPTED
    if is_late:
        return _RESCHEDULED
    return _QUANTITY_CHANGED if line.promised < line.quantity else _CHANGED


def _overall(lines: Sequence[LineAnswer]) -> str:
    """587: rejected, or acknowledged, with detail; with change where a line is not as it was asked for."""
    verdicts = {line.verdict for line in lines}
    if verdicts == {Verdict.REJECTED}:
        return "RD"
    return "AD" if verdicts <= {Verdict.ACCEPTED, Verdict.CANCELLED} else "AC"


def _received(news: OrderNews) -> dt.date | None:
    received = news.document.get("received")
    return dt.datetime.fromisoformat(str(received)).date() if received else None


def _date(day: dt.date) -> str:
    return f"{day:%Y%m%d}"


def _text(text: str) -> str:
    """A text in the characters that every partner reads: letters lose their marks, separators become blanks."""
    plain_text = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    kept = "".join(c for c in plain_text if not unicodedata.combining(c))
    return "".join(c if " " <= c <= "~" else "?" for c in kept).translate(_MARKS)
