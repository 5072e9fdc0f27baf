"""What every host does with one message: check the conversation, record the effects, survive a crash.

A handler that raises loses nothing: its agent is made anew from the ledger and gets the message again; after
`MOST_ATTEMPTS` the message is a dead letter with its traceback, its sender is told where it waits for an answer, and
the agent may give up what it was about. Nothing here is thread-safe: a host calls it from one thread.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from agents.runtime.agent import Agent, Effect, Send
from agents.runtime.ledger import Ledger
from agents.runtime.outbox import BackOff, Sink
from agents.runtime.publishing import published
from agents.runtime.questions import Questions
from agents.runtime.tracing import Trace, untraced
from knowledge.instants import Instant
from knowledge.store.database import Write
from protocols.conversation import Conversations
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.messages import Failed, NotUnderstood
from protocols.notices import Listeners, Notice, NoticeKind, who_hears
from protocols.publishing import Subscriptions

MOST_ATTEMPTS = 3

MOST_BEHIND = 5000
"""How many changes of rows agents may be ahead of the disk."""

GIVEN_UP = {
    Performative.REQUEST: Performative.FAILURE,
    Performative.ACCEPT_PROPOSAL: Performative.FAILURE,
    Performative.CANCEL: Performative.FAILURE,
    Performative.CFP: Performative.REFUSE,
    Performative.SUBSCRIBE: Performative.REFUSE,
    Performative.PROPOSE: Performative.REJECT_PROPOSAL,
}
"""What the sender of a dead letter is told, in the words of the protocol that it began."""

Maker = Callable[[], Agent]
Outside = Callable[[Envelope[Any]], None]

log = structlog.get_logger("society")


@dataclass(frozen=True, slots=True)
class Renewal:
    """What every agent is to be made anew for: rows that come from outside, how agents are made from now on, and what
    is said to them first by `sender`."""

    writes: tuple[Write, ...]
    makers: Mapping[str, Maker]
    sends: tuple[Send, ...]
    sender: str


class Dispatcher:
    """Makes agents by name, restored from the ledger's store.

    `sinks` are told what is said to their names until they acknowledge it; `outside` hears, once it is durable, what
    is said to nobody else. `listeners` are told of messages that were given up, sinks with `subscriptions` of documents
    that change; hosts enter `trace` while a message is handled.
    """

    def __init__(
        self,
        makers: Mapping[str, Maker],
        ledger: Ledger,
        outside: Outside,
        sinks: Mapping[str, Sink] | None = None,
        back_off: BackOff | None = None,
        listeners: Listeners = (),
        trace: Trace = untraced,
        subscriptions: Subscriptions = (),
    ) -> None:
        self.makers = makers
        self.ledger = ledger
        self.outside = outside
        self.sinks = sinks or {}
        self.back_off = back_off or BackOff()
        self.listeners = listeners
        self.trace = trace
        self.subscriptions = subscriptions
        self.conversations = Conversations.replay(ledger.delivered())
        self.questions = Questions()
        self._attempts: Counter[str] = Counter()
        self._leaving: list[tuple[Envelope[Any], Instant]] = []

    def make(self, name: str) -> Agent:
        """An agent with the state that its records give it; what was recorded becomes durable first."""
        self.ledger.flush()
        agent = self.makers[name]()
        agent.restore(self.ledger.records)
        return agent

    def renew(self, prepare: Callable[[], Renewal | None], now: Instant) -> list[tuple[Envelope[Any], Instant]] | None:
        """Keep what a renewal brings, in one commit; what agents are to get of it once they are made anew.

        None where there is nothing to renew.
        """
        self.ledger.flush()
        renewal = prepare()
        if renewal is None:
            return None
        self.ledger.keep(renewal.writes)
        self.ledger.post(renewal.sends, renewal.sender, now)
        self.makers = renewal.makers
        return self.commit(now)

    def admit(self, envelope: Envelope[Any], now: Instant) -> bool:
        """Whether a message is to be handled: not for the second time, and said where it may be said.

        One out of sequence is put aside and never answered, so that nothing can go round in circles. A late one is
        answered with what its protocol says.
        """
        if query(envelope):
            return self._admit_query(envelope, now)
        if not self.ledger.open(envelope):
            log.warning("delivered twice", message=envelope.id, sender=envelope.sender)
            return False
        verdict = self.conversations.check(envelope, now)
        if verdict.legal:
            return True
        log.warning(verdict.ruling.value, message=envelope.id, sender=envelope.sender, reason=verdict.reason)
        if verdict.answer is not None:
            self._answer(envelope, verdict.answer, NotUnderstood(reason=verdict.reason), now)
        self.ledger.ignore(envelope, verdict.reason)
        return False

    def _admit_query(self, envelope: Envelope[Any], now: Instant) -> bool:
        verdict = self.questions.check(envelope, now)
        if not verdict.legal:
            log.warning(verdict.ruling.value, message=envelope.id, sender=envelope.sender, reason=verdict.reason)
        return verdict.legal

    def done(self, envelope: Envelope[Any], effects: Iterable[Effect], now: Instant) -> None:
        """Record what handling a message did; of queries nothing is recorded."""
        kept: Iterable[Effect] = self.questions.split(envelope, effects, now)
        if query(envelope):
            return
        if self.subscriptions:
            kept = list(kept)
            kept += published(envelope, kept, self.subscriptions)
        self._attempts.pop(envelope.id, None)
        self.ledger.record(envelope, kept, now)

    def crashed(self, envelope: Envelope[Any], error: Exception, now: Instant) -> tuple[Agent, bool]:
        """Let it crash: the agent made anew, and whether it gets the message again."""
        name = envelope.receiver
        self._attempts[envelope.id] += 1
        attempts = self._attempts[envelope.id]
        log.error("handler raised", agent=name, message=envelope.id, attempt=attempts, error=_told(error))
        agent = self.make(name)
        self.questions.lost(name, f"{type(error).__name__}: {error}", now)
        if query(envelope):
            del self._attempts[envelope.id]
            return agent, False
        if attempts < MOST_ATTEMPTS:
            return agent, True
        del self._attempts[envelope.id]
        try:
            effects = list(agent.abandon(envelope, now))
            self.ledger.records.wrote(effects)
            self.ledger.follow(envelope, self.questions.split(envelope, effects, now), now)
        except Exception as again:  # an agent that cannot even give up has at least to go on
            log.error("could not give up", agent=name, message=envelope.id, error=_told(again))
            agent = self.make(name)
        self._bury(envelope, attempts, _told(error), now)
        said = GIVEN_UP.get(envelope.performative)
        if said is not None and not timer(envelope):
            self._answer(envelope, said, Failed(reason=f"{type(error).__name__}: {error}"), now)
        return agent, False

    def delivered(self, envelope: Envelope[Any]) -> None:
        """Record that a sink has a message."""
        self.ledger.acknowledge(envelope)

    def undelivered(self, envelope: Envelope[Any], error: Exception, now: Instant) -> Instant | None:
        """Record that a sink did not take a message; when it is to be tried again, None where it is given up."""
        attempts = self.ledger.attempts(envelope) + 1
        told = f"{type(error).__name__}: {error}"
        log.warning("sink failed", sink=envelope.receiver, message=envelope.id, attempt=attempts, error=told)
        wait_s = self.back_off.wait_s(attempts)
        if wait_s is None:
            self._bury(envelope, attempts, told, now)
            return None
        self.ledger.postpone(envelope, now + wait_s, told)
        return now + wait_s

    def commit(self, now: Instant) -> list[tuple[Envelope[Any], Instant]]:
        """Make what was recorded durable, and let the world hear its part; what agents and sinks get, and when."""
        self.ledger.note(self.conversations.going_on)
        self.ledger.flush()
        leaving, self._leaving = self._leaving, []
        return self._inside([*leaving, *self.ledger.recorded()], now) + self.queries(now)

    def ahead(self, now: Instant, *, patient: bool = False) -> list[tuple[Envelope[Any], Instant]]:
        """What agents get of what was recorded, and when, before it is durable: they stop with this ledger, and then
        nothing of it has happened. Where the world or a sink is to hear something all of it becomes durable first;
        where that is `patient`, it waits until much is to become durable, and is never heard out of order.
        """
        outgoing = [*self._leaving, *self.ledger.recorded()]
        self._leaving = [each for each in outgoing if each[0].receiver not in self.makers]
        if (self._leaving and not patient) or self.ledger.behind >= MOST_BEHIND:
            self.ledger.note(self.conversations.going_on)
            self.ledger.flush()
            self._leaving = []
        elif self._leaving:
            outgoing = [each for each in outgoing if each[0].receiver in self.makers]
        return self._inside(outgoing, now) + self.queries(now)

    def queries(self, now: Instant) -> list[tuple[Envelope[Any], Instant]]:
        """What agents get of queries; the world gets its answers, which bind nobody, without a wait for the disk."""
        return [(envelope, now) for envelope in self.questions.take(self.makers)]

    def waiting(self, now: Instant) -> list[tuple[Envelope[Any], Instant]]:
        """What was on its way when the society last stopped, sent again: to the world, agents and sinks."""
        return self._inside(self.ledger.waiting(), now)

    def _bury(self, envelope: Envelope[Any], attempts: int, error: str, now: Instant) -> None:
        """Give a message up, and tell people; not that they could not be told something else."""
        self.ledger.bury(envelope, attempts, error)
        if isinstance(envelope.content, Notice) or not self.listeners:
            return
        kind = type(envelope.content).__name__
        title = f"given up: message {envelope.id}, {kind} to {envelope.receiver}"
        text = f"{title}, about {envelope.subject or 'nothing in particular'}: {error.strip().splitlines()[-1]}"
        notice = Notice(kind=NoticeKind.DEAD_LETTER, title=title, text=text)
        inform, said = ProtocolName.INFORM, Performative.INFORM
        hear = who_hears(self.listeners, notice.kind)
        sends = [Send(f"{envelope.id}.given up.{name}", inform, said, name, notice, envelope.subject) for name in hear]
        self.ledger.post(sends, envelope.receiver, now, envelope.id)

    def _inside(
        self, outgoing: Iterable[tuple[Envelope[Any], Instant]], now: Instant
    ) -> list[tuple[Envelope[Any], Instant]]:
        inside = []
        for envelope, due in outgoing:
            if envelope.receiver in self.makers:
                inside.append((envelope, due))
                continue
            self.conversations.check(envelope, now)
            if envelope.receiver in self.sinks:
                inside.append((envelope, due))
            else:
                self.ledger.ignore(envelope, "")
                self.outside(envelope)
        return inside

    def _answer(self, envelope: Envelope[Any], said: Performative, content: Content, now: Instant) -> None:
        send = Send(envelope.conversation, envelope.protocol, said, envelope.sender, content, envelope.subject)
        self.ledger.post([send], envelope.receiver, now, envelope.id)


def query(envelope: Envelope[Any]) -> bool:
    """Whether a message is of a query, of which nothing is kept."""
    return envelope.protocol is ProtocolName.QUERY


def timer(envelope: Envelope[Any]) -> bool:
    """Whether a message is an agent's own timer."""
    return envelope.protocol is ProtocolName.TIMER


def _told(error: Exception) -> str:
    return "".join(traceback.format_exception(error))
