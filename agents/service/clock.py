"""The service's clock: the machine's time, which never goes back and never stands still."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from knowledge.instants import Instant

SECOND: Final = 10**9
"""Nanoseconds, which is what the machine's clocks count."""


class SteadyClock:
    """Follows the machine's time, forwards at once. Where that is stepped back it goes on at half the speed until the
    machine's time has caught up: what happens keeps its order, and whoever waits for a time is not kept waiting.

    `wall` and `elapsed` give nanoseconds: of the machine's time, and of one that nobody sets. Threads may share it.
    """

    def __init__(self, wall: Callable[[], int] = time.time_ns, elapsed: Callable[[], int] = time.monotonic_ns) -> None:
        self._wall, self._elapsed = wall, elapsed
        self._guard = threading.Lock()
        self._looked = elapsed()
        self._now = wall()

    def __call__(self) -> Instant:
        """Seconds since 1970."""
        with self._guard:
            looked = self._elapsed()
            passed, self._looked = looked - self._looked, looked
            self._now = max(self._wall(), self._now + passed // 2)
            return self._now // SECOND

    def not_before(self, instant: Instant) -> None:
        """It is at least that time: it was when the society was last awake."""
        with self._guard:
            self._now = max(self._now, instant * SECOND)
