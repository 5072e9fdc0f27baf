"""Approvals: what waits for a person, one with its alternatives side by side, and answers to one or several at once."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from agents.api.access import needs
from agents.api.approval_views import decision_of, delegation_view, delegations_in, summary_of, view_of
from agents.api.approvals import Number, answer_approval, delegate
from agents.api.context import Context, Here, Offset, View
from agents.api.problems import ProblemError
from agents.api.schemas import ApprovalReply, NewDelegation
from agents.console.comparing import compared
from agents.console.formats import path
from agents.console.forms import fields_of, told_problems
from agents.console.frame import page
from knowledge.access import Permission
from knowledge.delegation import stand_ins
from knowledge.store.tables import ApprovalRow, CustomerOrderRow

router = APIRouter(dependencies=[needs(Permission.READ)])

ANSWER = [needs(Permission.ANSWER_APPROVALS)]
SHOWN = 50
MOST_AT_ONCE = 100

Text = Annotated[str, Form(max_length=2000)]
Short = Annotated[str, Form(max_length=200)]


class Status(StrEnum):
    """Which decisions are shown."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    ADVISED = "advised"
    SUPERSEDED = "superseded"


@router.get("/approvals", response_class=HTMLResponse)
def approval_list(request: Request, here: Here, status: Status = Status.PENDING, offset: Offset = 0) -> HTMLResponse:
    """What waits, the longest first; or what was decided, the latest first."""
    return _list(request, here, status, offset)


def _list(
    request: Request,
    here: Context,
    status: Status = Status.PENDING,
    offset: int = 0,
    outcomes: Mapping[str, str] | None = None,
    problem: str = "",
) -> HTMLResponse:
    order = "approval" if status is Status.PENDING else "-approval"
    with here.view() as view:
        rows, total = view.snapshot.page(
            ApprovalRow, {"status": status.value}, order=(order,), limit=SHOWN, offset=offset
        )
        delegations = delegations_in(view.snapshot)
        return page(
            request,
            "approvals.html.j2",
            view,
            status=422 if problem else 200,
            rows=[(summary_of(row, view.plant, delegations, view.now), decision_of(row)) for row in rows],
            total=total,
            offset=offset,
            limit=SHOWN,
            shown=status,
            statuses=list(Status),
            outcomes=outcomes or {},
            problem=problem,
            delegations=[delegation_view(each, view.plant, view.now) for each in delegations],
            roles=sorted({name for rule in view.plant.approvals for name in (rule.role, rule.escalate_to) if name}),
        )


@router.post("/approvals", response_class=HTMLResponse, dependencies=ANSWER)
async def answer_several(
    request: Request,
    here: Here,
    decision: Annotated[Literal["approve", "reject"], Form()],
    approval: Annotated[list[str] | None, Form(max_length=MOST_AT_ONCE)] = None,
    note: Text = "",
    by: Short = "",
) -> HTMLResponse:
    """Approve several as planned, or reject them; what became of each is told."""
    outcomes: dict[str, str] = {}
    for number in dict.fromkeys(approval or ()):
        reply = ApprovalReply(decision=decision, by=by or None, note=note or None)
        try:
            outcomes[number] = (await answer_approval(here, Response(), number[:64], reply)).status
        except ProblemError as error:
            outcomes[number] = error.detail
    problem = "" if outcomes else "choose at least one decision"
    return await asyncio.to_thread(_list, request, here, outcomes=outcomes, problem=problem)


@router.post("/delegations", response_class=HTMLResponse, dependencies=ANSWER)
async def hand_over(request: Request, here: Here) -> Response:
    """Let somebody stand in for a role."""
    form = await request.form()
    given = {name: str(form.get(name, "")).strip() for name in NewDelegation.model_fields}
    try:
        await delegate(here, Response(), NewDelegation(**{name: text for name, text in given.items() if text}))
    except ValidationError as error:
        return await asyncio.to_thread(_list, request, here, problem=told_problems(error))
    except ProblemError as error:
        return await asyncio.to_thread(_list, request, here, problem=error.detail)
    return RedirectResponse("/approvals", 303)


@router.get("/approvals/{approval}", response_class=HTMLResponse)
def one(request: Request, here: Here, approval: Number) -> HTMLResponse:
    """A decision with its alternatives."""
    return _one(request, here, approval)


@router.post("/approvals/{approval}", response_class=HTMLResponse, dependencies=ANSWER)
async def answer(
    request: Request,
    here: Here,
    approval: Number,
    decision: Annotated[Literal["approve", "reject", "amend"], Form()],
    alternative: Short = "",
    note: Text = "",
    by: Short = "",
) -> Response:
    """Approve, with an alternative, reject, or amend the order; where that cannot be any more the page says why."""
    try:
        lines = await _changed(request, here, approval) if decision == "amend" else []
        chosen = alternative if decision == "approve" else ""
        said = {"decision": decision, "alternative": chosen, "by": by, "note": note, "lines": lines}
        reply = ApprovalReply.model_validate({name: value for name, value in said.items() if value})
        found = await answer_approval(here, Response(), approval, reply)
    except ValidationError as error:
        return await asyncio.to_thread(_one, request, here, approval, told_problems(error), 422)
    except ProblemError as error:
        if error.status == 404:
            raise
        return await asyncio.to_thread(_one, request, here, approval, error.detail, error.status)
    follow = f"/orders/{path(found.order)}" if decision == "amend" else f"/approvals/{path(approval)}"
    return RedirectResponse(follow, 303)


async def _changed(request: Request, here: Context, approval: str) -> list[dict[str, str]]:
    """The lines of the order for which other values were written than it has."""
    given = fields_of(await request.form(), "line")
    known = await asyncio.to_thread(_lines, here, approval)
    found = []
    for index, line in enumerate(known):
        wanted = {**line, **given.get(index, {})}
        changes = {name: wanted[name] for name in ("quantity", "requested") if wanted[name] != line[name]}
        if changes:
            found.append({"line": line["line"], **changes})
    if not found:
        raise ProblemError(422, "nothing of the order was changed")
    return found


def _lines(here: Context, approval: str) -> list[dict[str, str]]:
    with here.view() as view:
        rows = view.snapshot.rows(ApprovalRow, approval=approval)
        return list(_order_lines(view, decision_of(rows[0]).order)) if rows else []


def _order_lines(view: View, order: str) -> Iterator[dict[str, str]]:
    """What an amendment can change of an order, line by line, as its document has it."""
    for row in view.snapshot.rows(CustomerOrderRow, order=order):
        for line in json.loads(row["document"])["document"]["lines"]:
            yield {
                "line": line["line"],
                "item": line.get("item") or line.get("description") or "",
                "quantity": str(line.get("quantity") or ""),
                "requested": line.get("requested") or "",
                "scheduled": "yes" if line.get("schedule") else "",
            }


def _one(request: Request, here: Context, approval: str, problem: str = "", status: int = 200) -> HTMLResponse:
    with here.view() as view:
        rows = view.snapshot.rows(ApprovalRow, approval=approval)
        if not rows:
            raise ProblemError(404, f"there is no approval {approval}")
        delegations = delegations_in(view.snapshot)
        found, decision = view_of(rows[0], view.plant, delegations, view.now), decision_of(rows[0])
        standing_in = stand_ins(delegations, found.role, view.now)
        return page(
            request,
            "approval.html.j2",
            view,
            status=status,
            problem=problem,
            found=found,
            alternatives=compared(found.alternatives),
            why_not=here.person.why_not_answer(found.role, decision.value, approves=True, stand_ins=standing_in),
            why_not_reject=here.person.why_not_answer(
                found.role, decision.value, approves=False, stand_ins=standing_in
            ),
            lines=list(_order_lines(view, decision.order)),
        )
