"""Documents through the society in virtual time: what `process` and `demo` do, on either host."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.loading import Load
from agents.opening import Begun, Host, HostMaker, begin
from agents.planner.improving.hosting import Improver, InRounds
from agents.purchasing.supplier import Offering
from agents.runtime.agent import Send
from agents.runtime.ledger import Ledger
from agents.runtime.simulated import SimulatedHost
from agents.society import DOOR, improving, stored_plant
from agents.sources.reading import Read
from knowledge.documents import Document
from knowledge.instants import Instant, from_datetime, to_datetime
from knowledge.plant import Plant
from knowledge.store.database import Store
from protocols.envelope import Content, Envelope, Performative, ProtocolName
from protocols.notices import Listeners
from protocols.orders import Acknowledged, DropQuarantined, SubmitDocument, SubmitMended, SubmitUnreadable


@dataclass(slots=True)
class Outcome:
    """What became of the documents: counts of accepted, duplicate, quarantined and ignored ones, and the clock at the
    end.

    `dead` counts the messages that were given up because their handler raised again and again.
    """

    accepted: int = 0
    duplicate: int = 0
    quarantined: int = 0
    ignored: int = 0
    dead: int = 0
    now: Instant = 0


@dataclass(slots=True)
class Processing:
    """A society on a database, ready to take documents. `files` are the knowledge folder's texts."""

    store: Store
    files: dict[str, str]
    now: Instant
    approve_all: bool = False
    seed: int = 0
    make_host: HostMaker[Host] = SimulatedHost
    improve_seconds: int = 0
    """How long `improve` improves the plan: in rounds of the search that stand for seconds, whatever the machine."""
    listeners: Listeners = ()
    """Who is told what happens to approvals, and what is quarantined: names of the host's sinks."""
    offering: Offering | None = None
    """What suppliers offer, where they answer by themselves."""
    plant: Plant = field(init=False)
    begun: Begun[Host] = field(init=False)
    host: Host = field(init=False)
    ledger: Ledger = field(init=False)
    outcome: Outcome = field(default_factory=Outcome)
    _posted: int = 0

    def __post_init__(self) -> None:
        self.begun = begun = begin(
            self.store,
            self.files,
            self.now,
            self.make_host,
            self._heard,
            approve_all=self.approve_all,
            seed=self.seed,
            improver=self._improver(),
            listeners=self.listeners,
            offering=self.offering,
        )
        self.host, self.ledger, self.plant, self.now = begun.host, begun.ledger, begun.plant, begun.now
        self._note()

    def _note(self) -> None:
        self.outcome.now = self.now
        self.outcome.dead = self.ledger.buried

    @property
    def agents(self) -> tuple[str, ...]:
        """The names of the agents there are."""
        return self.begun.agents

    def load(self, files: dict[str, str]) -> Load:
        """Go on with another version of the knowledge folder; what it changed. Raises KnowledgeError."""
        load = self.begun.load(files)
        self.host.run_until(self.now)
        self.plant = load.plant
        self._note()
        return load

    def plant_now(self) -> Plant:
        """The plant with everything that was released since the society began."""
        return stored_plant(self.store)

    def run(self, reads: Sequence[Read]) -> Iterator[int]:
        """Take documents in the order of their times; yields how many are done after each instant."""
        wanted = [read for read in reads if not read.ignored]
        self.outcome.ignored += (done := len(reads) - len(wanted))
        for time, batch in in_order(wanted, self.now):
            self.host.run_until(max(time, self.now), durable=False)
            self.now = max(time, self.now)
            self.host.post([self._send(read) for read in batch], DOOR, durable=False)
            self.host.run_until(self.now, durable=False)
            done += len(batch)
            yield done
        self.host.run_until(self.now)
        self._note()

    def _improver(self) -> Callable[[], Improver] | None:
        seconds, seed = self.improve_seconds, self.seed
        return (lambda: InRounds(seconds, seed)) if seconds else None

    def improve(self) -> None:
        """Let the planner improve its plan, at the instant that it is."""
        if self.improve_seconds:
            self.host.post([improving(self._conversation())], DOOR)
            self.host.run_until(self.now)
            self._note()

    def settle(self, read: Read, sequence: int) -> None:
        """Take a document in place of the one in quarantine under a number; without a document, that is dropped."""
        if read.document is None:
            content: Content = DropQuarantined(name=read.name, sequence=sequence)
        else:
            document = self._dated(read.document)
            content = SubmitMended(name=read.name, document=document, text=read.text, sequence=sequence)
        self.host.post([self._asking(read.name, content)], DOOR)
        self.host.run_until(self.now)
        self._note()

    def _send(self, read: Read) -> Send:
        if read.document is None:
            content: Content = SubmitUnreadable(name=read.name, reason=read.reason, text=read.text)
        else:
            document = self._dated(read.document)
            content = SubmitDocument.model_construct(name=read.name, document=document, text=read.text)
        return self._asking(read.name, content)

    def _dated(self, document: Document) -> Document:
        """A document with a time; one that has none is received now."""
        if document.received is not None:
            return document
        return document.model_copy(update={"received": to_datetime(self.now)})

    def _asking(self, name: str, content: Content) -> Send:
        return Send(self._conversation(), ProtocolName.REQUEST, Performative.REQUEST, "intake", content, subject=name)

    def _conversation(self) -> str:
        self._posted += 1
        return f"door.{self.ledger.sequence}.{self._posted}"

    def _heard(self, envelope: Envelope[Any]) -> None:
        content = envelope.content
        if isinstance(content, Acknowledged):
            setattr(self.outcome, content.outcome, getattr(self.outcome, content.outcome) + 1)


def in_order(reads: Sequence[Read], now: Instant) -> Iterator[tuple[Instant, list[Read]]]:
    """Documents by instant. One without a time of its own takes that of the place where it stands."""
    clock, timed = now, []
    for number, read in enumerate(reads):
        received = getattr(read.document, "received", None)
        time = from_datetime(received) if received is not None else clock
        clock = max(clock, time)
        timed.append((max(time, now), number, read))
    timed.sort(key=lambda entry: entry[:2])
    batch: list[Read] = []
    for index, (time, _, read) in enumerate(timed):
        batch.append(read)
        if index + 1 == len(timed) or timed[index + 1][0] != time:
            yield time, batch
            batch = []


def earliest(reads: Sequence[Read]) -> Instant:
    """The earliest time that a document was received; the present where none says."""
    times = [r.document.received for r in reads if r.document is not None and r.document.received is not None]
    moment = min(times) if times else dt.datetime.now(tz=dt.UTC).replace(microsecond=0)
    return from_datetime(moment)
