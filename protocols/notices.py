"""Notices to people outside: what is told, and which listeners want to hear which kinds of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from protocols.envelope import Content


class NoticeKind(StrEnum):
    """What a notice is about."""

    ASKED = "asked"
    """A decision waits for a role."""
    ADVISED = "advised"
    """A decision went on, and a role is told of it."""
    REMINDER = "reminder"
    """The deadline of a decision comes near."""
    ESCALATED = "escalated"
    """Nobody answered; another role is asked now."""
    OVERDUE = "overdue"
    """Nobody answered; the decision still waits."""
    DECIDED = "decided"
    """A decision was made, by a person or by silence."""
    QUARANTINED = "quarantined"
    """A document could not be taken."""
    DEAD_LETTER = "dead_letter"
    """A message was given up."""


class Notice(Content):
    """Something that people should know. `role` is whom it concerns, empty for whoever runs the society."""

    kind: NoticeKind
    title: str
    text: str
    role: str = ""
    approval: str = ""


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody outside, by the name of a sink. It hears of all kinds where none are named.

    Where roles are named, it hears of what concerns one of these, or somebody who stands in for one, and of nothing
    else; where none are, of everything.
    """

    name: str
    kinds: frozenset[NoticeKind] = frozenset()
    roles: frozenset[str] = frozenset()

    def wants(self, kind: NoticeKind, concerned: Collection[str]) -> bool:
        """Whether it wants to hear of this, which concerns these roles and the people who stand in for them."""
        fits = not self.roles or any(name in self.roles for name in concerned)
        return fits and (not self.kinds or kind in self.kinds)


Listeners = tuple[Listener, ...]


def who_hears(listeners: Listeners, kind: NoticeKind, concerned: Collection[str] = ()) -> Iterator[str]:
    """The names of those who want to hear of something."""
    for listener in listeners:
        if listener.wants(kind, concerned):
            yield listener.name
