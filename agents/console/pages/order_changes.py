"""Changing and cancelling an order: shown first, then done through the same documents that the API takes."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from agents.api.access import needs
from agents.api.context import Context, Here, View
from agents.api.orders import one_order, order_row
from agents.api.problems import ProblemError
from agents.api.quoting import quoted
from agents.api.schemas import OrderView
from agents.console.entering import EntryError, entered
from agents.console.formats import path
from agents.console.forms import fields_of, mistakes
from agents.console.frame import page
from knowledge.access import Permission
from knowledge.documents import OrderCancel, OrderChange
from protocols.quoting import DocumentsQuoted, QuotedPart

router = APIRouter(dependencies=[needs(Permission.ENTER_ORDERS)])

MOST_LINES = 200
_FIELDS = ("quantity", "requested", "unit_price", "text")
_NEW = ("item", "description", *_FIELDS)

Order = Annotated[str, Query(max_length=600, description="source/number")]


@dataclass(slots=True)
class Entry:
    """What was written into the form: by line the values that stand there, and what a new line says, if anything."""

    lines: dict[str, dict[str, str]]
    removed: set[str] = field(default_factory=set)
    new: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_NEW, ""))
    mistakes: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    quote: DocumentsQuoted | None = None
    seen: str = ""

    @property
    def mark(self) -> str:
        """The same for the same change."""
        said = repr((sorted(self.lines.items()), sorted(self.removed), sorted(self.new.items())))
        return hashlib.sha256(said.encode()).hexdigest()

    def changes(self, order: Mapping[str, Any]) -> list[dict[str, str]]:
        """The lines of the document that says what is other than it was."""
        changed = []
        for line in order["lines"]:
            name, before = line["line"], _written(line)
            now = self.lines.get(name, before)
            given = {key: now[key] for key in _FIELDS if now[key] and not _same(key, now[key], before[key])}
            if name in self.removed:
                changed.append({"line": name, "quantity": "0"})
            elif given:
                changed.append({"line": name, **given})
        new = {key: value for key, value in self.new.items() if value}
        return [*changed, {"line": _free_name(order), **new}] if new else changed


@router.get("/order-change", response_class=HTMLResponse)
def change_form(request: Request, here: Here, order: Order) -> HTMLResponse:
    """The order's lines, to be changed."""
    found = _order(here, order)
    return _change(request, here, found, Entry({line["line"]: _written(line) for line in found.document["lines"]}))


@router.post("/order-change", response_class=HTMLResponse)
async def change(
    request: Request,
    here: Here,
    order: Order,
    action: Annotated[Literal["quote", "change"], Form()],
    seen: Annotated[str, Form(max_length=64)] = "",
) -> Response:
    """Show what the change would do, or do it: only what was shown, as it stands."""
    found = await asyncio.to_thread(_order, here, order)
    entry = await _entry(request, found.document)
    entry.seen = seen
    try:
        document = _changed(entry, found)
        if action == "change" and seen == entry.mark:
            lines = document.model_dump(exclude_none=True)["lines"]
            fields = {"source": found.source, "number": found.number, "lines": lines}
            return await entered(here, f"/orders/{path(found.order)}", "order_change", **fields)
        entry.quote = await _quote(here, document)
        entry.seen = entry.mark
        if action == "change":
            entry.problem = "The change is not the one that was shown any more: here is what it would do as it is now."
    except (EntryError, ProblemError) as error:
        entry.problem = str(error)
        return await asyncio.to_thread(_change, request, here, found, entry, 422)
    return await asyncio.to_thread(_change, request, here, found, entry)


@router.get("/order-cancel", response_class=HTMLResponse)
async def cancel_form(request: Request, here: Here, order: Order) -> HTMLResponse:
    """What would be lost if the order were cancelled."""
    found = await asyncio.to_thread(_order, here, order)
    quote, problem = None, ""
    try:
        quote = await _quote(here, OrderCancel(source=found.source, number=found.number))
    except (EntryError, ProblemError) as error:
        problem = str(error)
    return await asyncio.to_thread(_cancel, request, here, found, quote, problem)


@router.post("/order-cancel", response_class=HTMLResponse)
async def cancel(request: Request, here: Here, order: Order, sure: Annotated[str, Form(max_length=8)] = "") -> Response:
    """Cancel an order, once somebody has said that it is meant."""
    found = await asyncio.to_thread(_order, here, order)
    if sure != "yes":
        return await asyncio.to_thread(_cancel, request, here, found, None, "Say that you mean it, or go back.", 422)
    fields = {"source": found.source, "number": found.number}
    try:
        return await entered(here, f"/orders/{path(found.order)}", "order_cancel", **fields)
    except EntryError as error:
        return await asyncio.to_thread(_cancel, request, here, found, None, str(error), 422)


def _order(here: Context, name: str) -> OrderView:
    found: OrderView = one_order(here, name)
    return found


async def _entry(request: Request, order: Mapping[str, Any]) -> Entry:
    form = await request.form()
    written = fields_of(form, "line")
    entry = Entry({})
    for place, line in enumerate(order["lines"]):
        said = written.get(place, {})
        entry.lines[line["line"]] = {name: said.get(name, "")[:2000] for name in _FIELDS}
        if said.get("remove"):
            entry.removed.add(line["line"])
    said = written.get(len(order["lines"]), {})
    entry.new = {name: said.get(name, "")[:2000] for name in _NEW}
    return entry


def _changed(entry: Entry, found: OrderView) -> OrderChange:
    lines = entry.changes(found.document)
    if not lines:
        raise EntryError("nothing is changed")
    names = [line["line"] for line in found.document["lines"]]
    places = {n: names.index(line["line"]) if line["line"] in names else len(names) for n, line in enumerate(lines)}
    try:
        return OrderChange.model_validate({"source": found.source, "number": found.number, "lines": lines})
    except ValidationError as error:
        entry.mistakes, problem = mistakes(error, places)
        raise EntryError(problem or f"{len(entry.mistakes)} mistakes in the form, each told where it is") from error


async def _quote(here: Context, document: OrderChange | OrderCancel) -> DocumentsQuoted:
    """What would become of the order. Raises ProblemError where it cannot be changed so."""
    found = await quoted(here, [document])
    if found.orders[0].outcome != "accepted":
        raise ProblemError(422, found.orders[0].reason)
    return found


def _change(request: Request, here: Context, found: OrderView, entry: Entry, status: int = 200) -> HTMLResponse:
    with here.view() as view:
        effect = None if entry.quote is None else _effect(view, found, entry.quote)
        return page(
            request,
            "order_change.html.j2",
            view,
            status=status,
            order=found,
            lines=found.document["lines"],
            entry=entry,
            effect=effect,
            is_seen=entry.seen == entry.mark,
        )


def _cancel(
    request: Request, here: Context, found: OrderView, quote: DocumentsQuoted | None, problem: str, status: int = 200
) -> HTMLResponse:
    with here.view() as view:
        effect = None if quote is None else _effect(view, found, quote)
        values = {"order": found, "effect": effect, "problem": problem}
        return page(request, "order_cancel.html.j2", view, status=status, **values)


def _effect(view: View, found: OrderView, quote: DocumentsQuoted) -> dict[str, Any]:
    """Each line as it stands and as it would stand, and what else would change."""
    after: dict[str, list[QuotedPart]] = {}
    for part in quote.orders[0].parts:
        after.setdefault(part.line, []).append(part)
    before: dict[str, list[Any]] = {}
    for known in found.lines:
        if known.status != "cancelled":
            before.setdefault(known.line, []).append(known)
    names = list(dict.fromkeys([*before, *after]))
    supply = quote.supply
    return {
        "lines": [(name, before.get(name, []), after.get(name, [])) for name in names],
        "supply": supply,
        "messages": [(each, view.units(each.item, each.quantity)) for each in supply.messages],
        "shipped": [each for each in found.releases if each.status == "shipped"],
        "row": order_row(view, found.order)["order"],
    }


def _written(line: Mapping[str, Any]) -> dict[str, str]:
    """A line's values as the form shows them; of one that is wanted in parts neither quantity nor date."""
    return {name: f"{line[name]}" if line.get(name) is not None else "" for name in _FIELDS}


def _same(name: str, one: str, other: str) -> bool:
    if name in ("quantity", "unit_price"):
        try:
            return Decimal(one) == Decimal(other)
        except ArithmeticError:
            return False
    return one == other


def _free_name(order: Mapping[str, Any]) -> str:
    """The number after the highest that a line has."""
    return f"{max((int(line['line']) for line in order['lines'] if line['line'].isdigit()), default=0) + 1}"
