"""The tables of access in a database: short transactions of their own beside the ledger's, from any process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

from sqlalchemy import Connection, QueuePool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from knowledge.errors import StoreError
from knowledge.store.database import Store
from knowledge.store.engines import begin, engine_of, in_memory, look_for, short, told, url_of
from knowledge.store.schema import check, is_new

_CONNECTIONS: Final = 4


class AccessStore:
    """A database's tables of access. Threads may share it."""

    def __init__(self, url: str, *, create: bool = False) -> None:
        """Raises StoreError where there is no database of this schema; `create` makes one that is not there yet."""
        self.url = url_of(url)
        self.name = told(self.url)
        if in_memory(self.url):
            raise StoreError("accounts are kept on a disk: write, for example, sqlite:///plant.db")
        if create:
            _make_sure(url)
        look_for(self.url)
        pool = {"poolclass": QueuePool, "pool_size": _CONNECTIONS, "max_overflow": 0, "pool_timeout": 10}
        pool["pool_pre_ping"] = True  # the server may have been started anew since somebody last asked
        self.engine = engine_of(self.url, reading=False, pool=pool)
        try:
            with self.reading() as connection:
                if is_new(connection):
                    raise StoreError(f"database {self.name} holds nothing yet")
                check(connection)
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with. Raises StoreError."""
        with self._told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def changing(self) -> Iterator[Connection]:
        """A transaction; with SQLite no other writes meanwhile. Raises StoreError."""
        with self._told(), self.engine.begin() as connection:
            begin(connection)
            yield connection

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except PoolTimeoutError as error:
            raise StoreError(f"database {self.name}: too many ask at once") from error
        except DBAPIError as error:
            raise StoreError(f"database {self.name}: {short(error)}") from error


def _make_sure(url: str) -> None:
    """Make a database where there is none."""
    engine = engine_of(url_of(url), reading=False)
    try:
        with engine.connect() as connection:
            new = is_new(connection)
    except DBAPIError as error:
        raise StoreError(f"database {told(engine.url)}: {short(error)}") from error
    finally:
        engine.dispose()
    if new:
        with closing(Store(url)):
            pass
