"""The simulated host: one thread, one heap of (time, priority, sequence), virtual time.

Messages of one instant are handled in waves: a wave is handled, and then what it said is delivered. The world hears
nothing before it is durable; agents do, for they stop together with the ledger, and then nothing of it has happened.
Timers come after all messages of their instant, one by one, each with all that follows from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from heapq import heappop, heappush
from typing import Any

from agents.runtime.agent import Effect, Send
from agents.runtime.dispatch import Dispatcher, Maker, Outside, Renewal, timer
from agents.runtime.disturbing import Disturbance
from agents.runtime.ledger import Ledger
from agents.runtime.outbox import BackOff, Sink, idempotency_key
from agents.runtime.tracing import Trace, untraced
from knowledge.instants import Instant
from protocols.envelope import Content, Envelope
from protocols.notices import Listeners
from protocols.publishing import Subscriptions


class SimulatedHost:
    """Drives the agents of a society in virtual time. `outside`, `sinks`, `listeners` and `trace`: see `Dispatcher`.

    `disturbance` makes things go wrong on purpose.
    """

    def __init__(
        self,
        makers: Mapping[str, Maker],
        ledger: Ledger,
        now: Instant,
        outside: Outside = lambda envelope: None,
        sinks: Mapping[str, Sink] | None = None,
        back_off: BackOff | None = None,
        listeners: Listeners = (),
        trace: Trace = untraced,
        subscriptions: Subscriptions = (),
        disturbance: Disturbance | None = None,
    ) -> None:
        self.ledger = ledger
        self.dispatcher = Dispatcher(makers, ledger, outside, sinks, back_off, listeners, trace, subscriptions)
        self.agents = {name: self.dispatcher.make(name) for name in makers}
        self.now = now
        self.disturbance = disturbance
        self._heap: list[tuple[Instant, int, int, Envelope[Any]]] = []
        self._pushed = 0
        for envelope, due in self.dispatcher.waiting(now):
            self._push(envelope, due)

    def post(self, sends: Iterable[Send], sender: str, *, durable: bool = True) -> None:
        """Say something to the society from outside, now."""
        self.ledger.post(sends, sender, self.now)
        self._deliver(durable)

    def ask(self, receiver: str, content: Content, sender: str) -> Content:
        """Ask an agent something, now; what it says. What else is due now is handled as well."""
        answer: Future[Content] = Future()
        self.dispatcher.questions.ask(receiver, content, sender, self.now, answer)
        self._deliver()
        self.settle()
        return answer.result(0)

    def run_until(self, time: Instant, *, durable: bool = True) -> None:
        """Move the clock to a time, handling everything that is due on the way, that instant included.

        Where it need not be `durable` at once, it becomes so with what is done later, and the world hears it then.
        """
        while self._heap and self._heap[0][0] <= time:
            self.now = max(self.now, self._heap[0][0])
            for envelope in self._wave():
                self._handle(envelope)
            for envelope, due in self.dispatcher.ahead(self.now, patient=self._patient(durable)):
                self._push(envelope, due)
        self.now = max(self.now, time)
        if durable:
            self._deliver(durable)
            self.ledger.flush()

    def renew(self, prepare: Callable[[], Renewal | None]) -> None:
        """Keep what `prepare` gives, if anything, and make every agent anew, once what is due now is handled.

        What `prepare` raises goes to the caller, and nothing has changed.
        """
        self.settle()
        outgoing = self.dispatcher.renew(prepare, self.now)
        if outgoing is None:
            return
        for agent in self.agents.values():
            agent.stop()
        self.agents = {name: self.dispatcher.make(name) for name in self.dispatcher.makers}
        for envelope, due in outgoing:
            self._push(envelope, due)

    def settle(self) -> None:
        """Handle everything that is due now."""
        self.run_until(self.now)

    def stop(self) -> None:
        """Nothing runs when nobody calls; here for the sake of the hosts with threads."""

    def _wave(self) -> list[Envelope[Any]]:
        """The messages that are due together, or one timer."""
        due, priority = self._heap[0][:2]
        wave = [heappop(self._heap)[3]]
        while not priority and self._heap and self._heap[0][:2] == (due, priority):
            wave.append(heappop(self._heap)[3])
        return wave if self.disturbance is None else self.disturbance.sorted(wave)

    def _handle(self, envelope: Envelope[Any]) -> None:
        if envelope.receiver in self.dispatcher.sinks:
            self._hand_out(envelope)
            return
        again = self.dispatcher.admit(envelope, self.now)
        while again:
            try:
                with self.dispatcher.trace(envelope, self.now):
                    effects = self._effects(envelope)
            except Exception as error:  # whatever a handler raises is a bug, which must not lose the message
                self.agents[envelope.receiver], again = self.dispatcher.crashed(envelope, error, self.now)
            else:
                self.ledger.records.wrote(effects)
                self.dispatcher.done(envelope, effects, self.now)
                return

    def _effects(self, envelope: Envelope[Any]) -> list[Effect]:
        effects = self.agents[envelope.receiver].handle(envelope, self.now)
        return list(effects if self.disturbance is None else self.disturbance.interrupted(effects))

    def _hand_out(self, envelope: Envelope[Any]) -> None:
        try:
            with self.dispatcher.trace(envelope, self.now):
                self.dispatcher.sinks[envelope.receiver].deliver(envelope, idempotency_key(envelope))
        except Exception as error:  # whatever the world raises: the message is tried again
            due = self.dispatcher.undelivered(envelope, error, self.now)
            if due is not None:
                self._push(envelope, due)
        else:
            self.dispatcher.delivered(envelope)

    def _deliver(self, durable: bool = True) -> None:
        patient = self._patient(durable)
        found = self.dispatcher.commit(self.now) if durable else self.dispatcher.ahead(self.now, patient=patient)
        for envelope, due in found:
            self._push(envelope, due)

    def _patient(self, durable: bool) -> bool:
        """Whether the world can wait; no sink is kept waiting."""
        return not (durable or self.dispatcher.sinks)

    def _push(self, envelope: Envelope[Any], due: Instant) -> None:
        for time in (due,) if self.disturbance is None else self.disturbance.arrivals(envelope, due):
            self._pushed += 1
            heappush(self._heap, (time, int(timer(envelope)), self._pushed, envelope))
