"""The database: opened by URL, read as plain mappings, written in bulk, one transaction a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Table, bindparam, create_engine, delete, event, func, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from knowledge.errors import StoreError
from knowledge.store import tables

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Write:
    """One row to be stored (a row of the same key is replaced) or, with `remove`, the key of one to be forgotten."""

    table: type[SQLModel]
    row: Row
    remove: bool = False


def table_of(model: type[SQLModel]) -> Table:
    """The SQLAlchemy table of a model."""
    table = SQLModel.metadata.tables[str(model.__tablename__)]
    assert isinstance(table, Table)
    return table


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL for the driver, compiled once: per row nothing is left to do but to pick the values."""

    text: str
    names: tuple[str, ...]  # in the order of the driver's places; none where it takes values by their names

    def bind(self, rows: list[Row]) -> tuple[str, list[Any]]:
        """The statement and the values of many rows, as the driver takes them."""
        return self.text, [tuple([row[name] for name in self.names]) for row in rows] if self.names else rows


class Store:
    """A database of the society. The one writer keeps a single connection, and an SQLite file to itself."""

    def __init__(self, url: str = "sqlite://", *, create: bool = True) -> None:
        try:
            self.url = make_url(url)
            if not create and self._sqlite and self.url.database and not Path(self.url.database).exists():
                raise StoreError(f"there is no database {self.url.database}")
            self.engine = self._engine()
        except (ArgumentError, NoSuchModuleError) as error:
            raise StoreError(f"{url!r} is not a database URL; write, for example, sqlite:///plant.db") from error
        except ModuleNotFoundError as error:
            raise StoreError(f"the driver for {url!r} is not installed ({error})") from error
        self._statements: dict[tuple[type[SQLModel], bool], _Statement] = {}
        try:
            self._prepare()
        except (DBAPIError, sqlite3.Error) as error:
            self.close()
            raise StoreError(f"database {url}: {_short(error)}") from error
        except StoreError:
            self.close()
            raise

    @property
    def _sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    def _engine(self) -> Engine:
        if not self._sqlite:
            return create_engine(self.url)
        engine = create_engine(self.url, connect_args={"check_same_thread": False}, poolclass=StaticPool)
        event.listen(engine, "connect", _durable if self.url.database else _volatile)
        return engine

    def _prepare(self) -> None:
        names = set(inspect(self.engine).get_table_names())
        ours = {table.name for table in SQLModel.metadata.tables.values()}
        if names and not names & ours:
            raise StoreError(f"database {self.url} holds tables of something else: {', '.join(sorted(names)[:3])}")
        SQLModel.metadata.create_all(self.engine)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @property
    def empty(self) -> bool:
        """Whether no knowledge was ever loaded."""
        return next(iter(self.rows(tables.KnowledgeFile)), None) is None

    def rows(self, model: type[SQLModel], *columns: str, **where: object) -> list[dict[str, Any]]:
        """The rows of a table, in the order of its key, whose columns equal what is given; all columns, or those."""
        table = table_of(model)
        chosen = [table.c[name] for name in columns] if columns else list(table.columns)
        statement = select(*chosen).order_by(*table.primary_key.columns)
        for name, value in where.items():
            statement = statement.where(table.c[name] == value)
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(statement).mappings()]

    def highest(self, model: type[SQLModel], column: str) -> int:
        """The highest number in a column, 0 where there is no row."""
        with self.engine.connect() as connection:
            return connection.execute(select(func.max(table_of(model).c[column]))).scalar() or 0

    def write(self, writes: Sequence[Write]) -> None:
        """Store all of it or nothing; a later write of a row replaces an earlier one."""
        if not writes:
            return
        try:
            with self.engine.begin() as connection:
                for model, remove, rows in _grouped(writes):
                    connection.exec_driver_sql(*self._statement(model, remove).bind(rows))
        except DBAPIError as error:
            raise StoreError(f"database {self.url}: {_short(error)}") from error

    def _statement(self, model: type[SQLModel], remove: bool) -> _Statement:
        found = self._statements.get((model, remove))
        if found is None:
            table = table_of(model)
            compiled = (_delete(table) if remove else self._upsert(table)).compile(self.engine)
            found = self._statements[model, remove] = _Statement(str(compiled), tuple(compiled.positiontup or ()))
        return found

    def _upsert(self, table: Table) -> Any:
        insert = (sqlite if self._sqlite else postgresql).insert(table)
        keys = [column.name for column in table.primary_key.columns]
        rest = {c.name: insert.excluded[c.name] for c in table.columns if c.name not in keys}
        if not rest:
            return insert.on_conflict_do_nothing()
        return insert.on_conflict_do_update(index_elements=keys, set_=rest)


def _delete(table: Table) -> Any:
    statement = delete(table)
    for column in table.primary_key.columns:
        statement = statement.where(column == bindparam(column.name))
    return statement


def _grouped(writes: Iterable[Write]) -> Iterator[tuple[type[SQLModel], bool, list[Row]]]:
    """Writes by table, the last of each key, removals before insertions."""
    latest: dict[type[SQLModel], dict[tuple[Any, ...], Write]] = {}
    keys: dict[type[SQLModel], list[str]] = {}
    for write in writes:
        model = write.table
        if model not in keys:
            keys[model] = [column.name for column in table_of(model).primary_key.columns]
            latest[model] = {}
        latest[model][tuple([write.row[name] for name in keys[model]])] = write
    for model, found in latest.items():
        for remove in (True, False):
            rows = [write.row for write in found.values() if write.remove is remove]
            if rows:
                yield model, remove, rows


def _durable(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    for pragma in ("busy_timeout=500", "journal_mode=WAL", "synchronous=NORMAL", "locking_mode=EXCLUSIVE"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _volatile(connection: Any, _: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=MEMORY")
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


def _short(error: Exception) -> str:
    told = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return str(told).splitlines()[0]
