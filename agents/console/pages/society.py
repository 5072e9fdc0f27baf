"""Society: the agents, what waits for them, and what they could not take: mended and sent again by a person."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.api.access import needs
from agents.api.context import Context, Here, Offset, Search
from agents.api.problems import ProblemError
from agents.api.schemas import Mended, MendedText
from agents.api.society import Sequence, drop_quarantined, resend, resend_quarantined
from agents.console.formats import path
from agents.console.frame import page
from agents.service.standing import Standing
from knowledge.access import Permission
from knowledge.store.tables import MessageRow, QuarantineRow

router = APIRouter(dependencies=[needs(Permission.READ)])

OPERATE = [needs(Permission.OPERATE)]
SHOWN = 25

Body = Annotated[str, Form(max_length=1_000_000)]


@router.get("/society", response_class=HTMLResponse)
def society(request: Request, here: Here) -> HTMLResponse:
    """The agents and what waits for them."""
    service = here.service
    with here.view() as view:
        standing = Standing(view.snapshot, view.now, SHOWN)
        return page(
            request,
            "society.html.j2",
            view,
            agents=service.host.depths(),
            under_way=service.desk.under_way,
            database=service.store.name,
            clock=service.settings.clock.value,
            connectors=_connectors(here),
            sinks=sorted(service.subscriptions, key=lambda each: each.sink),
            dead=standing.dead_letters(),
            quarantined=standing.quarantined(),
            latest=standing.latest_messages(),
        )


def _connectors(here: Context) -> list[dict[str, Any]]:
    """The sources that are switched on, and how each stands."""
    return [
        {
            "name": receiver.name,
            "title": receiver.connector.source.title,
            "way": receiver.connector.way,
            "trouble": receiver.trouble,
            **asdict(receiver.standing()),
        }
        for receiver in here.service.receivers.values()
    ]


@router.get("/society/conversations/{conversation}", response_class=HTMLResponse)
def conversation(request: Request, here: Here, conversation: str) -> HTMLResponse:
    """Every message of a conversation."""
    with here.view() as view:
        rows, total = view.snapshot.page(MessageRow, {"conversation": conversation}, limit=200)
        if not rows:
            raise ProblemError(404, f"there is no conversation {conversation}")
        messages = [_readable(row) for row in rows]
        return page(request, "conversation.html.j2", view, name=conversation, messages=messages, total=total)


@router.get("/society/dead-letters/{message}", response_class=HTMLResponse)
def dead_letter(request: Request, here: Here, message: str) -> HTMLResponse:
    """A message that was given up, with its traceback, to be mended and sent again."""
    return _dead_letter(request, here, message)


def _dead_letter(
    request: Request, here: Context, message: str, body: str | None = None, problem: str = "", status: int = 200
) -> HTMLResponse:
    with here.view() as view:
        rows = view.snapshot.rows(MessageRow, message=message)
        if not rows:
            raise ProblemError(404, f"there is no message {message}")
        found = _readable(rows[0])
        given = found["content"] if body is None else body
        return page(request, "dead_letter.html.j2", view, status=status, row=found, body=given, problem=problem)


@router.post("/society/dead-letters/{message}", response_class=HTMLResponse, dependencies=OPERATE)
async def resend_dead_letter(request: Request, here: Here, message: str, body: Body) -> Response:
    """Send it again, as it stands in the form."""
    try:
        said = json.loads(body)
        if not isinstance(said, dict):
            raise ValueError("a JSON object is wanted")
        await resend(here, message[:64], Mended(body=said))
    except ValueError as error:
        return await asyncio.to_thread(_dead_letter, request, here, message, body, f"not JSON: {error}", 422)
    except ProblemError as error:
        if error.status == 404:
            raise
        return await asyncio.to_thread(_dead_letter, request, here, message, body, error.detail, error.status)
    return RedirectResponse(f"/society/dead-letters/{path(message)}", 303)


@router.get("/quarantine", response_class=HTMLResponse)
def quarantine(request: Request, here: Here, search: Search = "", offset: Offset = 0) -> HTMLResponse:
    """Documents that could not be taken."""
    with here.view() as view:
        rows, total = view.snapshot.page(
            QuarantineRow, {}, (search, ("document", "reason")), order=("-sequence",), limit=SHOWN, offset=offset
        )
        return page(
            request,
            "quarantine.html.j2",
            view,
            rows=rows,
            total=total,
            search=search,
            offset=offset,
            limit=SHOWN,
        )


@router.get("/quarantine/{sequence}", response_class=HTMLResponse)
def quarantined(request: Request, here: Here, sequence: Sequence) -> HTMLResponse:
    """A document that could not be taken, to be mended and sent again."""
    return _quarantined(request, here, sequence)


def _quarantined(
    request: Request, here: Context, sequence: int, text: str | None = None, problem: str = "", status: int = 200
) -> HTMLResponse:
    with here.view() as view:
        rows = view.snapshot.rows(QuarantineRow, sequence=sequence)
        if not rows:
            raise ProblemError(404, f"there is nothing in quarantine under {sequence}: it may have been dealt with")
        row: dict[str, Any] = rows[0]
        given = row["text"] if text is None else text
        return page(request, "quarantined.html.j2", view, status=status, row=row, text=given, problem=problem)


@router.post("/quarantine/{sequence}", response_class=HTMLResponse, dependencies=OPERATE)
async def mend(request: Request, here: Here, sequence: Sequence, text: Body) -> Response:
    """Send it again, as it stands in the form; where it is refused again the page says why."""
    try:
        told = await resend_quarantined(here, sequence, MendedText(text=text.replace("\r\n", "\n")[:100_000]))
    except ProblemError as error:
        return await asyncio.to_thread(_refused, request, here, sequence, text, error)
    if told.reason:
        raise ProblemError(422, f"it was taken, and is in quarantine again under another number: {told.reason}")
    return RedirectResponse(f"/orders/{path(told.order)}" if told.order else "/quarantine", 303)


@router.post("/quarantine/{sequence}/drop", response_class=HTMLResponse, dependencies=OPERATE)
async def drop(request: Request, here: Here, sequence: Sequence) -> Response:
    """It is of no use to anybody."""
    try:
        await drop_quarantined(here, sequence)
    except ProblemError as error:
        return await asyncio.to_thread(_refused, request, here, sequence, None, error)
    return RedirectResponse("/quarantine", 303)


def _refused(request: Request, here: Context, sequence: int, text: str | None, error: ProblemError) -> HTMLResponse:
    if error.status in (404, 409):  # there is nothing left to show
        raise error
    return _quarantined(request, here, sequence, text, error.detail, error.status)


def _readable(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "content": json.dumps(json.loads(row["body"]), indent=2, ensure_ascii=False)}
