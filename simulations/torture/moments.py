"""A society at one moment, as its records have it: what laws of two moments compare."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.auditor import audit
from knowledge.instants import Instant, from_datetime
from knowledge.plant import Plant
from knowledge.quantities import Units
from knowledge.store.books import books_of
from knowledge.store.rows import GAVE_WAY
from knowledge.store.tables import (
    ActionMessageRow,
    AgentStateRow,
    ApprovalRow,
    CustomerOrderRow,
    InventoryEventRow,
    MessageRow,
    OnHandRow,
    OperationRow,
    PromiseRow,
    PurchaseOrderRow,
    QuarantineRow,
    ShippingOrderRow,
    WorkOrderRow,
)
from simulations.processing import Processing
from simulations.torture.documents import START

Row = Mapping[str, Any]

Promises = dict[tuple[str, str], list[tuple[Instant, int]]]
"""(time, quantity) of every promised part, by order and line."""

TABLES = (
    CustomerOrderRow,
    PromiseRow,
    PurchaseOrderRow,
    WorkOrderRow,
    OperationRow,
    ShippingOrderRow,
    OnHandRow,
    InventoryEventRow,
    ActionMessageRow,
    ApprovalRow,
)
"""What of the database a document changes, apart from the record that it came."""

OPEN = ("planned", "firm", "released")
ISSUED = ("firm", "released")


@dataclass(frozen=True)
class Moment:
    """The society at one moment: the rows of its tables, its promises, and what the auditor finds."""

    minutes: int
    rows: dict[type[Any], list[dict[str, Any]]]
    promised: Promises
    found: list[str]
    plant: Plant
    counts: tuple[int, int, int]
    quarantined: int

    @property
    def now(self) -> Instant:
        """The moment as an instant."""
        return instant(self.minutes)

    @property
    def stock(self) -> dict[str, Units]:
        """What is on hand."""
        return {row["item"]: row["quantity"] for row in self.rows[OnHandRow]}

    def of(self, model: type[Any], *statuses: str) -> list[dict[str, Any]]:
        """The rows of a table that have one of these statuses."""
        return [row for row in self.rows[model] if row["status"] in statuses]


def instant(minutes: int) -> Instant:
    """The instant so many minutes after the start."""
    return from_datetime(START) + minutes * 60


def minutes_of(time: Instant) -> int:
    """The first whole minute after the start that is not before an instant."""
    return math.ceil((time - from_datetime(START)) / 60)


def moment(processing: Processing, minutes: int) -> Moment:
    """The society now."""
    store, outcome, plant = processing.store, processing.outcome, processing.plant_now()
    return Moment(
        minutes,
        {model: store.rows(model) for model in TABLES},
        promises(processing),
        findings(processing, plant),
        plant,
        (outcome.accepted, outcome.duplicate, outcome.quarantined),
        len(store.rows(QuarantineRow, "sequence")),
    )


def findings(processing: Processing, plant: Plant) -> list[str]:
    """What the auditor finds now, messages that nobody could handle, and facts that no plan was found for."""
    dead = [
        f"dead letter: {row['kind']}: {row['error'].strip().splitlines()[-1]}"
        for row in processing.store.rows(MessageRow, status="dead")
    ]
    gave_way = [
        f"gave way: {row['body']}" for row in processing.store.rows(AgentStateRow, agent="planner", key=GAVE_WAY)
    ]
    return [*dead, *gave_way, *map(str, audit(books_of(processing.store, plant, processing.now)))]


def promises(processing: Processing) -> Promises:
    """What is promised now."""
    found: Promises = {}
    for row in processing.store.rows(PromiseRow):
        if row["promised"] is not None:
            found.setdefault((row["order"], row["line"]), []).append((row["promised"], int(row["quantity"])))
    return found


def by(parts: list[tuple[Instant, int]], time: Instant) -> int:
    """How much is promised for a time or earlier."""
    return sum(quantity for promised, quantity in parts if promised <= time)


def worse(before: Promises, now: Promises) -> list[str]:
    """Lines of which less is promised by some time than before."""
    return [
        f"{order}/{line}: {parts} became {now.get((order, line))}"
        for (order, line), parts in before.items()
        if any(by(now.get((order, line), []), time) < by(parts, time) for time, _ in parts)
    ]


def was_taken(before: Moment, now: Moment) -> bool:
    """Whether a document between two moments was taken, neither as a duplicate nor into quarantine."""
    return now.counts[0] > before.counts[0] and now.quarantined == before.quarantined
