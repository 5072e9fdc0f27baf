"""Agents are plain: a handler a message type, which yields effects. No thread, clock, socket or SQL in here.

class Greeter(Agent):
    name = "greeter"

    @handles(Hello)
    def hello(self, turn: Turn[Hello]) -> Effects:
        yield turn.inform(Greeting(text=f"good day, {turn.content.who}"))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

from sqlmodel import SQLModel

from knowledge.errors import SocietyError
from knowledge.instants import Instant
from knowledge.store.database import Write
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.messages import Failed, NotUnderstood

C = TypeVar("C", bound=Content)


class QueryError(SocietyError):
    """The handler of a query does more than ask others and answer."""


@dataclass(frozen=True, slots=True)
class Send:
    """A message to be sent once everything that the handler did is durable."""

    conversation: str
    protocol: ProtocolName
    performative: Performative
    receiver: str
    content: Content
    subject: str = ""
    reply_by: Instant | None = None
    at: Instant | None = None  # a timer: not before this time

    def envelope(self, name: str, sender: str, now: Instant, causation: str) -> Envelope[Any]:
        """The message as it is sent, under a name of its own."""
        return Envelope.model_construct(
            id=name,
            conversation=self.conversation,
            causation=causation,
            protocol=self.protocol,
            version=1,
            performative=self.performative,
            sender=sender,
            receiver=self.receiver,
            sent=now,
            reply_by=self.reply_by,
            subject=self.subject,
            content=self.content,
        )


Effect: TypeAlias = Send | Write
Effects: TypeAlias = Iterator[Effect]


@dataclass(slots=True)
class Turn(Generic[C]):
    """One message being handled, at one time; makes the effects that answer it."""

    envelope: Envelope[C]
    now: Instant
    _opened: int = field(default=0)

    @property
    def content(self) -> C:
        return self.envelope.content

    @property
    def sender(self) -> str:
        return self.envelope.sender

    def open(
        self,
        receiver: str,
        performative: Performative,
        protocol: ProtocolName,
        content: Content,
        *,
        subject: str | None = None,
        reply_by: Instant | None = None,
    ) -> Send:
        """The first message of a new conversation."""
        self._opened += 1
        conversation = f"{self.envelope.id}.{self._opened}"
        about = self.envelope.subject if subject is None else subject
        return Send(conversation, protocol, performative, receiver, content, about, reply_by)

    def request(self, receiver: str, content: Content, *, subject: str | None = None) -> Send:
        """Ask another agent to do something (request protocol)."""
        return self.open(receiver, Performative.REQUEST, ProtocolName.REQUEST, content, subject=subject)

    def query(self, receiver: str, content: Content) -> Send:
        """Ask another agent something, for which nothing changes (query protocol)."""
        return self.open(receiver, Performative.QUERY_REF, ProtocolName.QUERY, content)

    def reply(self, performative: Performative, content: Content) -> Send:
        """Say something back in the conversation of the message being handled."""
        return self.reply_to(self.envelope, performative, content)

    def reply_to(self, envelope: Envelope[Any], performative: Performative, content: Content) -> Send:
        """Say something back in the conversation of an earlier message."""
        return Send(envelope.conversation, envelope.protocol, performative, envelope.sender, content, envelope.subject)

    def answer(
        self,
        conversation: str,
        protocol: ProtocolName,
        receiver: str,
        performative: Performative,
        content: Content,
        *,
        subject: str,
    ) -> Send:
        """Say something in a conversation that was kept in the records until now."""
        return Send(conversation, protocol, performative, receiver, content, subject)

    def inform(self, content: Content) -> Send:
        """Tell the result, which ends a request."""
        return self.reply(Performative.INFORM, content)

    def refuse(self, content: Content) -> Send:
        """Refuse, saying why."""
        return self.reply(Performative.REFUSE, content)

    def timer(self, at: Instant, receiver: str, content: Content, *, subject: str | None = None) -> Send:
        """A message to oneself at a later time; saved with everything else."""
        self._opened += 1
        about = self.envelope.subject if subject is None else subject
        conversation = f"{self.envelope.id}.{self._opened}"
        return Send(
            conversation, ProtocolName.TIMER, Performative.INFORM, receiver, content, about, None, max(at, self.now)
        )

    def save(self, table: type[SQLModel], row: Mapping[str, Any]) -> Write:
        """Keep a row; one of the same key is replaced."""
        return Write(table, row)

    def remove(self, table: type[SQLModel], key: Mapping[str, Any]) -> Write:
        """Forget a row."""
        return Write(table, key, remove=True)


class Records(Protocol):
    """What an agent rebuilds itself from, and where it looks up what it does not keep in memory.

    What is asked of a column is that it equals a value or, where a tuple is given, one of several.
    """

    def rows(self, model: type[SQLModel], *columns: str, **where: object) -> list[dict[str, Any]]:
        """The rows of a table, in the order of its key, whose columns are as given; all columns, or those."""

    def starting(self, model: type[SQLModel], column: str, text: str, **where: object) -> list[dict[str, Any]]:
        """The rows of a table, in the order of its key, of which a column starts with a text, and others are as
        given."""

    def of(
        self, model: type[SQLModel], column: str, other: type[SQLModel], theirs: Mapping[str, object], **where: object
    ) -> list[dict[str, Any]]:
        """The rows of a table as given, in the order of its key, that belong, by a column of both, to rows of another
        one of which columns are as given by `theirs`."""

    def different(self, model: type[SQLModel], column: str, **where: object) -> list[Any]:
        """The different values of a column in the rows of a table of which others are as given, in no order."""

    def highest(self, model: type[SQLModel], column: str) -> int:
        """The highest number in a column, 0 where there is no row."""

    def last_named(self, model: type[SQLModel], column: str) -> str:
        """The last of the names in a column that count up, empty where there is no row."""

    def own(self, model: type[SQLModel], **where: object) -> list[dict[str, Any]]:
        """Rows that the agent writes itself, in the order of their key, as they are after all that it has done."""


class NoRecords:
    """The records of an agent that begins with nothing."""

    def rows(self, model: type[SQLModel], *columns: str, **where: object) -> list[dict[str, Any]]:
        """Nothing."""
        return []

    def starting(self, model: type[SQLModel], column: str, text: str, **where: object) -> list[dict[str, Any]]:
        """Nothing."""
        return []

    def of(
        self, model: type[SQLModel], column: str, other: type[SQLModel], theirs: Mapping[str, object], **where: object
    ) -> list[dict[str, Any]]:
        """Nothing."""
        return []

    def different(self, model: type[SQLModel], column: str, **where: object) -> list[Any]:
        """Nothing."""
        return []

    def highest(self, model: type[SQLModel], column: str) -> int:
        """Nothing."""
        return 0

    def last_named(self, model: type[SQLModel], column: str) -> str:
        """Nothing."""
        return ""

    def own(self, model: type[SQLModel], **where: object) -> list[dict[str, Any]]:
        """Nothing."""
        return []


Handler: TypeAlias = Callable[[Any, Any], Effects]


def handles(*kinds: type[Content]) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of messages with this content."""

    def mark(method: Handler) -> Handler:
        method.handles = kinds  # type: ignore[attr-defined]
        return method

    return mark


class Agent:
    """Base of all agents."""

    name: str = ""
    records: Records = NoRecords()
    """What it was restored from. Of what it wrote itself it may be asked at any time."""
    _handlers: ClassVar[dict[type[Content], str]] = {}

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls._handlers = dict(cls._handlers)
        for name, method in vars(cls).items():
            for kind in getattr(method, "handles", ()):
                cls._handlers[kind] = name

    def restore(self, records: Records) -> None:
        """Rebuild the state from the records; called on a fresh agent before its first message."""

    def handle(self, envelope: Envelope[Any], now: Instant) -> Effects:
        """The effects of a message. Raises QueryError where a query has any but messages of queries."""
        effects = self._effects(envelope, now)
        if envelope.protocol is ProtocolName.QUERY:
            effects = _harmless(effects)
        return effects

    def _effects(self, envelope: Envelope[Any], now: Instant) -> Effects:
        turn: Turn[Any] = Turn(envelope, now)
        name = self._handlers.get(type(envelope.content))
        if name is not None:
            yield from getattr(self, name)(turn)
        elif not isinstance(envelope.content, (NotUnderstood, Failed)):  # an explanation is never answered
            kind = type(envelope.content).__name__
            yield turn.reply(Performative.NOT_UNDERSTOOD, NotUnderstood(reason=f"{self.name} cannot read {kind}"))

    def stop(self) -> None:
        """The host ends: leave nothing running."""

    def abandon(self, envelope: Envelope[Any], now: Instant) -> Effects:
        """What to do when a message was given up, besides the host's telling its sender. The agent was made anew."""
        yield from ()


def _harmless(effects: Effects) -> Effects:
    for effect in effects:
        if not isinstance(effect, Send) or effect.protocol is not ProtocolName.QUERY:
            raise QueryError(f"a query may not have effects, and this one has {effect}")
        yield effect
