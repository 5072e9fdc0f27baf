"""Today: what needs a person, what is late, what went wrong."""

from __future__ import annotations

import json

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from agents.api.access import needs
from agents.api.context import Here
from agents.console.frame import page
from agents.service.standing import Standing
from knowledge.access import Permission
from knowledge.store.tables import ActionMessageRow

router = APIRouter(dependencies=[needs(Permission.READ)])

SHOWN = 8
"""Rows of each list; the rest is a click away."""


@router.get("/", response_class=HTMLResponse)
def today(request: Request, here: Here) -> HTMLResponse:
    """How things stand at this moment."""
    with here.view() as view:
        standing = Standing(view.snapshot, view.now, SHOWN)
        actions, actions_total = view.snapshot.page(ActionMessageRow, {}, order=("sequence",), limit=SHOWN)
        pending = standing.pending()
        for row in pending.rows:
            row["body"] = json.loads(row["body"])
        return page(
            request,
            "today.html.j2",
            view,
            lines=standing.lines(),
            pending=pending,
            engineering=standing.awaiting_engineering(),
            trouble=standing.in_trouble(),
            late=standing.late(),
            overdue=standing.overdue(),
            actions=[{**row, "quantity": view.units(row["item"], row["quantity"])} for row in actions],
            actions_total=actions_total,
            quarantined=standing.quarantined(),
            dead_letters=standing.dead_letters().total,
        )
