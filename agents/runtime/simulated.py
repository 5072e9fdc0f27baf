"""The simulated host: one thread, one heap of (time, priority, sequence), virtual time.

Messages of one instant are handled in waves: a wave is handled, committed, and only then is what it said delivered.
Timers come after all messages of their instant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heappop, heappush
from typing import Any

from agents.runtime.agent import Send
from agents.runtime.dispatch import Dispatcher, Maker, timer
from agents.runtime.ledger import Ledger
from knowledge.instants import Instant
from protocols.envelope import Envelope


class SimulatedHost:
    """Drives the agents of a society in virtual time. `outside` gets what is said to nobody in it."""

    def __init__(
        self,
        makers: Mapping[str, Maker],
        ledger: Ledger,
        now: Instant,
        outside: Callable[[Envelope[Any]], None] = lambda envelope: None,
    ) -> None:
        self.ledger = ledger
        self.dispatcher = Dispatcher(makers, ledger)
        self.now = now
        self.outside = outside
        self._heap: list[tuple[Instant, int, int, Envelope[Any]]] = []
        self._pushed = 0
        for envelope, due in ledger.waiting():
            self._push(envelope, due)

    def post(self, sends: Iterable[Send], sender: str) -> None:
        """Say something to the society from outside, now."""
        self.ledger.post(sends, sender, self.now)
        self._deliver()

    def run_until(self, time: Instant) -> None:
        """Move the clock to a time, handling everything that is due on the way, that instant included."""
        while self._heap and self._heap[0][0] <= time:
            self.now = max(self.now, self._heap[0][0])
            self._wave()
        self.now = max(self.now, time)

    def settle(self) -> None:
        """Handle everything that is due now."""
        self.run_until(self.now)

    def _wave(self) -> None:
        due, priority = self._heap[0][0], self._heap[0][1]
        wave = []
        while self._heap and self._heap[0][0] <= max(due, self.now) and self._heap[0][1] == priority:
            wave.append(heappop(self._heap)[3])
            if priority:
                break  # a timer by itself: what it says comes before the next one
        for envelope in wave:
            self._handle(envelope)
        self._deliver()

    def _handle(self, envelope: Envelope[Any]) -> None:
        if not self.dispatcher.admit(envelope, self.now):
            return
        effects = self.dispatcher.run(envelope, self.now)
        if effects is not None:
            self.ledger.record(envelope, effects, self.now)

    def _deliver(self) -> None:
        for envelope, due in self.ledger.commit():
            if self.dispatcher.deliverable(envelope):
                self._push(envelope, due)
            else:
                if not timer(envelope):
                    self.dispatcher.conversations.check(envelope, self.now)
                self.ledger.ignore(envelope, "")
                self.outside(envelope)

    def _push(self, envelope: Envelope[Any], due: Instant) -> None:
        self._pushed += 1
        heappush(self._heap, (due, int(timer(envelope)), self._pushed, envelope))
