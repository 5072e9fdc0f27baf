"""What sources deliver, kept until the society has taken it: each delivery once, whatever comes twice or breaks off;
and what sinks were told, so that they are told again only what is new."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from knowledge.instants import DAY, Instant
from knowledge.store.access_store import AccessStore
from knowledge.store.source_tables import SinkToldRow, SourceCursorRow, SourceDeliveryRow
from knowledge.store.tables import table_of

REMEMBERED = 30 * DAY
"""How long it is known that a delivery came, after it was taken."""

_DELIVERY, _CURSOR = table_of(SourceDeliveryRow), table_of(SourceCursorRow)
_TOLD = table_of(SinkToldRow)


@dataclass(frozen=True, slots=True)
class Delivered:
    """Something delivered. `delivery` is the same when it comes again; `sequence` is given when it is kept."""

    delivery: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    attempts: int = 0
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How a source stands: how many deliveries wait, how many were taken of late, and when it was asked last.

    Of those that were taken there was nothing to do with `ignored`.
    """

    waiting: int = 0
    taken: int = 0
    asked: Instant | None = None
    ignored: int = 0


@dataclass(frozen=True, slots=True)
class Idle:
    """A delivery with which there was nothing to do, and why."""

    delivered: Delivered
    received: Instant
    reason: str


class SourceInbox:
    """The deliveries of all sources of a database. Threads may share it where one at a time is in its `guard`;
    everything may raise StoreError."""

    def __init__(self, store: AccessStore, guard: AbstractContextManager[Any] | None = None) -> None:
        self.store, self._guard = store, guard or nullcontext()

    def keep(self, source: str, delivered: Sequence[Delivered], now: Instant, cursor: str | None = None) -> int:
        """Keep what is not known yet, and with it how far the source was asked; how many were new."""
        with self._guard, self.store.changing() as connection:
            new = sum(_kept(connection, source, each, now) for each in delivered)
            if cursor is not None:
                connection.execute(delete(_CURSOR).where(_CURSOR.c.source == source))
                connection.execute(insert(_CURSOR).values(source=source, cursor=cursor, asked=now))
            return new

    def cursor(self, source: str) -> str:
        """How far a source was asked; empty where it never was."""
        with self.store.reading() as connection:
            found = connection.execute(select(_CURSOR.c.cursor).where(_CURSOR.c.source == source)).scalar()
            return found or ""

    def waiting(self, source: str, now: Instant, limit: int) -> list[Delivered]:
        """What is to be taken now, in the order in which it came."""
        wanted = (
            select(_DELIVERY)
            .where(_DELIVERY.c.source == source, _DELIVERY.c.due <= now)
            .order_by(_DELIVERY.c.sequence)
            .limit(limit)
        )
        with self.store.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [_delivered(row) for row in rows]

    def next_due(self, source: str) -> Instant | None:
        """When the next delivery is to be taken; None where none waits."""
        with self.store.reading() as connection:
            wanted = select(func.min(_DELIVERY.c.due)).where(_DELIVERY.c.source == source)
            found: Instant | None = connection.execute(wanted).scalar()
            return found

    def taken(self, delivered: Sequence[Delivered], now: Instant) -> None:
        """The society has these; what was taken long ago is forgotten."""
        numbers = [each.sequence for each in delivered]
        with self.store.changing() as connection:
            done = update(_DELIVERY).where(_DELIVERY.c.sequence.in_(numbers))
            connection.execute(done.values(due=None, body=None, received=now))
            _forget(connection, now)

    def ignored(self, delivered: Delivered, reason: str, now: Instant) -> None:
        """There was nothing to do with it: it is kept as it came for as long as it is known that it came."""
        with self.store.changing() as connection:
            one = update(_DELIVERY).where(_DELIVERY.c.sequence == delivered.sequence)
            connection.execute(one.values(due=None, ignored=reason, received=now))
            _forget(connection, now)

    def idle(self, source: str, limit: int) -> list[Idle]:
        """The latest deliveries of a source with which there was nothing to do."""
        mine = (_DELIVERY.c.source == source) & _DELIVERY.c.ignored.is_not(None)
        wanted = select(_DELIVERY).where(mine).order_by(_DELIVERY.c.sequence.desc()).limit(limit)
        with self.store.reading() as connection:
            rows = connection.execute(wanted).mappings().all()
        return [Idle(_delivered(row), row["received"], row["ignored"]) for row in rows]

    def headers(self, source: str, delivery: str) -> dict[str, str] | None:
        """The headers of a delivery, as long as it is known that it came; None where it is not."""
        one = (_DELIVERY.c.source == source) & (_DELIVERY.c.delivery == delivery)
        with self.store.reading() as connection:
            found = connection.execute(select(_DELIVERY.c.headers).where(one)).scalar()
        return None if found is None else dict(json.loads(found))

    def again(self, delivered: Delivered, due: Instant) -> None:
        """It could not be taken, and is tried again at a time."""
        with self.store.changing() as connection:
            one = update(_DELIVERY).where(_DELIVERY.c.sequence == delivered.sequence)
            connection.execute(one.values(due=due, attempts=delivered.attempts + 1))

    def standing(self, source: str) -> Standing:
        """How a source stands."""
        mine = _DELIVERY.c.source == source
        with self.store.reading() as connection:
            counts = select(func.count(), func.count(_DELIVERY.c.due), func.count(_DELIVERY.c.ignored)).where(mine)
            every, waiting, ignored = connection.execute(counts).one()
            asked = connection.execute(select(_CURSOR.c.asked).where(_CURSOR.c.source == source)).scalar()
        return Standing(waiting, every - waiting, asked, ignored)


def _delivered(row: RowMapping) -> Delivered:
    return Delivered(
        row["delivery"],
        row["body"] or b"",
        json.loads(row["headers"]),
        row["name"],
        row["attempts"],
        row["sequence"],
    )


def _forget(connection: Connection, now: Instant) -> None:
    """What was taken long ago is forgotten."""
    old = _DELIVERY.c.due.is_(None) & (_DELIVERY.c.received < now - REMEMBERED)
    connection.execute(delete(_DELIVERY).where(old))


def _kept(connection: Connection, source: str, each: Delivered, now: Instant) -> bool:
    """Whether a delivery is new, and now kept. One process writes, a thread at a time, so numbers
    can be counted up."""
    same = select(_DELIVERY.c.sequence).where(_DELIVERY.c.source == source, _DELIVERY.c.delivery == each.delivery)
    if connection.execute(same).first() is not None:
        return False
    row = {
        "sequence": (connection.execute(select(func.max(_DELIVERY.c.sequence))).scalar() or 0) + 1,
        "source": source,
        "delivery": each.delivery,
        "name": each.name,
        "received": now,
        "due": now,
        "attempts": 0,
        "headers": json.dumps(dict(each.headers)),
        "body": each.body,
    }
    connection.execute(insert(_DELIVERY).values(row))
    return True


class SinkMemory:
    """What each sink was told last of each document. Threads may share it; everything may raise StoreError."""

    def __init__(self, store: AccessStore) -> None:
        self.store = store

    def last(self, sink: str, document: str) -> tuple[str, int]:
        """The digest of what a sink was told last, and how often it was told something new; empty and 0 at first."""
        wanted = select(_TOLD.c.digest, _TOLD.c.times).where(_TOLD.c.sink == sink, _TOLD.c.document == document)
        with self.store.reading() as connection:
            found = connection.execute(wanted).first()
            return ("", 0) if found is None else (found.digest, found.times)

    def told(self, sink: str, document: str, digest: str, times: int) -> None:
        """It has been told this."""
        mine = (_TOLD.c.sink == sink) & (_TOLD.c.document == document)
        with self.store.changing() as connection:
            connection.execute(delete(_TOLD).where(mine))
            connection.execute(insert(_TOLD).values(sink=sink, document=document, digest=digest, times=times))
