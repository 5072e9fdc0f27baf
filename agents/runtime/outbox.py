"""The outbox: what the society says to the world stays in the ledger until the world has acknowledged it.

A sink is tried again with back-off, each time with the same idempotency key, so that it can tell a repetition from
something new. What it does not take after the last try is a dead letter, which a person can send again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

from protocols.envelope import Envelope


class Sink(Protocol):
    """Somebody outside who is told things."""

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        """Hand a message over. Returns once it is acknowledged; raises whatever it likes where it is not.

        The same message may come several times, always with the same `key`. It may be called from a thread of its own,
        for one message at a time, and has to give up by itself when nobody answers.
        """


@dataclass(frozen=True, slots=True)
class BackOff:
    """How long to wait after the n-th failure: doubling, up to a longest wait, and when to give up."""

    first_s: int = 1
    longest_s: int = 15 * 60
    attempts_most: int = 12

    def wait_s(self, attempts: int) -> int | None:
        """Seconds until the next try after so many failed; None where there is none."""
        if attempts >= self.attempts_most:
            return None
        return min(self.first_s << min(attempts - 1, 32), self.longest_s)


def idempotency_key(envelope: Envelope[Any]) -> str:
    """The same for the same message at any time, on any host; another for other content.

    Message ids count up within one database, and a restored one counts from where its backup stood, so the key has
    a digest of what is said as well.
    """
    said = f"{envelope.id} {envelope.conversation} {envelope.receiver} {envelope.content.model_dump_json()}"
    return f"{envelope.id}-{sha256(said.encode()).hexdigest()[:16]}"


@dataclass(slots=True)
class Outbox:
    """What is to go to each sink, one at a time and in order; what failed goes in again when its time has come."""

    _queues: dict[str, deque[Envelope[Any]]] = field(default_factory=dict)
    _under_way: dict[str, str] = field(default_factory=dict)  # sink → id of the message

    def put(self, envelope: Envelope[Any]) -> None:
        """Let a message wait for its sink; one that waits or is under way already is there once."""
        queue = self._queues.setdefault(envelope.receiver, deque())
        if self._under_way.get(envelope.receiver) != envelope.id and all(e.id != envelope.id for e in queue):
            queue.append(envelope)

    def take(self) -> Iterator[Envelope[Any]]:
        """The next message of each sink that has none under way."""
        for sink, queue in self._queues.items():
            if queue and sink not in self._under_way:
                self._under_way[sink] = queue[0].id
                yield queue.popleft()

    def back(self, envelope: Envelope[Any]) -> None:
        """A message is under way no more."""
        self._under_way.pop(envelope.receiver, None)

    @property
    def busy(self) -> bool:
        """Whether any message is under way."""
        return bool(self._under_way)

    def depth(self, sink: str) -> int:
        """How many messages wait for a sink or are under way to it; not those whose next try is later."""
        return len(self._queues.get(sink, ())) + (sink in self._under_way)
