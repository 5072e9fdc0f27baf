"""What every router is given: the service, the views that are composed at the door, and ways to read and submit."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from agents.api.answering import SIGNED, signed
from agents.api.beside import Beside
from agents.api.problems import ProblemError
from agents.service.database import Snapshot
from agents.service.desk import DeskFullError, Ticket
from agents.service.gatekeeper import How, Identity
from agents.service.running import Service
from agents.sources.reading import Read
from knowledge.access import Permission, Person, Role
from knowledge.documents import ApprovalAnswer, ApprovalDelegation, Document, EngineeringRelease
from knowledge.errors import AwayError
from knowledge.instants import Instant, iso
from knowledge.outlook import Outlook
from knowledge.plant import Plant
from knowledge.quantities import show_units
from knowledge.supply import order_document, readable

ACKNOWLEDGE_SECONDS = 20.0
"""How long an answer waits, in any case, for what intake says: only then is a document taken."""

AWAY_SECONDS = 2.0
"""How long it waits where the database is away."""


@dataclass(frozen=True, slots=True)
class Views:
    """What rooms above this one put into words.

    Two run in another process: `explained` (database URL, document, now) and `quote` (database URL, documents, seed).
    `sequence` draws messages as a sequence diagram with a label, and says how many it leaves out.
    """

    explained: Callable[[str, str, Instant], dict[str, Any]]
    sequence: Callable[[Sequence[Mapping[str, Any]], dt.tzinfo, str], tuple[str, int]]
    outlook: Callable[[Outlook], dict[str, Any]]
    quote: Callable[[str, Sequence[Read], int], dict[str, Any]]


class Context:
    """A request's way to the service."""

    def __init__(self, request: Request) -> None:
        self.service: Service = request.app.state.service
        self.views: Views = request.app.state.views
        self.beside: Beside = request.app.state.beside
        self.app, self.request = request.app, request

    @contextmanager
    def view(self) -> Iterator[View]:
        """The database at one moment, and how its values are shown."""
        position = f"{self.service.epoch}-{self.service.feed.last}"
        with self.service.snapshot() as (snapshot, plant):
            yield View(snapshot, plant, self.service.now, position)

    @property
    def identity(self) -> Identity:
        """Who asks, and how that is known; every route that needs a permission knows."""
        found: Identity = self.request.state.identity
        return found

    @property
    def person(self) -> Person:
        """Who asks."""
        return self.identity.person

    @property
    def by_hand(self) -> bool:
        """Whether a person asks, at a browser or with a key of their own, and not an integrator's program."""
        asks = self.identity
        if asks.how is How.OPEN:
            return not self.request.url.path.startswith("/api/")
        return asks.how is How.SESSION or Role.INTEGRATOR not in asks.person.roles

    async def audit(self, action: str, subject: str, **detail: Any) -> None:
        """Write what this person does into the audit log, before it is done."""
        await asyncio.to_thread(self.service.note, self.person.name, action, subject, **detail)

    async def submit(self, reads: Sequence[Read], mends: int | None = None) -> list[Ticket]:
        """Bring documents to the desk, as far as this person may: all of them are taken, or none.

        What `mends` goes in place of what is in quarantine under that number, which whoever operates the society may
        send on, whoever brought it.

        Raises DeskFullError, DeskClosedError, and ProblemError where they never fit, or the person may not.
        """
        limit = self.service.settings.intake_limit
        if len(reads) > limit:
            raise ProblemError(413, f"{len(reads)} documents in one body; send at most {limit}")
        for read in reads:
            if read.document is not None and not self._may_bring(read.document, mends is not None):
                raise ProblemError(403, f"{self.person.name} may not bring a document of type {read.document.type}")
        if not self.person.unbound and any(isinstance(read.document, SIGNED) for read in reads):
            reads = await asyncio.to_thread(self._signed, reads)
        names = [self.service.new_id() for _ in reads]
        for read, name in zip(reads, names, strict=True):
            if mends is not None or self.by_hand or isinstance(read.document, (*SIGNED, EngineeringRelease)):
                action, subject, detail = _told(read, mends)
                await self.audit(action, subject, conversation=name, **detail)
        try:
            return self.service.desk.submit(reads, names, mends)
        except DeskFullError:
            self.service.metrics.refused.inc(len(reads))
            raise

    def _may_bring(self, document: Document, mended: bool) -> bool:
        operates = mended and self.person.may(Permission.OPERATE) and not isinstance(document, SIGNED)
        return operates or self.person.may_bring(document)

    def _signed(self, reads: Sequence[Read]) -> list[Read]:
        """Answers to approvals, and who may give them, carry the person's name, and are theirs to say."""
        with self.view() as view:
            return [
                replace(read, document=signed(view.snapshot, view.now, self.person, read.document))
                if isinstance(read.document, SIGNED)
                else read
                for read in reads
            ]

    async def waited(self, tickets: Sequence[Ticket], wait: float) -> bool:
        """Wait for what becomes of documents, in any case for what intake says; whether all is settled.

        Raises AwayError where intake says nothing for long: whether they are taken nobody knows, and they may come
        again, for what comes twice is taken once.
        """
        acknowledged = [asyncio.wrap_future(ticket.acknowledged) for ticket in tickets]
        await self._taken(acknowledged, max(wait, ACKNOWLEDGE_SECONDS))
        settled = [asyncio.wrap_future(ticket.settled) for ticket in tickets]
        if wait:
            await _within(settled, wait)
        for future in (*acknowledged, *settled):
            if future.done() and not future.cancelled() and (error := future.exception()) is not None:
                raise error
        return all(ticket.settled.done() for ticket in tickets)

    async def _taken(self, acknowledged: list[asyncio.Future[None]], seconds: float) -> None:
        began = time.monotonic()
        while not all(future.done() for future in acknowledged):
            passed, away = time.monotonic() - began, self.service.store.away
            if passed >= (AWAY_SECONDS if away else seconds):
                reason = away or "the society is at work at something else"
                raise AwayError(f"not taken yet: {reason}; send it again, it is taken once")
            await _within(acknowledged, min(0.5, max(seconds - passed, 0.0)))


def _told(read: Read, mends: int | None) -> tuple[str, str, dict[str, Any]]:
    """What a document does, to what, and what it says; of a long one that is its SHA-256."""
    document, said = read.document, hashlib.sha256(read.text.encode("utf-8", "replace")).hexdigest()
    if mends is not None:
        kind = {} if document is None else {"type": document.type, "sha256": said}
        return "quarantine dropped" if document is None else "quarantine mended", f"{mends}", kind
    if document is None:
        return "unreadable document", read.name, {"sha256": said}
    if isinstance(document, ApprovalAnswer):
        told = document.model_dump(mode="json", include={"decision", "alternative", "note"}, exclude_none=True)
        return document.type, document.approval or document.subject or "", told
    if isinstance(document, ApprovalDelegation):
        return document.type, document.role, document.model_dump(mode="json", exclude={"type", "role"})
    names = ("purchase_order", "work_order", "shipping_order", "work_centre", "item")
    known = [str(value) for name in names if (value := getattr(document, name, None))]
    source, number = getattr(document, "source", None), getattr(document, "number", None)
    order = [readable(order_document(source, number))] if source and number else []
    return document.type, [*order, *known, read.name][0], {"sha256": said}


async def _within(futures: list[asyncio.Future[None]], seconds: float) -> None:
    """Wait until all are done or the time is up; none of them is cancelled by that."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait(futures, timeout=seconds)


@dataclass(frozen=True, slots=True)
class View:
    """One moment of the database, with its values as people write them.

    Everything that the stream of events told up to `position` is in it.
    """

    snapshot: Snapshot
    plant: Plant
    now: Instant
    position: str

    def time(self, instant: Instant | None) -> str | None:
        """ISO 8601 with offset, in the plant's zone."""
        return None if instant is None else iso(instant, self.plant.zone)

    def units(self, item: str, units: int) -> str:
        """A quantity in the item's unit."""
        known = self.plant.items.get(item)
        return show_units(units, known.decimals if known else 0)


Here = Annotated[Context, Depends(Context)]
Wait = Annotated[float, Query(ge=0, le=60, description="Wait up to so many seconds for the promise.")]
Limit = Annotated[int, Query(ge=1, le=500, description="Rows of a page.")]
Offset = Annotated[int, Query(ge=0, le=10_000_000, description="Rows before the page.")]
Search = Annotated[str, Query(max_length=200, description="A text that has to occur, in any case of letters.")]
