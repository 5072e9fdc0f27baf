"""The running service: a society on threads, its desk, its feed, and what is read from its database."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog

from agents.opening import begin
from agents.runtime.pykka_host import PykkaHost
from agents.service.database import Reading, ServedStore, Snapshot
from agents.service.desk import Desk
from agents.service.durable import Durable
from agents.service.feed import Feed
from agents.service.metrics import Metrics
from agents.service.settings import Clock, ServiceError, Settings
from agents.society import stored_plant
from knowledge.instants import Instant, from_datetime
from knowledge.plant import Plant
from knowledge.store.database import Write
from knowledge.store.tables import KnowledgeFile, MessageRow
from protocols.envelope import Envelope

log = structlog.get_logger("service")

Now = Callable[[], Instant]
NewId = Callable[[], str]


def wall_clock() -> Instant:
    """The machine's time."""
    return int(time.time())


def new_id() -> str:
    """A name that nobody else uses."""
    return uuid.uuid4().hex


class Service:
    """Starts with what the database holds and goes on. Time and identity come from `clock` and `new_id`."""

    def __init__(
        self, settings: Settings, files: Mapping[str, str], *, clock: Now = wall_clock, new_id: NewId = new_id
    ) -> None:
        self.settings, self.new_id = settings, new_id
        self.metrics = Metrics()
        self.feed = Feed(self.metrics)
        self.store = ServedStore(settings.db)
        try:
            self.feed.load(self.store)
            self.durable = Durable(self.store.log)
            self.store.heard = self._committed
            real = settings.clock is Clock.REAL
            begun = begin(
                self.store, files, clock() if real else self._start(), PykkaHost, self._heard, seed=settings.seed
            )
        except BaseException:
            self.store.close()
            raise
        self.host = begun.host
        self.epoch = f"{begun.ledger.sequence}"
        self.desk = Desk(
            self.host,
            self.durable,
            begun.now,
            clock if real else None,
            limit=settings.intake_limit,
            batch=settings.batch_limit,
        )
        self.durable.failed = self.desk.fail
        self.feed.tickets = self.desk.tickets
        self.reading = Reading(settings.db)
        self.stopping = threading.Event()
        self.zone = begun.plant.zone
        self._plant: tuple[int, Plant] | None = None
        self._plant_guard = threading.Lock()
        self.desk.start()
        log.info("started", database=settings.db, clock=settings.clock.value, now=begun.now)

    def _start(self) -> Instant:
        """When a society begins that lives by its documents' times."""
        if self.settings.start is not None:
            return from_datetime(self.settings.start)
        if not self.store.highest(MessageRow, "sent"):
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
        """The plant as stored. While a service runs, all that comes to it are engineering releases, each a new file."""
        files = len(snapshot.rows(KnowledgeFile, "name"))
        with self._plant_guard:
            if self._plant is None or self._plant[0] != files:
                self._plant = files, stored_plant(snapshot)
            return self._plant[1]

    @property
    def now(self) -> Instant:
        """The society's time."""
        return self.desk.now

    def close(self) -> None:
        """Take nothing more, and let streams of events end."""
        self.stopping.set()
        self.desk.close()

    def stop(self) -> bool:
        """Finish what is under way, as far as there is time for it, and leave nothing running; whether all went well.

        What is not finished is in the ledger, and done after the next start.
        """
        self.close()
        finished = self.desk.stop(self.settings.stop_seconds)
        self.reading.close()
        if finished:  # otherwise the writer is at work until the process ends
            self.host.stop()
            self.durable.close()
            self.store.close()
        log.info("stopped", finished=finished, failed=self.desk.failed is not None)
        return self.desk.failed is None
