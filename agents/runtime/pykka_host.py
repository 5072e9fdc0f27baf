"""The pykka host: one `ThreadingActor` an agent, the very same agents as in simulated time.

Everything is `tell`. A writer actor owns the ledger: it commits what has come together since its last commit and
only then hands the messages on, so nothing is heard before it is durable. An actor never dies of a handler that
raises: the dispatcher makes the agent anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from queue import Empty
from typing import Any

import pykka

from agents.runtime.agent import Effect, Send
from agents.runtime.dispatch import Dispatcher, Maker, timer
from agents.runtime.ledger import Ledger
from knowledge.instants import Instant
from protocols.envelope import Envelope


class _Hosted(pykka.ThreadingActor):
    """One agent's thread."""

    use_daemon_thread = True

    def __init__(self, host: PykkaHost, name: str) -> None:
        super().__init__()
        self.host = host
        self.name = name

    def on_receive(self, message: Any) -> None:
        envelope: Envelope[Any] = message
        effects = self.host.dispatcher.run(envelope, self.host.clock())
        self.host.writer.tell((envelope, effects))


class _Writer(pykka.ThreadingActor):
    """The one that writes: records effects, commits them in groups, then delivers."""

    use_daemon_thread = True

    def __init__(self, host: PykkaHost) -> None:
        super().__init__()
        self.host = host

    def on_receive(self, message: Any) -> None:
        self._record(message)
        while True:  # group commit: everything that is waiting goes into one transaction
            try:
                queued = self.actor_inbox.get_nowait()
            except Empty:
                break
            self._record(queued.message)
        self.host.deliver()

    def _record(self, message: Any) -> None:
        if callable(message):
            message()
            return
        envelope, effects = message
        if effects is not None:
            self.host.ledger.record(envelope, effects, self.host.clock())
        self.host.under_way -= 1


class PykkaHost:
    """Drives the agents of a society on threads. `clock` gives the time; timers fire when `tick` is called after it."""

    def __init__(
        self,
        makers: Mapping[str, Maker],
        ledger: Ledger,
        clock: Callable[[], Instant],
        outside: Callable[[Envelope[Any]], None] = lambda envelope: None,
    ) -> None:
        self.ledger = ledger
        self.clock = clock
        self.outside = outside
        self.dispatcher = Dispatcher(makers, ledger)
        self.under_way = 0
        self.idle = threading.Event()
        self._timers: list[tuple[Instant, int, Envelope[Any]]] = []
        self.writer = _Writer.start(self)
        self.actors = {name: _Hosted.start(self, name) for name in makers}
        waiting = ledger.waiting()
        self.writer.tell(lambda: self._route(waiting))

    def post(self, sends: Iterable[Send], sender: str) -> None:
        """Say something to the society from outside."""
        said = list(sends)
        self.idle.clear()
        self.writer.tell(lambda: self.ledger.post(said, sender, self.clock()))

    def tick(self) -> None:
        """Fire the timers that are due by now, one after the other, each with what follows from it."""
        while True:
            self.wait()
            due = sorted(entry[:2] for entry in self._timers if entry[0] <= self.clock())
            if not due:
                return
            entry = next(e for e in self._timers if e[:2] == due[0])
            self._timers.remove(entry)
            self.idle.clear()
            self.writer.tell(lambda found=entry[2]: self._tell(found))

    def wait(self, timeout: float = 60.0) -> None:
        """Wait until no message is under way."""
        done = threading.Event()
        self.writer.tell(lambda: None)
        if not self.idle.wait(timeout):
            raise TimeoutError("messages are still under way")
        done.set()

    def stop(self) -> None:
        """Stop every actor once its inbox is empty, then the writer."""
        for actor in self.actors.values():
            actor.stop()
        self.writer.stop()

    def deliver(self) -> None:
        """Commit, and hand on what became durable. Runs in the writer's thread."""
        self._route(self.ledger.commit())
        if not self.under_way:
            self.idle.set()

    def _route(self, outgoing: Iterable[tuple[Envelope[Any], Instant]]) -> None:
        for envelope, due in outgoing:
            if not self.dispatcher.deliverable(envelope):
                if not timer(envelope):
                    self.dispatcher.conversations.check(envelope, self.clock())
                self.ledger.ignore(envelope, "")
                self.outside(envelope)
            elif timer(envelope):
                self._timers.append((due, self.ledger.sequence, envelope))
            else:
                self._tell(envelope)

    def _tell(self, envelope: Envelope[Any]) -> None:
        if self.dispatcher.admit(envelope, self.clock()):
            self.under_way += 1
            self.actors[envelope.receiver].tell(envelope)


Effects = list[Effect]
