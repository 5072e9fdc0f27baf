"""Backup and restore: one file, an SQLite database of the same schema, of whichever database it was made.

So a backup can be looked into like any other database (`audit --db sqlite:///backup.db`), and what was backed up from
PostgreSQL can be restored into SQLite, and the other way round.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.exc import DBAPIError

from knowledge.errors import StoreError
from knowledge.store.access_tables import ApiKeyRow, SessionRow
from knowledge.store.copying import contents, copy_rows
from knowledge.store.database import Store
from knowledge.store.engines import is_sqlite, short
from knowledge.store.tables import table_of

_KEYS, _SESSIONS = table_of(ApiKeyRow), table_of(SessionRow)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: how many rows, how many sessions ended with it, and which API keys stay revoked that were not
    yet when the backup was made."""

    rows: int
    sessions: int
    revoked: tuple[str, ...]


def backup(url: str, file: Path) -> int:
    """Write everything that a database holds at this moment into a new file, while others may write it.

    How many rows that is. `file` is there only once it is whole.
    """
    if file.exists():
        raise StoreError(f"{file} exists already: a backup never overwrites anything")
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    try:
        with closing(Store(url, reading=True)) as store:
            if is_sqlite(store.url):
                _copy_pages(store, part)
            else:
                _copy_tables(store, part)
        rows = verified(part)
        _sync(part)
        part.rename(file)
        _sync(file.parent)
    except OSError as error:
        raise StoreError(f"{file}: {error.strerror}") from error
    finally:
        for leftover in (part, _beside(part, "-owner"), _beside(part, "-wal"), _beside(part, "-shm")):
            leftover.unlink(missing_ok=True)
    return rows


def restore(file: Path, url: str, *, replace: bool = False) -> Restored:
    """Put the contents of a backup into a database, in one transaction, after it was found to be sound.

    A database that holds anything is left alone unless `replace`. Nobody else may write it. Everybody signs in anew,
    and a key that the database knew to be revoked stays so.
    """
    rows = verified(file)
    with closing(Store(f"sqlite:///{file}", reading=True)) as source, closing(Store(url)) as target:
        if not replace and _count(target):
            raise StoreError(f"database {target.name} holds something already: restore with --replace to lose that")
        try:
            with source.connected() as read, target.writing() as written:
                known = _revoked(written)
                copy_rows(read, written)
                ended = written.execute(delete(_SESSIONS)).rowcount
                active = written.execute(select(_KEYS.c.key).where(~_KEYS.c.revoked)).scalars()
                revoked = tuple(sorted(known.intersection(active)))
                written.execute(update(_KEYS).where(_KEYS.c.key.in_(revoked)).values(revoked=True))
        except DBAPIError as error:
            raise StoreError(f"database {target.name}: {short(error)}") from error
        if _count(target) != rows - ended:
            raise StoreError(f"database {target.name}: not every row of {file} has arrived")
    return Restored(rows - ended, ended, revoked)


def _revoked(connection: Connection) -> set[str]:
    return set(connection.execute(select(_KEYS.c.key).where(_KEYS.c.revoked)).scalars())


def verified(file: Path) -> int:
    """The number of rows in a backup; `StoreError` where it is damaged, of another schema, or none at all."""
    if not file.is_file():
        raise StoreError(f"there is no backup {file}")
    try:
        with closing(sqlite3.connect(file)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    except sqlite3.Error as error:
        raise StoreError(f"{file} is no sound backup: {error}") from error
    if found != ["ok"]:
        raise StoreError(f"{file} is no sound backup: {found[0]}")
    with closing(Store(f"sqlite:///{file}", reading=True)) as store:
        return _count(store)


def _copy_pages(store: Store, file: Path) -> None:
    """SQLite's own online backup, of the snapshot that the reader has."""
    with store.connected() as connection, closing(sqlite3.connect(file)) as target:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")  # one file, whole without another beside it


def _copy_tables(store: Store, file: Path) -> None:
    with closing(Store(f"sqlite:///{file}")) as copy:
        with store.connected() as source, copy.writing() as target:
            copy_rows(source, target)
        with copy.connected() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")


def _count(store: Store) -> int:
    with store.connected() as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in contents())


def _beside(file: Path, suffix: str) -> Path:
    return file.with_name(file.name + suffix)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
