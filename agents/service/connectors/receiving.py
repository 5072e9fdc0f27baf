"""What a connector delivers is kept at once and handed to the society from a thread of its own.

So a webhook is answered as soon as it is on the disk, a poll's cursor moves together with what it found, and whatever
breaks off is done again: what came twice is known by its delivery, and an order that came twice by its number.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from agents.runtime.outbox import BackOff
from agents.service.connectors.asking import Asking
from agents.service.connectors.configured import Connector
from agents.service.connectors.folders import Folder, Maildir
from agents.service.connectors.telling import Way
from agents.service.desk import DeskClosedError, DeskFullError, Ticket
from agents.sources.errors import FetchError
from agents.sources.reading import Read, read_bytes, read_record
from agents.sources.recognition import claims
from agents.sources.signing import Delivery, content_id
from agents.sources.source import Record
from agents.sources.texts import decode, excerpt, one_line
from knowledge.documents import ApprovalAnswer, ApprovalDelegation
from knowledge.errors import AwayError, SocietyError, StoreError
from knowledge.instants import MINUTE, Instant, to_datetime
from knowledge.store.source_inbox import Delivered, SourceInbox, Standing

BATCH = 50
"""Deliveries that are looked at in one go."""

TICK = 5.0
"""Seconds after which a thread looks whether anything is due, whatever happens."""

NO_NEWS = "what it is about is neither an order that counts, nor one that counted"
"""What is said of a delivery that a source has looked into and found nothing in."""

HANDED_SECONDS = 60.0
"""How long it is waited for what the society says of documents; then they are brought again."""

log = structlog.get_logger("sources")

Submit = Callable[[Sequence[Read]], Sequence[Ticket]]


class TooManyError(SocietyError):
    """More webhooks came in a minute than may."""

    def __init__(self, limit: int, retry_after: int) -> None:
        super().__init__(f"{limit} webhooks a minute are taken at most")
        self.retry_after = retry_after


@dataclass(slots=True)
class Rate:
    """A bucket of so many tokens a minute."""

    limit: int
    _left: float = field(init=False)
    _looked: Instant = 0

    def __post_init__(self) -> None:
        self._left = float(self.limit)

    def take(self, now: Instant) -> None:
        """Raise TooManyError where none is left."""
        self._left = min(float(self.limit), self._left + max(0, now - self._looked) * self.limit / MINUTE)
        self._looked = max(self._looked, now)
        if self._left < 1:
            raise TooManyError(self.limit, max(1, -(-MINUTE // self.limit)))
        self._left -= 1


class Receiver:
    """One connector at work. `submit` brings documents to the desk, `at_once` at most; `clock` tells the time, and
    `way` is where answers go, if they are wanted."""

    def __init__(
        self,
        connector: Connector,
        inbox: SourceInbox,
        submit: Submit,
        clock: Callable[[], Instant],
        at_once: int = BATCH,
        way: Way | None = None,
    ) -> None:
        self._at_once = at_once
        self.connector, self.inbox, self.submit, self.clock = connector, inbox, submit, clock
        self.trouble = ""
        """What keeps it from working, at the moment."""
        self._rate = Rate(connector.transport.at_most_per_minute)
        self._folder = _folder(connector)
        self._way = way
        self._stopping = threading.Event()
        self._wake = threading.Event()
        self._asking = Asking(self._stopping)
        self._back_off = BackOff(attempts_most=connector.transport.attempts)
        self._next_look: Instant = 0
        self._failures = 0
        self._guard = threading.Lock()
        self._thread = threading.Thread(target=self._run, name=f"source {connector.name}", daemon=True)

    @property
    def name(self) -> str:
        """The connector's."""
        return self.connector.name

    def start(self) -> None:
        """Begin to hand over what waits, and to look for more."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End; what waits is in the database."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(seconds)
        self._asking.close()
        if self._way is not None:
            self._way.close()

    def standing(self) -> Standing:
        """How it stands."""
        return self.inbox.standing(self.name)

    def called(self, delivery: Delivery) -> bool:
        """A webhook, which has been found authentic, is kept; whether it was new. Raises TooManyError, StoreError."""
        with self._guard:
            self._rate.take(delivery.received)
        source = self.connector.source
        kept = Delivered(source.delivery_id(delivery.headers, delivery.body), delivery.body, dict(delivery.headers))
        new = bool(self.inbox.keep(self.name, [kept], self.clock()))
        self._wake.set()
        return new

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                busy = self._look() | self._hand_over()
                self.trouble = ""
            except Exception as error:  # whatever a source does, its thread goes on
                self._failed(error)
                busy = False
            if not busy:
                self._wake.wait(TICK if self._folder is None else min(TICK, self.connector.transport.every_seconds))
                self._wake.clear()

    def _failed(self, error: Exception) -> None:
        """It cannot work at the moment: it looks again after a while that grows."""
        self._failures += 1
        wait = self._back_off.wait_s(min(self._failures, self._back_off.attempts_most - 1)) or 1
        self._next_look = max(self._next_look, self.clock() + wait)
        self.trouble = one_line(str(error))
        log.warning("source", source=self.name, problem=self.trouble, again_in_seconds=wait)
        if isinstance(error, (StoreError, AwayError, DeskClosedError)):
            self._stopping.wait(min(wait, TICK))

    # -- looking for more

    def _look(self) -> bool:
        """Ask the system, or look into the folder, where it is time to; whether there may be more at once."""
        now = self.clock()
        if now < self._next_look:
            return False
        self._next_look = now + self.connector.transport.every_seconds
        more = self._look_into_folder(now)
        if self.connector.source.asks():
            more |= self._poll(now)
        self._failures = 0
        return more

    def _poll(self, now: Instant) -> bool:
        source = self.connector.source
        cursor = self.inbox.cursor(self.name)
        found = source.poll(cursor, self._asking)
        delivered = [Delivered(content_id(record.body), record.body, dict(record.headers)) for record in found.records]
        new = self.inbox.keep(self.name, delivered, now, found.cursor)
        if delivered:
            log.info("polled", source=self.name, records=len(delivered), new=new)
        if found.more:
            self._next_look = now
        return found.more

    def _look_into_folder(self, now: Instant) -> bool:
        if self._folder is None:
            return False
        found = list(self._folder.look())
        for each in found:
            kept = Delivered(f"{each.name}:{content_id(each.body)}", each.body, {}, each.name)
            self.inbox.keep(self.name, [kept], now)
            self._folder.put_away(each)
        return False

    # -- handing over

    def _hand_over(self) -> bool:
        """Bring what waits to the society; whether there may be more at once."""
        waiting = self.inbox.waiting(self.name, self.clock(), BATCH)
        for each in waiting:
            if self._stopping.is_set():
                return False
            self._bring(each)
        return len(waiting) == BATCH

    def _bring(self, delivered: Delivered) -> None:
        try:
            reads = self._reads(delivered)
        except FetchError as error:
            wait = self._back_off.wait_s(delivered.attempts + 1)
            if wait is not None:
                log.warning("delivery", source=self.name, delivery=delivered.delivery, problem=str(error))
                self.inbox.again(delivered, self.clock() + wait)
                return
            text = excerpt(decode(delivered.body[:80_000]))
            reads = [Read(self._name(delivered), None, one_line(f"given up after many tries: {error}"), text)]
        wanted = [read for read in reads if not read.ignored]
        for at in range(0, len(wanted), self._at_once):
            self._submit(wanted[at : at + self._at_once])
        self._acknowledge(delivered)
        if wanted:
            self.inbox.taken([delivered], self.clock())
        else:
            reason = "; ".join(dict.fromkeys(read.reason for read in reads)) or NO_NEWS
            log.info("nothing to do", source=self.name, delivery=delivered.delivery, reason=reason)
            self.inbox.ignored(delivered, reason, self.clock())

    def _acknowledge(self, delivered: Delivered) -> None:
        """Answer that it came, and whether it could be read. Raises whatever keeps that from being handed over."""
        if self._way is None:
            return
        now = to_datetime(self.clock())
        source = self.connector.source
        for each in source.receipts(delivered.headers, delivered.body, delivered.sequence, now):
            self._way.hand_over(each, f"{self.name}-{delivered.sequence}")

    def _submit(self, reads: Sequence[Read]) -> None:
        """Bring documents and wait until it is durable what became of them. Brought twice they are taken once."""
        while True:
            try:
                tickets = self.submit(reads)
                break
            except DeskFullError as error:
                if self._stopping.wait(min(error.retry_after, TICK)):
                    raise DeskClosedError("the service is stopping") from error
        for ticket in tickets:
            try:
                ticket.acknowledged.result(HANDED_SECONDS)
            except TimeoutError as error:
                raise AwayError("the society does not answer") from error
            log.info("document", source=self.name, document=ticket.read.name, outcome=ticket.outcome.value)

    def _reads(self, delivered: Delivered) -> list[Read]:
        """The documents of a delivery. Raises FetchError where what it lacks could not be had."""
        source, name = self.connector.source, self._name(delivered)
        if delivered.name and not self._is_own(delivered):
            return [_allowed(read) for read in read_bytes(name, delivered.body)]
        found: list[Read] = []
        for number, each in enumerate(self._completed(delivered)):
            found += read_record(f"{name}.{number}" if number else name, source, each.headers, each.body)
        return [_allowed(read) for read in found]

    def _is_own(self, delivered: Delivered) -> bool:
        """Whether a file is the source's to read; one that does not say so reads all."""
        return claims(self.connector.source, delivered.body, delivered.name)

    def _completed(self, delivered: Delivered) -> list[Record]:
        """A delivery with all that it lacks. Raises FetchError."""
        record = Record(delivered.body, delivered.headers)
        try:
            return list(self.connector.source.complete(record, self._asking))
        except FetchError:
            raise
        except Exception as error:
            raise FetchError(f"the source failed ({type(error).__name__}: {error})") from error

    def _name(self, delivered: Delivered) -> str:
        return f"{self.name}/{delivered.name or delivered.delivery}"


def _folder(connector: Connector) -> Folder | None:
    if connector.transport.folder is not None:
        return Folder(connector.transport.folder)
    return Maildir(connector.transport.maildir) if connector.transport.maildir is not None else None


def _allowed(read: Read) -> Read:
    """Decisions are for people who have signed in: what comes by itself carries none."""
    if isinstance(read.document, ApprovalAnswer | ApprovalDelegation):
        return Read(read.name, None, f"a source may not bring a document of type {read.document.type}", read.text)
    return read
