"""Engineering desk: custom lines that wait, and the release of drawings, BOM and route; or the revision of an item."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData, UploadFile

from agents.api.access import needs
from agents.api.context import Context, Here, Offset, View
from agents.api.problems import ProblemError
from agents.console.entering import EntryError, Told, entered, said
from agents.console.frame import page
from agents.service.item_books import rows_in
from knowledge.access import Permission
from knowledge.instants import Instant
from knowledge.plant import Plant
from knowledge.store.tables import AgentStateRow, CustomerOrderRow, PromiseRow
from knowledge.supply import order_document

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 50
BLANK = 6
"""Empty rows below those of a BOM or route, to write in."""

MOST_ROWS = 2000
MOST_BYTES = 2**20
BOM = ("component", "quantity", "scrap_percent")
ROUTE = ("step", "work_centre", "setup_minutes", "run_minutes", "teardown_minutes")

Text = Annotated[str, Query(max_length=200)]
Rows = list[dict[str, str]]


@router.get("/engineering", response_class=HTMLResponse)
def desk(request: Request, here: Here, offset: Offset = 0, told: Told = "") -> HTMLResponse:
    """Custom lines that wait for a release, the first wanted first."""
    outcome = said(here, told)
    with here.view() as view:
        rows = _queue(view)
        return page(
            request,
            "engineering.html.j2",
            view,
            rows=rows[offset : offset + SHOWN],
            total=len(rows),
            offset=offset,
            limit=SHOWN,
            address="/engineering?",
            outcome=outcome,
        )


def _queue(view: View) -> list[dict[str, Any]]:
    kept = view.snapshot.rows(AgentStateRow, agent="engineering")
    entries = [json.loads(row["body"]) for row in kept if row["key"].startswith("line:")]
    names = {entry["order"] for entry in entries}
    orders = {row["order"]: row for row in rows_in(view.snapshot, CustomerOrderRow, "order", names)}
    wanted: dict[tuple[str, str], Instant | None] = {
        (row["order"], row["line"]): row["requested"]
        for row in rows_in(view.snapshot, PromiseRow, "order", names, "order", "line", "requested")
    }
    found = []
    for entry in entries:
        order = orders.get(entry["order"], {})
        requested = wanted.get((entry["order"], entry["line"]))
        about = {"source": order.get("source", ""), "number": order.get("number", "")}
        found.append({**entry, **about, "customer": order.get("customer", ""), "requested": requested})
    return sorted(found, key=lambda e: (e["requested"] is None, e["requested"] or 0, e["order"], e["line"]))


@router.get("/engineering/release", response_class=HTMLResponse, dependencies=[needs(Permission.RELEASE_ENGINEERING)])
def release_form(
    request: Request, here: Here, source: Text = "", number: Text = "", line: Text = "", item: Text = ""
) -> HTMLResponse:
    """The form of a release: for a custom line, or the revision of an item with what is in force filled in."""
    with here.view() as view:
        filled = _in_force(view.plant, item)
        filled |= {"source": source, "number": number, "line": line, "item": item}
        return _form(request, view, filled)


def _in_force(plant: Plant, item: str) -> dict[str, Any]:
    bom, route = plant.boms.get(item), plant.routes.get(item)
    components = [
        {"component": c.item, "quantity": f"{c.quantity:f}", "scrap_percent": f"{c.scrap_percent:f}"}
        for c in (bom.components if bom else ())
    ]
    steps = [
        {
            "step": step.step,
            "work_centre": way.work_centre,
            "setup_minutes": f"{way.setup_minutes:f}",
            "run_minutes": f"{way.run_minutes:f}",
            "teardown_minutes": f"{way.teardown_minutes:f}",
        }
        for step in (route.steps if route else ())
        for way in step.alternatives
    ]
    in_force = bom.revision if bom else ""
    return {"bom": components, "route": steps, "in_force": in_force, "revision": "", "drawings": "", "lead_time": ""}


def _form(request: Request, view: View, filled: dict[str, Any], problem: str = "") -> HTMLResponse:
    entry = None
    if filled["number"]:
        key = order_document(filled["source"], filled["number"])
        entry = next((e for e in _queue(view) if e["order"] == key and e["line"] == filled["line"]), None)
    blank: Rows = [{}] * BLANK
    return page(
        request,
        "engineering_release.html.j2",
        view,
        status=422 if problem else 200,
        filled=filled,
        entry=entry,
        bom=[*filled["bom"], *blank],
        route=[*filled["route"], *blank],
        bom_columns=BOM,
        route_columns=ROUTE,
        known_items=sorted(view.plant.items)[:2000],
        known_centres=sorted(view.plant.work_centres),
        revises=filled["item"] in view.plant.boms and not filled["number"],
        problem=problem,
    )


@router.post("/engineering/release", response_class=HTMLResponse, dependencies=[needs(Permission.RELEASE_ENGINEERING)])
async def release(request: Request, here: Here) -> Response:
    """Release what the form says. A CSV file in place of rows takes their place."""
    async with request.form(max_files=2, max_fields=20_000) as form:
        filled: dict[str, Any] = {name: _said(form, name) for name in ("source", "number", "line", "item", "revision")}
        filled |= {"drawings": _said(form, "drawings"), "lead_time": _said(form, "lead_time"), "in_force": ""}
        filled |= {"bom": _typed(form, BOM), "route": _typed(form, ROUTE)}
        try:
            filled["bom"] = await _uploaded(form, "bom_file", BOM) or filled["bom"]
            filled["route"] = await _uploaded(form, "route_file", ROUTE) or filled["route"]
            return await _released(here, filled)
        except EntryError as error:
            return await asyncio.to_thread(_again, request, here, filled, str(error))


async def _released(here: Context, filled: dict[str, Any]) -> Response:
    if not filled["bom"] and not filled["route"]:
        raise EntryError("a release says a BOM, a route, or both: there is neither")
    return await entered(
        here,
        "/engineering",
        "engineering_release",
        **{name: filled[name] for name in ("source", "number", "line", "item", "revision")},
        drawings=[each.strip() for each in filled["drawings"].splitlines() if each.strip()],
        lead_time_days=filled["lead_time"],
        bom=filled["bom"],
        route=filled["route"],
    )


def _again(request: Request, here: Here, filled: dict[str, Any], problem: str) -> HTMLResponse:
    with here.view() as view:
        return _form(request, view, filled, problem)


def _said(form: FormData, name: str) -> str:
    value = form.get(name, "")
    if not isinstance(value, str) or len(value) > 4000:
        raise ProblemError(422, f"{name} is no short text")
    return value.strip()


def _typed(form: FormData, columns: Sequence[str]) -> Rows:
    """The rows that were written in: the n-th value of each column; rows that say nothing are left out."""
    values = [[each for each in form.getlist(name) if isinstance(each, str)] for name in columns]
    rows = [dict(zip(columns, (text.strip() for text in row), strict=True)) for row in zip(*values, strict=False)]
    return [{name: text for name, text in row.items() if text} for row in rows if any(row.values())]


async def _uploaded(form: FormData, name: str, columns: Sequence[str]) -> Rows:
    """The rows of a CSV file whose header names some of the columns; none where no file was chosen."""
    file = form.get(name)
    if not isinstance(file, UploadFile) or not file.filename:
        return []
    data = await file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise EntryError(f"{file.filename}: larger than {MOST_BYTES // 2**20} MiB")
    return rows_of(file.filename, data, columns)


def rows_of(name: str, data: bytes, columns: Sequence[str]) -> Rows:
    """The rows of a CSV text. Raises EntryError, with the row."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise EntryError(f"{name}: not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        header, *rows = [row for row in reader if any(cell.strip() for cell in row)] or [[]]
    except csv.Error as error:
        raise EntryError(f"{name}: row {reader.line_num}: {error}") from error
    known = (*columns, "parent", "item", "revision")
    names = [cell.strip() for cell in header]
    unknown = [cell for cell in names if cell not in known]
    if unknown or not rows:
        told = f"unknown column {', '.join(unknown)}; " if unknown else "no rows; "
        raise EntryError(f"{name}: {told}the columns are {', '.join(columns)}")
    if len(rows) > MOST_ROWS:
        raise EntryError(f"{name}: {len(rows)} rows; at most {MOST_ROWS}")
    for number, row in enumerate(rows, 2):
        if len(row) > len(names):
            raise EntryError(f"{name}: row {number} has {len(row)} cells where the header has {len(names)}")
    found = [{n: cell.strip() for n, cell in zip(names, row, strict=False)} for row in rows]
    return [{n: text for n, text in row.items() if n in columns and text} for row in found]
