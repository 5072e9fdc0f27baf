"""How an agent tells people outside of something: one message to the sink of each listener that wants to hear it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from agents.runtime.agent import Send, Turn
from protocols.envelope import Performative, ProtocolName
from protocols.notices import Listeners, Notice, who_hears


def tell(
    turn: Turn[Any],
    listeners: Listeners,
    notice: Notice,
    *,
    concerned: Collection[str] = (),
    subject: str | None = None,
) -> Iterator[Send]:
    """The messages that tell a notice, each a conversation of its own; `concerned` are roles and stand-ins by name."""
    for name in who_hears(listeners, notice.kind, concerned):
        yield turn.open(name, Performative.INFORM, ProtocolName.INFORM, notice, subject=subject)
