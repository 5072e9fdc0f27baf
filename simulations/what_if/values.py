"""What differs between two states of a society, as frozen values. `before` is without the documents, `after` with them.

Times are instants, quantities Decimal in the item's unit, money Decimal in the plant's currency.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Generic, TypeVar

from knowledge.auditor import Books
from knowledge.instants import Instant
from simulations.report.records import (
    ActionMessage,
    Approval,
    Operation,
    Purchase,
    Quarantined,
    Records,
    Shipment,
    WorkOrder,
)

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class State:
    """A society at one moment: its tables as records, and the books that they were written from."""

    records: Records
    books: Books


# -- promises


class Effect(StrEnum):
    """What becomes of an order line. CHANGED is one of which the customer now wants something else."""

    WORSE = "worse"
    MIXED = "partly worse"
    BETTER = "better"
    NEW = "new"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a line with one status and date. `delivery` is when it is now planned to reach the customer: the
    promised time, or a later one where that is at risk; None where nothing is planned."""

    item: str
    quantity: Decimal
    requested: Instant | None
    promised: Instant | None
    delivery: Instant | None
    status: str
    reason: str

    @property
    def late_seconds(self) -> int:
        """How much later than requested it is to arrive."""
        if self.requested is None or self.delivery is None:
            return 0
        return max(0, self.delivery - self.requested)


@dataclass(frozen=True, slots=True)
class LineChange:
    """An order line that stands otherwise, with all its parts."""

    line: str
    effect: Effect
    before: tuple[Part, ...]
    after: tuple[Part, ...]


# -- supply and shipping


@dataclass(frozen=True, slots=True)
class Pair(Generic[R]):
    """The same thing in both states."""

    before: R
    after: R


@dataclass(frozen=True, slots=True)
class Changes(Generic[R]):
    """Rows of one table that differ.

    `moved` are those whose time changes where somebody has to know: issued or firm supply, and what is for an order
    line that stands otherwise. `retimed` is other planned supply at another time, which keeps every date.
    """

    new: tuple[R, ...] = ()
    dropped: tuple[R, ...] = ()
    changed: tuple[Pair[R], ...] = ()
    moved: tuple[Pair[R], ...] = ()
    retimed: tuple[Pair[R], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.new or self.dropped or self.changed or self.moved or self.retimed)


@dataclass(frozen=True, slots=True)
class Approvals:
    """Decisions that a person would be `asked` for, and those that would be `settled`: answered, lapsed, superseded."""

    asked: tuple[Approval, ...] = ()
    settled: tuple[Approval, ...] = ()


@dataclass(frozen=True, slots=True)
class StockChange:
    """What is on the shelf of an item, at once."""

    item: str
    before: Decimal
    after: Decimal


# -- figures


@dataclass(frozen=True, slots=True)
class Costs:
    """What a plan costs. `unpriced` counts purchase rows and late lines whose price or currency's rate is not known.

    `lateness` is what late delivery costs by the customers' `late_cost_per_day_percent` of the line's value, a part of
    a day in proportion; `late_hours` are hours late, each line weighted by its customer's `lateness_weight` and its
    parts by their share of its quantity.
    """

    purchases: Decimal = Decimal(0)
    ordering: Decimal = Decimal(0)
    work: Decimal = Decimal(0)
    shipments: Decimal = Decimal(0)
    lateness: Decimal = Decimal(0)
    late_hours: Fraction = Fraction(0)
    unpriced: int = 0

    @property
    def total(self) -> Decimal:
        """All but the hours."""
        return self.purchases + self.ordering + self.work + self.shipments + self.lateness


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """A work centre in the week that begins at `start`: machine-seconds busy and open, from the clock on."""

    start: Instant
    busy: Pair[int]
    open: Pair[int]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that documents would change. `now` is the clock after them; `unchanged` counts the other lines."""

    now: Instant
    promises: tuple[LineChange, ...]
    unchanged: int
    work_orders: Changes[WorkOrder]
    operations: Changes[Operation]
    purchases: Changes[Purchase]
    shipments: Changes[Shipment]
    actions: Changes[ActionMessage]
    approvals: Approvals
    quarantine: tuple[Quarantined, ...]
    stock: tuple[StockChange, ...]
    costs: Pair[Costs]
    loads: Mapping[str, tuple[WeekLoad, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether anything differs."""
        supply = (self.work_orders, self.operations, self.purchases, self.shipments, self.actions)
        told = (self.promises, self.approvals.asked, self.approvals.settled, self.quarantine, self.stock, self.loads)
        return any(map(bool, supply)) or any(map(bool, told)) or self.costs.before != self.costs.after
