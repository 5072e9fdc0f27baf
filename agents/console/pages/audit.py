"""The audit log: who decided what, and whether the log is as it was written."""

from __future__ import annotations

import json
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from agents.api.access import needs
from agents.api.context import Here, Offset, Search
from agents.console.frame import page
from knowledge.access import Permission
from knowledge.store import audit_records

router = APIRouter(dependencies=[needs(Permission.READ_AUDIT_LOG)])

SHOWN = 50


@router.get("/audit-log", response_class=HTMLResponse)
def audit_log(
    request: Request,
    here: Here,
    search: Search = "",
    person: Annotated[str, Query(max_length=200)] = "",
    offset: Offset = 0,
) -> HTMLResponse:
    """What people decided, the latest first."""
    store = here.service.access
    records, total = audit_records.page(store, person or None, search, SHOWN, offset)
    rows = [(record, json.loads(record.entry.detail)) for record in records]
    with here.view() as view:
        return page(
            request,
            "audit_log.html.j2",
            view,
            rows=rows,
            total=total,
            search=search,
            person=person,
            offset=offset,
            shown=SHOWN,
            head=audit_records.head(store)[1],
        )
