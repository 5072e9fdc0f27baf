"""The shape of a source agent: it turns what a foreign system sends into drafts of orders, and does nothing else.

A source is a class with a `kind`, a pydantic `Config`, and `parse`; where its system has to be asked it has `poll` or
`complete`, too. It knows no file, clock or network: what it needs it is given. Its host owns the transport, checks
signatures before anything is read, tries again, keeps cursors, sorts out what came twice, and quarantines what cannot
be read, a transaction at a time.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.sources.drafts import bounded, in_words
from agents.sources.errors import FetchError, SourceError, UnreadableError
from agents.sources.fetching import Fetch, Request, Response
from agents.sources.order_draft import DraftLine, OrderDraft
from agents.sources.signing import Delivery, Hmac, content_id
from agents.sources.texts import excerpt, label, one_line, sample
from knowledge.documents import Document
from protocols.publishing import News, Parcel

__all__ = [
    "Delivery",
    "DraftLine",
    "Fetch",
    "FetchError",
    "Hmac",
    "Ignored",
    "OrderDraft",
    "Polled",
    "Record",
    "Rejected",
    "Request",
    "Response",
    "Source",
    "SourceConfig",
    "SourceError",
    "Transaction",
    "UnreadableError",
    "attempt",
    "ignored",
    "rejected",
    "transactions",
]


@dataclass(frozen=True, slots=True)
class Rejected:
    """A transaction that goes to quarantine; `reason` is one line with the place and the cure."""

    reason: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """A transaction with which there is nothing to do: news of something that is no order; `reason` says of what."""

    reason: str


Outcome: TypeAlias = "OrderDraft | Document | Rejected | Ignored"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction of a body.

    `position` names it within its file (an ST control number, a line, an index) and is empty where the body is one
    transaction; `text` is what a person would mend and send again, as far as it goes.
    """

    position: str
    outcome: Outcome
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """Something to be parsed: a body, with headers whose names are in small letters."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Polled:
    """What a poll found, and the cursor to go on from once it is kept; `more` where there is more already."""

    records: Sequence[Record]
    cursor: str
    more: bool = False


class SourceConfig(BaseModel):
    """What every source can be told. A source's own is a subclass; secrets in it are `SecretStr`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partner: str = Field("", max_length=100, description="Whose orders these are; else what the documents say.")


class XmlConfig(SourceConfig):
    """What every source of XML can be told."""

    schema_file: Path | None = Field(
        None,
        description="The official XSD (cXML: DTD), or a folder of them: documents have to keep it.",
    )


C = TypeVar("C", bound=SourceConfig)
Found: TypeAlias = "OrderDraft | Document | Transaction"


class Source(Generic[C]):
    """A source agent. `kind` names it in configurations and is the first part of the `source` of its documents."""

    kind: ClassVar[str]
    title: ClassVar[str]
    """What people call the format or system."""
    Config: ClassVar[type[SourceConfig]] = SourceConfig
    signature: ClassVar[Hmac | None] = None
    """How webhooks are signed, where that is an HMAC of the body."""

    def __init__(self, config: C | None = None) -> None:
        self.config: C = config if config is not None else self.Config()  # type: ignore[assignment]

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether a file of this name whose body begins with `head` is this source's; asked where nobody said."""
        return False

    def parse(self, headers: Mapping[str, str], body: bytes) -> Iterable[Found]:
        """The orders of a body, in order: drafts, or transactions where each has a position and may be rejected alone.

        Pure. Raises UnreadableError where nothing of the body is to be used.
        """
        raise NotImplementedError

    def mapped(self, mapping: Mapping[str, object]) -> Source[Any]:
        """This source by the mapping that lies beside a document; most need none. Raises UnreadableError."""
        return self

    def mending(self, text: bytes) -> Source[Any]:
        """The source by which the text of a transaction is read again, once a person has mended it: by default this
        one. Raises UnreadableError."""
        return self

    def authentic(self, delivery: Delivery) -> bool:
        """Whether a webhook comes from where it says; asked before it is parsed.

        None does without `signature`, or while its secret is empty.
        """
        if self.signature is None:
            return False
        secret = getattr(self.config, self.signature.secret)
        return bool(secret.get_secret_value()) and self.signature.fits(delivery, secret)

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """What is the same when a webhook is delivered again: by default, its body."""
        return content_id(body)

    def complete(self, record: Record, fetch: Fetch) -> Iterable[Record]:
        """A webhook that only says what has changed, as records with all of it. Raises FetchError to be tried again."""
        return (record,)

    def poll(self, cursor: str, fetch: Fetch) -> Polled:
        """What is new since a cursor; it is empty at first. Raises FetchError to be tried again."""
        raise NotImplementedError

    def check(self, fetch: Fetch) -> str:
        """Ask the system whether all is well; what was reached, in a few words. Raises SourceError with the cure."""
        return "nothing to reach"

    def receipts(self, headers: Mapping[str, str], body: bytes, number: int, at: dt.datetime) -> Iterable[Parcel]:
        """What is answered at once, in the source's own format, to what was delivered: that it came, and whether it
        could be read. `number` is another for each delivery. Pure; by default, nothing."""
        return ()

    def answers(self, news: News, told: int) -> Iterable[Parcel]:
        """What is answered, in the source's own format, to news of one of its orders (`OrderNews`: promised, promised
        anew, refused) or of a shipping order (`ShippingOrderNews`); `told` is how often something else was answered
        before. Pure; by default, nothing."""
        return ()

    def hand_over(self, parcel: Parcel, fetch: Fetch) -> None:
        """Write an answer into the system itself, where it is to go there. The same may come again, after whatever
        broke off: what has been done is not done again. Raises SourceError to be tried again."""
        raise NotImplementedError

    def asks(self) -> bool:
        """Whether its system is asked, as it is configured: by default, where it can be."""
        return self.polls()

    @classmethod
    def polls(cls) -> bool:
        """Whether its system can be asked."""
        return cls.poll is not Source.poll

    @classmethod
    def takes_answers(cls) -> bool:
        """Whether answers can be written into its system."""
        return cls.hand_over is not Source.hand_over

    @classmethod
    def hears(cls) -> bool:
        """Whether its system calls."""
        return cls.signature is not None or cls.authentic is not Source.authentic


def attempt(position: str, text: str, read: Callable[[], OrderDraft | Document]) -> Transaction:
    """Read one transaction; whatever goes wrong stays within it."""
    outcome: Outcome
    try:
        outcome = read()
    except Exception as error:  # a fault of the reader must cost one transaction, not the run
        outcome = Rejected(_reason(error))
    return Transaction(label(position), outcome, excerpt(text))


def _reason(error: Exception) -> str:
    """Why something could not be read, in one line."""
    if isinstance(error, UnreadableError):
        return one_line(str(error))
    if isinstance(error, ValidationError):
        return one_line(in_words(error, "order", None))
    return one_line(f"the reader failed on this transaction ({type(error).__name__}: {error})")


def rejected(position: str, text: str, reason: str) -> Transaction:
    """A transaction that goes to quarantine with a reason."""
    return Transaction(label(position), Rejected(one_line(reason)), excerpt(text))


def ignored(position: str, text: str, reason: str) -> Transaction:
    """A transaction with which there is nothing to do, for a reason."""
    return Transaction(label(position), Ignored(one_line(reason)), excerpt(text))


def transactions(source: Source[Any], headers: Mapping[str, str], body: bytes) -> list[Transaction]:
    """Every transaction of a body, in order, each a document of the contract or rejected; never raises."""
    found: list[Found] = []
    try:
        found.extend(source.parse(headers, body))
    except Exception as error:  # nothing is used of a body that breaks off
        return [rejected("", sample(body), _reason(error))]
    if not found:
        return [rejected("", sample(body), f"there is no order in this {source.title}")]
    return [_settled(source, each, body, str(at) if len(found) > 1 else "") for at, each in enumerate(found)]


def _settled(source: Source[Any], each: Found, body: bytes, position: str) -> Transaction:
    """A transaction with its draft as a document; a bare draft gets a position."""
    if not isinstance(each, Transaction):
        each = Transaction(position, each, sample(body))
    draft = each.outcome
    if not isinstance(draft, OrderDraft):
        return each
    return attempt(each.position, each.text, lambda: bounded(draft.document(source.kind, source.config.partner)))
