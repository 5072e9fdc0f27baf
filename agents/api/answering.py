"""Answers to approvals: signed with the name of whoever gives them, and refused from those who may not."""

from __future__ import annotations

import json
from typing import Any, Final

from agents.api.problems import ProblemError
from agents.service.database import Snapshot
from knowledge.access import Person
from knowledge.delegation import delegations_of, stand_ins
from knowledge.documents import ApprovalAnswer, ApprovalDelegation
from knowledge.instants import Instant
from knowledge.store.access_tables import AuditRecordRow
from knowledge.store.tables import AgentStateRow, ApprovalRow
from knowledge.supply import readable
from protocols.supplying import Decision

Signed = ApprovalAnswer | ApprovalDelegation
SIGNED: Final = (ApprovalAnswer, ApprovalDelegation)
"""Documents that say what one person may say and another may not."""

ENTERING: Final = frozenset({"customer_order", "order_change"})
"""What the audit log calls entering an order, or changing it."""


def signed(snapshot: Snapshot, now: Instant, person: Person, document: Signed) -> Signed:
    """A document under the person's own name. Raises ProblemError where it is another's, or not the person's to say.

    An answer to what waits for none is left to the society, which says so.
    """
    if person.unbound:
        return document
    if document.by not in (None, "", person.name):
        raise ProblemError(403, f"answers carry the name of whoever gives them: {person.name}, not {document.by}")
    under_own_name = document.model_copy(update={"by": person.name})
    if isinstance(document, ApprovalDelegation):
        reason, row = person.why_not_hand_over(document.role), None
    else:
        row = _meant(snapshot, document)
        reason = "" if row is None else _why_not(snapshot, now, person, document, row)
    if reason:
        raise ProblemError(403, reason)
    if row is not None:  # by its number: of one subject another decision may be the oldest when the answer is taken
        return under_own_name.model_copy(update={"approval": row["approval"], "subject": None})
    return under_own_name


def _why_not(snapshot: Snapshot, now: Instant, person: Person, answer: ApprovalAnswer, row: dict[str, Any]) -> str:
    """Why a person may not give an answer; empty where they may."""
    standing_in = stand_ins(delegations_of(snapshot.rows(AgentStateRow, agent="approvals")), row["role"], now)
    decision, approves = _decision(row), answer.decision == "approve"
    if approves and json.loads(row["body"]).get("terms", {}).get("four_eyes"):
        about = readable(decision.order)
        done = {each["action"] for each in snapshot.rows(AuditRecordRow, "action", person=person.name, subject=about)}
        if done & ENTERING:
            return f"{person.name} has entered or changed {about} and may not approve it: two have to look at it"
    return person.why_not_answer(
        row["role"], decision.value, approves=answer.decision == "approve", stand_ins=standing_in
    )


def _decision(row: dict[str, Any]) -> Decision:
    return Decision.model_validate(json.loads(row["body"])["decision"])


def _meant(snapshot: Snapshot, answer: ApprovalAnswer) -> dict[str, Any] | None:
    """The waiting approval of that number, or else the oldest about that subject."""
    if answer.approval is not None:
        rows = snapshot.rows(ApprovalRow, approval=answer.approval, status="pending")
    else:
        rows = [
            row
            for row in snapshot.rows(ApprovalRow, status="pending")
            if answer.subject in (row["subject"], _decision(row).subject)
        ]
    return rows[0] if rows else None
