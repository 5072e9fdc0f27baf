"""The rows of a run's tables, typed: times are instants, quantities Decimal in the item's unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from knowledge.instants import Instant


@dataclass(frozen=True, slots=True)
class Peg:
    """So much of a supply is for this document: a work order, an order line, `stock` or `safety_stock`."""

    document: str
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Promise:
    """A part of an order line; `promised` is None unless the part is promised or at risk."""

    order: str
    line: str
    item: str
    classified_as: str
    quantity: Decimal
    requested: Instant | None
    promised: Instant | None
    status: str
    reason: str

    @property
    def late_seconds(self) -> int:
        """How much later than requested it is promised; 0 where it is on time or not promised."""
        if self.requested is None or self.promised is None:
            return 0
        return max(0, self.promised - self.requested)


@dataclass(frozen=True, slots=True)
class WorkOrder:
    number: str
    item: str
    quantity: Decimal
    start: Instant
    finish: Instant
    status: str
    pegs: tuple[Peg, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    work_order: str
    step: str
    work_centre: str
    machine: str
    start: Instant
    finish: Instant


@dataclass(frozen=True, slots=True)
class Purchase:
    """A row of a purchase order: one item from one supplier, due at one time."""

    number: str
    supplier: str
    item: str
    quantity: Decimal
    unit_price: Decimal | None
    currency: str
    order_by: Instant | None
    due: Instant
    status: str
    pegs: tuple[Peg, ...]

    @property
    def value(self) -> Decimal | None:
        """Quantity times price in the row's currency; None where the price is not known."""
        return None if self.unit_price is None else self.quantity * self.unit_price


@dataclass(frozen=True, slots=True)
class Shipment:
    """A line of a shipping order."""

    number: str
    order: str
    release: str
    line: str
    item: str
    quantity: Decimal
    customer: str
    ship_to: str
    ship: Instant
    status: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the two availability functions of an item: from `time` on, until its next step."""

    time: Instant
    projected: Decimal
    promisable: Decimal


@dataclass(frozen=True, slots=True)
class ActionMessage:
    action: str
    document: str
    item: str
    quantity: Decimal | None
    time: Instant | None
    reason: str


@dataclass(frozen=True, slots=True)
class Approval:
    number: str
    decision: str
    subject: str
    status: str
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    document: str
    reason: str


@dataclass(frozen=True, slots=True)
class Records:
    """All tables of a run; `availability` by item, its steps in order of time."""

    promises: tuple[Promise, ...]
    work_orders: tuple[WorkOrder, ...]
    operations: tuple[Operation, ...]
    purchases: tuple[Purchase, ...]
    shipments: tuple[Shipment, ...]
    availability: Mapping[str, tuple[Step, ...]]
    actions: tuple[ActionMessage, ...]
    approvals: tuple[Approval, ...]
    quarantine: tuple[Quarantined, ...]
