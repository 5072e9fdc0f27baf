"""The desk at the door: a bounded intake. Documents wait here until the society takes them, a batch at an instant."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

import structlog

from agents.opening import Driver
from agents.runtime.agent import Send
from agents.service.durable import Durable
from agents.service.settings import ServiceError
from agents.society import DOOR
from agents.sources.reading import Read
from knowledge.documents import CustomerOrder
from knowledge.errors import AwayError, SocietyError
from knowledge.instants import Instant, from_datetime, to_datetime
from knowledge.supply import order_document
from protocols.envelope import Content, Performative, ProtocolName
from protocols.orders import DropQuarantined, SubmitDocument, SubmitMended, SubmitUnreadable

TICK_SECONDS = 0.5
"""How long the desk waits for documents before it lets the society's time pass."""

log = structlog.get_logger("desk")

T = TypeVar("T")


class DeskFullError(ServiceError):
    """As many documents are under way as may be; nothing of what was brought is taken."""

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(f"{limit} documents are under way, which is as many as may be")
        self.retry_after = retry_after


class DeskClosedError(ServiceError):
    """The service is stopping, or has failed; nothing of what was brought is taken."""


class Outcome(StrEnum):
    """What became of a document, as far as it is known."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"
    IGNORED = "ignored"
    """There is nothing to do with it: it is no news of an order."""


@dataclass(slots=True, eq=False)
class Ticket:
    """One document at the desk.

    `acknowledged` is done once what intake says of it is durable, `settled` once every line of an order has an answer,
    and for other documents once all that follows from them at once is done; both fail where the service does.
    `answers` are the rows of promises of its order, by line and part, as they came. One that `mends` goes in place of
    what is in quarantine under that number; without a document that is dropped.
    """

    conversation: str
    read: Read
    mends: int | None = None
    outcome: Outcome = Outcome.PENDING
    reason: str = ""
    since: float = field(default_factory=time.monotonic)
    acknowledged: Future[None] = field(default_factory=Future)
    settled: Future[None] = field(default_factory=Future)
    unanswered: set[str] | None = None
    answers: dict[tuple[str, int], Mapping[str, Any]] = field(default_factory=dict)

    @property
    def order(self) -> str:
        """The document name of the order that this document is about; empty where it is about none."""
        document = self.read.document
        source, number = getattr(document, "source", None), getattr(document, "number", None)
        return order_document(source, number) if source and number else ""

    def acknowledge(self, outcome: Outcome, reason: str) -> None:
        """Intake has said what it does with it."""
        self.outcome, self.reason = outcome, reason
        _finish(self.acknowledged)
        if outcome is not Outcome.ACCEPTED:
            _finish(self.settled)

    def answered(self, row: Mapping[str, Any]) -> bool:
        """A line of the order has an answer; whether all now have one for the first time."""
        self.answers[row["line"], row["part"]] = row
        if not self.unanswered:
            return False
        self.unanswered.discard(row["line"])
        if self.unanswered:
            return False
        _finish(self.settled)
        return True

    def settle(self) -> None:
        """All that follows from it at once is done."""
        _finish(self.acknowledged)
        _finish(self.settled)

    def fail(self, error: Exception) -> None:
        """Nobody knows what becomes of it."""
        for future in (self.acknowledged, self.settled):
            if not future.done():
                future.set_exception(error)


class Desk:
    """Hands documents to a society from a thread of its own, and lets the society's time pass.

    `clock` is asked for the time; with `None` time is what the documents say, and they are taken one at a time. While
    `away` says why the database cannot be used nothing new is taken.
    """

    def __init__(
        self,
        host: Driver,
        durable: Durable,
        now: Instant,
        clock: Callable[[], Instant] | None,
        *,
        limit: int,
        batch: int,
        away: Callable[[], str] = lambda: "",
    ) -> None:
        self.host, self.durable, self.now, self.clock = host, durable, now, clock
        self.limit, self.away = limit, away
        self.batch = batch if clock is not None else 1
        self.failed: Exception | None = None
        self.tickets: dict[str, Ticket] = {}
        self._waiting: deque[Ticket] = deque()
        self._errands: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self._changed = threading.Condition()
        self._closed = False
        self._rate = 20.0  # documents a second, as it was of late
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)

    def start(self) -> None:
        """Begin to take documents."""
        self._thread.start()

    @property
    def open(self) -> bool:
        """Whether documents are taken."""
        return not self._closed and self.failed is None and self._thread.is_alive()

    @property
    def under_way(self) -> int:
        """How many documents are at the desk or being worked at."""
        return len(self.tickets)

    def submit(self, reads: Sequence[Read], conversations: Iterable[str], mends: int | None = None) -> list[Ticket]:
        """Bring documents: all of them are taken, or none.

        Raises DeskFullError, DeskClosedError, and AwayError while they could not be kept.
        """
        tickets = [Ticket(name, read, mends) for name, read in zip(conversations, reads, strict=True)]
        for ticket in tickets:
            if isinstance(ticket.read.document, CustomerOrder):
                ticket.unanswered = {line.line for line in ticket.read.document.lines}
        with self._changed:
            self._check_open()
            if reason := self.away():
                raise AwayError(f"no documents are taken: {reason}")
            if len(self.tickets) + len(tickets) > self.limit:
                raise DeskFullError(self.limit, max(1, round(len(self.tickets) / self._rate / 2)))
            wanted = [ticket for ticket in tickets if not ticket.read.ignored]
            self.tickets.update((ticket.conversation, ticket) for ticket in wanted)
            self._waiting.extend(wanted)
            self._changed.notify()
        for ticket in tickets:
            if ticket.read.ignored:
                ticket.acknowledge(Outcome.IGNORED, ticket.read.reason)
        return tickets

    def between(self, errand: Callable[[], T]) -> Future[T]:
        """Have something done while the society is at rest, between two batches; its result, once that is durable.

        What follows from it at once is done by then. Errors that are raised on purpose go to the caller. Raises
        DeskClosedError.
        """
        done: Future[T] = Future()
        with self._changed:
            self._check_open()
            self._errands.append((errand, done))
            self._changed.notify()
        return done

    def close(self) -> None:
        """Take nothing more; what is at the desk is still worked at."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def stop(self, seconds: float) -> bool:
        """Close, and wait until everything at the desk is done; whether that was in time."""
        self.close()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _check_open(self) -> None:
        if not self.open:
            raise DeskClosedError("the service is stopping" if self.failed is None else "the service has failed")

    def _run(self) -> None:
        try:
            while self.failed is None and (batch := self._next()) is not None:
                self._take(batch)
        except Exception as error:  # the society cannot go on: whoever waits has to hear of it
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """Take nothing more: nobody knows what becomes of what is here."""
        log.error("the society failed", error=repr(error))
        with self._changed:
            self.failed = error
            self._changed.notify()
        failure = DeskClosedError(f"the service has failed: {error}")
        for ticket in list(self.tickets.values()):
            ticket.fail(failure)
        self.tickets.clear()
        while self._errands:
            self._errands.popleft()[1].set_exception(failure)

    def _next(self) -> list[Ticket] | None:
        """What is to be taken at one instant: nothing after a while without documents, None at the end."""
        with self._changed:
            if not self._waiting and not self._errands and not self._closed and self.failed is None:
                self._changed.wait(TICK_SECONDS)
            if self._closed and not self._waiting and not self._errands:
                return None
            return [self._waiting.popleft() for _ in range(min(self.batch, len(self._waiting)))]

    def _take(self, batch: list[Ticket]) -> None:
        begin = time.monotonic()
        self.now = max(self.now, self._time(batch))
        self.host.run_until(self.now)
        while self._errands:
            self._do(*self._errands.popleft())
        if not batch:
            return
        self.host.post([self._send(ticket) for ticket in batch], DOOR)
        self.host.run_until(self.now)
        self.durable.then(partial(self._settle, batch))
        speed = len(batch) / max(time.monotonic() - begin, 0.001)
        self._rate += (speed - self._rate) / 10

    def _do(self, errand: Callable[[], Any], done: Future[Any]) -> None:
        try:
            result = errand()
        except SocietyError as error:
            done.set_exception(error)
        else:
            self.host.run_until(self.now)
            self.durable.then(partial(done.set_result, result))

    def _settle(self, batch: list[Ticket]) -> None:
        for ticket in batch:
            ticket.settle()
            self.tickets.pop(ticket.conversation, None)

    def _time(self, batch: list[Ticket]) -> Instant:
        if self.clock is not None:
            return self.clock()
        times = [getattr(ticket.read.document, "received", None) for ticket in batch]
        return max((from_datetime(time) for time in times if time is not None), default=self.now)

    def _send(self, ticket: Ticket) -> Send:
        read, content = ticket.read, self._content(ticket)
        return Send(ticket.conversation, ProtocolName.REQUEST, Performative.REQUEST, "intake", content, read.name)

    def _content(self, ticket: Ticket) -> Content:
        read = ticket.read
        if read.document is None and ticket.mends is not None:
            return DropQuarantined(name=read.name, sequence=ticket.mends)
        if read.document is None:
            return SubmitUnreadable(name=read.name, reason=read.reason, text=read.text)
        document = read.document
        if document.received is None:
            document = document.model_copy(update={"received": to_datetime(self.now)})
        if ticket.mends is not None:
            return SubmitMended(name=read.name, document=document, text=read.text, sequence=ticket.mends)
        return SubmitDocument.model_construct(name=read.name, document=document, text=read.text)


def _finish(future: Future[None]) -> None:
    if not future.done():
        future.set_result(None)
