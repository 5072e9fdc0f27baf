"""Ownership: one process writes a database. A lock that dies with its holder, and a number that fences late writers.

The lock is an advisory lock of a PostgreSQL session, or an exclusive lock on the file beside an SQLite database
(`plant.db-owner`); either is free as soon as its holder is dead. Whoever gets it raises the epoch, the one row of
`writer`. Every commit ends by looking at that row: a holder that lost its lock without noticing (a broken network, a
stopped process) finds another epoch than its own, and commits nothing any more.
"""

from __future__ import annotations

import os
import socket
import sqlite3
from contextlib import suppress
from typing import Final, Protocol

from sqlalchemy import URL, Connection, Engine, select, text
from sqlalchemy.exc import DBAPIError

from knowledge.errors import FencedError, OwnedError
from knowledge.store.engines import in_memory, is_sqlite, told
from knowledge.store.tables import WriterRow, table_of

_ADVISORY_LOCK: Final = 0x50_C1_E7_77  # any number, the same in every version of the program
_SEAT: Final = 1

WRITER = table_of(WriterRow)


class Lock(Protocol):
    """What only one process has at a time."""

    def renew(self) -> bool:
        """Whether it is still had, taken again where it was lost and is free."""

    def release(self) -> None:
        """Let the next one have it."""


class Ownership:
    """The right to write a database, from `take` until `release`."""

    def __init__(self, url: URL, engine: Engine) -> None:
        self._url = url
        self._epoch = 0
        self._lock: Lock | None = None
        if not in_memory(url):
            self._lock = FileLock(url) if is_sqlite(url) else SessionLock(engine)
            if not self._lock.renew():
                self._lock.release()
                raise OwnedError(f"database {told(url)} is in use by {_holder(engine)}: stop that one first")

    def take(self, connection: Connection) -> None:
        """Raise the epoch in a transaction of the caller's: from its commit on nobody else's commits succeed."""
        if self._lock is None:
            return
        found = connection.execute(select(WRITER.c.epoch).where(WRITER.c.seat == _SEAT)).scalar()
        self._epoch = (found or 0) + 1
        values = {"epoch": self._epoch, "holder": f"process {os.getpid()} on {socket.gethostname()}"}
        if found is None:
            connection.execute(WRITER.insert().values(seat=_SEAT, **values))
        else:
            connection.execute(WRITER.update().where(WRITER.c.seat == _SEAT).values(**values))

    def check(self, connection: Connection) -> None:
        """End a transaction with this. The row stays locked until its commit, so no epoch can begin in between.

        Raises `FencedError` where another one has begun.
        """
        if self._lock is None:
            return
        statement = select(WRITER.c.epoch).where(WRITER.c.seat == _SEAT).with_for_update(read=True)
        if connection.execute(statement).scalar() != self._epoch:
            raise FencedError(f"database {told(self._url)} was taken over by another process")

    def renew(self) -> bool:
        """Whether the lock is still had; taken again where the connection that held it is gone."""
        return self._lock is None or self._lock.renew()

    def release(self) -> None:
        """Let the next one have it."""
        if self._lock is not None:
            self._lock.release()


class FileLock:
    """An exclusive lock on a file beside an SQLite database; SQLite itself knows how to hold one everywhere."""

    def __init__(self, url: URL) -> None:
        self._connection = sqlite3.connect(
            f"{url.database}-owner", timeout=0, isolation_level=None, check_same_thread=False
        )

    def renew(self) -> bool:
        if self._connection.in_transaction:
            return True
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorname != "SQLITE_BUSY":
                raise
            return False
        return True

    def release(self) -> None:
        self._connection.close()


class SessionLock:
    """An advisory lock of a PostgreSQL session of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: Connection | None = None

    def renew(self) -> bool:
        if self._connection is not None:
            try:
                self._connection.execute(text("SELECT 1"))
            except DBAPIError:
                self.release()
            else:
                return True
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_LOCK}).scalar():
            self._connection = connection
            return True
        connection.close()
        return False

    def release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if not connection.invalidated:
            with suppress(DBAPIError):  # a session that has ended has let go of it already
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_LOCK})
        connection.invalidate()  # the server ends a session some time after its client: nobody is to wait for that
        connection.close()


def _holder(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            return connection.execute(select(WRITER.c.holder).where(WRITER.c.seat == _SEAT)).scalar() or "another one"
    except DBAPIError:
        return "another process"
