"""The envelope around every message, with the fields of a FIPA ACL message that this society uses."""

from __future__ import annotations

from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Performative(StrEnum):
    """What kind of thing is said (FIPA communicative acts)."""

    REQUEST = "request"
    AGREE = "agree"
    REFUSE = "refuse"
    INFORM = "inform"
    FAILURE = "failure"
    CFP = "cfp"
    PROPOSE = "propose"
    ACCEPT_PROPOSAL = "accept-proposal"
    REJECT_PROPOSAL = "reject-proposal"
    SUBSCRIBE = "subscribe"
    CANCEL = "cancel"
    QUERY_REF = "query-ref"
    NOT_UNDERSTOOD = "not-understood"


class ProtocolName(StrEnum):
    """The interaction protocols in use."""

    REQUEST = "request"
    CONTRACT_NET = "contract-net"
    PROPOSE = "propose"
    SUBSCRIBE = "subscribe"
    CANCEL = "cancel"
    INFORM = "inform"
    QUERY = "query"
    TIMER = "timer"


class Content(BaseModel):
    """What a message says. Frozen, and refuses fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


C = TypeVar("C", bound=Content, covariant=True)


class Envelope(BaseModel, Generic[C]):
    """A message under way. Times are instants (seconds since 1970 UTC).

    `conversation` is shared by all messages of one negotiation, `causation` is the message that this one
    follows from, `subject` the business document that it is about (an order, mostly), for people to search by.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    conversation: str
    causation: str = ""
    protocol: ProtocolName
    version: int = 1
    performative: Performative
    sender: str
    receiver: str
    sent: int
    reply_by: int | None = None
    subject: str = ""
    content: C
