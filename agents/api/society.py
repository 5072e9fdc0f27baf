"""The society itself: quarantine, dead letters, agents, health, metrics, and the stream of what changes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import pykka
from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from agents.api.access import anybody, needs, still_may
from agents.api.answering import SIGNED, signed
from agents.api.context import Context, Here, Limit, Offset, Search
from agents.api.documents import submitted
from agents.api.guard import LIVE
from agents.api.problems import ProblemError, documented
from agents.api.schemas import (
    AgentView,
    Alive,
    DeadLetterView,
    Mended,
    MendedText,
    Page,
    QuarantineView,
    Resent,
    Submitted,
)
from agents.runtime.dead_letters import DeadLetterError, UnfitBodyError, UnknownMessageError
from agents.runtime.ledger import DEAD
from agents.service.connectors.mending import read_again
from agents.service.desk import Outcome
from agents.service.feed import Event
from agents.sources.reading import Read
from knowledge.access import Permission
from knowledge.documents import DOCUMENT
from knowledge.errors import AwayError
from knowledge.instants import iso
from knowledge.store.tables import MessageRow, QuarantineRow

router = APIRouter(tags=["society"], dependencies=[needs(Permission.READ)])
health = APIRouter(tags=["health"])

DEALING_SECONDS = 30.0
"""How long a mended document is waited for; after that what becomes of it is told at its `status_url`."""

POLL_SECONDS = 0.2
HEARTBEAT_SECONDS = 15.0
CHECK_SECONDS = 5.0
"""How long a stream goes on after the session or key that it was asked for with has become invalid."""


@router.get("/quarantine", responses=documented(422, 503))
def quarantine(here: Here, search: Search = "", limit: Limit = 100, offset: Offset = 0) -> Page[QuarantineView]:
    """Documents that could not be taken, the latest first, each with its reason and what there was to read of it."""
    with here.view() as view:
        rows, total = view.snapshot.page(
            QuarantineRow, {}, (search, ("document", "reason")), order=("-sequence",), limit=limit, offset=offset
        )
        return Page(rows=[QuarantineView.model_validate(row) for row in rows], total=total)


Sequence = Annotated[int, Path(ge=1, le=2**62, examples=[17])]
OPERATE = [needs(Permission.OPERATE)]


@router.post(
    "/quarantine/{sequence}/resend",
    responses=documented(404, 409, 422, 429, 503),
    dependencies=OPERATE,
)
async def resend_quarantined(here: Here, sequence: Sequence, mended: MendedText | None = None) -> Submitted:
    """Send a document in quarantine again, mended or as it was; it leaves the quarantine, or comes back with a reason.

    What a connector brought is read as it was then: by its source, its settings, and the headers that it came with. It
    is taken even where the very same was seen before. What still cannot be read, or is more than one document, is
    refused (422), and stays.
    """
    kept = await asyncio.to_thread(_kept, here, sequence)
    text = kept["text"] if mended is None or mended.text is None else mended.text
    name = f"{here.service.new_id()[:12]}/again {kept['document']}"
    reads = await asyncio.to_thread(
        read_again, here.service.connectors, here.service.inbox, kept["document"], name, text
    )
    if len(reads) != 1:
        raise ProblemError(422, f"these are {len(reads)} documents: send one at a time")
    if reads[0].document is None:
        raise ProblemError(422, reads[0].reason)
    return await _dealt_with(here, sequence, reads[0])


@router.post("/quarantine/{sequence}/drop", responses=documented(404, 409, 422, 429, 503), dependencies=OPERATE)
async def drop_quarantined(here: Here, sequence: Sequence) -> Submitted:
    """Take a document out of quarantine for good."""
    kept = await asyncio.to_thread(_kept, here, sequence)
    return await _dealt_with(
        here, sequence, Read(f"{here.service.new_id()[:12]}/drop {kept['document']}", None, "", "")
    )


def _kept(here: Context, sequence: int) -> dict[str, Any]:
    with here.view() as view:
        for row in view.snapshot.rows(QuarantineRow, sequence=sequence):
            return row
    raise ProblemError(404, f"there is nothing in quarantine under {sequence}")


async def _dealt_with(here: Context, sequence: int, read: Read) -> Submitted:
    tickets = await here.submit([read], mends=sequence)
    await here.waited(tickets, DEALING_SECONDS)
    if tickets[0].outcome is Outcome.DUPLICATE:
        raise ProblemError(409, tickets[0].reason)
    return submitted(here, tickets[0])


@router.get("/dead-letters", responses=documented(422, 503))
def dead_letters(here: Here, limit: Limit = 100, offset: Offset = 0) -> Page[DeadLetterView]:
    """Messages that were given up because their handler raised again and again, with the traceback."""
    with here.view() as view:
        rows, total = view.snapshot.page(MessageRow, {"status": DEAD}, order=("-sequence",), limit=limit, offset=offset)
        told = [{**row, "sent": view.time(row["sent"]), "body": json.loads(row["body"])} for row in rows]
        shown = [DeadLetterView.model_validate(row) for row in told]
        return Page(rows=shown, total=total)


@router.post(
    "/dead-letters/{message}/resend",
    responses=documented(404, 409, 422, 503),
    status_code=202,
    dependencies=OPERATE,
)
async def resend(
    here: Here, message: Annotated[str, Path(max_length=64, examples=["m00000042"])], mended: Mended | None = None
) -> Resent:
    """Send a message that was given up again, mended or as it was; it is taken like any message, after the answer.

    What one agent said to another is not sent again (409): the one that said it was told of the failure.
    """
    said = None if mended is None else mended.body
    if said is not None:
        said = await asyncio.to_thread(_as_own, here, said)
    body = None if said is None else json.dumps(said)
    await here.audit("dead letter resent", message, body=body)
    return await asyncio.to_thread(_resent, here, message, body)


def _as_own(here: Context, said: dict[str, Any]) -> dict[str, Any]:
    """A message as mended. An answer to an approval in it has to be the person's own, as wherever it comes from."""
    try:
        document = DOCUMENT.validate_python(said.get("document"))
    except ValidationError:
        return said
    if not isinstance(document, SIGNED):
        return said
    with here.view() as view:
        own = signed(view.snapshot, view.now, here.person, document)
    return {**said, "document": own.model_dump(mode="json", exclude_none=True)}


def _resent(here: Context, message: str, body: str | None) -> Resent:
    try:
        return Resent(message=message, sent_as=here.service.resend(message, body))
    except UnknownMessageError as error:
        raise ProblemError(404, str(error)) from error
    except UnfitBodyError as error:
        raise ProblemError(422, str(error)) from error
    except DeadLetterError as error:
        raise ProblemError(409, str(error)) from error
    except pykka.ActorDeadError as error:
        raise ProblemError(503, "the service is stopping, or has failed", {"Retry-After": "2"}) from error


@router.get("/agents")
def agents(here: Here) -> list[AgentView]:
    """The agents, and how many messages wait for each."""
    return [AgentView(agent=name, inbox=depth) for name, depth in here.service.host.depths().items()]


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def events(
    here: Here,
    after: Annotated[str | None, Query(max_length=64, description="An event's id, where no header says it.")] = None,
    last_event_id: Annotated[str | None, Header(max_length=64)] = None,
) -> StreamingResponse:
    """A stream of server-sent events: order lines, approvals, quarantine, dead letters, as they change.

    `plan` says only what else of the plan is not what it was, by topic: work orders, purchases, shipments, stock …

    A stream that was cut off goes on after `Last-Event-ID`; where that is too long ago it begins with `reset`, which
    means that everything shown has to be read anew. The stream ends with the session that it was asked for with.
    """
    return StreamingResponse(_stream(here, last_event_id or after), media_type="text/event-stream")


async def _stream(here: Context, last: str | None) -> AsyncIterator[str]:
    feed, epoch = here.service.feed, here.service.epoch
    position = feed.last
    if last:
        began, _, number = last.partition("-")
        known = began == epoch and number.isdecimal() and feed.kept_since(int(number))
        position = int(number) if known else position
        yield ": on again\n\n" if known else f"event: reset\nid: {epoch}-{position}\ndata: {{}}\n\n"
    else:
        yield ": on\n\n"
    quiet = checked = 0.0
    while not here.service.stopping.is_set():
        for event in feed.since(position):
            position, quiet = event.number, 0.0
            yield _said(event, epoch)
        await asyncio.sleep(POLL_SECONDS)
        quiet, checked = quiet + POLL_SECONDS, checked + POLL_SECONDS
        if checked >= CHECK_SECONDS:
            checked = 0.0
            if not await still_may(here.request, Permission.READ):
                return
        if quiet >= HEARTBEAT_SECONDS:
            quiet = 0.0
            yield ": still here\n\n"


def _said(event: Event, epoch: str) -> str:
    return f"id: {epoch}-{event.number}\nevent: {event.kind}\ndata: {json.dumps(event.body)}\n\n"


def _alive(here: Context, status: Any) -> Alive:
    return Alive(status=status, under_way=here.service.desk.under_way, now=iso(here.service.now))


@health.get(LIVE, responses=documented(503), dependencies=[anybody()])
def live(here: Here) -> Alive:
    """Whether the process does its work, or stands by for it; where not, start it anew."""
    if not here.service.opened:
        return Alive(status="standing by", under_way=0, now=None)
    if here.service.desk.failed is not None:
        raise ProblemError(503, f"the society has failed: {here.service.desk.failed}")
    return _alive(here, "live")


@health.get("/health/ready", responses=documented(503), dependencies=[anybody()])
def ready(here: Here) -> Alive:
    """Whether documents are taken and the database can be read."""
    if not here.service.desk.open:
        raise ProblemError(503, "no documents are taken")
    if away := here.service.store.away:
        raise AwayError(f"no documents are taken: {away}")
    with here.view():
        return _alive(here, "ready")


@health.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
    dependencies=[needs(Permission.READ)],
)
def metrics(here: Here) -> Response:
    """Figures in Prometheus' text format."""
    service = here.service
    page = service.metrics.page(service.desk.under_way, service.host.depths)
    return Response(page, media_type="text/plain; version=0.0.4; charset=utf-8")
