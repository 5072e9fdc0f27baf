"""People: who asks, and the audit log of what people decided."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Query

from agents.api.access import needs
from agents.api.context import Here, Limit, Offset, Search
from agents.api.problems import documented
from agents.api.schemas import AuditCheck, AuditRecordView, Me, Page
from knowledge.access import Permission
from knowledge.audit_log import GENESIS, Record, checked
from knowledge.instants import iso
from knowledge.store import audit_records

router = APIRouter(tags=["people"])

Head = Annotated[
    str | None, Query(pattern="^[0-9a-f]{64}$", description="A head that was told before: it has to be there still.")
]


@router.get("/me", dependencies=[needs(*Permission)])
async def me(here: Here) -> Me:
    """Who asks, and what they may do."""
    asks, person = here.identity, here.person
    return Me(
        name=person.name,
        known_by=asks.how,
        roles=sorted(person.roles),
        titles=sorted(person.titles),
        approves_up_to=None if person.limit is None else f"{person.limit:f}",
        permissions=sorted(person.permissions),
        csrf=asks.csrf or None,
    )


@router.get("/audit-log", responses=documented(422, 503), dependencies=[needs(Permission.READ_AUDIT_LOG)])
def audit_log(
    here: Here,
    person: Annotated[str | None, Query(max_length=200)] = None,
    search: Search = "",
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[AuditRecordView]:
    """What people decided, the latest first. `search` looks at the action and at what it was done to."""
    found, total = audit_records.page(here.service.access, person, search, limit, offset)
    return Page(rows=[_view(here.service.zone, record) for record in found], total=total)


@router.get("/audit-log/check", responses=documented(422, 503), dependencies=[needs(Permission.READ_AUDIT_LOG)])
async def check_audit_log(here: Here, head: Head = None) -> AuditCheck:
    """Make every hash of the log anew. Keep the head: with it, a later check sees records missing at the end."""
    found = await asyncio.to_thread(lambda: checked(audit_records.records(here.service.access), head))
    return AuditCheck(records=found.records, head=found.head, faults=list(found.faults), sound=not found.faults)


def _view(zone: Any, record: Record) -> AuditRecordView:
    entry = record.entry
    return AuditRecordView(
        sequence=record.sequence,
        time=iso(entry.time, zone),
        person=entry.person,
        action=entry.action,
        subject=entry.subject,
        detail=json.loads(entry.detail),
        previous="" if record.previous == GENESIS else record.previous,
        hash=record.hash,
    )
