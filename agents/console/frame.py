"""The frame around every page: its template, its navigation, and who looks at it."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import Response

from agents.api.access import FIELD
from agents.api.context import View
from agents.console import assets, formats
from agents.console.navigation import is_current, navigation_for
from agents.service.gatekeeper import Identity
from knowledge.access import Permission

TEMPLATES = Path(__file__).parent / "templates"


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
    found.globals.update(asset=assets.address, is_current=is_current)
    return found


def page(request: Request, template: str, view: View, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page of the console: `template` with values, in the frame, as of the moment of a view."""
    plant = view.plant
    around = {"plant": plant.name or "The plant", "currency": plant.currency, "zone": plant.zone}
    around |= {"now": view.now, "position": view.position}
    return _rendered(request, template, status, {**around, **values})


def onward(place: str) -> HTMLResponse:
    """A page that leads on to another of this service by itself.

    A browser sends a session's cookie only where this service's own page leads: after a link of another site, or after
    another site's redirect, it needs this step.
    """
    return HTMLResponse(environment().get_template("onward.html.j2").render(place=place))


def notice(request: Request, status: int, title: str, detail: str) -> Response:
    """The page that says why another cannot be shown."""
    around = {"plant": "Society", "zone": None, "now": None, "position": ""}
    return _rendered(request, "notice.html.j2", status, {**around, "title": title, "detail": detail})


def _rendered(request: Request, template: str, status: int, values: dict[str, Any]) -> HTMLResponse:
    asks: Identity | None = getattr(request.state, "identity", None)
    csrf = asks.csrf if asks is not None else ""
    field = Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf)
    may = partial(_may, asks)
    around = {"asks": asks, "csrf": csrf, "csrf_field": lambda: field, "may": may, "navigation": navigation_for(may)}
    found = environment().get_template(template)
    return HTMLResponse(found.render(request=request, path=request.url.path, **around, **values), status)


def _may(asks: Identity | None, permission: str) -> bool:
    """Whether whoever asks has a permission, for templates: `may("ship")`. Of whom nobody knows, reading is shown."""
    return permission == Permission.READ if asks is None else asks.person.may(Permission(permission))


def install(app: FastAPI, *pages: APIRouter) -> None:
    """Serve the console's pages; problems of a browser are told as a page."""
    app.include_router(assets.router)
    for each in pages:
        app.include_router(each, include_in_schema=False)
    app.state.notice, app.state.onward = notice, onward
