"""What both hosts do with one message: check the conversation, handle it, record the effects, survive a crash.

A handler that raises loses nothing: its agent is made anew from the ledger and gets the message again; after
`MOST_ATTEMPTS` the message is a dead letter with its traceback, and a request's sender is told of the failure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog

from agents.runtime.agent import Agent, Effect, Send
from agents.runtime.ledger import Ledger
from knowledge.instants import Instant
from protocols.conversation import Conversations
from protocols.envelope import Envelope, Performative, ProtocolName
from protocols.messages import Failed, NotUnderstood

MOST_ATTEMPTS = 3

Maker = Callable[[], Agent]

log = structlog.get_logger("society")


class Dispatcher:
    """The agents by name, each made by its maker and restored from the ledger's store."""

    def __init__(self, makers: Mapping[str, Maker], ledger: Ledger) -> None:
        self.makers = makers
        self.ledger = ledger
        self.conversations = Conversations()
        self.agents: dict[str, Agent] = {name: self._make(name) for name in makers}

    def _make(self, name: str) -> Agent:
        agent = self.makers[name]()
        agent.restore(self.ledger.store)
        return agent

    def admit(self, envelope: Envelope[Any], now: Instant) -> bool:
        """Whether a message may be said where it is said; if not, its sender is told and it is put aside."""
        verdict = self.conversations.check(envelope, now)
        if verdict.legal:
            return True
        log.warning("out of sequence", message=envelope.id, sender=envelope.sender, reason=verdict.reason)
        if verdict.answer is not None and envelope.sender in self.makers:
            content = NotUnderstood(reason=verdict.reason)
            self._answer(envelope, verdict.answer, content, now)
        self.ledger.ignore(envelope, verdict.reason)
        return False

    def run(self, envelope: Envelope[Any], now: Instant) -> list[Effect] | None:
        """The effects of a message, tried again on a fresh agent after a crash; None once it is given up."""
        for attempt in range(1, MOST_ATTEMPTS + 1):
            try:
                return list(self.agents[envelope.receiver].handle(envelope, now))
            except Exception as error:  # whatever a handler raises is a bug, which must not lose the message
                log.exception("handler raised", agent=envelope.receiver, message=envelope.id, attempt=attempt)
                self.restart(envelope.receiver)
                if attempt == MOST_ATTEMPTS:
                    self._give_up(envelope, attempt, error, now)
        return None

    def restart(self, name: str) -> None:
        """Let it crash: the agent is made anew from what is durable, which includes all it did before."""
        self.agents[name] = self._make(name)

    def _give_up(self, envelope: Envelope[Any], attempts: int, error: Exception, now: Instant) -> None:
        self.ledger.bury(envelope, attempts, error)
        replies = (Performative.REQUEST, Performative.ACCEPT_PROPOSAL)
        if envelope.performative in replies and envelope.sender in self.makers:
            self._answer(envelope, Performative.FAILURE, Failed(reason=f"{type(error).__name__}: {error}"), now)

    def _answer(self, envelope: Envelope[Any], said: Performative, content: Any, now: Instant) -> None:
        send = Send(envelope.conversation, envelope.protocol, said, envelope.sender, content, envelope.subject)
        self.ledger.post([send], envelope.receiver, now, envelope.id)

    def deliverable(self, envelope: Envelope[Any]) -> bool:
        """Whether the receiver is an agent of this society, not somebody outside."""
        return envelope.receiver in self.makers


def timer(envelope: Envelope[Any]) -> bool:
    """Whether a message is an agent's own timer."""
    return envelope.protocol is ProtocolName.TIMER
