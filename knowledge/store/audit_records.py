"""The audit log in the database: records are only ever added, one after the other, whoever adds them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, func, insert, or_, select, text

from knowledge.audit_log import GENESIS, Entry, Record, chained
from knowledge.store.access_store import AccessStore
from knowledge.store.access_tables import AuditRecordRow
from knowledge.store.engines import is_sqlite
from knowledge.store.tables import table_of

_RECORD = table_of(AuditRecordRow)
_ONE_AT_A_TIME: Final = 0x50_C1_E7_78  # any number: the lock that is held while a record is added to PostgreSQL
_ROWS_A_BATCH = 1_000


def append(store: AccessStore, entry: Entry) -> Record:
    """Add an entry to the log; it is on the disk when this returns. Raises StoreError."""
    with store.changing() as connection:
        return appended(connection, entry)


def appended(connection: Connection, entry: Entry) -> Record:
    """Add an entry to the log at the end of a transaction that changes something else, too."""
    if not is_sqlite(connection.engine.url):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
    sequence, head = _last(connection)
    record = chained(_kept(entry), sequence + 1, head)
    connection.execute(insert(_RECORD).values(**_values(record)))
    return record


def head(store: AccessStore) -> tuple[int, str]:
    """How many records there are, and the hash of the last."""
    with store.reading() as connection:
        return _last(connection)


def records(store: AccessStore) -> Iterator[Record]:
    """The whole log, the first record first."""
    with store.reading() as connection:
        found = connection.execution_options(yield_per=_ROWS_A_BATCH).execute(
            select(_RECORD).order_by(_RECORD.c.sequence)
        )
        for row in found.mappings():
            yield _record(row)


def page(
    store: AccessStore, person: str | None = None, search: str = "", limit: int = 100, offset: int = 0
) -> tuple[list[Record], int]:
    """Records, the latest first, and how many there are in all: of a person, with a text in action or subject."""
    conditions = [] if person is None else [_RECORD.c.person == person]
    if search:
        columns = (_RECORD.c.action, _RECORD.c.subject)
        conditions.append(or_(*[column.icontains(search, autoescape=True) for column in columns]))
    statement = select(_RECORD).where(*conditions).order_by(_RECORD.c.sequence.desc()).limit(limit).offset(offset)
    with store.reading() as connection:
        rows = [_record(row) for row in connection.execute(statement).mappings()]
        total = connection.execute(select(func.count()).select_from(_RECORD).where(*conditions)).scalar_one()
        return rows, total


def _last(connection: Connection) -> tuple[int, str]:
    statement = select(_RECORD.c.sequence, _RECORD.c.hash).order_by(_RECORD.c.sequence.desc()).limit(1)
    row = connection.execute(statement).first()
    return (0, GENESIS) if row is None else (row.sequence, row.hash)


def _kept(entry: Entry) -> Entry:
    """As any database keeps it: without null characters and halves of surrogate pairs."""

    def clean(value: str) -> str:
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")

    return Entry(entry.time, clean(entry.person), clean(entry.action), clean(entry.subject), clean(entry.detail))


def _values(record: Record) -> dict[str, Any]:
    entry = record.entry
    return {
        "sequence": record.sequence,
        "time": entry.time,
        "person": entry.person,
        "action": entry.action,
        "subject": entry.subject,
        "detail": entry.detail,
        "previous": record.previous,
        "hash": record.hash,
    }


def _record(row: Any) -> Record:
    entry = Entry(row["time"], row["person"], row["action"], row["subject"], row["detail"])
    return Record(row["sequence"], entry, row["previous"], row["hash"])
