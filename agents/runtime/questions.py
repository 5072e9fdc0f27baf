"""Queries under way: asked and answered in memory, beside the ledger, for nothing of them is to be kept.

One whose agent crashes, with it or while it keeps it for later, is answered with a failure: the agent made anew does
not know of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from typing import Any, TypeGuard

from agents.runtime.agent import Effect, Send
from knowledge.errors import SocietyError
from knowledge.instants import Instant
from protocols.conversation import Conversations, Verdict
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.messages import Failed


class SilentError(SocietyError):
    """Nobody answers any more: the society has ended."""

    def __init__(self) -> None:
        super().__init__("the society has ended, and answers nothing")


class Questions:
    """Numbers messages of queries by itself, so that no number of the ledger is used up. Not thread-safe."""

    def __init__(self) -> None:
        self._conversations = Conversations()
        self._said = 0
        self._outgoing: list[Envelope[Any]] = []
        self._outside: dict[str, Future[Content]] = {}
        self._open: dict[str, Envelope[Any]] = {}

    def ask(self, receiver: str, content: Content, sender: str, now: Instant, answer: Future[Content]) -> None:
        """Ask an agent something from outside; `answer` gets what it says."""
        conversation = f"{sender}.q{self._said + 1}"
        self._outside[conversation] = answer
        send = Send(conversation, ProtocolName.QUERY, Performative.QUERY_REF, receiver, content)
        self._say(send, sender, now, "")

    def split(self, envelope: Envelope[Any], effects: Iterable[Effect], now: Instant) -> list[Effect]:
        """Say what of a handler's effects belongs to queries; the others."""
        others = []
        for effect in effects:
            if is_query(effect):
                self._say(effect, envelope.receiver, now, envelope.id)
            else:
                others.append(effect)
        return others

    def check(self, envelope: Envelope[Any], now: Instant) -> Verdict:
        """Whether a message may be delivered."""
        verdict = self._conversations.check(envelope, now)
        if verdict.legal and envelope.performative is Performative.QUERY_REF:
            self._open[envelope.conversation] = envelope
        return verdict

    def lost(self, name: str, reason: str, now: Instant) -> None:
        """An agent does not know any more what it was asked, nor what it has asked."""
        for conversation, asked in list(self._open.items()):
            if asked.sender == name:
                del self._open[conversation]
            elif asked.receiver == name:
                failed = Failed(reason=reason)
                send = Send(conversation, ProtocolName.QUERY, Performative.FAILURE, asked.sender, failed)
                self._say(send, name, now, asked.id)

    def take(self, inside: Iterable[str]) -> list[Envelope[Any]]:
        """What agents are to get now; the world has got its answers."""
        outgoing, self._outgoing = self._outgoing, []
        names, found = set(inside), []
        for envelope in outgoing:
            if envelope.receiver in names:
                found.append(envelope)
            elif (answer := self._outside.pop(envelope.conversation, None)) is not None and not answer.done():
                answer.set_result(envelope.content)
        return found

    def end(self) -> None:
        """Nobody answers any more."""
        while self._outside:
            silence(self._outside.popitem()[1])

    def _say(self, send: Send, sender: str, now: Instant, causation: str) -> None:
        self._said += 1
        if send.performative is not Performative.QUERY_REF:
            self._open.pop(send.conversation, None)
        self._outgoing.append(send.envelope(f"q{self._said:08d}", sender, now, causation))


def is_query(effect: Effect) -> TypeGuard[Send]:
    """Whether an effect is a message of a query."""
    return isinstance(effect, Send) and effect.protocol is ProtocolName.QUERY


def silence(answer: Future[Content]) -> None:
    """Tell whoever waits for an answer that there is none."""
    if not answer.done():
        answer.set_exception(SilentError())
