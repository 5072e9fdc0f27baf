"""What the society knows of its plant: another version of the knowledge folder, shown as a difference or loaded."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from agents.api.access import needs
from agents.api.context import Context, Here
from agents.api.problems import Fault, ProblemError, documented
from agents.api.schemas import Answer
from agents.loading import Load, prepared
from knowledge.access import Permission
from knowledge.difference import What
from knowledge.errors import KnowledgeError
from knowledge.reading.archive import read_archive

router = APIRouter(tags=["knowledge"], dependencies=[needs(Permission.CHANGE_KNOWLEDGE)])

_ZIP: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The knowledge folder as a zip file.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class FieldView(Answer):
    """A field before and after; empty where it was, or is, not given."""

    name: str
    before: str
    after: str


class ChangeView(Answer):
    """One thing that another version of the folder changes."""

    kind: str
    name: str
    what: What
    fields: list[FieldView]


class Difference(Answer):
    """What a version of the folder changes, whether it is loaded now, and whose engineering release gives way to it."""

    loaded: bool
    changes: list[ChangeView]
    superseded: list[str]


@router.post("/knowledge", responses=documented(400, 422, 503), openapi_extra=_ZIP)
async def load_knowledge(
    request: Request,
    here: Here,
    dry_run: Annotated[bool, Query(description="Only say what it would change.")] = False,
) -> Difference:
    """Go on with another version of the knowledge folder; what may not change is refused, and then nothing is done.

    What is planned is planned anew; firm and released orders stay; promises that cannot hold are made anew.
    """
    body = await request.body()
    if not body:
        raise ProblemError(400, "the body is empty; send the knowledge folder as a zip file")
    try:
        found = await asyncio.to_thread(_checked, here, body)
        if not dry_run and found.writes:
            await here.audit("knowledge loaded", "folder")
            found = await asyncio.to_thread(here.service.load, read_archive(body))
    except KnowledgeError as error:
        faults = [Fault(place=str(p).partition(": ")[0], problem=p.text) for p in error.problems]
        detail = f"{len(faults)} problems in the folder; nothing is done"
        raise ProblemError(422, detail, faults=faults) from error
    return _told(found, loaded=not dry_run and bool(found.writes))


def _checked(here: Context, body: bytes) -> Load:
    files = read_archive(body)
    with here.view() as view:
        return prepared(view.snapshot, files)


def _told(load: Load, *, loaded: bool) -> Difference:
    changes = [
        ChangeView(
            kind=change.kind,
            name=change.name,
            what=change.what,
            fields=[FieldView(name=each.name, before=each.before, after=each.after) for each in change.fields],
        )
        for change in load.changes
    ]
    return Difference(loaded=loaded, changes=changes, superseded=list(load.superseded))
