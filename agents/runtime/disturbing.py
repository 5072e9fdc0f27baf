"""What goes wrong on purpose in virtual time, for those who look for bugs. A host that nothing disturbs asks nobody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from agents.runtime.agent import Effects
from knowledge.instants import Instant
from protocols.envelope import Envelope


class Disturbance(Protocol):
    """Decides when messages arrive, in which order they are handled, and where a handler ends half-way."""

    def arrivals(self, envelope: Envelope[Any], due: Instant) -> Sequence[Instant]:
        """When a message or timer that is due at a time comes: then or later; at several times where it is doubled.

        What one agent says to another has to stay in its order, as on every host.
        """

    def sorted(self, wave: list[Envelope[Any]]) -> list[Envelope[Any]]:
        """In which order the messages of an instant are handled."""

    def interrupted(self, effects: Effects) -> Effects:
        """A handler's effects, one by one.

        What is raised between them is a crash of the agent where it is an `Exception`, else the end of the process.
        """
