"""Sources: webhooks in, each checked before anything of it is read; and how the connectors stand."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, Field

from agents.api.access import anybody, needs
from agents.api.context import Context, Here, Limit
from agents.api.problems import ProblemError, documented
from agents.service.connectors.receiving import Receiver, TooManyError
from agents.sources.signing import Delivery
from agents.sources.texts import decode, excerpt
from knowledge.access import Permission

router = APIRouter(tags=["sources"])

Name = Annotated[str, Path(max_length=40, description="The connector's name in the settings.")]


class Taken(BaseModel):
    """A webhook that is kept; what becomes of it does not depend on who called any more."""

    new: bool = Field(description="Whether it had not come before.")


class IgnoredView(BaseModel):
    """A delivery with which there was nothing to do."""

    delivery: str
    received: int = Field(description="When it was looked into, in seconds since 1970.")
    reason: str
    text: str = Field(description="The beginning of what came.")


class ConnectorView(BaseModel):
    """A connector, and how it stands."""

    name: str
    kind: str
    title: str
    called: bool = Field(description="Whether its system calls, at `webhook`.")
    asked: bool = Field(description="Whether its system is asked, or its folder looked into.")
    webhook: str | None
    waiting: int = Field(description="Deliveries that the society has not taken yet.")
    taken: int = Field(description="Deliveries that it took in the last thirty days.")
    ignored: int = Field(description="Of those, with how many there was nothing to do.")
    asked_at: int | None = Field(description="When its system was asked last, in seconds since 1970.")
    trouble: str = Field(description="What keeps it from working at the moment.")


@router.post(
    "/sources/{name}",
    responses={
        202: {"model": Taken, "description": "It is kept, and will be taken."},
        **documented(401, 404, 413, 429, 503),
    },
    openapi_extra={"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {}}}}},
    status_code=202,
    dependencies=[anybody()],
)
async def call(name: Name, request: Request, response: Response, here: Here) -> Taken:
    """A webhook of the system that a connector is for; its signature says who calls, and nothing else does."""
    receiver = here.service.receivers.get(name)
    if receiver is None or not type(receiver.connector.source).hears():
        raise ProblemError(404, f"there is no connector {name} that is called")
    headers = {key.lower(): value for key, value in request.headers.items()}
    body = await request.body()
    delivery = Delivery(headers, body, here.service.people_clock(), request.method, str(request.url))
    if not receiver.connector.source.authentic(delivery):
        raise ProblemError(401, "the signature is missing or not right")
    try:
        new = await asyncio.to_thread(receiver.called, delivery)
    except TooManyError as error:
        raise ProblemError(429, str(error), {"Retry-After": str(error.retry_after)}) from error
    return Taken(new=new)


@router.get("/sources", dependencies=[needs(Permission.OPERATE)])
def connectors(here: Here) -> list[ConnectorView]:
    """The connectors that are switched on."""
    return [view(here, receiver) for receiver in here.service.receivers.values()]


@router.get("/sources/{name}/ignored", responses=documented(404), dependencies=[needs(Permission.OPERATE)])
def ignored(name: Name, here: Here, limit: Limit = 100) -> list[IgnoredView]:
    """The latest deliveries of the last thirty days with which there was nothing to do, and why."""
    receiver = here.service.receivers.get(name)
    if receiver is None:
        raise ProblemError(404, f"there is no connector {name}")
    return [
        IgnoredView(
            delivery=each.delivered.delivery,
            received=each.received,
            reason=each.reason,
            text=excerpt(decode(each.delivered.body[:80_000])),
        )
        for each in receiver.inbox.idle(name, limit)
    ]


def view(here: Context, receiver: Receiver) -> ConnectorView:
    """A connector as it stands."""
    connector, stands = receiver.connector, receiver.standing()
    source = connector.source
    watched = connector.transport.folder or connector.transport.maildir
    return ConnectorView(
        name=connector.name,
        kind=source.kind,
        title=source.title,
        called=source.hears(),
        asked=source.asks() or watched is not None,
        webhook=f"/api/v1/sources/{connector.name}" if source.hears() else None,
        waiting=stands.waiting,
        taken=stands.taken,
        ignored=stands.ignored,
        asked_at=stands.asked,
        trouble=receiver.trouble,
    )
