"""The messages of a run as the report sees them, and the choice of one order whose conversation is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.instants import Instant

READABLE = 45
"""A conversation up to this many messages can be followed as a diagram."""


@dataclass(frozen=True, slots=True)
class MessageView:
    """A message that was sent: who told whom what, and about which order (`subject`, `source/number`)."""

    sent: Instant
    sender: str
    receiver: str
    performative: str
    protocol: str
    kind: str
    conversation: str
    subject: str
    note: str = ""


def choose_subject(messages: Sequence[MessageView]) -> str | None:
    """The order whose conversation teaches most, None where there were no messages about any.

    Most agents first, then most different things said, then the fewest messages (those too many to follow last),
    then the first that came.
    """
    by_subject: dict[str, list[MessageView]] = {}
    for message in messages:
        if message.subject:
            by_subject.setdefault(message.subject, []).append(message)
    if not by_subject:
        return None
    return min(by_subject, key=lambda subject: _dullness(by_subject[subject]))


def _dullness(found: Sequence[MessageView]) -> tuple[bool, int, int, int]:
    agents = {message.sender for message in found} | {message.receiver for message in found}
    said = {(message.performative, message.kind) for message in found}
    return len(found) > READABLE, -len(agents), -len(said), len(found)


def busiest(messages: Sequence[MessageView], most: int) -> list[str]:
    """The agents of a conversation in order of appearance; beyond `most` only those with the most messages."""
    tally: Counter[str] = Counter()
    for message in messages:
        tally.update((message.sender, message.receiver))
    kept = {agent for agent, _ in tally.most_common(most)}
    return [agent for agent in tally if agent in kept]
