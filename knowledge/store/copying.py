"""A copy of a database in memory: whatever is done to the copy, the database stays as it is."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlmodel import SQLModel

from knowledge.store.database import Store

_ROWS_A_BATCH = 5_000


def private_copy(store: Store) -> Store:
    """A new database in memory with every row of another one, all as of one moment. Only reads from `store`."""
    copy = Store()
    with (
        store.engine.connect().execution_options(isolation_level="SERIALIZABLE") as source,
        copy.engine.begin() as target,
    ):
        for table in SQLModel.metadata.sorted_tables:
            statement = str(insert(table).compile(copy.engine))
            found = source.execution_options(yield_per=_ROWS_A_BATCH).execute(select(table))
            for rows in found.partitions():
                target.exec_driver_sql(statement, [tuple(row) for row in rows])
    return copy
