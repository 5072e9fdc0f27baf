"""A society at one moment, as its records have it: what laws of two moments compare."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import SQLModel

from agents.society import stored_plant
from knowledge.auditor import audit
from knowledge.instants import Instant, from_datetime
from knowledge.plant import Plant
from knowledge.quantities import Units
from knowledge.store.books import Tables, books_of
from knowledge.store.database import Store
from knowledge.store.rows import GAVE_WAY
from knowledge.store.tables import (
    ActionMessageRow,
    AgentStateRow,
    ApprovalRow,
    CustomerOrderRow,
    InventoryEventRow,
    KnowledgeFile,
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

PLANNED = ("planned",)
OPEN = ("planned", "firm", "released")
ISSUED = ("firm", "released")


class Kept:
    """What was read of a database, which is read again only where something was written into its table.

    Whoever keeps one longer than a moment says what was written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._found: dict[type[SQLModel], dict[Any, list[dict[str, Any]]]] = {}
        self._plant: Plant | None = None

    def written(self, models: Iterable[type[SQLModel]]) -> None:
        """Something was written into these tables since they were read."""
        for model in models:
            self._found.pop(model, None)
            if model is KnowledgeFile:
                self._plant = None

    def rows(self, model: type[SQLModel], *columns: str, **where: object) -> list[dict[str, Any]]:
        """See `Store`; they are not to be changed."""
        found, asked = self._found.setdefault(model, {}), (columns, *where.items())
        rows = found.get(asked)
        if rows is None:
            rows = found[asked] = self._store.rows(model, *columns, **where)
        return rows

    @property
    def plant(self) -> Plant:
        """The plant as it is stored."""
        if self._plant is None:
            self._plant = stored_plant(self)
        return self._plant


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


def moment(processing: Processing, minutes: int, kept: Kept | None = None) -> Moment:
    """The society now; `kept` are its tables, read where they have to be."""
    tables, outcome = kept or Kept(processing.store), processing.outcome
    return Moment(
        minutes,
        {model: tables.rows(model) for model in TABLES},
        _promises(tables),
        _findings(tables, tables.plant, processing.now),
        tables.plant,
        (outcome.accepted, outcome.duplicate, outcome.quarantined),
        len(tables.rows(QuarantineRow, "sequence")),
    )


def findings(processing: Processing, plant: Plant) -> list[str]:
    """What the auditor finds now, messages that nobody could handle, and facts that no plan was found for."""
    return _findings(processing.store, plant, processing.now)


def _findings(tables: Tables, plant: Plant, now: Instant) -> list[str]:
    dead = [
        f"dead letter: {row['kind']}: {row['error'].strip().splitlines()[-1]}"
        for row in tables.rows(MessageRow, "kind", "error", status="dead")
    ]
    gave_way = [f"gave way: {row['body']}" for row in tables.rows(AgentStateRow, agent="planner", key=GAVE_WAY)]
    return [*dead, *gave_way, *map(str, audit(books_of(tables, plant, now)))]


def promises(processing: Processing) -> Promises:
    """What is promised now."""
    return _promises(processing.store)


def _promises(tables: Tables) -> Promises:
    found: Promises = {}
    for row in tables.rows(PromiseRow):
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
