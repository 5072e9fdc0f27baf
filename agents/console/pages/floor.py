"""Floor: what each work centre does next; start, finish, good and scrap are reported from here."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agents.api.access import needs
from agents.api.context import Here, Offset, View
from agents.console.entering import EntryError, Field, Told, entered, said
from agents.console.frame import page
from agents.service.worklists import Worklists
from knowledge.access import Permission
from knowledge.instants import iso

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 40
WHOLE = "*"
"""Where work orders without a route are listed, which no work centre has."""

Centre = Annotated[str, Query(max_length=200)]


@router.get("/floor", response_class=HTMLResponse)
def floor(request: Request, here: Here, work_centre: Centre = "", offset: Offset = 0, told: Told = "") -> HTMLResponse:
    """The dispatch list of a work centre."""
    return _floor(request, here, work_centre, offset, told)


@router.post("/floor/report", response_class=HTMLResponse, dependencies=[needs(Permission.REPORT_OPERATIONS)])
async def report(
    request: Request,
    here: Here,
    work_order: Field,
    action: Annotated[str, Form(pattern="^(start|report)$")],
    step: Field = "",
    work_centre: Field = "",
    good: Field = "",
    scrap: Field = "",
    complete: Field = "",
) -> Response:
    """Report the start of an operation, or what has become of it."""
    zone = here.service.zone
    now = iso(here.service.now, zone)
    fields: dict[str, Any] = {"work_order": work_order, "step": step}
    if work_centre != WHOLE:
        fields["work_centre"] = work_centre
    if action == "start":
        fields["started"] = now
    else:
        fields |= {"good": good or "0", "scrap": scrap, "finished": now, "complete": bool(complete)}
    back = f"/floor?{urlencode({'work_centre': work_centre})}"
    try:
        return await entered(here, back, "operation_report", **fields)
    except EntryError as error:
        return await asyncio.to_thread(_floor, request, here, work_centre, 0, "", f"{work_order}: {error}")


@router.post("/floor/downtime", response_class=HTMLResponse, dependencies=[needs(Permission.REPORT_OPERATIONS)])
async def downtime(request: Request, here: Here, work_centre: Field, start: Field, end: Field) -> Response:
    """Report that a work centre's machines stand."""
    back = f"/floor?{urlencode({'work_centre': work_centre})}"
    try:
        return await entered(here, back, "machine_downtime", work_centre=work_centre, start=start, end=end)
    except EntryError as error:
        return await asyncio.to_thread(_floor, request, here, work_centre, 0, "", str(error))


def _floor(request: Request, here: Here, work_centre: str, offset: int, told: str, problem: str = "") -> HTMLResponse:
    outcome = said(here, told)
    with here.view() as view:
        lists = Worklists(view.snapshot, view.plant, view.now, SHOWN, offset)
        centres = lists.work_centres()
        chosen = work_centre or next((code for code, count in centres if count), centres[0][0] if centres else WHOLE)
        found = lists.without_steps() if chosen == WHOLE else lists.dispatch(chosen)
        return page(
            request,
            "floor.html.j2",
            view,
            status=422 if problem else 200,
            centres=centres,
            chosen=chosen,
            whole=WHOLE,
            rows=[_shown(view, row) for row in found.rows],
            total=found.total,
            offset=offset,
            limit=SHOWN,
            address=f"/floor?{urlencode({'work_centre': chosen})}&",
            outcome=outcome,
            problem=problem,
        )


def _shown(view: View, row: dict[str, Any]) -> dict[str, Any]:
    report = json.loads(row.get("report") or "null") or {}
    left = row["quantity"] - row["made"]
    return {
        **row,
        "quantity": view.units(row["item"], row["quantity"]),
        "left": view.units(row["item"], max(0, left)),
        "made": view.units(row["item"], row["made"]) if row["made"] else "",
        "started": bool(report.get("started")) or ("step" not in row and bool(row.get("drawn"))),
        "report": report,
        "done": bool(report.get("finished")),
        "issued": row["status"] != "planned",
        "late": row["status"] != "planned" and row["finish"] < view.now and not report.get("finished"),
        "description": view.plant.items[row["item"]].description if row["item"] in view.plant.items else "",
    }
