"""The database: opened by URL, read as plain mappings, written in bulk, one transaction a call."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from operator import itemgetter
from threading import RLock
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Engine, Select, String, bindparam, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from knowledge.errors import AwayError, OwnedError, StoreError
from knowledge.instants import Instant
from knowledge.store import tables
from knowledge.store.engines import begin, engine_of, is_sqlite, look_for, passing, short, told, url_of
from knowledge.store.ownership import Ownership
from knowledge.store.schema import check, is_new
from knowledge.store.schema import create as create_schema
from knowledge.store.statements import Row, Statement, removing, replacing
from knowledge.store.tables import INLINE, table_of

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Write:
    """One row to be stored (a row of the same key is replaced) or, with `remove`, the key of one to be forgotten."""

    table: type[SQLModel]
    row: Row
    remove: bool = False


Patience = Callable[[int, StoreError], bool]
"""Told how often in a row something was tried in vain for such a reason; waits, and says whether to try again."""

Values = dict[str, Any]
"""A row as it was read."""

_AT_ONCE = 500
"""How many values one query asks for."""

_HOW_TO_BEGIN = "process documents into it, or load a knowledge folder"


def impatient(failures: int, error: StoreError) -> bool:
    """Nothing is tried again."""
    return False


class Store:
    """A database of the society: opened by the one who writes it or, with `reading`, as it stands at that moment.

    The writer owns the database until it closes it; meanwhile others may read it, and `OwnedError` refuses another
    writer. A reader sees one snapshot, however long it looks, and has nothing to write.

    `patience` decides what happens while the database is away or its disk is full: it is told how often it has been
    tried and why it failed, waits as it sees fit, and says whether to try again. By default nobody waits.
    """

    _snapshot: Connection | None
    _ownership: Ownership | None

    def __init__(
        self, url: str = "sqlite://", *, create: bool = True, reading: bool = False, patience: Patience = impatient
    ) -> None:
        self._use(engine_of(url_of(url), reading=reading), patience)
        try:
            if reading or not create:
                look_for(self.url)
            if reading:
                self._snapshot = self.engine.connect()
                self._check(self._snapshot)
            else:
                self._own(create)
        except (DBAPIError, sqlite3.Error) as error:
            self.close()
            away = isinstance(error, DBAPIError) and passing(error)
            raise (AwayError if away else StoreError)(f"database {self.name}: {short(error)}") from error
        except StoreError:
            self.close()
            raise

    def _use(self, engine: Engine, patience: Patience = impatient, snapshot: Connection | None = None) -> None:
        self.engine, self.url = engine, engine.url
        self.name = told(self.url)
        self._patience = patience
        self._statements: dict[tuple[type[SQLModel], bool], Statement] = {}
        self._selects: dict[tuple[object, ...], Select[Any]] = {}
        self._snapshot = snapshot
        self._ownership = None
        self._alone: AbstractContextManager[object] = RLock() if isinstance(engine.pool, StaticPool) else nullcontext()
        """Held by whoever uses an only connection: what another thread gives back is rolled back, whoever writes."""

    def _check(self, connection: Connection) -> None:
        if is_new(connection):
            raise StoreError(f"database {self.name} holds no plant: {_HOW_TO_BEGIN}")
        check(connection)

    def _own(self, create: bool) -> None:
        with self.engine.connect() as connection:
            new = is_new(connection)  # before anything is written beside what is not ours
        self._ownership = Ownership(self.url, self.engine)
        with self.engine.begin() as connection:
            begin(connection)
            if not (new and is_new(connection)):
                check(connection)
            elif create:
                create_schema(connection)
            else:
                raise StoreError(f"database {self.name} holds no plant: {_HOW_TO_BEGIN}")
            self._ownership.take(connection)

    def close(self) -> None:
        """Let go of the database."""
        if self._snapshot is not None:
            self._snapshot.close()
        self.engine.dispose()
        if self._ownership is not None:
            self._ownership.release()

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """A connection to read with; a reader's own snapshot."""
        if self._snapshot is not None:
            yield self._snapshot
            return
        with self._alone, self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the owner: it fails with `FencedError`, nothing kept, where the database is another's."""
        if self._ownership is None:
            raise StoreError(f"database {self.name} was opened to be read only")
        with self._alone, self.engine.begin() as connection:
            yield connection
            self._ownership.check(connection)

    @property
    def empty(self) -> bool:
        """Whether no knowledge was ever loaded."""
        return next(iter(self.rows(tables.KnowledgeFile)), None) is None

    def rows(self, model: type[SQLModel], *columns: str, **where: object) -> list[Values]:
        """The rows of a table, in the order of its key, whose columns equal what is given; all columns, or those.

        A tuple gives several values, of which a column has one.
        """
        key = model, columns, *_hows(where)
        statement = self._selects.get(key)
        if statement is None:
            chosen = [table_of(model).c[name] for name in columns] if columns else list(table_of(model).columns)
            statement = self._selects[key] = self._ordered(select(*chosen), model, where)
        return self._rows(statement, where)

    def starting(self, model: type[SQLModel], column: str, text: str, **where: object) -> list[Values]:
        """The rows of a table, in the order of its key, of which a column starts with a text, and others are as
        given."""
        key = "starting", model, column, *_hows(where)
        statement = self._selects.get(key)
        if statement is None:
            begins = self._in_order(table_of(model).c[column])
            between = begins >= bindparam("at_least", type_=String), begins < bindparam("below", type_=String)
            statement = self._selects[key] = self._ordered(select(table_of(model)).where(*between), model, where)
        return self._rows(statement, {"at_least": text, "below": text[:-1] + chr(ord(text[-1]) + 1), **where})

    def of(
        self, model: type[SQLModel], column: str, other: type[SQLModel], theirs: Mapping[str, object], **where: object
    ) -> list[Values]:
        """The rows of a table as given, in the order of its key, that belong, by a column of both, to rows of another
        one of which columns are as given by `theirs`."""
        key = "of", model, column, other, *_hows(theirs), "", *_hows(where)
        statement = self._selects.get(key)
        if statement is None:
            found = select(table_of(other).c[column]).where(*_conditions(other, theirs, "their_"))
            chosen = select(table_of(model)).where(table_of(model).c[column].in_(found))
            statement = self._selects[key] = self._ordered(chosen, model, where)
        return self._rows(statement, {**{f"their_{name}": value for name, value in theirs.items()}, **where})

    def different(self, model: type[SQLModel], column: str, **where: object) -> list[Any]:
        """The different values of a column in the rows of a table of which others are as given, in no order."""
        key = "different", model, column, *_hows(where)
        statement = self._selects.get(key)
        if statement is None:
            statement = select(table_of(model).c[column]).where(*_conditions(model, where)).distinct()
            self._selects[key] = statement
        return [row[column] for row in self._rows(statement, where)]

    def _ordered(self, statement: Select[Any], model: type[SQLModel], where: Mapping[str, object]) -> Select[Any]:
        keys = [self._in_order(column) for column in table_of(model).primary_key.columns]
        return statement.where(*_conditions(model, where)).order_by(*keys)

    def among(self, model: type[SQLModel], column: str, values: Iterable[object], *columns: str) -> list[Values]:
        """The rows of a table, in no order, of which a column has one of many values; those columns of them."""
        table, found, left = table_of(model), list[Values](), list(values)
        chosen = [table.c[name] for name in columns]
        for start in range(0, len(left), _AT_ONCE):
            found += self._rows(select(*chosen).where(table.c[column].in_(left[start : start + _AT_ONCE])))
        return found

    def after(self, model: type[SQLModel], column: str, number: int, *columns: str) -> list[Values]:
        """The rows of a table, in the order of a column, in which it is more than a number; those columns of them."""
        table = table_of(model)
        chosen = [table.c[name] for name in columns]
        return self._rows(select(*chosen).where(table.c[column] > number).order_by(table.c[column]))

    def _rows(self, statement: Select[Any], given: Mapping[str, object] | None = None) -> list[Values]:
        def read() -> list[Values]:
            with self.connected() as connection:
                found = connection.execute(statement, given)
                names = tuple(found.keys())
                return [dict(zip(names, row, strict=True)) for row in found.all()]

        return self._patiently(read)

    def _in_order(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """Texts by their characters' numbers, whatever language a PostgreSQL database was made for."""
        return column.collate("C") if not is_sqlite(self.url) and isinstance(column.type, String) else column

    def highest(self, model: type[SQLModel], column: str) -> int:
        """The highest number in a column, 0 where there is no row."""
        statement = select(func.max(table_of(model).c[column]))

        def read() -> int:
            with self.connected() as connection:
                return connection.execute(statement).scalar() or 0

        return self._patiently(read)

    def last_named(self, model: type[SQLModel], column: str) -> str:
        """The last of the names in a column, which end in numbers that count up and are filled with zeros as long as
        there are any: the longest, and of those the last. Empty where there is no row."""
        names = table_of(model).c[column]
        found = self._rows(select(names).order_by(func.length(names).desc(), self._in_order(names).desc()).limit(1))
        return str(found[0][column]) if found else ""

    def clock(self) -> Instant:
        """Where the society's clock stands: when its newest message was sent; 0 where there is none."""
        table = table_of(tables.MessageRow)
        newest = self._rows(select(table.c.sent).order_by(table.c.sequence.desc()).limit(1))
        return newest[0]["sent"] if newest else 0

    def write(self, writes: Sequence[Write]) -> None:
        """Store all of it or nothing; a later write of a row replaces an earlier one.

        What was lost under way is written again: rows replace rows, so it does not matter whether they had arrived.
        """

        def commit() -> None:
            with self.writing() as connection:
                for model, remove, rows in _grouped(writes):
                    connection.exec_driver_sql(*self._statement(model, remove).bind(rows))

        if writes:
            self._patiently(commit)

    def _patiently(self, action: Callable[[], T]) -> T:
        failures = 0
        last: type[StoreError] | None = None
        while True:
            try:
                if failures and self._ownership is not None and not self._ownership.renew():
                    raise OwnedError(f"database {self.name} was taken over by another process")
                return action()
            except DBAPIError as error:
                if not passing(error):
                    raise StoreError(f"database {self.name}: {short(error)}") from error
                problem: StoreError = AwayError(f"database {self.name}: {short(error)}")
                problem.__cause__ = error
            except OwnedError as error:
                problem = error
            failures, last = (failures if type(problem) is last else 0) + 1, type(problem)
            if not self._patience(failures, problem):
                raise problem

    def _statement(self, model: type[SQLModel], remove: bool) -> Statement:
        found = self._statements.get((model, remove))
        if found is None:
            make = removing if remove else replacing
            found = self._statements[model, remove] = make(table_of(model), self.engine)
        return found


def _hows(where: Mapping[str, object]) -> list[tuple[str, type | None]]:
    """What decides how columns are compared with values."""
    return [(name, _how(value)) for name, value in where.items()]


def _how(value: object) -> type | None:
    return tuple if isinstance(value, tuple) else None if value is None else object


def _conditions(model: type[SQLModel], where: Mapping[str, object], prefix: str = "") -> Iterator[ColumnElement[bool]]:
    """What is asked of the columns of a table, with values to be given by their names after a prefix."""
    for name, value in where.items():
        column = table_of(model).c[name]
        name = f"{prefix}{name}"
        inline = bool(column.info.get(INLINE))
        if value is None:
            yield column.is_(None)
        elif isinstance(value, tuple):
            yield column.in_(bindparam(name, type_=column.type, literal_execute=inline, expanding=True))
        else:
            yield column == bindparam(name, type_=column.type, literal_execute=inline)


def _grouped(writes: Iterable[Write]) -> Iterator[tuple[type[SQLModel], bool, list[Row]]]:
    """Writes by table, the last of each key, removals before insertions."""
    latest: dict[type[SQLModel], dict[Any, Write]] = {}
    keys: dict[type[SQLModel], Callable[[Row], Any]] = {}
    for write in writes:
        model = write.table
        key_of = keys.get(model)
        if key_of is None:
            key_of = keys[model] = itemgetter(*[column.name for column in table_of(model).primary_key.columns])
            latest[model] = {}
        latest[model][key_of(write.row)] = write
    for model, found in latest.items():
        for remove in (True, False):
            rows = [write.row for write in found.values() if write.remove is remove]
            if rows:
                yield model, remove, rows
