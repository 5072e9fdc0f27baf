"""Order lines and how they stand: each line counted once, by the worst of its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from simulations.report.records import Promise, Purchase, Records

CANCELLED = "cancelled"


class LineState(StrEnum):
    """How a line, or a part of it, stands; the worst first."""

    INFEASIBLE = "infeasible"
    QUESTION = "question"
    AWAITING_ENGINEERING = "awaiting engineering"
    AWAITING_APPROVAL = "awaiting approval"
    AT_RISK = "at risk"
    LATE = "late"
    ON_TIME = "on time"
    CANCELLED = "cancelled"


CALM = frozenset({LineState.ON_TIME, LineState.CANCELLED})
"""The states that ask nobody for anything."""

WAITING = (LineState.QUESTION, LineState.AWAITING_ENGINEERING, LineState.AWAITING_APPROVAL)

_RANK = {state: rank for rank, state in enumerate(LineState)}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A line of a customer order with its parts, one for each class, status and promised time."""

    order: str
    line: str
    parts: tuple[Promise, ...]

    @property
    def name(self) -> str:
        """The line as pegs name it: `source/number/line`."""
        return f"{self.order}/{self.line}"

    @property
    def state(self) -> LineState:
        """The state of its worst part."""
        return min((part_state(part) for part in self.parts), key=_RANK.__getitem__)

    @property
    def items(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(part.item for part in self.parts))

    @property
    def late_seconds(self) -> int:
        """How late its last part is."""
        return max(part.late_seconds for part in self.parts)


@dataclass(frozen=True, slots=True)
class KeyFigures:
    """What a run came to. Cancelled documents are not counted; `unpriced` are purchase rows without a price."""

    orders: int
    lines: Counter[LineState]
    work_orders: int
    purchase_orders: int
    spend: dict[str, Decimal]
    unpriced: int
    shipping_orders: int
    quarantined: int
    actions: int
    approvals_waiting: int


def part_state(part: Promise) -> LineState:
    """How a part of a line stands: a promise after the requested time is late."""
    if part.status == "promised":
        return LineState.LATE if part.late_seconds else LineState.ON_TIME
    try:
        return LineState(part.status.replace("_", " "))
    except ValueError:
        return LineState.QUESTION


def order_lines(promises: Iterable[Promise]) -> list[OrderLine]:
    """The lines in the order of the table."""
    parts: dict[tuple[str, str], list[Promise]] = {}
    for promise in promises:
        parts.setdefault((promise.order, promise.line), []).append(promise)
    return [OrderLine(order, line, tuple(found)) for (order, line), found in parts.items()]


def spend_by_currency(purchases: Iterable[Purchase]) -> dict[str, Decimal]:
    """Quantity times price of what is not cancelled, by currency; rows without a price are left out."""
    spend: dict[str, Decimal] = {}
    for row in purchases:
        if row.status != CANCELLED and row.value is not None:
            spend[row.currency] = spend.get(row.currency, Decimal(0)) + row.value
    return dict(sorted(spend.items()))


def waits_for_person(status: str) -> bool:
    """Whether an approval of that status is still open."""
    return status in {"waiting", "pending", "open", "escalated", "asked"}


def key_figures(records: Records) -> KeyFigures:
    """The figures at the head of the report and of the summary."""
    purchases = [row for row in records.purchases if row.status != CANCELLED]
    return KeyFigures(
        orders=len({promise.order for promise in records.promises}),
        lines=Counter(line.state for line in order_lines(records.promises)),
        work_orders=sum(order.status != CANCELLED for order in records.work_orders),
        purchase_orders=len({row.number for row in purchases}),
        spend=spend_by_currency(purchases),
        unpriced=sum(row.value is None for row in purchases),
        shipping_orders=len({row.number for row in records.shipments if row.status != CANCELLED}),
        quarantined=len(records.quarantine),
        actions=len(records.actions),
        approvals_waiting=sum(waits_for_person(approval.status) for approval in records.approvals),
    )
