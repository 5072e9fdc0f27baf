"""Approvals: what waits for a person, with its alternatives, and the answer."""

from __future__ import annotations

import asyncio
import json
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from agents.api.access import needs
from agents.api.context import Context, Here, Limit, Offset, View
from agents.api.problems import ProblemError, documented
from agents.api.schemas import AlternativeView, ApprovalReply, ApprovalSummary, ApprovalView, Page
from agents.service.desk import Outcome
from agents.sources.reading import Read
from knowledge.access import Permission
from knowledge.documents import ApprovalAnswer, OrderChange
from knowledge.instants import to_datetime
from knowledge.store.tables import ApprovalRow, CustomerOrderRow
from knowledge.supply import readable
from protocols.supplying import Alternative, Decision

router = APIRouter(tags=["approvals"])

ANSWER_SECONDS = 30.0
"""How long an answer waits to be taken; after that it is still under way (202)."""

READ = [needs(Permission.READ)]
Number = Annotated[str, Path(max_length=64, examples=["AP-000001"])]


@router.get("/approvals", responses=documented(422, 503), dependencies=READ)
def approvals(
    here: Here,
    status: Annotated[str | None, Query(max_length=40, description="pending, approved, rejected, advised …")] = None,
    decision: Annotated[str | None, Query(max_length=80)] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[ApprovalSummary]:
    """Decisions put to people, the latest first."""
    where = {name: value for name, value in (("status", status), ("decision", decision)) if value is not None}
    with here.view() as view:
        rows, total = view.snapshot.page(ApprovalRow, where, order=("-approval",), limit=limit, offset=offset)
        return Page(rows=[ApprovalSummary(**_summary(row, _decision(row))) for row in rows], total=total)


@router.get("/approvals/{approval}", responses=documented(404, 422, 503), dependencies=READ)
def one_approval(here: Here, approval: Number) -> ApprovalView:
    """A decision with the alternatives to it."""
    with here.view() as view:
        return _view(view, _row(view, approval))


@router.post(
    "/approvals/{approval}/answer",
    responses=documented(404, 409, 422, 429, 503) | {202: {"model": ApprovalView, "description": "Under way."}},
    dependencies=[needs(Permission.ANSWER_APPROVALS)],
)
async def answer_approval(here: Here, response: Response, approval: Number, reply: ApprovalReply) -> ApprovalView:
    """Approve, reject, choose an alternative, or amend the order instead; answered once and for all (409)."""
    read = await asyncio.to_thread(_document, here, approval, reply)
    tickets = await here.submit([read])
    if not await here.waited(tickets, ANSWER_SECONDS):
        response.status_code = 202
    ticket = tickets[0]
    if ticket.outcome in (Outcome.QUARANTINED, Outcome.DUPLICATE):
        raise ProblemError(409 if "already been" in ticket.reason else 422, ticket.reason)
    return await asyncio.to_thread(one_approval, here, approval)


def _document(here: Context, approval: str, reply: ApprovalReply) -> Read:
    """The document that says the answer: an approval answer, or a change of the order."""
    with here.view() as view:
        row = _row(view, approval)
        if row["status"] != "pending":
            raise ProblemError(409, f"approval {approval} has already been {row['status']}")
        _check(reply, _decision(row))
        document = _change(view, row, reply) if reply.decision == "amend" else _answer(view, approval, reply)
    name = f"{here.service.new_id()[:12]}/answer to {approval}"
    return Read(name, document, "", document.model_dump_json(exclude_none=True))


def _check(reply: ApprovalReply, decision: Decision) -> None:
    if (reply.decision == "amend") != bool(reply.lines):
        raise ProblemError(422, "an amendment, and nothing else, names the lines that change")
    if reply.alternative is None:
        return
    if reply.decision != "approve":
        raise ProblemError(422, "an alternative is chosen by approving it")
    if not any(each.answers_to(reply.alternative) for each in decision.alternatives):
        there = ", ".join(each.name for each in decision.alternatives) or "none"
        raise ProblemError(422, f"there is no alternative {reply.alternative}; there are: {there}")


def _answer(view: View, approval: str, reply: ApprovalReply) -> ApprovalAnswer:
    return ApprovalAnswer(
        received=to_datetime(view.now),
        approval=approval,
        decision="approve" if reply.decision == "approve" else "reject",
        alternative=reply.alternative,
        by=reply.by,
        note=reply.note,
    )


def _change(view: View, row: dict[str, Any], reply: ApprovalReply) -> OrderChange:
    for order in view.snapshot.rows(CustomerOrderRow, order=_decision(row).order):
        return OrderChange(
            received=to_datetime(view.now), source=order["source"], number=order["number"], lines=tuple(reply.lines)
        )
    raise ProblemError(422, "this approval is not about a customer order: it can be approved or rejected")


def _row(view: View, approval: str) -> dict[str, Any]:
    for row in view.snapshot.rows(ApprovalRow, approval=approval):
        return row
    raise ProblemError(404, f"there is no approval {approval}")


def _decision(row: dict[str, Any]) -> Decision:
    return Decision.model_validate(json.loads(row["body"])["decision"])


def _summary(row: dict[str, Any], decision: Decision) -> dict[str, Any]:
    columns = ("approval", "decision", "subject", "status", "role", "by", "reason")
    return {name: row[name] for name in columns} | {"order": readable(decision.order)}


def _view(view: View, row: dict[str, Any]) -> ApprovalView:
    decision = _decision(row)
    return ApprovalView(
        **_summary(row, decision),
        text=decision.text,
        value=None if decision.value is None else f"{decision.value:f}",
        currency=view.plant.currency,
        alternatives=[_alternative(view, each) for each in decision.alternatives],
        on_the_date=list(decision.on_the_date),
    )


def _alternative(view: View, each: Alternative) -> AlternativeView:
    releases = [
        {
            "line": release.line,
            "item": release.item,
            "quantity": view.units(release.item, release.quantity),
            "ship": view.time(release.ship),
            "delivery": view.time(release.delivery),
        }
        for release in each.releases
    ]
    return AlternativeView(
        name=each.name,
        labels=list(each.labels),
        text=each.text,
        delivery=view.time(each.delivery),
        shipments=each.shipments,
        purchases=f"{each.purchases:f}",
        shipping=f"{each.shipping:f}",
        late_cost=None if each.late_cost is None else f"{each.late_cost:f}",
        moved=each.moved,
        suppliers=list(each.suppliers),
        releases=releases,
    )
