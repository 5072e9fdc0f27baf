"""How things stand, from a few rows: what waits for people, what is late, what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, TextClause, func, select
from sqlmodel import SQLModel

from agents.service.database import Snapshot
from knowledge.instants import Instant
from knowledge.store.tables import (
    DEAD_ONLY,
    ApprovalRow,
    CustomerOrderRow,
    MessageRow,
    PromiseRow,
    PurchaseOrderRow,
    QuarantineRow,
    ShippingOrderRow,
    WorkOrderRow,
    table_of,
)

Row = Mapping[str, Any]
OPEN = ("planned", "firm", "released")
"""The statuses of what is not over."""


@dataclass(frozen=True, slots=True)
class Listed:
    """The first rows of something, and how many there are."""

    rows: list[dict[str, Any]]
    total: int


class Standing:
    """Asks one moment of a database. Nothing that it asks for grows with what is done and over."""

    def __init__(self, snapshot: Snapshot, now: Instant, limit: int) -> None:
        self.snapshot, self.now, self.limit = snapshot, now, limit

    def lines(self) -> dict[str, int]:
        """How many parts of order lines have each status."""
        return self._counts(PromiseRow)

    def late(self) -> Listed:
        """What is promised for later than it was wanted and still to come, the latest first; with its customer."""
        line = table_of(PromiseRow).c
        later = (line.status == "promised", line.promised > line.requested, line.promised > self.now)
        return self._with_customers(*later, order=(line.promised - line.requested).desc())

    def in_trouble(self) -> Listed:
        """What is at risk, a question, or cannot be had at all; with its customer, the first to be wanted first."""
        line = table_of(PromiseRow).c
        found = line.status.in_(("at_risk", "question", "infeasible"))
        return self._with_customers(found, order=line.requested.asc())

    def awaiting_engineering(self) -> Listed:
        """Custom lines without a release; with their customer, the first to be wanted first."""
        line = table_of(PromiseRow).c
        return self._with_customers(line.status == "awaiting_engineering", order=line.requested.asc())

    def pending(self) -> Listed:
        """Decisions that wait for a person, the longest first."""
        approval = table_of(ApprovalRow)
        return self._listed(approval, approval.c.status == "pending", order=approval.c.approval)

    def overdue(self) -> dict[str, int]:
        """How many shipments should have left, purchases have come, work be finished."""
        shipment, purchase = table_of(ShippingOrderRow).c, table_of(PurchaseOrderRow).c
        work = table_of(WorkOrderRow).c
        return {
            "shipments": self._count((shipment.status.in_(OPEN)) & (shipment.ship < self.now)),
            "purchases": self._count((purchase.status.in_(OPEN)) & (purchase.due < self.now)),
            "work_orders": self._count((work.status.in_(OPEN)) & (work.finish < self.now)),
        }

    def quarantined(self) -> Listed:
        """Documents that could not be taken, the latest first."""
        quarantine = table_of(QuarantineRow)
        return self._listed(quarantine, order=quarantine.c.sequence.desc())

    def dead_letters(self) -> Listed:
        """Messages that were given up and are not sent again, the latest first."""
        message = table_of(MessageRow)
        return self._listed(message, DEAD_ONLY, order=message.c.sequence.desc())

    def latest_messages(self) -> list[dict[str, Any]]:
        """What was said last."""
        message = table_of(MessageRow)
        return self._rows(select(message).order_by(message.c.sequence.desc()).limit(self.limit))

    def _with_customers(self, *where: ColumnElement[bool], order: ColumnElement[Any]) -> Listed:
        line, of = table_of(PromiseRow), table_of(CustomerOrderRow)
        statement = select(line, of.c.customer, of.c.received).join(of, of.c.order == line.c.order).where(*where)
        key = (line.c.sequence, line.c.line_sequence, line.c.part)
        return Listed(self._rows(statement.order_by(order, *key).limit(self.limit)), self._count(*where))

    def _listed(self, table: Any, *where: ColumnElement[bool] | TextClause, order: ColumnElement[Any]) -> Listed:
        rows = self._rows(select(table).where(*where).order_by(order).limit(self.limit))
        if len(rows) < self.limit:
            return Listed(rows, len(rows))
        with self.snapshot.connected() as connection:
            return Listed(rows, connection.execute(select(func.count()).select_from(table).where(*where)).scalar_one())

    def _counts(self, model: type[SQLModel]) -> dict[str, int]:
        status = table_of(model).c.status
        with self.snapshot.connected() as connection:
            rows = connection.execute(select(status, func.count()).group_by(status)).all()
        return {row[0]: row[1] for row in rows}

    def _count(self, *where: ColumnElement[bool]) -> int:
        with self.snapshot.connected() as connection:
            return connection.execute(select(func.count()).where(*where)).scalar_one()

    def _rows(self, statement: Select[Any]) -> list[dict[str, Any]]:
        with self.snapshot.connected() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]
