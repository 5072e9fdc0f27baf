"""A log of small changes of lists, dictionaries and attributes, so that they can be taken back exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class UndoLog:
    """What takes back each change made, the last one last: a function and what it is called with."""

    log: list[tuple[Callable[..., Any], tuple[Any, ...]]] = field(default_factory=list)

    def mark(self) -> int:
        """Where the log stands now."""
        return len(self.log)

    def back(self, mark: int) -> None:
        """Take back every change made since a mark."""
        log = self.log
        while len(log) > mark:
            call, args = log.pop()
            call(*args)

    def set(self, where: Any, name: str, value: object) -> None:
        """Set an attribute."""
        self.log.append((setattr, (where, name, getattr(where, name))))
        setattr(where, name, value)

    def put(self, where: dict[Any, Any], key: Any, value: object) -> None:
        """Set a key of a dictionary; None takes it out."""
        if key in where:
            self.log.append((where.__setitem__, (key, where[key])))
        elif value is None:
            return
        else:
            self.log.append((where.pop, (key, None)))
        if value is None:
            del where[key]
        else:
            where[key] = value

    def insert(self, where: list[Any], index: int, value: object) -> None:
        """Insert into a list."""
        self.log.append((where.pop, (index,)))
        where.insert(index, value)

    def pop(self, where: list[Any], index: int) -> Any:
        """Take an element out of a list."""
        value = where.pop(index)
        self.log.append((where.insert, (index, value)))
        return value

    def insert_both(self, one: list[Any], other: list[Any], index: int, first: object, second: object) -> None:
        """Insert at one place of two lists that belong together."""
        self.log.append((_pop_both, (one, other, index)))
        one.insert(index, first)
        other.insert(index, second)

    def pop_both(self, one: list[Any], other: list[Any], index: int) -> None:
        """Take out what is at one place of two lists that belong together."""
        self.log.append((_insert_both, (one, other, index, one.pop(index), other.pop(index))))


def _pop_both(one: list[Any], other: list[Any], index: int) -> None:
    del one[index], other[index]


def _insert_both(one: list[Any], other: list[Any], index: int, first: object, second: object) -> None:
    one.insert(index, first)
    other.insert(index, second)
