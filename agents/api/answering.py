"""Answers to approvals: signed with the name of whoever gives them, and refused from those who may not."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from agents.api.problems import ProblemError
from agents.service.database import Snapshot
from knowledge.access import Person
from knowledge.documents import ApprovalAnswer
from knowledge.store.tables import ApprovalRow
from protocols.supplying import Decision


def signed(snapshot: Snapshot, person: Person, answer: ApprovalAnswer) -> ApprovalAnswer:
    """An answer under the person's own name. Raises ProblemError where it is another's, or the person may not give it.

    What waits for no answer is left to the society, which says so.
    """
    if person.unbound:
        return answer
    if answer.by not in (None, "", person.name):
        raise ProblemError(403, f"answers carry the name of whoever gives them: {person.name}, not {answer.by}")
    row = _meant(snapshot, answer)
    if row is not None:
        check(person, row["role"], _decision(row).value, approves=answer.decision == "approve")
    return answer.model_copy(update={"by": person.name})


def check(person: Person, role: str, value: Decimal | None, *, approves: bool) -> None:
    """Raise ProblemError where a person may not answer what is put before a role."""
    if reason := person.why_not_answer(role, value, approves=approves):
        raise ProblemError(403, reason)


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
