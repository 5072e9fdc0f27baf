"""Approvals: what waits for a person, with its alternatives, the answer, and who stands in for whom."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from agents.api.access import needs
from agents.api.approval_views import already, decision_of, delegation_view, delegations_in, summary_of, view_of
from agents.api.context import Context, Here, Limit, Offset, View
from agents.api.problems import ProblemError, documented
from agents.api.schemas import ApprovalReply, ApprovalSummary, ApprovalView, DelegationView, NewDelegation, Page
from agents.approvals.waiting import chosen
from agents.service.desk import Outcome
from agents.sources.drafts import document as drafted
from agents.sources.errors import UnreadableError
from agents.sources.reading import Read
from knowledge.access import Permission
from knowledge.documents import ApprovalAnswer, Document, OrderChange
from knowledge.instants import to_datetime
from knowledge.store.tables import ApprovalRow, CustomerOrderRow

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
    role: Annotated[str | None, Query(max_length=200, description="Only what is put to this role.")] = None,
    limit: Limit = 100,
    offset: Offset = 0,
) -> Page[ApprovalSummary]:
    """Decisions put to people, the latest first."""
    given = (("status", status), ("decision", decision), ("role", role))
    where = {name: value for name, value in given if value is not None}
    with here.view() as view:
        rows, total = view.snapshot.page(ApprovalRow, where, order=("-approval",), limit=limit, offset=offset)
        delegations = delegations_in(view.snapshot)
        return Page(rows=[summary_of(row, view.plant, delegations, view.now) for row in rows], total=total)


@router.get("/approvals/{approval}", responses=documented(404, 422, 503), dependencies=READ)
def one_approval(here: Here, approval: Number) -> ApprovalView:
    """A decision with the alternatives to it."""
    with here.view() as view:
        return view_of(_row(view, approval), view.plant, delegations_in(view.snapshot), view.now)


@router.post(
    "/approvals/{approval}/answer",
    responses=documented(404, 409, 422, 429, 503) | {202: {"model": ApprovalView, "description": "Under way."}},
    dependencies=[needs(Permission.ANSWER_APPROVALS)],
)
async def answer_approval(here: Here, response: Response, approval: Number, reply: ApprovalReply) -> ApprovalView:
    """Approve, reject, choose an alternative, or amend the order instead; answered once and for all (409)."""
    read = await asyncio.to_thread(_document, here, approval, reply)
    if not await _taken(here, read):
        response.status_code = 202
    return await asyncio.to_thread(one_approval, here, approval)


@router.get("/delegations", responses=documented(503), dependencies=READ)
def delegations(here: Here) -> list[DelegationView]:
    """Who stands in for a role, has done so, or will."""
    with here.view() as view:
        return [delegation_view(each, view.plant, view.now) for each in delegations_in(view.snapshot)]


@router.post(
    "/delegations",
    responses=documented(409, 422, 429, 503),
    status_code=201,
    dependencies=[needs(Permission.ANSWER_APPROVALS)],
)
async def delegate(here: Here, response: Response, new: NewDelegation) -> list[DelegationView]:
    """Let a person answer for a role of one's own for a time.

    Another one for both replaces it, one that has passed ends it.
    """
    said = {"type": "approval_delegation", **new.model_dump(exclude_none=True)}
    try:
        document = drafted(said).model_copy(update={"received": to_datetime(here.service.now)})
    except UnreadableError as error:
        raise ProblemError(422, str(error)) from error
    if not await _taken(here, _read(here, f"delegation of {new.role}", document)):
        response.status_code = 202
    return await asyncio.to_thread(delegations, here)


async def _taken(here: Context, read: Read) -> bool:
    """Let the society take a document; whether all that follows is done. Raises ProblemError where it is refused."""
    tickets = await here.submit([read])
    settled = await here.waited(tickets, ANSWER_SECONDS)
    ticket = tickets[0]
    if ticket.outcome is Outcome.DUPLICATE:
        raise ProblemError(409, "the very same has already been said")
    if ticket.outcome is Outcome.QUARANTINED:
        raise ProblemError(409 if "already been" in ticket.reason else 422, ticket.reason)
    return settled


def _read(here: Context, name: str, document: Document) -> Read:
    return Read(f"{here.service.new_id()[:12]}/{name}", document, "", document.model_dump_json(exclude_none=True))


def _document(here: Context, approval: str, reply: ApprovalReply) -> Read:
    """The document that says the answer: an approval answer, or a change of the order."""
    with here.view() as view:
        row = _row(view, approval)
        if made := already(row):
            raise ProblemError(409, made)
        if (reply.decision == "amend") != bool(reply.lines):
            raise ProblemError(422, "an amendment, and nothing else, names the lines that change")
        document = _change(view, row, reply) if reply.decision == "amend" else _answer(view, row, reply)
    return _read(here, f"answer to {approval}", document)


def _answer(view: View, row: dict[str, Any], reply: ApprovalReply) -> ApprovalAnswer:
    answer = ApprovalAnswer(
        received=to_datetime(view.now),
        approval=row["approval"],
        decision="approve" if reply.decision == "approve" else "reject",
        alternative=reply.alternative,
        by=reply.by,
        note=reply.note,
    )
    _, problem = chosen(decision_of(row), answer)
    if problem:
        raise ProblemError(422, problem)
    return answer


def _change(view: View, row: dict[str, Any], reply: ApprovalReply) -> OrderChange:
    if reply.alternative is not None:
        raise ProblemError(422, "an alternative is chosen by approving it")
    for order in view.snapshot.rows(CustomerOrderRow, order=decision_of(row).order):
        return OrderChange(
            received=to_datetime(view.now), source=order["source"], number=order["number"], lines=tuple(reply.lines)
        )
    raise ProblemError(422, "this approval is not about a customer order: it can be approved or rejected")


def _row(view: View, approval: str) -> dict[str, Any]:
    for row in view.snapshot.rows(ApprovalRow, approval=approval):
        return row
    raise ProblemError(404, f"there is no approval {approval}")
