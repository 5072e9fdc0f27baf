"""Knowledge: what the society knows of its plant; a new version of the folder is shown as a difference, then loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agents.api.access import needs
from agents.api.context import Here, Offset, Search
from agents.console.frame import page
from agents.console.uploads import Upload, Uploads
from agents.loading import Load, prepared
from knowledge.access import Permission
from knowledge.difference import KINDS, Shown
from knowledge.errors import KnowledgeError
from knowledge.plant import Plant
from knowledge.reading.archive import read_archive

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 50
CHANGES = 200
"""Changes of a difference that are shown; the rest is counted."""

PROBLEMS = 100
MOST_BYTES = 16 * 2**20


class Topic(StrEnum):
    """What there is to look at, by the names that differences use."""

    ITEMS = "items"
    BOMS = "boms"
    ROUTES = "routes"
    WORK_CENTRES = "work_centres"
    CALENDARS = "calendars"
    CUSTOMERS = "customers"
    SUPPLIERS = "suppliers"
    OFFERS = "offers"
    RULES = "rules"


_KIND: Mapping[Topic, str] = {
    Topic.ITEMS: "item",
    Topic.BOMS: "BOM",
    Topic.ROUTES: "route",
    Topic.WORK_CENTRES: "work centre",
    Topic.CALENDARS: "calendar",
    Topic.CUSTOMERS: "customer",
    Topic.SUPPLIERS: "supplier",
    Topic.OFFERS: "offer",
    Topic.RULES: "approval rule",
}
_COUNT: Mapping[Topic, Callable[[Plant], int]] = {
    Topic.ITEMS: lambda plant: len(plant.items),
    Topic.BOMS: lambda plant: len(plant.boms),
    Topic.ROUTES: lambda plant: len(plant.routes),
    Topic.WORK_CENTRES: lambda plant: len(plant.work_centres),
    Topic.CALENDARS: lambda plant: len(plant.calendars),
    Topic.CUSTOMERS: lambda plant: len(plant.customers or {}),
    Topic.SUPPLIERS: lambda plant: len(plant.suppliers),
    Topic.OFFERS: lambda plant: sum(len(offers) for offers in plant.offers.values()),
    Topic.RULES: lambda plant: len(plant.approvals),
}


@router.get("/knowledge", response_class=HTMLResponse)
def knowledge(
    request: Request,
    here: Here,
    topic: Topic = Topic.ITEMS,
    search: Search = "",
    offset: Offset = 0,
    loaded: Annotated[int, Query(ge=-1, le=10**9)] = -1,
) -> HTMLResponse:
    """What is known of one topic, by name."""
    return _page(request, here, topic, search, offset, loaded=loaded)


@router.post("/knowledge/check", response_class=HTMLResponse, dependencies=[needs(Permission.CHANGE_KNOWLEDGE)])
async def check(request: Request, here: Here, folder: UploadFile) -> Response:
    """What an uploaded folder would change, or everything against it; nothing is done yet."""
    name = folder.filename or "the archive"
    data = await folder.read(MOST_BYTES + 1)
    return await asyncio.to_thread(_checked, request, here, name, data)


def _checked(request: Request, here: Here, name: str, data: bytes) -> Response:
    if not data:
        return _page(request, here, problems=["choose a zip file of the knowledge folder first"])
    if len(data) > MOST_BYTES:
        return _page(request, here, problems=[f"{name}: larger than {MOST_BYTES // 2**20} MiB"])
    try:
        files = read_archive(data, name)
        with here.view() as view:
            load = prepared(view.snapshot, files)
            token = here.service.new_id()
            _uploads(request).keep(token, Upload(here.person.name, name, files))
            return page(request, "knowledge_check.html.j2", view, name=name, token=token, **_difference(load))
    except KnowledgeError as error:
        return _page(request, here, problems=[str(problem) for problem in error.problems])


def _difference(load: Load) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for change in load.changes:
        counts[change.kind] = counts.get(change.kind, 0) + 1
    return {
        "changes": load.changes[:CHANGES],
        "total": len(load.changes),
        "counts": counts,
        "superseded": load.superseded,
        "written": bool(load.writes),
    }


@router.post("/knowledge/load", response_class=HTMLResponse, dependencies=[needs(Permission.CHANGE_KNOWLEDGE)])
async def load(request: Request, here: Here, token: Annotated[str, Form(max_length=64)]) -> Response:
    """Carry an upload through that was looked at before."""
    upload = _uploads(request).take(token, here.person.name)
    if upload is None:
        return await asyncio.to_thread(
            _page, request, here, problems=["this upload is not there any more: upload again"]
        )
    await here.audit("knowledge loaded", upload.name)
    try:
        found = await asyncio.to_thread(here.service.load, upload.files)
    except KnowledgeError as error:
        told = [str(problem) for problem in error.problems]
        return await asyncio.to_thread(_page, request, here, problems=told)
    return RedirectResponse(f"/knowledge?{urlencode({'loaded': len(found.changes)})}", 303)


def _uploads(request: Request) -> Uploads:
    state = request.app.state
    if not hasattr(state, "uploads"):
        state.uploads = Uploads()
    found: Uploads = state.uploads
    return found


def _page(
    request: Request,
    here: Here,
    topic: Topic = Topic.ITEMS,
    search: str = "",
    offset: int = 0,
    *,
    loaded: int = -1,
    problems: Iterable[str] = (),
) -> HTMLResponse:
    problems = list(problems)
    with here.view() as view:
        found = _matching(KINDS[_KIND[topic]](view.plant), search)
        some = sorted(found, key=lambda thing: thing[0])[offset : offset + SHOWN]
        return page(
            request,
            "knowledge.html.j2",
            view,
            status=422 if problems else 200,
            topic=topic,
            topics=[(each, _COUNT[each](view.plant)) for each in Topic],
            rows=some,
            total=len(found),
            search=search,
            offset=offset,
            limit=SHOWN,
            address=f"/knowledge?{urlencode({'topic': topic.value, 'search': search})}&",
            loaded=loaded,
            problems=problems[:PROBLEMS],
            more_problems=max(0, len(problems) - PROBLEMS),
            any_customer=view.plant.customers is None,
        )


def _matching(things: Iterable[tuple[str, Shown]], search: str) -> list[tuple[str, Shown]]:
    wanted = search.strip().casefold()
    if not wanted:
        return list(things)
    return [(n, t) for n, t in things if wanted in n.casefold() or any(wanted in v.casefold() for v in t.values())]
