"""The database of a running service: one writer, and readers that see one moment of it and never hold the writer up."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, QueuePool, StaticPool, create_engine, event, func, or_, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import SQLModel

from knowledge.errors import StoreError
from knowledge.store.database import Store, Write, table_of

_LOCK = ".service-lock"

READERS = 4
"""Connections that read at one time; who comes when all are taken waits up to ten seconds."""

Heard = Callable[[Sequence[Write], float], None]


class BusyError(StoreError):
    """Too many read at once."""


class ServedStore(Store):
    """The writer's database. `heard` is told of every commit after it, in the writer's thread: the writes, and how many
    seconds it took.

    Unlike that of a command an SQLite file is shared with readers, so a second writer is kept out by a lock beside it.
    Its commits are whole and in order at any moment, and on the disk once its `log` is (`agents.service.durable`).
    """

    def __init__(self, url: str) -> None:
        self.heard: Heard = lambda writes, seconds: None
        self._lock: sqlite3.Connection | None = None
        super().__init__(url)

    def write(self, writes: Sequence[Write]) -> None:
        """Store all of it or nothing, and tell of it."""
        if not writes:
            return
        begin = time.perf_counter()
        super().write(writes)
        self.heard(writes, time.perf_counter() - begin)

    @property
    def log(self) -> str | None:
        """The file that holds every commit, SQLite's write-ahead log; None where a commit waits for the disk itself."""
        return f"{self.url.database}-wal" if self._sqlite else None

    def close(self) -> None:
        """Let go of the database."""
        super().close()
        if self._lock is not None:
            self._lock.close()

    def _engine(self) -> Engine:
        if not self._sqlite:
            return create_engine(self.url)
        if not self.url.database:
            raise StoreError("a service keeps its records on a disk: write, for example, sqlite:///plant.db")
        self._lock = _locked(self.url.database)
        engine = create_engine(self.url, connect_args={"check_same_thread": False}, poolclass=StaticPool)
        event.listen(engine, "connect", _shared)
        return engine


class Reading:
    """Reads the database of a running service, in this process or another."""

    def __init__(self, url: str) -> None:
        is_sqlite = url.startswith("sqlite")
        more: dict[str, Any] = {"connect_args": {"check_same_thread": False}} if is_sqlite else {}
        self.url = url
        self.engine = create_engine(
            url, poolclass=QueuePool, pool_size=READERS, max_overflow=0, pool_timeout=10, **more
        )
        if is_sqlite:
            event.listen(self.engine, "connect", _only_reading)
            event.listen(self.engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        else:
            self.engine = self.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The database as it is at one moment, as long as the block lasts. Raises BusyError, StoreError."""
        try:
            connection = self.engine.connect()
        except PoolTimeoutError as error:
            raise BusyError("too many are reading at once") from error
        except DBAPIError as error:
            raise StoreError(f"the database cannot be read: {error.orig}") from error
        with closing(connection):
            yield Snapshot(connection)

    def store(self) -> Store:
        """The database for what asks it more than once, and sees what is new each time."""
        return ReadStore(self.engine)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


class ReadStore(Store):
    """A database that is only read. What it is asked to write, it refuses."""

    def __init__(self, engine: Engine) -> None:
        self.url, self.engine = engine.url, engine

    def write(self, writes: Sequence[Write]) -> None:
        """Refused."""
        raise StoreError("this database is for reading")


class Snapshot(ReadStore):
    """One moment of a database, for everything that reads a store."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.engine)
        self.connection = connection
        self.engine = _Held(connection)  # type: ignore[assignment]

    def page(
        self,
        model: type[SQLModel],
        where: Mapping[str, object],
        like: tuple[str, Sequence[str]] = ("", ()),
        having: tuple[type[SQLModel], str, Mapping[str, object]] | None = None,
        between: Sequence[tuple[str, str, int]] = (),
        order: Sequence[str] = (),
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[list[dict[str, Any]], int]:
        """Rows of a table and how many there are in all.

        `where` are the values of columns, `like` is a text, and the columns of which one has to hold it; `having` names
        another table, a column of both, and values that one of its rows has to have; `between` are (column, `<` or `>`,
        number). Rows come in the order of the columns `order` (`-name`: falling), then of the key.
        """
        table = table_of(model)
        conditions = [table.c[name] == value for name, value in where.items()]
        if having is not None:
            other, column = table_of(having[0]), having[1]
            wanted = [other.c[name] == value for name, value in having[2].items()]
            conditions.append(table.c[column].in_(select(other.c[column]).where(*wanted)))
        conditions += [table.c[name] < bound if sign == "<" else table.c[name] > bound for name, sign, bound in between]
        text, columns = like
        if text:
            conditions.append(or_(*[table.c[name].icontains(text, autoescape=True) for name in columns]))
        orders = [table.c[n.removeprefix("-")].desc() if n.startswith("-") else table.c[n] for n in order]
        statement = select(table).where(*conditions).order_by(*orders, *table.primary_key.columns)
        rows = self.connection.execute(statement.limit(limit).offset(offset)).mappings()
        found = [dict(row) for row in rows]
        count = self.connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()
        return found, count


class _Held:
    """Stands for an engine where everything is to go through one connection that is open already."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def connect(self) -> AbstractContextManager[Connection]:
        """The connection, which stays open after the block."""
        return nullcontext(self.connection)


def refuse_served(url: str) -> None:
    """Raise StoreError where a running service owns the database of a URL: a command has to leave it alone."""
    path = make_url(url).database if url.startswith("sqlite") else None
    if path and Path(f"{path}{_LOCK}").exists():
        _locked(path).close()


def _locked(path: str) -> sqlite3.Connection:
    """Hold a lock file as long as the process lives. Raises StoreError where another process holds it."""
    lock = sqlite3.connect(f"{path}{_LOCK}", isolation_level=None, timeout=0, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        lock.close()
        raise StoreError(f"database {path} belongs to a service that is running") from error
    return lock


def _shared(connection: Any, _: object) -> None:
    _pragmas(connection, "busy_timeout=500", "journal_mode=WAL", "synchronous=NORMAL")


def _only_reading(connection: Any, _: object) -> None:
    connection.isolation_level = None  # `begin` says when a transaction begins
    _pragmas(connection, "busy_timeout=5000", "query_only=ON")


def _pragmas(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
