"""Customer orders a page at a time, each with its lines, in a few questions to the database."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from agents.service.database import Snapshot
from knowledge.instants import Instant
from knowledge.store.tables import CustomerOrderRow, PromiseRow, table_of

Row = dict[str, Any]


class Show(StrEnum):
    """Which orders are shown: all, those of one status, or those with a line that stands in one way."""

    ALL = "all"
    OPEN = "open"
    CANCELLED = "cancelled"
    TROUBLE = "trouble"
    LATE = "late"
    ENGINEERING = "engineering"
    APPROVAL = "approval"


_STATUSES: Mapping[Show, tuple[str, ...]] = {
    Show.TROUBLE: ("at_risk", "question", "infeasible"),
    Show.ENGINEERING: ("awaiting_engineering",),
    Show.APPROVAL: ("awaiting_approval",),
}


def orders(
    snapshot: Snapshot, search: str, show: Show, now: Instant, limit: int, offset: int
) -> tuple[list[tuple[Row, list[Row]]], int]:
    """Orders, the latest first, each with its rows of promises in order; and how many there are in all."""
    order, line = table_of(CustomerOrderRow), table_of(PromiseRow)
    where = [*_found(search), *_shown(show, now)]
    columns = [column for column in order.c if column.name != "document"]
    page = select(*columns).where(*where).order_by(order.c.sequence.desc()).limit(limit).offset(offset)
    with snapshot.connected() as connection:
        rows = [dict(row) for row in connection.execute(page).mappings()]
        total = connection.execute(select(func.count()).select_from(order).where(*where)).scalar_one()
        of_page = line.c.order.in_([row["order"] for row in rows])
        lines = connection.execute(select(line).where(of_page).order_by(line.c.line_sequence, line.c.part)).mappings()
        parts: dict[str, list[Row]] = {row["order"]: [] for row in rows}
        for part in lines:
            parts[part["order"]].append(dict(part))
    return [(row, parts[row["order"]]) for row in rows], total


def _found(search: str) -> list[ColumnElement[bool]]:
    """Orders in whose name or customer every word of a text occurs, in any case of letters."""
    order = table_of(CustomerOrderRow).c
    named = order.source + "/" + order.number
    return [
        or_(named.icontains(word, autoescape=True), order.customer.icontains(word, autoescape=True))
        for word in search.split()
    ]


def _shown(show: Show, now: Instant) -> list[ColumnElement[bool]]:
    order, line = table_of(CustomerOrderRow).c, table_of(PromiseRow).c
    if show is Show.ALL:
        return []
    if show in (Show.OPEN, Show.CANCELLED):
        return [order.status == show.value]
    if show is Show.LATE:
        stands = and_(line.status == "promised", line.promised > line.requested, line.promised > now)
    else:
        stands = line.status.in_(_STATUSES[show])
    return [order.order.in_(select(line.order).where(stands))]
