"""Dead letters: messages that were given up. They can be looked at, mended, and sent again.

What may be sent again depends on who hears of it. A message from outside begins a conversation of its own, so it is
said anew in a new one. A message to a sink, and an agent's own timer, has nobody who was told that it failed: it waits
again as it is. What one agent said to another is over: its sender was told of the failure and has acted on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError

from agents.runtime.agent import Send
from agents.runtime.ledger import DEAD, Ledger, envelope_of
from knowledge.errors import SocietyError
from knowledge.instants import Instant
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from protocols.envelope import Content, ProtocolName
from protocols.messages import CONTENTS


class DeadLetterError(SocietyError):
    """A dead letter that does not exist, cannot be mended like that, or cannot be sent again."""


class UnknownMessageError(DeadLetterError):
    """A message that does not exist."""


class UnfitBodyError(DeadLetterError):
    """A body that is not what such a message says."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that was given up. `body` is its content in JSON, `error` the traceback or the sink's last answer."""

    message: str
    conversation: str
    protocol: str
    performative: str
    sender: str
    receiver: str
    kind: str
    subject: str
    sent: Instant
    attempts: int
    body: str
    error: str


_FIELDS: Final = DeadLetter.__slots__


def dead_letters(store: Store) -> list[DeadLetter]:
    """All of them, the oldest first."""
    return [_letter(row) for row in store.rows(MessageRow, status=DEAD)]


def dead_letter(store: Store, message: str) -> DeadLetter:
    """The one with this id."""
    return _letter(_row(store, message))


def resend(ledger: Ledger, message: str, now: Instant, agents: Collection[str], body: str | None = None) -> str:
    """Send a dead letter again, with another body where one is given; the id under which it goes.

    `agents` are the names of all agents. Recorded only: it is delivered like any message, after the next commit. Raises
    `DeadLetterError` where the body is not what such a message says, or where nobody could take it up.
    """
    row = _row(ledger.store, message)
    content = _content(row, row["body"] if body is None else body)
    if row["receiver"] not in agents or row["protocol"] == ProtocolName.TIMER:
        return ledger.reopen(row, content)
    if row["sender"] in agents:
        raise DeadLetterError(
            f"{message} is what {row['sender']} said to {row['receiver']}: {row['sender']} was told that it failed and "
            "has gone on; send a document that changes what came of it"
        )
    envelope = envelope_of(row)
    send = Send(
        conversation=f"{envelope.conversation}.again.{ledger.sequence + 1}",
        protocol=envelope.protocol,
        performative=envelope.performative,
        receiver=envelope.receiver,
        content=content,
        subject=envelope.subject,
    )
    return ledger.replace(row, send, now)


def _row(store: Store, message: str) -> dict[str, Any]:
    rows = store.rows(MessageRow, message=message)
    if not rows:
        raise UnknownMessageError(f"there is no message {message}")
    if rows[0]["status"] != DEAD:
        raise DeadLetterError(f"message {message} is no dead letter: it is {rows[0]['status']}")
    return rows[0]


def _content(row: dict[str, Any], body: str) -> Content:
    try:
        return CONTENTS[row["kind"]].model_validate_json(body)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'body'}: {e['msg']}" for e in error.errors())
        raise UnfitBodyError(f"that is no {row['kind']}: {told}") from error


def _letter(row: dict[str, Any]) -> DeadLetter:
    return DeadLetter(**{name: row[name] for name in _FIELDS})
