"""The running service: a society on threads, its desk, its feed, and what is read from its database."""

from __future__ import annotations

import datetime as dt
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog

from agents.loading import VERSION, Load
from agents.opening import Begun, begin
from agents.planner.improving.hosting import Beside, Improver
from agents.runtime.outbox import BackOff
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.standby import patient, stand_by
from agents.service.clock import SteadyClock
from agents.service.connectors.configured import connectors
from agents.service.connectors.receiving import BATCH, Receiver
from agents.service.connectors.telling import answers_way, tellers
from agents.service.database import Reading, ServedStore, Snapshot
from agents.service.desk import Desk, Ticket
from agents.service.durable import Durable
from agents.service.feed import Feed
from agents.service.gatekeeper import Gatekeeper
from agents.service.metrics import Metrics
from agents.service.notifying import notifiers
from agents.service.oidc import OpenId, check_installed
from agents.service.settings import Clock, ServiceError, Settings, is_loopback
from agents.service.tracing import tracing
from agents.society import DOOR, stored_plant
from agents.sources.reading import Read
from knowledge.audit_log import Entry, Record
from knowledge.errors import OwnedError, StoreError
from knowledge.instants import HOUR, MINUTE, Instant, from_datetime
from knowledge.plant import Plant
from knowledge.store.access_store import AccessStore
from knowledge.store.accounts import Accounts
from knowledge.store.audit_records import append, head
from knowledge.store.database import Write
from knowledge.store.source_inbox import SinkMemory, SourceInbox
from knowledge.store.tables import AgentStateRow, KnowledgeFile
from protocols.envelope import Content, Envelope
from protocols.quoting import Quotable, QuoteDocuments

log = structlog.get_logger("service")

Now = Callable[[], Instant]
NewId = Callable[[], str]


def new_id() -> str:
    """A name that nobody else uses."""
    return uuid.uuid4().hex


class Service:
    """Starts with what the database holds and goes on. Time and identity come from `clock` and `new_id`.

    Whatever the society lives by, sessions expire by `people_clock`, and by it people's decisions are dated. Both
    follow the machine's time by default, and never go back with it.

    It has neither a society nor a desk before `open`. Meanwhile `standing_by` says who else has the database.
    """

    store: ServedStore
    durable: Durable
    begun: Begun[PykkaHost]
    host: PykkaHost
    desk: Desk
    reading: Reading
    epoch: str
    zone: dt.tzinfo
    access: AccessStore
    gate: Gatekeeper
    inbox: SourceInbox
    openid: OpenId | None

    def __init__(
        self,
        settings: Settings,
        files: Mapping[str, str],
        *,
        clock: Now | None = None,
        people_clock: Now | None = None,
        new_id: NewId = new_id,
    ) -> None:
        self.settings, self.files, self.new_id = settings, files, new_id
        self.clock: Now = clock or SteadyClock()
        self.people_clock: Now = people_clock or SteadyClock()
        if settings.oidc is not None:
            check_installed()
        self.sinks, self.listeners = notifiers(settings.notify)
        self.connectors = connectors(settings.sources)
        self.tellers, self.subscriptions = tellers(
            settings.sinks, self.connectors, self.snapshot, lambda: SinkMemory(self.access)
        )
        self.sinks = {**self.sinks, **self.tellers}
        self.receivers: dict[str, Receiver] = {}
        self.trace, self._end_traces = tracing(settings.traces)
        self.metrics = Metrics()
        self.feed = Feed(self.metrics)
        self.stopping = threading.Event()
        self.opened = False
        self.standing_by = ""
        self._plant: tuple[object, Plant] | None = None
        self._plant_guard = threading.Lock()

    def open(self) -> None:
        """Own the database and begin. Raises `OwnedError` where somebody else writes it, StoreError, KnowledgeError."""
        try:
            store = self._own()
        except OwnedError as error:
            self._note_owner(error)
            raise
        self._begin(store)

    def stand_by(self) -> None:
        """Open once nobody else writes the database, unless the service is to stop before that."""
        found = stand_by(self._own, self.stopping.is_set, self._note_owner)
        if found is not None:
            self._begin(found)

    def _own(self) -> ServedStore:
        return ServedStore(self.settings.db, patient(self.settings.outage_seconds))

    def _note_owner(self, error: StoreError) -> None:
        self.standing_by = str(error)

    def _begin(self, store: ServedStore) -> None:
        settings, real = self.settings, self.settings.clock is Clock.REAL
        self.store = store
        try:
            self.feed.load(store)
            self.durable = Durable(store.log)
            store.heard = self._committed
            self.access = AccessStore(settings.db)
            self.reading = Reading(settings.db)  # sinks look at how things stand as soon as anything is told
            start = self.clock() if real else self._start()
            back_off = BackOff(attempts_most=settings.notify_attempts)
            begun = begin(
                store,
                self.files,
                start,
                partial(
                    PykkaHost,
                    sinks=self.sinks,
                    back_off=back_off,
                    listeners=self.listeners,
                    trace=self.trace,
                    subscriptions=self.subscriptions,
                ),
                self._heard,
                seed=settings.seed,
                improver=self._improving(),
                listeners=self.listeners,
            )
        except BaseException:
            store.close()
            raise
        self.begun = begun
        if isinstance(self.clock, SteadyClock):
            self.clock.not_before(begun.now)
        self.host, self.zone, self.epoch = begun.host, begun.plant.zone, f"{begun.ledger.sequence}"
        self.desk = Desk(
            self.host,
            self.durable,
            begun.now,
            self.clock if real else None,
            limit=settings.intake_limit,
            batch=settings.batch_limit,
            away=lambda: store.away,
        )
        self.durable.failed = self.desk.fail
        self.feed.tickets = self.desk.tickets
        self.gate = Gatekeeper(
            Accounts(self.access, self._noted),
            lambda: self.people_clock(),
            opens=is_loopback(settings.host) and settings.oidc is None,
            idle=settings.session_idle_minutes * MINUTE,
            absolute=settings.session_hours * HOUR,
            beside=lambda look: threading.Thread(target=look, name="accounts", daemon=True).start(),
        )
        self.openid = None if settings.oidc is None else OpenId(settings.oidc, self.gate)
        records, newest = head(self.access)
        self.metrics.audit_records.set(records)
        self.desk.start()
        self._receive()
        self.opened, self.standing_by = True, ""
        log.info("started", database=store.name, clock=settings.clock.value, now=begun.now)
        log.info("audit log", records=records, head=newest)

    def _receive(self) -> None:
        """Let the connectors deliver."""
        self.inbox = inbox = SourceInbox(self.access, threading.Lock())
        desk = self.desk

        def submit(reads: Sequence[Read]) -> list[Ticket]:
            return desk.submit(reads, [self.new_id() for _ in reads])

        for name, each in self.connectors.items():
            at_once = min(BATCH, self.settings.intake_limit)
            self.receivers[name] = Receiver(
                each, inbox, submit, lambda: self.people_clock(), at_once, answers_way(each)
            )
            self.receivers[name].start()

    def _improving(self) -> Callable[[], Improver] | None:
        """How the planner improves its plan, if it is to."""
        seconds, seed, after = self.settings.improve_seconds, self.settings.seed, self.settings.improve_after_seconds
        return partial(Beside, seconds, seed, after) if seconds else None

    def _start(self) -> Instant:
        """When a society begins that lives by its documents' times."""
        if self.settings.start is not None:
            return from_datetime(self.settings.start)
        if not self.store.clock():
            raise ServiceError("setting start (SOCIETY_START): a new database needs it where the clock is `received`")
        return 0  # the database knows better

    def _committed(self, writes: Sequence[Write], seconds: float) -> None:
        self.durable.committed()
        self.durable.then(partial(self.feed.committed, writes, seconds))

    def _heard(self, envelope: Envelope[Any]) -> None:
        self.durable.then(partial(self.feed.heard, envelope))

    @contextmanager
    def snapshot(self) -> Iterator[tuple[Snapshot, Plant]]:
        """The database as it is at one moment, and the plant of that moment; all of it is on the disk."""
        with self.reading.snapshot() as snapshot:
            plant = self._plant_of(snapshot)  # the first look, which decides on the moment
            self.durable.wait()
            yield snapshot, plant

    def _plant_of(self, snapshot: Snapshot) -> Plant:
        """The plant as stored: a version of the folder, to which engineering releases come, each a new file."""
        loaded = snapshot.rows(AgentStateRow, "body", agent=DOOR, key=VERSION)
        mark = loaded, len(snapshot.rows(KnowledgeFile, "name"))
        with self._plant_guard:
            if self._plant is None or self._plant[0] != mark:
                self._plant = mark, stored_plant(snapshot)
            return self._plant[1]

    def note(self, person: str, action: str, subject: str, **detail: Any) -> Record:
        """Write a person's decision into the audit log; it is on the disk when this returns. Raises StoreError."""
        record = append(self.access, Entry.of(self.people_clock(), person, action, subject, **detail))
        self._noted(record)
        return record

    def load(self, files: Mapping[str, str]) -> Load:
        """Go on with another version of the knowledge folder; what it changed, once that is on the disk.

        Raises KnowledgeError, with everything that stands against it, and nothing is done.
        """
        return self.desk.between(partial(self.begun.load, files)).result()

    def _noted(self, record: Record) -> None:
        """The head is told outside of the database, where a record that is missing at the end shows by it."""
        self.metrics.audit_records.set(record.sequence)
        entry = record.entry
        log.info(
            "audit",
            record=record.sequence,
            person=entry.person,
            action=entry.action,
            subject=entry.subject,
            head=record.hash,
        )

    def quote(self, orders: Sequence[Quotable], *, alternatives: bool = False) -> Future[Content]:
        """What would become of orders, were they entered, changed or cancelled now: as a rule `DocumentsQuoted`.

        `alternatives` says that of one order other answers are looked for, which takes longer.

        Where time is what documents say, they are planned for the latest that they say.
        """
        times = [from_datetime(order.received) for order in orders if order.received is not None]
        at = max(times, default=None) if self.settings.clock is Clock.RECEIVED else None
        return self.host.ask("intake", QuoteDocuments(orders=tuple(orders), at=at, alternatives=alternatives), DOOR)

    def resend(self, message: str, body: str | None) -> str:
        """Send a dead letter again, mended where a body (JSON) is given; under which id it goes, which is on the disk.

        Raises `DeadLetterError` where that cannot be.
        """
        sent = self.host.resend(message, body)
        self.durable.wait()
        return sent

    @property
    def now(self) -> Instant:
        """The society's time."""
        return self.desk.now

    def close(self) -> None:
        """Take nothing more, and let streams of events end."""
        self.stopping.set()
        if self.opened:
            self.desk.close()

    def stop(self) -> bool:
        """Finish what is under way, as far as there is time for it, and leave nothing running; whether all went well.

        What is not finished is in the ledger, and done after the next start.
        """
        self.close()
        if not self.opened:
            self._end_traces()
            log.info("stopped", finished=True, failed=False)
            return True
        for receiver in self.receivers.values():
            receiver.stop(self.settings.stop_seconds)
        finished = self.desk.stop(self.settings.stop_seconds)
        self.reading.close()
        self.access.close()
        if finished:  # otherwise the writer is at work until the process ends
            self.host.stop()
            self.durable.close()
            self.store.close()
            for each in self.tellers.values():
                each.way.close()
        self._end_traces()
        log.info("stopped", finished=finished, failed=self.desk.failed is not None)
        return self.desk.failed is None
