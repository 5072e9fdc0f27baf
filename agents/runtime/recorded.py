"""What agents look up: the records, and before them what an agent has written that is not durable yet.

What is closed does not stay in an agent's memory. Where it is asked for again it is read from here, and an agent may
be ahead of the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from operator import itemgetter
from threading import Lock
from typing import Any

from sqlmodel import SQLModel

from knowledge.store.database import Store, Write
from knowledge.store.tables import table_of

Key = tuple[Any, ...]


class Recorded:
    """The store, as agents see it.

    `wrote` is told by the thread of the agent that handled a message, before it handles another; `durable` by the
    thread that has committed. Every row is of one agent alone, so nobody else asks for it meanwhile.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._ahead: dict[type[SQLModel], dict[Any, dict[Key, Write]]] = {}  # by the first part of the key
        self._keys: dict[type[SQLModel], tuple[tuple[str, ...], Callable[[Any], Key]]] = {}
        self._lock = Lock()

    def rows(self, model: type[SQLModel], *columns: str, **where: object) -> list[dict[str, Any]]:
        """See `Records`."""
        return self._store.rows(model, *columns, **where)

    def starting(self, model: type[SQLModel], column: str, text: str, **where: object) -> list[dict[str, Any]]:
        """See `Records`."""
        return self._store.starting(model, column, text, **where)

    def of(
        self, model: type[SQLModel], column: str, other: type[SQLModel], theirs: Mapping[str, object], **where: object
    ) -> list[dict[str, Any]]:
        """See `Records`."""
        return self._store.of(model, column, other, theirs, **where)

    def different(self, model: type[SQLModel], column: str, **where: object) -> list[Any]:
        """See `Records`."""
        return self._store.different(model, column, **where)

    def highest(self, model: type[SQLModel], column: str) -> int:
        """See `Records`."""
        return self._store.highest(model, column)

    def last_named(self, model: type[SQLModel], column: str) -> str:
        """See `Records`."""
        return self._store.last_named(model, column)

    def own(self, model: type[SQLModel], **where: object) -> list[dict[str, Any]]:
        """See `Records`."""
        ahead = self._ahead_of(model, where)  # before the rows: one may become durable meanwhile
        rows = self._store.rows(model, **where)
        if not ahead:
            return rows
        found = {self._key(model, row): row for row in rows}
        for key, write in ahead:
            found.pop(key, None)
            if not write.remove and all(_is(write.row[name], value) for name, value in where.items()):
                found[key] = dict(write.row)
        return [found[key] for key in sorted(found)]

    def wrote(self, effects: Iterable[object]) -> None:
        """An agent did this; nothing of it is durable yet."""
        with self._lock:
            for effect in effects:
                if isinstance(effect, Write):
                    key = self._key(effect.table, effect.row)
                    self._ahead.setdefault(effect.table, {}).setdefault(key[0], {})[key] = effect

    def durable(self, writes: Iterable[Write]) -> None:
        """These are in the store now."""
        with self._lock:
            for write in writes:
                parts, key = self._ahead.get(write.table, {}), self._key(write.table, write.row)
                part = parts.get(key[0], {})
                if part.get(key) is write:
                    del part[key]
                    if not part:
                        del parts[key[0]]

    def _ahead_of(self, model: type[SQLModel], where: Mapping[str, object]) -> list[tuple[Key, Write]]:
        """What is not durable of rows that may be as asked."""
        first = where.get(self._names(model)[0])
        with self._lock:
            parts = self._ahead.get(model, {})
            if isinstance(first, (str, int, tuple)):
                values = first if isinstance(first, tuple) else (first,)
                return [each for value in values for each in parts.get(value, {}).items()]
            return [each for part in parts.values() for each in part.items()]

    def _key(self, model: type[SQLModel], row: Any) -> Key:
        return self._known(model)[1](row)

    def _names(self, model: type[SQLModel]) -> tuple[str, ...]:
        return self._known(model)[0]

    def _known(self, model: type[SQLModel]) -> tuple[tuple[str, ...], Callable[[Any], Key]]:
        """The names of a table's key, and what takes the key of a row."""
        known = self._keys.get(model)
        if known is None:
            names = tuple(column.name for column in table_of(model).primary_key.columns)
            known = self._keys[model] = names, itemgetter(*names) if len(names) > 1 else _only(names[0])
        return known


def _only(name: str) -> Callable[[Any], Key]:
    return lambda row: (row[name],)


def _is(value: object, asked: object) -> bool:
    return value in asked if isinstance(asked, tuple) else value == asked
