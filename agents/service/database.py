"""The database of a running service: one writer, and readers that see one moment of it and never hold the writer up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, QueuePool, func, or_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlmodel import SQLModel

from knowledge.errors import StoreError
from knowledge.store.database import Patience, Store, Write, impatient
from knowledge.store.engines import engine_of, in_memory, is_sqlite, short, url_of
from knowledge.store.tables import table_of

READERS = 4
"""Connections that read at one time; who comes when all are taken waits up to ten seconds."""

T = TypeVar("T")

Heard = Callable[[Sequence[Write], float], None]


class ServedStore(Store):
    """The writer's database. `heard` is told of every commit after it, in the writer's thread: the writes, and how many
    seconds it took.

    A commit to SQLite is whole and in order at any moment, and on the disk once its `log` is
    (`agents.service.durable`); one to PostgreSQL waits for the disk itself. Raises `OwnedError` where another writes.

    While somebody waits with `patience` for the database, `away` says why.
    """

    def __init__(self, url: str, patience: Patience = impatient) -> None:
        self.heard: Heard = lambda writes, seconds: None
        if in_memory(url_of(url)):
            raise StoreError("a service keeps its records on a disk: write, for example, sqlite:///plant.db")
        self._waiting: dict[int, str] = {}  # thread → what it waits for

        def noted(failures: int, error: StoreError) -> bool:
            self._waiting[threading.get_ident()] = str(error)
            return patience(failures, error)

        super().__init__(url, patience=noted)
        if is_sqlite(self.url):  # of its one connection; a new one would wait for the disk at each commit
            with self.connected() as connection:
                connection.exec_driver_sql("PRAGMA synchronous=NORMAL")

    def write(self, writes: Sequence[Write]) -> None:
        """Store all of it or nothing, and tell of it."""
        if not writes:
            return
        begin = time.perf_counter()
        super().write(writes)
        self.heard(writes, time.perf_counter() - begin)

    @property
    def away(self) -> str:
        """Why the database cannot be used, while somebody waits for it; else empty."""
        return next(iter(list(self._waiting.values())), "")

    def _patiently(self, action: Callable[[], T]) -> T:
        try:
            return super()._patiently(action)
        finally:
            if self._waiting:
                self._waiting.pop(threading.get_ident(), None)

    @property
    def log(self) -> str | None:
        """The file that holds every commit, SQLite's write-ahead log; None where a commit waits for the disk itself."""
        return f"{self.url.database}-wal" if is_sqlite(self.url) else None


class Reading:
    """Reads the database of the service, many at a time."""

    def __init__(self, url: str) -> None:
        pool = {"poolclass": QueuePool, "pool_size": READERS, "max_overflow": 0, "pool_timeout": 10}
        self.engine = engine_of(url_of(url), reading=True, pool=pool)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """The database as it is at one moment, as long as the block lasts. Raises StoreError."""
        try:
            connection = self.engine.connect()
        except PoolTimeoutError as error:
            raise StoreError("too many are reading at once") from error
        except DBAPIError as error:
            raise StoreError(f"the database cannot be read: {short(error)}") from error
        with closing(connection):
            yield Snapshot(connection)

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


class Snapshot(Store):
    """One moment of a database, for everything that reads a store. What it is asked to write, it refuses."""

    def __init__(self, connection: Connection) -> None:
        self._use(connection.engine, snapshot=connection)

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
        columns_in_order = [self._in_order(table.c[name.removeprefix("-")]) for name in order]
        orders = [c.desc() if n.startswith("-") else c for c, n in zip(columns_in_order, order, strict=True)]
        key = [self._in_order(column) for column in table.primary_key.columns]
        statement = select(table).where(*conditions).order_by(*orders, *key).limit(limit).offset(offset)
        counting = select(func.count()).select_from(table).where(*conditions)

        def read() -> tuple[list[dict[str, Any]], int]:
            with self.connected() as connection:
                found = [dict(row) for row in connection.execute(statement).mappings()]
                return found, connection.execute(counting).scalar_one()

        return self._patiently(read)
