"""Copies of a database, all as of one moment: in memory, to try something, and of one kind in the other."""

from __future__ import annotations

from sqlalchemy import Connection, Table, delete, insert, select
from sqlmodel import SQLModel

from knowledge.store.database import Store
from knowledge.store.ownership import WRITER

_ROWS_A_BATCH = 5_000


def contents() -> list[Table]:
    """Every table but the one that says who writes this very database."""
    return [table for table in SQLModel.metadata.sorted_tables if table is not WRITER]


def private_copy(store: Store) -> Store:
    """A new database in memory with every row of another one. Whatever is done to it, `store` stays as it is."""
    copy = Store()
    with store.connected() as source, copy.writing() as target:
        copy_rows(source, target)
    return copy


def copy_rows(source: Connection, target: Connection) -> None:
    """Put the rows of one database in place of those of another, within the callers' transactions."""
    for table in contents():
        target.execute(delete(table))
        compiled = insert(table).compile(target.engine)
        names, places = table.columns.keys(), compiled.positiontup is not None
        found = source.execution_options(yield_per=_ROWS_A_BATCH).execute(select(table))
        for rows in found.partitions():
            values = [tuple(row) for row in rows]
            target.exec_driver_sql(
                str(compiled), values if places else [dict(zip(names, v, strict=True)) for v in values]
            )
