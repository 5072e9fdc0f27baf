"""What the floor, buyers and the warehouse have to do next, from a few rows; and the schedule in a window of time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import quote

from sqlalchemy import ColumnElement, Select, func, select

from agents.service.database import Snapshot
from agents.service.item_books import rows_in
from knowledge.deliveries import Delivery, OnTime, records_of
from knowledge.instants import DAY, Instant
from knowledge.learning import said_of
from knowledge.plant import Plant
from knowledge.store.learned import learned_offers
from knowledge.store.rows import award_of, reported_key
from knowledge.store.tables import (
    AgentStateRow,
    DeliveryRow,
    OnHandRow,
    OperationRow,
    PurchaseAwardRow,
    PurchaseOrderRow,
    ShippingOrderRow,
    WorkOrderRow,
    table_of,
)

ISSUED = ("firm", "released")
OPEN = ("planned", *ISSUED)
REMEMBERED = 2000
"""Deliveries, the latest ones, that suppliers are judged by on a page."""

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a page of a list, and how many there are in all."""

    rows: list[Row]
    total: int


class Buying(StrEnum):
    """Which purchases to look at."""

    OPEN = "open"
    TO_ORDER = "to_order"
    LATE = "late"
    PLANNED = "planned"
    DONE = "done"


class Worklists:
    """Asks one moment of a database."""

    def __init__(self, snapshot: Snapshot, plant: Plant, now: Instant, limit: int, offset: int = 0) -> None:
        self.snapshot, self.plant, self.now = snapshot, plant, now
        self.limit, self.offset = limit, offset

    # -- the floor

    def work_centres(self) -> list[tuple[str, int]]:
        """Every work centre with how many operations of issued work orders it has."""
        op, wo = table_of(OperationRow), table_of(WorkOrderRow)
        statement = (
            select(op.c.work_centre, func.count())
            .join(wo, wo.c.work_order == op.c.work_order)
            .where(wo.c.status.in_(ISSUED))
            .group_by(op.c.work_centre)
        )
        with self.snapshot.connected() as connection:
            counts = {row[0]: row[1] for row in connection.execute(statement)}
        return [(code, counts.get(code, 0)) for code in sorted({*self.plant.work_centres, *counts})]

    def dispatch(self, work_centre: str, ahead: int = 7 * DAY) -> Listed:
        """Operations of a work centre: of issued work orders, and of those planned to begin soon, in order of start.

        `report` is what was last reported of the step, if anything.
        """
        op, wo = table_of(OperationRow), table_of(WorkOrderRow)
        columns: list[Any] = [op, wo.c.item, wo.c.quantity, wo.c.made, wo.c.status, wo.c.drawn]
        soon = (wo.c.status == "planned") & (op.c.start < self.now + ahead)
        where = (op.c.work_centre == work_centre, wo.c.status.in_(ISSUED) | soon)
        statement = select(*columns).join(wo, wo.c.work_order == op.c.work_order).where(*where)
        found = self._page(statement, (op.c.start, op.c.machine, op.c.work_order, op.c.sequence))
        self._add_reports(found.rows)
        return found

    def without_steps(self) -> Listed:
        """Issued work orders of items that have no route: they are reported as a whole."""
        op, wo = table_of(OperationRow), table_of(WorkOrderRow)
        routed = select(op.c.work_order).where(op.c.work_order == wo.c.work_order).exists()
        return self._page(select(wo).where(wo.c.status.in_(ISSUED), ~routed), (wo.c.finish, wo.c.work_order))

    def _add_reports(self, rows: list[Row]) -> None:
        keys = {reported_key(row["work_order"], row["step"]): row for row in rows}
        kept = rows_in(self.snapshot, AgentStateRow, "key", keys)
        said = {row["key"]: row["body"] for row in kept if row["agent"] == "planner"}
        for key, row in keys.items():
            row["report"] = said.get(key)

    # -- the schedule

    def schedule(self, start: Instant, end: Instant, work_centres: Iterable[str], most: int) -> Listed:
        """Operations that run between two times, with what their work orders are; at most so many."""
        op, wo = table_of(OperationRow), table_of(WorkOrderRow)
        columns: list[Any] = [op, wo.c.item, wo.c.quantity, wo.c.status]
        wanted = (op.c.finish > start, op.c.start < end, op.c.work_centre.in_(list(work_centres)))
        where = (*wanted, wo.c.status.in_(OPEN) | (wo.c.status == "done"))
        statement = select(*columns).join(wo, wo.c.work_order == op.c.work_order).where(*where)
        order = (op.c.work_centre, op.c.machine, op.c.start, op.c.work_order)
        lists = Worklists(self.snapshot, self.plant, self.now, most)
        return lists._page(statement, order)

    # -- buying

    def purchases(self, which: Buying, search: str, supplier: str, soon: int = 7 * DAY) -> Listed:
        """Purchase rows with their award in words and their supplier's record."""
        po = table_of(PurchaseOrderRow)
        where = [*self._bought(which, soon)]
        if supplier:
            where.append(po.c.supplier == supplier)
        where += self._like(search, po.c.purchase_order, po.c.item, po.c.supplier)
        falling = which is Buying.DONE
        first = po.c.order_by if which in (Buying.TO_ORDER, Buying.PLANNED) else po.c.due
        found = self._page(
            select(po).where(*where), (first.desc() if falling else first, po.c.purchase_order, po.c.row)
        )
        self._explain(found.rows)
        return found

    def buying_counts(self) -> dict[Buying, int]:
        """How many rows each list of purchases has."""
        po = table_of(PurchaseOrderRow)
        counts = {}
        with self.snapshot.connected() as connection:
            for which in Buying:
                statement = select(func.count()).select_from(po).where(*self._bought(which, 7 * DAY))
                counts[which] = connection.execute(statement).scalar_one()
        return counts

    def _bought(self, which: Buying, soon: int) -> tuple[ColumnElement[bool], ...]:
        po = table_of(PurchaseOrderRow).c
        if which is Buying.TO_ORDER:
            return (po.status.in_(("planned", "firm")), po.order_by < self.now + soon)
        if which is Buying.LATE:
            return (po.status.in_(ISSUED), po.due < self.now)
        if which is Buying.OPEN:
            return (po.status.in_(ISSUED),)
        return (po.status == "planned",) if which is Buying.PLANNED else (po.status.in_(("done", "cancelled")),)

    def _explain(self, rows: list[Row]) -> None:
        awards = rows_in(self.snapshot, PurchaseAwardRow, "purchase_order", (row["purchase_order"] for row in rows))
        said = {(row["purchase_order"], row["row"]): award_of(row).said() for row in awards}
        records = self.on_time({row["supplier"] for row in rows})
        plant = learned_offers(self.snapshot, self.plant, (row["item"] for row in rows))
        for row in rows:
            offers = (o for o in plant.offers.get(row["item"], ()) if o.supplier == row["supplier"])
            row["learned"] = next(map(said_of, offers), "")
            row["award"] = said.get((row["purchase_order"], row["row"]), "")
            row["record"] = records.get(row["supplier"], OnTime())

    def on_time(self, suppliers: Iterable[str]) -> Mapping[str, OnTime]:
        """How punctual suppliers were in the latest deliveries of them all."""
        table = table_of(DeliveryRow)
        where = (table.c.supplier.in_(sorted(suppliers)), table.c.came.is_not(None))
        statement = select(table).where(*where).order_by(table.c.came.desc()).limit(REMEMBERED)
        return records_of(map(Delivery.of, self._rows(statement)), self.plant.zone)

    # -- the warehouse

    def arrivals(self, search: str) -> Listed:
        """Purchase rows that goods can be received for, the first due first."""
        po = table_of(PurchaseOrderRow)
        where = [po.c.status.in_(ISSUED), *self._like(search, po.c.purchase_order, po.c.item, po.c.supplier)]
        return self._page(select(po).where(*where), (po.c.due, po.c.purchase_order, po.c.row))

    def departures(self, search: str, until: Instant) -> Listed:
        """Lines of shipping orders that are to leave by a time, the first first, each with what is on hand of it."""
        so = table_of(ShippingOrderRow)
        like = self._like(search, so.c.shipping_order, so.c.item, so.c.customer)
        if search:  # orders are kept under encoded names, with their slashes
            like = [like[0] | so.c.order.icontains(quote(search, safe="/"), autoescape=True)]
        where = [so.c.status.in_(OPEN), so.c.ship < until, *like]
        found = self._page(select(so).where(*where), (so.c.ship, so.c.shipping_order, so.c.line))
        stock = {row["item"]: row["quantity"] for row in self._on_hand({row["item"] for row in found.rows})}
        for row in found.rows:
            row["on_hand"] = stock.get(row["item"], 0)
        return found

    def _on_hand(self, items: Iterable[str]) -> list[Row]:
        return rows_in(self.snapshot, OnHandRow, "item", items)

    def stock_of(self, items: Iterable[str]) -> dict[str, int]:
        """What is on hand of items."""
        return {row["item"]: row["quantity"] for row in self._on_hand(items)}

    # -- reading

    def _like(self, search: str, *columns: Any) -> list[ColumnElement[bool]]:
        if not search:
            return []
        first, *others = [column.icontains(search, autoescape=True) for column in columns]
        for other in others:
            first = first | other
        return [first]

    def _page(self, statement: Select[Any], order: Iterable[Any]) -> Listed:
        rows = self._rows(statement.order_by(*order).limit(self.limit).offset(self.offset))
        if len(rows) < self.limit and not self.offset:
            return Listed(rows, len(rows))
        counting = select(func.count()).select_from(statement.subquery())
        with self.snapshot.connected() as connection:
            return Listed(rows, connection.execute(counting).scalar_one())

    def _rows(self, statement: Select[Any]) -> list[Row]:
        with self.snapshot.connected() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]
