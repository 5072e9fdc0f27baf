"""What every router is given: the service, the views that are composed at the door, and ways to read and submit."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from agents.api.problems import ProblemError
from agents.service.database import Snapshot
from agents.service.desk import DeskFullError, Ticket
from agents.service.running import Service
from agents.sources.reading import Read
from knowledge.explanation.values import Explanation
from knowledge.instants import Instant, iso
from knowledge.outlook import Outlook
from knowledge.plant import Plant
from knowledge.quantities import show_units

ACKNOWLEDGE_SECONDS = 5.0
"""How long an answer waits, in any case, for what intake says."""


@dataclass(frozen=True, slots=True)
class Views:
    """What rooms above this one put into words. `quote` runs in another process: (database URL, documents, seed)."""

    explanation: Callable[[Explanation, Plant], dict[str, Any]]
    outlook: Callable[[Outlook], dict[str, Any]]
    quote: Callable[[str, Sequence[Read], int], dict[str, Any]]


class Context:
    """A request's way to the service."""

    def __init__(self, request: Request) -> None:
        self.service: Service = request.app.state.service
        self.views: Views = request.app.state.views
        self.app = request.app

    @contextmanager
    def view(self) -> Iterator[View]:
        """The database at one moment, and how its values are shown."""
        position = f"{self.service.epoch}-{self.service.feed.last}"
        with self.service.snapshot() as (snapshot, plant):
            yield View(snapshot, plant, self.service.now, position)

    def submit(self, reads: Sequence[Read]) -> list[Ticket]:
        """Bring documents to the desk. Raises DeskFullError, DeskClosedError, and ProblemError where they never fit."""
        limit = self.service.settings.intake_limit
        if len(reads) > limit:
            raise ProblemError(413, f"{len(reads)} documents in one body; send at most {limit}")
        try:
            return self.service.desk.submit(reads, [self.service.new_id() for _ in reads])
        except DeskFullError:
            self.service.metrics.refused.inc(len(reads))
            raise

    async def waited(self, tickets: Sequence[Ticket], wait: float) -> bool:
        """Wait for what becomes of documents, in any case for what intake says; whether all is settled."""
        acknowledged = [asyncio.wrap_future(ticket.acknowledged) for ticket in tickets]
        await _within(acknowledged, max(wait, ACKNOWLEDGE_SECONDS))
        settled = [asyncio.wrap_future(ticket.settled) for ticket in tickets]
        if wait:
            await _within(settled, wait)
        for future in (*acknowledged, *settled):
            if future.done() and not future.cancelled() and (error := future.exception()) is not None:
                raise error
        return all(ticket.settled.done() for ticket in tickets)


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
