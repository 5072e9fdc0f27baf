"""How often sign-ins have failed of late, by whatever they have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from knowledge.instants import Instant
from knowledge.store.access_store import AccessStore
from knowledge.store.access_tables import FailedSignInRow
from knowledge.store.tables import table_of

_FAILED = table_of(FailedSignInRow)


@dataclass(slots=True)
class Failures:
    """How often somebody failed, until when they have to wait, and when they failed last."""

    count: int = 0
    until: Instant = 0
    last: Instant = 0


class FailedSignIns:
    """Failures by key, in the database: a restart forgets none."""

    def __init__(self, store: AccessStore) -> None:
        self.store = store

    def of(self, keys: Iterable[str]) -> dict[str, Failures]:
        """What is known of some keys. Raises StoreError."""
        with self.store.reading() as connection:
            rows = connection.execute(select(_FAILED).where(_FAILED.c.key.in_(list(keys))))
            return {row.key: Failures(row.failures, row.until, row.last) for row in rows}

    def keep(self, found: Mapping[str, Failures], older: Instant, most: int) -> None:
        """Put these in place of what is known of their keys; forget what failed last before `older`, and of more than
        `most` what failed longest ago. Raises StoreError."""
        oldest = select(_FAILED.c.key).order_by(_FAILED.c.last.desc(), _FAILED.c.key).offset(most)
        rows = [
            {"key": key, "failures": each.count, "until": each.until, "last": each.last} for key, each in found.items()
        ]
        with self.store.changing() as connection:
            connection.execute(delete(_FAILED).where(_FAILED.c.key.in_(list(found)) | (_FAILED.c.last < older)))
            connection.execute(insert(_FAILED), rows)
            connection.execute(delete(_FAILED).where(_FAILED.c.key.in_(oldest)))

    def forget(self, keys: Iterable[str]) -> None:
        """Know nothing of some keys any more. Raises StoreError."""
        with self.store.changing() as connection:
            connection.execute(delete(_FAILED).where(_FAILED.c.key.in_(list(keys))))
