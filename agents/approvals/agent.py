"""The approvals agent: what policy does not let pass waits here for a person; silence has a stated outcome."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from knowledge.documents import ApprovalAnswer
from knowledge.instants import HOUR
from knowledge.plant import Action, Plant
from knowledge.store.tables import ApprovalRow
from knowledge.supply import readable
from protocols.envelope import Performative, ProtocolName
from protocols.supplying import (
    Alternative,
    AnswerDecision,
    Approved,
    Decision,
    Rejected,
    ReportRefused,
    ReportTaken,
    Wake,
)


@dataclass(slots=True)
class Waiting:
    """A decision that waits for a person."""

    approval: str
    decision: Decision
    conversation: str
    asker: str
    role: str
    escalated: bool = False


class ApprovalsAgent(Agent):
    """Reads and writes the managers' queue. With `approve_all` everything is approved, and recorded."""

    name = "approvals"

    def __init__(self, plant: Plant, approve_all: bool = False) -> None:
        self.plant = plant
        self.approve_all = approve_all
        self.waiting: dict[str, Waiting] = {}
        self.answered: dict[str, str] = {}
        self.last = 0

    def restore(self, store: Records) -> None:
        """Rebuild the queue."""
        for row in store.rows(ApprovalRow):
            self.last = max(self.last, int(row["approval"][3:]))
            if row["status"] == "pending":
                body = json.loads(row["body"])
                decision = Decision.model_validate(body.pop("decision"))
                self.waiting[row["approval"]] = Waiting(row["approval"], decision, role=row["role"], **body)
            else:
                self.answered[row["approval"]] = row["status"]

    @handles(Decision)
    def decide(self, turn: Turn[Decision]) -> Effects:
        decision = turn.content
        rule = self.plant.approvals[decision.rule]
        for old in [w for w in self.waiting.values() if _same_question(w.decision, decision)]:
            del self.waiting[old.approval]
            self.answered[old.approval] = "superseded"
            yield self._save(turn, old, "superseded", "", f"{old.decision.text}; changed, and asked anew")
        self.last += 1
        entry = Waiting(f"AP-{self.last:06d}", decision, turn.envelope.conversation, turn.sender, rule.role)
        if rule.action is Action.ADVISE:
            yield self._save(turn, entry, "advised", "policy", decision.text)
            yield turn.reply(Performative.ACCEPT_PROPOSAL, Approved(subject=decision.subject, by="policy"))
            return
        if self.approve_all:
            yield from self._settle(turn, entry, True, "auto", decision.text)
            return
        self.waiting[entry.approval] = entry
        yield self._save(turn, entry, "pending", "", decision.text)
        if rule.deadline_hours is not None:
            at = turn.now + int(rule.deadline_hours * HOUR)
            yield turn.timer(at, self.name, Wake(what="deadline", key=entry.approval))

    @handles(AnswerDecision)
    def answer(self, turn: Turn[AnswerDecision]) -> Effects:
        answer = turn.content.answer
        entry = self._meant(answer.approval, answer.subject)
        if entry is None:
            yield turn.refuse(ReportRefused(reason=self._why_not(answer.approval, answer.subject)))
            return
        chosen, problem = _chosen(entry.decision, answer)
        if problem:
            yield turn.refuse(ReportRefused(reason=problem))
            return
        yield turn.inform(ReportTaken())
        by = answer.by or entry.role
        yield from self._settle(turn, entry, answer.decision == "approve", by, answer.note or "", chosen)

    @handles(Wake)
    def deadline(self, turn: Turn[Wake]) -> Effects:
        """Nobody answered: what the rule says of silence happens."""
        entry = self.waiting.get(turn.content.key)
        if entry is None:
            return
        rule = self.plant.approvals[entry.decision.rule]
        if rule.on_silence == "escalate" and rule.escalate_to and not entry.escalated:
            entry.escalated, entry.role = True, rule.escalate_to
            yield self._save(turn, entry, "pending", "", f"{entry.decision.text}; escalated to {entry.role}")
            hours = rule.deadline_hours or 0
            yield turn.timer(turn.now + int(hours * HOUR), self.name, Wake(what="deadline", key=entry.approval))
            return
        yield from self._settle(turn, entry, rule.on_silence == "approve", "silence", "nobody answered in time")

    def _settle(
        self, turn: Turn[Any], entry: Waiting, approved: bool, by: str, note: str, chosen: Alternative | None = None
    ) -> Effects:
        self.waiting.pop(entry.approval, None)
        status = "approved" if approved else "rejected"
        self.answered[entry.approval] = status
        reason = note if chosen is None else "; ".join(filter(None, (f"chosen: {chosen.text}", note)))
        yield self._save(turn, entry, status, by, reason)
        subject = entry.decision.subject
        content: Approved | Rejected
        if approved:
            said = Performative.ACCEPT_PROPOSAL
            content = Approved(subject=subject, by=by, note=note, chosen=chosen)
        else:
            said, content = Performative.REJECT_PROPOSAL, Rejected(subject=subject, by=by, note=note)
        about = entry.decision.order
        yield turn.answer(entry.conversation, ProtocolName.PROPOSE, entry.asker, said, content, subject=about)

    def _meant(self, approval: str | None, subject: str | None) -> Waiting | None:
        """The waiting decision of an id, or else the oldest about a subject."""
        if approval is not None:
            return self.waiting.get(approval)
        for name in sorted(self.waiting):
            decision = self.waiting[name].decision
            if subject in (decision.subject, readable(decision.subject)):
                return self.waiting[name]
        return None

    def _why_not(self, approval: str | None, subject: str | None) -> str:
        if approval in self.answered:
            return f"approval {approval} has already been {self.answered[approval]}"
        return f"nothing waits for approval as {approval or subject}"

    def _save(self, turn: Turn[Any], entry: Waiting, status: str, by: str, reason: str) -> Any:
        body = {
            "decision": entry.decision.model_dump(mode="json"),
            "conversation": entry.conversation,
            "asker": entry.asker,
            "escalated": entry.escalated,
        }
        row = {
            "approval": entry.approval,
            "decision": entry.decision.decision,
            "subject": readable(entry.decision.subject),
            "status": status,
            "by": by,
            "reason": reason,
            "role": entry.role,
            "body": json.dumps(body),
        }
        return turn.save(ApprovalRow, row)


def _chosen(decision: Decision, answer: ApprovalAnswer) -> tuple[Alternative | None, str]:
    """The alternative that an answer names, or why it cannot be taken. None for what is planned."""
    if answer.alternative is None:
        return None, ""
    if answer.decision != "approve":
        return None, "an alternative is chosen by approving it, not by rejecting"
    for alternative in decision.alternatives:
        if alternative.answers_to(answer.alternative):
            return (None if alternative is decision.alternatives[0] else alternative), ""
    names = ", ".join(f"{each.name} ({', '.join(each.labels)})" for each in decision.alternatives)
    return None, f"there is no alternative {answer.alternative}: {f'there are {names}' if names else 'there are none'}"


def _same_question(old: Decision, new: Decision) -> bool:
    """Whether a decision is asked for again: an answer to what it was before is no answer to what it is now."""
    return (old.decision, old.subject) == (new.decision, new.subject)
