"""What is going to happen in the world, in order of time."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush

from knowledge.instants import Instant

Happening = Callable[[Instant], None]


class Agenda:
    """Things to happen, each at its time; those of one instant in the order in which they were entered."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, Happening]] = []
        self._entered = 0

    def at(self, time: Instant, happening: Happening) -> None:
        """Let something happen at a time."""
        self._entered += 1
        heappush(self._heap, (time, self._entered, happening))

    @property
    def next(self) -> Instant | None:
        """When the next thing happens."""
        return self._heap[0][0] if self._heap else None

    def happen(self, now: Instant) -> None:
        """Let everything happen that is due by now, and what comes of it at once."""
        while self._heap and self._heap[0][0] <= now:
            heappop(self._heap)[2](now)
