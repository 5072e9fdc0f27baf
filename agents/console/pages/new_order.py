"""New order: entered by hand, with its promise shown before it is committed; custom lines, too."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import ValidationError

from agents.api.access import needs
from agents.api.approval_views import alternative_view
from agents.api.context import Context, Here
from agents.api.problems import ProblemError
from agents.api.quoting import quoted
from agents.console.comparing import compared
from agents.console.formats import path
from agents.console.forms import fields_of, mistakes
from agents.console.frame import page
from agents.service.desk import Outcome
from agents.sources.reading import Read
from knowledge.access import Permission
from knowledge.documents import CustomerOrder
from knowledge.instants import local_date, to_datetime
from knowledge.supply import order_document, readable
from protocols.quoting import DocumentsQuoted

router = APIRouter(dependencies=[needs(Permission.ENTER_ORDERS)])

SOURCE = "console"
FIRST_LINES, MOST_LINES = 3, 200
SUGGESTED = 20
SETTLE_SECONDS = 30.0
"""How long a new order's promise is waited for before the order is shown without it."""

_HEAD = ("number", "customer", "currency", "ship_to")
_LINE = ("item", "description", "quantity", "requested", "unit_price", "text")


@dataclass(slots=True)
class Entry:
    """What was written into the form. `mistakes` are by field, as it is named there."""

    head: dict[str, str]
    lines: list[dict[str, str]]
    mistakes: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    quote: DocumentsQuoted | None = None
    quoted: str = ""
    looked_further: bool = False
    """Whether the quote is to hold other answers."""

    @property
    def numbered(self) -> list[tuple[int, dict[str, str]]]:
        """The lines that say anything, each with its place in the form."""
        return [(place, line) for place, line in enumerate(self.lines) if any(line.values())]

    @property
    def mark(self) -> str:
        """The same for the same order, whatever else the form holds."""
        said = repr((sorted(self.head.items()), [sorted(line.items()) for _, line in self.numbered]))
        return hashlib.sha256(said.encode()).hexdigest()

    def order(self) -> CustomerOrder | None:
        """The order as a document; None where there are mistakes, which are noted."""
        lines = self.numbered
        said = {name: text for name, text in self.head.items() if text}
        body = [
            {"line": f"{number}", **{name: text for name, text in line.items() if text}}
            for number, (_, line) in enumerate(lines, 1)
        ]
        try:
            return CustomerOrder.model_validate({**said, "source": SOURCE, "lines": body})
        except ValidationError as error:
            places = {number: place for number, (place, _) in enumerate(lines)}
            self.mistakes, self.problem = mistakes(error, places)
            return None


@router.get("/new-order", response_class=HTMLResponse)
def new_order(request: Request, here: Here) -> HTMLResponse:
    """An empty form."""
    with here.view() as view:
        day = local_date(view.now, view.plant.zone)
        number = f"{day:%y%m%d}-{here.service.new_id()[:6]}"
        head = {"number": number, "customer": "", "currency": view.plant.currency, "ship_to": ""}
    return _form(request, here, Entry(head, [_empty() for _ in range(FIRST_LINES)]))


@router.post("/new-order", response_class=HTMLResponse)
async def enter(
    request: Request,
    here: Here,
    action: Annotated[Literal["add", "quote", "alternatives", "enter"], Form()],
    seen: Annotated[str, Form(alias="quoted", max_length=64)] = "",
) -> Response:
    """Add lines to the form, show the promise, or take the order: only what was promised for as it stands."""
    entry = await _entry(request)
    entry.quoted = seen
    if action == "add":
        entry.lines += [_empty()] * min(FIRST_LINES, MOST_LINES - len(entry.lines))
        return await asyncio.to_thread(_form, request, here, entry)
    order = entry.order()
    if order is None:
        return await asyncio.to_thread(_form, request, here, entry, 422)
    try:
        if action == "enter" and seen == entry.mark:
            await _take(here, order)
            return RedirectResponse(f"/orders/{path(f'{order.source}/{order.number}')}", 303)
        await _quote(here, entry, order, alternatives=action == "alternatives")
        if action == "enter":
            entry.problem = "The order is not what was promised for any more: here is the promise for it as it is now."
    except ProblemError as error:
        entry.problem = error.detail
        return await asyncio.to_thread(_form, request, here, entry, error.status)
    return await asyncio.to_thread(_form, request, here, entry)


@router.get("/new-order/items")
def items(here: Here, search: Annotated[str, Query(max_length=100)] = "") -> JSONResponse:
    """Items whose code or description holds a text, for suggestions."""
    wanted = search.strip().casefold()
    with here.view() as view:
        known = view.plant.items.values()
    found = [each for each in known if wanted in each.code.casefold() or wanted in each.description.casefold()]
    found.sort(key=lambda each: (not each.code.casefold().startswith(wanted), each.kind != "finished", each.code))
    return JSONResponse([{"value": each.code, "label": each.description} for each in found[:SUGGESTED]])


async def _entry(request: Request) -> Entry:
    form = await request.form()
    head = {name: str(form.get(name, "")).strip()[:1000] for name in _HEAD}
    written = list(fields_of(form, "line").values())[:MOST_LINES]
    lines = [{name: line.get(name, "")[:2000] for name in _LINE} for line in written]
    return Entry(head, lines or [_empty()])


def _empty() -> dict[str, str]:
    return dict.fromkeys(_LINE, "")


async def _quote(here: Context, entry: Entry, order: CustomerOrder, *, alternatives: bool) -> None:
    found = await quoted(here, [order], alternatives=alternatives)
    own = found.orders[0]
    if own.outcome == "quarantined":
        raise ProblemError(422, own.reason)
    if own.outcome == "duplicate":
        raise ProblemError(409, f"order {order.source}/{order.number} is there already")
    entry.quote, entry.quoted, entry.looked_further = found, entry.mark, alternatives


async def _take(here: Context, order: CustomerOrder) -> None:
    document = order.model_copy(update={"received": to_datetime(here.service.now)})
    name = f"{here.service.new_id()[:12]}/new order {readable(order_document(order.source, order.number))}"
    tickets = await here.submit([Read(name, document, "", document.model_dump_json(exclude_none=True))])
    await here.waited(tickets, SETTLE_SECONDS)
    if tickets[0].outcome in (Outcome.QUARANTINED, Outcome.DUPLICATE):
        raise ProblemError(409, tickets[0].reason)


def _form(request: Request, here: Context, entry: Entry, status: int = 200) -> HTMLResponse:
    with here.view() as view:
        plant = view.plant
        currencies = list(dict.fromkeys(filter(None, (plant.currency, entry.head["currency"], *sorted(plant.rates)))))
        return page(
            request,
            "new_order.html.j2",
            view,
            status=status,
            entry=entry,
            customers=sorted((plant.customers or {}).values(), key=lambda each: each.code)[:500],
            currencies=currencies,
            is_current_quote=entry.quoted == entry.mark,
            currency=plant.currency,
            units=view.units,
            others=compared(alternative_view(plant, each) for each in entry.quote.alternatives) if entry.quote else [],
        )
