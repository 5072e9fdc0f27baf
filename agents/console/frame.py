"""The frame around every page: its template, its navigation, and the headers that keep a browser from harm."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from agents.api.context import View
from agents.console import assets, formats
from agents.console.navigation import NAVIGATION, is_current

TEMPLATES = Path(__file__).parent / "templates"
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # charts place their parts so
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a page may load and do: nothing from elsewhere, no script that stands in a page."""

HEADERS = {"content-security-policy": POLICY, "referrer-policy": "same-origin", "x-frame-options": "DENY"}


@cache
def environment() -> Environment:
    """The templates, each read once."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=formats.shown,
    )
    found.filters.update(formats.FILTERS)
    found.globals.update(asset=assets.address, navigation=NAVIGATION, is_current=is_current)
    return found


def page(request: Request, template: str, view: View, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of the console: `template` with values, in the frame, as of the moment of a view."""
    plant = view.plant
    around = {"plant": plant.name or "The plant", "currency": plant.currency, "zone": plant.zone}
    around |= {"now": view.now, "position": view.position}
    return _rendered(request, template, status, {**around, **values})


def notice(request: Request, status: int, title: str, detail: str) -> Response:
    """The page that says why another cannot be shown."""
    around = {"plant": "Society", "zone": None, "now": None, "position": ""}
    return _rendered(request, "notice.html.j2", status, {**around, "title": title, "detail": detail})


def _rendered(request: Request, template: str, status: int, values: dict[str, Any]) -> HTMLResponse:
    text = environment().get_template(template).render(request=request, path=request.url.path, **values)
    return HTMLResponse(text, status, HEADERS)


def install(app: FastAPI, *pages: APIRouter) -> None:
    """Serve the console's pages; problems of a browser are told as a page."""
    app.include_router(assets.router)
    for each in pages:
        app.include_router(each, include_in_schema=False)
    app.state.notice = notice
