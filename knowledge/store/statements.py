"""Statements that write many rows: SQL for the driver, made once a table, so that per row only values are picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Table, bindparam, delete
from sqlalchemy.dialects import sqlite

from knowledge.store.engines import is_sqlite

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQLite takes the statement once a row, PostgreSQL once with every column as an array."""

    text: str
    names: tuple[str, ...]
    arrays: bool

    def bind(self, rows: Sequence[Row]) -> tuple[str, Any]:
        """The statement and the values of many rows, as the driver takes them."""
        if self.arrays:
            return self.text, {name: [row[name] for row in rows] for name in self.names}
        return self.text, [tuple([row[name] for name in self.names]) for row in rows]


def replacing(table: Table, engine: Engine) -> Statement:
    """Stores rows; one of the same key is replaced. The rows of one call have different keys."""
    keys = [column.name for column in table.primary_key.columns]
    rest = [column.name for column in table.columns if column.name not in keys]
    if is_sqlite(engine.url):
        insert = sqlite.insert(table)
        excluded = {name: insert.excluded[name] for name in rest}
        return _for_each(insert.on_conflict_do_update(index_elements=keys, set_=excluded), engine)
    quoted = engine.dialect.identifier_preparer.quote
    names = [column.name for column in table.columns]
    changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in rest)
    text = (
        f"INSERT INTO {quoted(table.name)} ({', '.join(map(quoted, names))}) "
        f"SELECT * FROM {_arrays(table, names, engine)} "
        f"ON CONFLICT ({', '.join(map(quoted, keys))}) DO UPDATE SET {changes}"
    )
    return Statement(text, tuple(names), arrays=True)


def removing(table: Table, engine: Engine) -> Statement:
    """Forgets the rows with these keys."""
    keys = [column.name for column in table.primary_key.columns]
    if is_sqlite(engine.url):
        statement = delete(table)
        for column in table.primary_key.columns:
            statement = statement.where(column == bindparam(column.name))
        return _for_each(statement, engine)
    quoted = engine.dialect.identifier_preparer.quote
    place = quoted(table.name)
    same = " AND ".join(f"{place}.{quoted(key)} = gone.{quoted(key)}" for key in keys)
    gone = f"{_arrays(table, keys, engine)} AS gone ({', '.join(map(quoted, keys))})"
    return Statement(f"DELETE FROM {place} USING {gone} WHERE {same}", tuple(keys), arrays=True)


def _for_each(statement: Any, engine: Engine) -> Statement:
    compiled = statement.compile(engine)
    return Statement(str(compiled), tuple(compiled.positiontup), arrays=False)


def _arrays(table: Table, names: Sequence[str], engine: Engine) -> str:
    typed = (f"%({name})s::{table.c[name].type.compile(engine.dialect)}[]" for name in names)
    return f"unnest({', '.join(typed)})"
