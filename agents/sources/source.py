"""The shape of a source agent: it recognises a format, and turns a body into documents, a transaction at a time.

A source knows no file, clock or network. What it cannot read it rejects with a reason that a person understands;
a transaction is read whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from agents.sources.texts import excerpt, label, one_line
from knowledge.documents import Document
from knowledge.errors import SocietyError


class SourceError(SocietyError):
    """Base of what source agents raise."""


class UnreadableError(SourceError):
    """A transaction that cannot be read or does not add up. Never leaves a source: it becomes a `Rejected`."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """A transaction that goes to quarantine; `reason` is one line with the place and the cure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of a body.

    `position` names it within its file (an ST control number, a line, an index) and is empty where the body is one
    transaction; `text` is what a person would mend and send again, as far as it goes.
    """

    position: str
    outcome: Document | Rejected
    text: str


class Source(Protocol):
    """A source agent. Both methods are pure and `parse` never raises for anything that a body may hold."""

    @property
    def name(self) -> str:
        """The format, as a person calls it."""

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether a body that begins with `head`, of a file of that name, is this source's to read."""

    def parse(self, body: bytes) -> list[Transaction]:
        """Every transaction of the body, in order, each a document or rejected."""


def attempt(position: str, text: str, read: Callable[[], Document]) -> Transaction:
    """Read one transaction; whatever goes wrong stays within it."""
    outcome: Document | Rejected
    try:
        outcome = read()
    except UnreadableError as error:
        outcome = Rejected(one_line(str(error)))
    except Exception as error:  # a fault of the reader must cost one transaction, not the run
        outcome = Rejected(one_line(f"the reader failed on this transaction ({type(error).__name__}: {error})"))
    return Transaction(label(position), outcome, excerpt(text))


def rejected(position: str, text: str, reason: str) -> Transaction:
    """A transaction that goes to quarantine with a reason."""
    return Transaction(label(position), Rejected(one_line(reason)), excerpt(text))
