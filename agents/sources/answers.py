"""What a customer is answered about an order, line by line, before it is written in a format.

An answer is made of what is published of an order: its parts with their promises. Quantities are put back into the
unit that was ordered in; of a promise the day counts by the end of which goods are there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from protocols.publishing import OrderNews, PartNews

_PROMISED = {"promised", "at_risk"}
_WAITING = {"question", "awaiting_approval", "awaiting_engineering"}
_CANCELLED = "cancelled"
_PLACES = 6
"""Decimals of a quantity that does not divide evenly over the parts of a line."""


SHIPPED = "done"
"""The status of a shipping order that has left."""


class Verdict(StrEnum):
    """What becomes of a line."""

    ACCEPTED = "accepted"
    CHANGED = "changed"
    """Accepted, but later or in more deliveries than asked for, or not all of it."""
    HELD = "held"
    """Not answered yet: somebody is asked."""
    REJECTED = "rejected"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Promise:
    """How much is promised for a day; `is_late` where it was wanted before."""

    quantity: Decimal
    day: dt.date
    is_late: bool


@dataclass(frozen=True, slots=True)
class LineAnswer:
    """The answer to a line, which is as it was ordered, in the contract's terms.

    `item` is our number of it; `reason` says why the answer is not as asked.
    """

    line: Mapping[str, Any]
    item: str
    quantity: Decimal
    promises: tuple[Promise, ...]
    is_waiting: bool
    is_cancelled: bool
    reason: str

    @property
    def name(self) -> str:
        return str(self.line["line"])

    @property
    def promised(self) -> Decimal:
        """How much of it is promised, in all."""
        return sum((promise.quantity for promise in self.promises), Decimal(0))

    @property
    def verdict(self) -> Verdict:
        if self.is_cancelled:
            return Verdict.CANCELLED
        if self.is_waiting:
            return Verdict.HELD
        if not self.promises:
            return Verdict.REJECTED
        is_as_asked = self.promised == self.quantity and not any(promise.is_late for promise in self.promises)
        wanted = max(1, len(self.line.get("schedule") or ()))
        return Verdict.ACCEPTED if is_as_asked and len(self.promises) <= wanted else Verdict.CHANGED


def answers(news: OrderNews) -> tuple[LineAnswer, ...]:
    """The answer to every line of an order, in its order."""
    parts: dict[str, list[PartNews]] = {}
    for part in news.lines:
        parts.setdefault(part.line, []).append(part)
    return tuple(_answer(line, parts.get(str(line["line"]), [])) for line in news.document["lines"])


def overall(lines: Sequence[LineAnswer]) -> Verdict:
    """What becomes of an order, by what becomes of its lines; those that are cancelled count where nothing else is."""
    found = {line.verdict for line in lines} or {Verdict.HELD}
    if Verdict.HELD in found:
        return Verdict.HELD
    wanted = found - {Verdict.CANCELLED}
    return next(iter(wanted)) if len(wanted) == 1 else Verdict.CHANGED if wanted else Verdict.CANCELLED


def _answer(line: Mapping[str, Any], parts: list[PartNews]) -> LineAnswer:
    ordered = _ordered(line)
    total = sum((Decimal(part.quantity) for part in parts), Decimal(0))
    ratio = Fraction(ordered) / Fraction(total) if total else Fraction(1)
    promises = tuple(
        Promise(_scaled(Decimal(part.quantity), ratio), _day(part.promised), _is_late(part))
        for part in parts
        if part.status in _PROMISED and part.promised
    )
    reasons = dict.fromkeys(part.reason for part in parts if part.reason)
    waits = not parts or any(part.status in _WAITING for part in parts)
    is_cancelled = bool(parts) and all(part.status == _CANCELLED for part in parts)
    item = next((part.item for part in parts if part.item), "") or str(line.get("item") or "")
    return LineAnswer(line, item, ordered, promises, waits, is_cancelled, "; ".join(reasons))


def in_ordered_unit(quantity: Decimal, line: Mapping[str, Any], parts: Iterable[Decimal]) -> Decimal:
    """A quantity of the item's unit in the unit of its order line, whose parts are told in the item's unit."""
    ordered, total = _ordered(line), sum(parts, Decimal(0))
    return _scaled(quantity, Fraction(ordered) / Fraction(total)) if total else quantity


def _ordered(line: Mapping[str, Any]) -> Decimal:
    if line.get("quantity") is not None:
        return Decimal(str(line["quantity"]))
    return sum((Decimal(str(each["quantity"])) for each in line.get("schedule") or ()), Decimal(0))


def _scaled(quantity: Decimal, ratio: Fraction) -> Decimal:
    """A quantity of the item's unit in the unit that was ordered in."""
    if ratio == 1:
        return quantity
    exact = Fraction(quantity) * ratio
    rounded = Decimal(round(exact * 10**_PLACES)).scaleb(-_PLACES).normalize()
    return rounded.quantize(Decimal(1)) if rounded == rounded.to_integral_value() else rounded


def _day(promised: str) -> dt.date:
    """The day of a promise; midnight ends the day before."""
    moment = dt.datetime.fromisoformat(promised)
    return (moment - dt.timedelta(microseconds=1)).date()


def _is_late(part: PartNews) -> bool:
    if not part.requested or not part.promised:
        return False
    return dt.datetime.fromisoformat(part.promised) > dt.datetime.fromisoformat(part.requested)
