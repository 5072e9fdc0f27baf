"""A sorted list in blocks: an entry is found, put in or taken out at a cost that hardly grows with their number."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator
from typing import Any, Generic, TypeVar

MOST = 512
"""How many entries a block has at most. Between 256 and 1024 the times differ by a tenth."""

E = TypeVar("E", bound=tuple[Any, ...])


class Ordered(Generic[E]):
    """Tuples in order, no two alike."""

    __slots__ = ("_blocks", "_lasts")

    def __init__(self, entries: Iterable[E] = ()) -> None:
        whole = sorted(entries)
        half = MOST // 2
        self._blocks = [whole[i : i + half] for i in range(0, len(whole), half)]
        self._lasts = [block[-1] for block in self._blocks]

    def __iter__(self) -> Iterator[E]:
        for block in self._blocks:
            yield from block

    def __bool__(self) -> bool:
        return bool(self._blocks)

    def add(self, entry: E) -> None:
        """Put an entry in."""
        if not self._blocks:
            self._blocks.append([entry])
            self._lasts.append(entry)
            return
        index = min(bisect_left(self._lasts, entry), len(self._blocks) - 1)
        block = self._blocks[index]
        insort(block, entry)
        self._lasts[index] = block[-1]
        if len(block) > MOST:
            half = len(block) // 2
            self._blocks.insert(index + 1, block[half:])
            del block[half:]
            self._lasts[index : index + 1] = [block[-1], self._lasts[index]]

    def discard(self, entry: E) -> None:
        """Take an entry out, if it is there."""
        index = bisect_left(self._lasts, entry)
        block = self._blocks[index] if index < len(self._blocks) else []
        place = bisect_left(block, entry)
        if place < len(block) and block[place] == entry:
            del block[place]
            if block:
                self._lasts[index] = block[-1]
            else:
                del self._blocks[index], self._lasts[index]

    def first(self) -> E | None:
        """The least entry."""
        return self._blocks[0][0] if self._blocks else None

    def last(self) -> E | None:
        """The greatest entry."""
        return self._lasts[-1] if self._lasts else None

    def before(self, bound: tuple[Any, ...]) -> E | None:
        """The greatest entry less than a bound."""
        index = bisect_left(self._lasts, bound)
        if index < len(self._blocks):
            place = bisect_left(self._blocks[index], bound)
            if place:
                return self._blocks[index][place - 1]
        return self._lasts[index - 1] if index else None

    def after(self, bound: tuple[Any, ...]) -> E | None:
        """The least entry greater than a bound."""
        index = bisect_right(self._lasts, bound)
        if index == len(self._blocks):
            return None
        block = self._blocks[index]
        return block[bisect_right(block, bound)]

    def until(self, bound: tuple[Any, ...]) -> list[E]:
        """The entries less than a bound, in order."""
        found: list[E] = []
        for block in self._blocks:
            if block[-1] >= bound:
                return [*found, *block[: bisect_left(block, bound)]]
            found.extend(block)
        return found
