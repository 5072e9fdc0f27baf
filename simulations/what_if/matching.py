"""Which row of one state is which row of the other: by name, and where a name is new, by what it is for."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from simulations.what_if.values import Pair

R = TypeVar("R")
Key = Callable[[R], Hashable]


@dataclass(frozen=True, slots=True)
class Matched(Generic[R]):
    """Rows that are in both states, and those that are in one."""

    pairs: list[Pair[R]]
    dropped: list[R]
    new: list[R]


def matched(
    before: Sequence[R], after: Sequence[R], names: Key[R], uses: Callable[[R], Iterable[Hashable]]
) -> Matched[R]:
    """Match rows of equal names in their order, then those left that share a use, the earliest in the table first.

    Planned supply may get another number when it is planned for another day: it is still the supply of its need.
    """
    pairs, dropped, new = _by(before, after, lambda row: (names(row),))
    again, dropped, new = _by(dropped, new, uses)
    return Matched(pairs + again, dropped, new)


def _by(
    before: Sequence[R], after: Sequence[R], keys: Callable[[R], Iterable[Hashable]]
) -> tuple[list[Pair[R]], list[R], list[R]]:
    waiting: dict[Hashable, list[int]] = {}
    for index, row in enumerate(after):
        for key in keys(row):
            waiting.setdefault(key, []).append(index)
    for found in waiting.values():
        found.reverse()
    pairs: list[Pair[R]] = []
    dropped: list[R] = []
    taken: set[int] = set()
    for row in before:
        found_at = _first_free((waiting.get(key, []) for key in keys(row)), taken)
        if found_at is None:
            dropped.append(row)
        else:
            taken.add(found_at)
            pairs.append(Pair(row, after[found_at]))
    return pairs, dropped, [row for index, row in enumerate(after) if index not in taken]


def _first_free(lists: Iterable[list[int]], taken: set[int]) -> int | None:
    """The first row of the lists, each to be read from its end, that no other has; those that are taken are let go."""
    for found in lists:
        while found and found[-1] in taken:
            found.pop()
        if found:
            return found.pop()
    return None
