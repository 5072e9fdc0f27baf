"""What is answered to an order, whatever the format: accepted, accepted with changes, refused, or only received.

A part of an order comes on time if it is promised for the time that was asked for, or earlier. Quantities are in the
unit of the order, as its sender wrote them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from agents.sources.exact import EXACT, total
from knowledge.documents import CustomerOrder, OrderLine
from protocols.publishing import OrderNews, PartNews

SHIPPED = "done"
"""The status of a shipping order that has left."""


class Verdict(StrEnum):
    """What becomes of an order or a line."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    REFUSED = "refused"
    RECEIVED = "received"
    """Somebody has to answer a question, design, or approve first."""


@dataclass(frozen=True, slots=True)
class Share:
    """How much comes when (ISO 8601, in the plant's zone)."""

    quantity: Decimal
    promised: str


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """What is answered to a line. Of a line that is not on the order any more nothing is wanted."""

    line: OrderLine
    ordered: Decimal
    verdict: Verdict
    shares: tuple[Share, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class OrderAnswer:
    """What is answered to an order."""

    order: CustomerOrder
    verdict: Verdict
    lines: tuple[LineAnswer, ...]

    @property
    def partner(self) -> str:
        """Whose order it is."""
        return self.order.source.partition(":")[2]


def answer_of(news: OrderNews) -> OrderAnswer:
    """What is answered to an order as it stands."""
    order = CustomerOrder.model_validate({key: value for key, value in news.document.items() if key != "type"})
    lines = tuple(_line(line, [part for part in news.lines if part.line == line.line]) for line in order.lines)
    return OrderAnswer(order, _together([line.verdict for line in lines]), lines)


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    found = set(verdicts)
    if Verdict.RECEIVED in found:
        return Verdict.RECEIVED
    return found.pop() if len(found) == 1 else Verdict.CHANGED


def _line(line: OrderLine, parts: Sequence[PartNews]) -> LineAnswer:
    scheduled = [each.quantity for each in line.schedule or ()]
    ordered = line.quantity if line.quantity is not None else total(scheduled)
    reason = "; ".join(dict.fromkeys(part.reason for part in parts if part.reason))
    if not parts or any(part.status.startswith("awaiting") or part.status == "question" for part in parts):
        return LineAnswer(line, ordered, Verdict.RECEIVED, (), reason)
    promised = [part for part in parts if part.promised is not None]
    if not promised:
        return LineAnswer(line, ordered, Verdict.REFUSED, (), reason)
    shares = _shares(ordered, parts)
    on_time = all(part.promised and (not part.requested or part.promised <= part.requested) for part in parts)
    return LineAnswer(line, ordered, Verdict.ACCEPTED if on_time else Verdict.CHANGED, shares, reason)


def _shares(ordered: Decimal, parts: Sequence[PartNews]) -> tuple[Share, ...]:
    """How much of the line comes when, in its own unit; what comes at one time is one share."""
    units = total(Decimal(part.quantity) for part in parts)
    found: dict[str, Decimal] = {}
    for part in parts:
        if part.promised is not None:
            found[part.promised] = found.get(part.promised, Decimal(0)) + Decimal(part.quantity)
    return tuple(Share(_scaled(quantity, units, ordered), when) for when, quantity in sorted(found.items()))


def _scaled(quantity: Decimal, units: Decimal, ordered: Decimal) -> Decimal:
    """So much of `units`, where `ordered` is all of it; rounded to six digits where it has to be."""
    if units in (ordered, 0):
        return quantity
    share = (quantity * ordered / units).quantize(Decimal("0.000001"))
    return share.normalize(EXACT) if share != share.to_integral_value() else share.to_integral_value()
