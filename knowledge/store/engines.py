"""Engines: how a connection to either kind of database is made, so that what is committed stays committed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import StaticPool

from knowledge.errors import StoreError

_PRAGMAS = ("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL")

_SERVER_NOTICES_A_DEAD_CLIENT = "-c tcp_keepalives_idle=2 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3"
"""Settings of a PostgreSQL session: the locks of a client whose machine is gone are free after some five seconds."""


def url_of(text: str) -> URL:
    """A database URL; `StoreError` where it is none."""
    try:
        return make_url(text)
    except ArgumentError as error:
        raise _no_url(text) from error


def look_for(url: URL) -> None:
    """Raise `StoreError` where there is no such file, rather than make one."""
    if is_sqlite(url) and not in_memory(url) and not Path(url.database or "").exists():
        raise StoreError(f"there is no database {url.database}")


def is_sqlite(url: URL) -> bool:
    """Whether it is SQLite, otherwise PostgreSQL."""
    return url.get_backend_name() == "sqlite"


def in_memory(url: URL) -> bool:
    """Whether nothing of it outlives the process."""
    return is_sqlite(url) and url.database in (None, "", ":memory:")


def told(url: URL) -> str:
    """A database's name in messages, without its password."""
    return url.render_as_string(hide_password=True)


def engine_of(url: URL, *, reading: bool, pool: Mapping[str, Any] | None = None) -> Engine:
    """An engine for the one who writes or, `reading`, one whose transactions are snapshots that write nothing.

    `pool` says how connections are kept, as `create_engine` has it; by default SQLite has a single one.
    """
    make = _sqlite_engine if is_sqlite(url) else _postgres_engine
    try:
        return make(url, reading, pool or {})
    except NoSuchModuleError as error:
        raise _no_url(told(url)) from error
    except ModuleNotFoundError as error:
        raise StoreError(f"the driver for {told(url)!r} is not installed ({error})") from error


def _no_url(text: str) -> StoreError:
    examples = "sqlite:///plant.db or postgresql+psycopg://user@host/plant"
    return StoreError(f"{text!r} is not a database URL; write, for example, {examples}")


def begin(connection: Connection) -> None:
    """Make a transaction hold what it changes of the tables themselves, too: SQLite's driver begins none for that."""
    if is_sqlite(connection.engine.url):
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _sqlite_engine(url: URL, reading: bool, pool: Mapping[str, Any]) -> Engine:
    engine = create_engine(url, connect_args={"check_same_thread": False}, **{"poolclass": StaticPool, **pool})
    if in_memory(url):
        event.listen(engine, "connect", _volatile)
    elif reading:
        event.listen(engine, "connect", _manual)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "connect", _durable)
    return engine


def _postgres_engine(url: URL, reading: bool, pool: Mapping[str, Any]) -> Engine:
    options = " ".join([*url.normalized_query.get("options", ()), _SERVER_NOTICES_A_DEAD_CLIENT])
    level: dict[str, Any] = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True} if reading else {}
    pool = {"pool_pre_ping": reading, **pool}  # the server may have been started anew since somebody last looked
    engine = create_engine(
        url.difference_update_query(["options"]),
        connect_args={"options": options, "connect_timeout": 5},
        execution_options=level,
        **pool,
    )
    event.listen(engine, "connect", _without_null_characters)
    return engine


def _durable(connection: Any, _: object) -> None:
    _set(connection, *_PRAGMAS)


def _manual(connection: Any, _: object) -> None:
    connection.isolation_level = None  # the driver begins no transaction by itself: `_begin` does
    _set(connection, "busy_timeout=5000", "query_only=ON")


def _begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN")


def _volatile(connection: Any, _: object) -> None:
    _set(connection, "journal_mode=MEMORY", "synchronous=OFF")


def _set(connection: Any, *pragmas: str) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _without_null_characters(connection: Any, _: object) -> None:
    """PostgreSQL keeps every character but U+0000; a document that has one is kept with U+FFFD in its place."""
    from psycopg.types.string import StrDumper

    class Cleaned(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    connection.adapters.register_dumper(str, Cleaned)


def short(error: Exception) -> str:
    """What a driver says, in one line."""
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return next(iter(str(said).splitlines()), type(said).__name__)


def passing(error: DBAPIError) -> bool:
    """Whether it may go by: the server is away or restarts, the disk is full, somebody has the file locked."""
    if error.connection_invalidated:
        return True
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.orig, "sqlite_errorname", None)
    return code is None or code.startswith(("SQLITE_FULL", "SQLITE_BUSY", "SQLITE_IOERR", "SQLITE_CANTOPEN"))
