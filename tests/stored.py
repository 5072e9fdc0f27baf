"""Everything that a database holds, to compare."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from knowledge.store.copying import contents
from knowledge.store.database import Store


def rows_of(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, in the order of its key; not who writes it."""
    with store.connected() as connection:
        return {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in contents()
        }
