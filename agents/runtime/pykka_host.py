"""The pykka host: one `ThreadingActor` an agent, the very same agents as in simulated time.

Everything is `tell`. The writer, an actor too, owns all that is shared: the ledger, the conversations, the timers
and the clock. Messages go in waves, as on the simulated host: agents handle those of a wave at the same time, the
writer records in the order of the wave what they did, and hands on what they said once all of it is done, so that no
thread's speed decides anything. Agents stop together with the ledger, and then nothing of it has happened; the world
hears nothing before it is durable. What comes from outside waits until the society is at rest, so a society under load
takes it in batches and its timers are never starved. Queries go beside all that.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

import pykka

from agents.runtime.agent import Agent, Effect, Send
from agents.runtime.dead_letters import resend
from agents.runtime.dispatch import Dispatcher, Maker, Outside, Renewal, query, timer
from agents.runtime.ledger import Ledger
from agents.runtime.outbox import BackOff, Outbox, Sink, idempotency_key
from agents.runtime.questions import silence
from agents.runtime.recorded import Recorded
from agents.runtime.tracing import Trace, untraced
from knowledge.errors import SocietyError
from knowledge.instants import Instant
from protocols.envelope import Content, Envelope
from protocols.notices import Listeners
from protocols.publishing import Subscriptions


@dataclass(frozen=True, slots=True)
class Deliver:
    """To an agent's thread: handle this message."""

    envelope: Envelope[Any]
    now: Instant


@dataclass(frozen=True, slots=True)
class Revive:
    """To an agent's thread: go on with this agent, and first of all with this message if there is one."""

    agent: Agent
    again: Deliver | None


@dataclass(frozen=True, slots=True)
class Handled:
    """To the writer: this is what handling the message did."""

    envelope: Envelope[Any]
    effects: list[Effect]


@dataclass(frozen=True, slots=True)
class Crashed:
    """To the writer: the handler raised."""

    envelope: Envelope[Any]
    error: Exception


@dataclass(frozen=True, slots=True)
class Delivered:
    """To the writer: a sink has this message."""

    envelope: Envelope[Any]


@dataclass(frozen=True, slots=True)
class Undelivered:
    """To the writer: a sink did not take this message."""

    envelope: Envelope[Any]
    error: Exception


@dataclass(frozen=True, slots=True)
class Resend:
    """To the writer: send a dead letter again, with this body if there is one; `done` gets the id, once it is durable,
    or why not."""

    message: str
    body: str | None
    done: pykka.ThreadingFuture[str] = field(default_factory=pykka.ThreadingFuture)


@dataclass(frozen=True, slots=True)
class Renew:
    """To the writer: once the society is at rest, make every agent anew for this; `done` is set once that is durable,
    or to why not."""

    prepare: Callable[[], Renewal | None]
    done: pykka.ThreadingFuture[None] = field(default_factory=pykka.ThreadingFuture)


@dataclass(frozen=True, slots=True)
class Post:
    """To the writer: somebody outside says this."""

    sends: list[Send]
    sender: str


@dataclass(frozen=True, slots=True)
class Ask:
    """To the writer: somebody outside asks an agent something; `answer` gets what it says."""

    receiver: str
    content: Content
    sender: str
    answer: Future[Content] = field(default_factory=Future)


@dataclass(frozen=True, slots=True)
class Advance:
    """To the writer: move the clock to a time; `done` is set once everything due by then is handled."""

    time: Instant
    done: pykka.ThreadingFuture[None] = field(default_factory=pykka.ThreadingFuture)


@dataclass(frozen=True, slots=True)
class Finish:
    """To the writer: deliver nothing more; `done` is set once nothing is under way."""

    done: pykka.ThreadingFuture[None] = field(default_factory=pykka.ThreadingFuture)


@dataclass(frozen=True, slots=True)
class Commit:
    """To the writer by itself: go on with what was recorded before this came up in the inbox."""


class Hosted(pykka.ThreadingActor):
    """One agent's thread. After a crash it keeps its messages until the writer has made the agent anew."""

    use_daemon_thread = True

    def __init__(self, agent: Agent, writer: pykka.ActorRef[Writer], records: Recorded, trace: Trace) -> None:
        super().__init__()
        self.agent: Agent | None = agent
        self.writer = writer
        self.records = records
        self.trace = trace
        self.kept: list[Deliver] = []

    def on_receive(self, message: Deliver | Revive) -> None:
        if isinstance(message, Deliver):
            self._take(message)
            return
        if self.agent is not None:
            self.agent.stop()
        self.agent = message.agent
        kept, self.kept = self.kept, []
        for delivery in [message.again, *kept] if message.again else kept:
            self._take(delivery)

    def on_stop(self) -> None:
        if self.agent is not None:
            self.agent.stop()

    def _take(self, delivery: Deliver) -> None:
        if self.agent is None:
            self.kept.append(delivery)
            return
        try:
            with self.trace(delivery.envelope, delivery.now):
                effects = list(self.agent.handle(delivery.envelope, delivery.now))
        except Exception as error:  # whatever a handler raises is a bug, which must not lose the message
            self.agent.stop()
            self.agent = None
            self.writer.tell(Crashed(delivery.envelope, error))
        else:
            self.records.wrote(effects)
            self.writer.tell(Handled(delivery.envelope, effects))


class Courier(pykka.ThreadingActor):
    """A sink's thread: the society does not wait for the world."""

    use_daemon_thread = True

    def __init__(self, sink: Sink, writer: pykka.ActorRef[Writer], trace: Trace) -> None:
        super().__init__()
        self.sink = sink
        self.writer = writer
        self.trace = trace

    def on_receive(self, envelope: Envelope[Any]) -> None:
        try:
            with self.trace(envelope, envelope.sent):
                self.sink.deliver(envelope, idempotency_key(envelope))
        except Exception as error:  # whatever the world raises: the message is tried again
            self.writer.tell(Undelivered(envelope, error))
        else:
            self.writer.tell(Delivered(envelope))


class Writer(pykka.ThreadingActor):
    """The one that writes. It sends itself a `Commit`, and what is in the inbox before that joins."""

    use_daemon_thread = True

    def __init__(
        self,
        dispatcher: Dispatcher,
        now: Instant,
        ended: threading.Event,
        actors: dict[str, pykka.ActorRef[Hosted]],
    ) -> None:
        super().__init__()
        self.dispatcher = dispatcher
        self.now = now
        self.ended = ended
        self.actors = actors
        for name, agent in {name: dispatcher.make(name) for name in dispatcher.makers}.items():
            actors[name] = self._start(agent)
        trace, sinks = dispatcher.trace, dispatcher.sinks
        self.couriers = {name: Courier.start(sink, self.actor_ref, trace) for name, sink in sinks.items()}
        self.outbox = Outbox()
        self._under_way: dict[str, None] = {}  # ids of the messages of a wave that agents are at, in order
        self._results: dict[str, Handled | Crashed] = {}
        self._committing = False
        self._posted: list[Envelope[Any]] = []
        self._timers: list[tuple[Instant, int, Envelope[Any]]] = []
        self._pushed = 0
        self._goals: list[Advance] = []
        self._resent: list[tuple[Resend, str]] = []
        self._finish: Finish | None = None
        self._renewals: list[Renew] = []
        for envelope, due in dispatcher.waiting(now):
            self._wait(envelope, due)

    def on_receive(
        self,
        message: Handled | Crashed | Delivered | Undelivered | Resend | Renew | Post | Ask | Advance | Finish | Commit,
    ) -> None:
        match message:
            case Handled() | Crashed():
                self._results[message.envelope.id] = message
                self._take_results()
            case Delivered(envelope):
                self.outbox.back(envelope)
                self.dispatcher.delivered(envelope)
            case Undelivered(envelope, error):
                self._undelivered(envelope, error)
            case Resend():
                self._resend(message)
            case Renew():
                self._renewals.append(message)
            case Post(sends, sender):
                self.dispatcher.ledger.post(sends, sender, self.now)
            case Ask(receiver, content, sender, answer):
                self.dispatcher.questions.ask(receiver, content, sender, self.now, answer)
            case Advance():
                self._goals.append(message)
            case Finish():
                self._finish = message
            case Commit():
                self._commit()
                return
        self._ask_for_commit()

    def on_stop(self) -> None:
        for actor in self.actors.values():
            actor.stop()
        for courier in self.couriers.values():
            courier.stop()
        self.dispatcher.questions.end()
        self.ended.set()

    def on_failure(self, *_: object) -> None:
        """Without a ledger nothing can go on: everything stops, and whoever waits hears why."""
        self.on_stop()
        resent = [asked for asked, _ in self._resent]
        for waiting in (*self._goals, *resent, *self._renewals, *([self._finish] if self._finish else ())):
            waiting.done.set_exception()

    def _start(self, agent: Agent) -> pykka.ActorRef[Hosted]:
        return Hosted.start(agent, self.actor_ref, self.dispatcher.ledger.records, self.dispatcher.trace)

    def _ask_for_commit(self) -> None:
        if not self._committing:
            self._committing = True
            self.actor_ref.tell(Commit())

    def _commit(self) -> None:
        self._committing = False
        found = self.dispatcher.queries(self.now) if self._under_way else self.dispatcher.ahead(self.now)
        self._pass_on(found)
        while not self._under_way and not self._committing and self._go_on():
            pass
        if self._resent:
            self.dispatcher.ledger.flush()
        resent, self._resent = self._resent, []
        for asked, message in resent:
            asked.done.set(message)
        self._hand_out()

    def _pass_on(self, outgoing: Iterable[tuple[Envelope[Any], Instant]]) -> None:
        for envelope, due in outgoing:
            if envelope.receiver in self.couriers:
                self.outbox.put(envelope)
            elif timer(envelope) or (envelope.sender not in self.actors and not query(envelope)):
                self._wait(envelope, due)
            else:
                self._tell(envelope)

    def _hand_out(self) -> None:
        """Let the couriers have what waits for their sinks; nothing new once the host is to stop."""
        for envelope in self.outbox.take() if self._finish is None else ():
            self.couriers[envelope.receiver].tell(envelope)

    def _undelivered(self, envelope: Envelope[Any], error: Exception) -> None:
        self.outbox.back(envelope)
        due = self.dispatcher.undelivered(envelope, error, self.now)
        if due is not None:
            self._wait(envelope, due)

    def _resend(self, asked: Resend) -> None:
        try:
            message = resend(self.dispatcher.ledger, asked.message, self.now, self.actors, asked.body)
        except SocietyError:
            asked.done.set_exception()
        else:
            self._resent.append((asked, message))

    def _renew(self, asked: Renew) -> None:
        """Nothing is under way, so nobody is interrupted."""
        try:
            outgoing = self.dispatcher.renew(asked.prepare, self.now)
        except SocietyError:
            asked.done.set_exception()
            return
        if outgoing is None:
            asked.done.set(None)
            return
        for name in self.dispatcher.makers:
            agent = self.dispatcher.make(name)
            if name in self.actors:
                self.actors[name].tell(Revive(agent, None))
            else:
                self.actors[name] = self._start(agent)
        for name in [name for name in self.actors if name not in self.dispatcher.makers]:
            self.actors.pop(name).stop(block=False)
        for envelope, due in outgoing:
            self._wait(envelope, due)
        asked.done.set(None)

    def _take_results(self) -> None:
        """Record what was done of a wave, in its order, whoever was first."""
        while self._under_way and (result := self._results.pop(next(iter(self._under_way)), None)) is not None:
            envelope, again = result.envelope, False
            if isinstance(result, Handled):
                self.dispatcher.done(envelope, result.effects, self.now)
            else:
                agent, again = self.dispatcher.crashed(envelope, result.error, self.now)
                self.actors[envelope.receiver].tell(Revive(agent, Deliver(envelope, self.now) if again else None))
            if not again:
                del self._under_way[envelope.id]

    def _wait(self, envelope: Envelope[Any], due: Instant) -> None:
        """Keep a timer, or what comes from outside, until the society is at rest."""
        if timer(envelope) or envelope.receiver in self.couriers:
            self._pushed += 1
            heappush(self._timers, (due, self._pushed, envelope))
        else:
            self._posted.append(envelope)

    def _tell(self, envelope: Envelope[Any]) -> None:
        if envelope.receiver in self.couriers:
            self.outbox.put(envelope)
            return
        if envelope.id in self._under_way:
            return
        if self.dispatcher.admit(envelope, self.now):
            self._under_way[envelope.id] = None
            self.actors[envelope.receiver].tell(Deliver(envelope, self.now))
        else:
            self._ask_for_commit()

    def _go_on(self) -> bool:
        """With nothing under way: the next timer due, else what came from outside, else time passes. False: rest."""
        if self._finish is not None:
            if not self.outbox.busy:
                self.dispatcher.ledger.flush()
                self._finish.done.set(None)
            return False
        if self._timers and self._timers[0][0] <= self.now:
            self._tell(heappop(self._timers)[2])
        elif self._posted:
            posted, self._posted = self._posted, []
            for envelope in posted:
                self._tell(envelope)
        elif self._renewals:
            self._renew(self._renewals.pop(0))
        elif not self._goals:
            self._pass_on(self.dispatcher.commit(self.now))
            return False
        else:
            self._pass_time()
        return True

    def _pass_time(self) -> None:
        goal = max(goal.time for goal in self._goals)
        if self._timers and self._timers[0][0] <= goal:
            self.now = self._timers[0][0]
            return
        self.now = max(self.now, goal)
        self._pass_on(self.dispatcher.commit(self.now))
        reached, self._goals = self._goals, []
        for one in reached:
            one.done.set(None)


class PykkaHost:
    """Drives the agents of a society on threads. See `Dispatcher` for what it is given; `outside` is called
    in the writer's thread, each sink in one of its own.

    Time moves when `run_until` says so: a service calls it again and again with its clock, `process` with the times of
    its documents.
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
    ) -> None:
        self.ended = threading.Event()
        self._actors: dict[str, pykka.ActorRef[Hosted]] = {}
        dispatcher = Dispatcher(makers, ledger, outside, sinks, back_off, listeners, trace, subscriptions)
        self.writer = Writer.start(dispatcher, now, self.ended, self._actors)

    def post(self, sends: Iterable[Send], sender: str, *, durable: bool = True) -> None:
        """Say something to the society from outside, now; it becomes durable with what follows from it."""
        self.writer.tell(Post(list(sends), sender))

    def ask(self, receiver: str, content: Content, sender: str) -> Future[Content]:
        """Ask an agent something, between whatever else is under way; what it will say.

        The answer is a `SilentError` where the society ends before that.
        """
        asked = Ask(receiver, content, sender)
        try:
            self.writer.tell(asked)
        except pykka.ActorDeadError:
            silence(asked.answer)
        return asked.answer

    def run_until(self, time: Instant, *, durable: bool = True) -> None:
        """Move the clock to a time, and wait until everything that is due on the way is handled, and durable."""
        goal = Advance(time)
        self.writer.ask(goal)
        goal.done.get()

    def resend(self, message: str, body: str | None = None) -> str:
        """Send a dead letter again, mended where a body (JSON) is given; under which id it goes.

        Raises `DeadLetterError` where that cannot be.
        """
        asked = Resend(message, body)
        self.writer.ask(asked)
        sent: str = asked.done.get()
        return sent

    def renew(self, prepare: Callable[[], Renewal | None]) -> None:
        """Keep what `prepare` gives, if anything, and make every agent anew, once the society is at rest.

        What `prepare` raises on purpose goes to the caller, and nothing has changed.
        """
        asked = Renew(prepare)
        self.writer.ask(asked)
        asked.done.get()

    def depths(self) -> dict[str, int]:
        """How many messages wait in each agent's inbox, and in the writer's."""
        actors: dict[str, pykka.ActorRef[Any]] = {**self._actors, "writer": self.writer}
        return {name: _depth(actor) for name, actor in actors.items()}

    def stop(self) -> None:
        """Stop every thread once it has done what it is at. What waits then, waits in the ledger."""
        try:
            finish = Finish()
            self.writer.ask(finish)
            finish.done.get()
        except pykka.ActorDeadError:
            pass  # a writer that failed stops everything
        finally:
            self.writer.stop()
            self.ended.wait()


def _depth(actor: pykka.ActorRef[Any]) -> int:
    inbox = actor.actor_inbox
    assert isinstance(inbox, queue.Queue)  # pykka names only the part of it that actors need
    return inbox.qsize()
