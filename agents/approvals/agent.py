"""The approvals agent: what policy does not let pass waits here for a person; silence has a stated outcome."""

from __future__ import annotations

import json
from typing import Any

from agents.approvals.waiting import Waiting, body_of, chosen, outcome, same_question
from agents.runtime.agent import Agent, Effects, Records, Turn, handles
from agents.runtime.notices import tell
from knowledge.delegation import Delegation, delegations_of, stand_ins
from knowledge.instants import iso
from knowledge.plant import Action, Plant, Silence
from knowledge.store.tables import AgentStateRow, ApprovalRow
from knowledge.supply import readable
from knowledge.terms import Terms
from protocols.envelope import Performative, ProtocolName
from protocols.notices import Listeners, Notice, NoticeKind
from protocols.supplying import (
    Alternative,
    AnswerDecision,
    Approved,
    Decision,
    HandOver,
    Rejected,
    ReportRefused,
    ReportTaken,
    Wake,
)


class ApprovalsAgent(Agent):
    """Reads and writes the managers' queue. With `approve_all` everything is approved, and recorded."""

    name = "approvals"

    def __init__(self, plant: Plant, approve_all: bool = False, listeners: Listeners = ()) -> None:
        self.plant = plant
        self.approve_all = approve_all
        self.listeners = listeners
        self.waiting: dict[str, Waiting] = {}
        self.delegations: dict[str, Delegation] = {}
        self.last = 0

    def restore(self, records: Records) -> None:
        """Rebuild the queue; what was decided stays in the records."""
        self.records = records
        self.last = int(records.last_named(ApprovalRow, "approval")[3:] or 0)
        for row in records.rows(ApprovalRow, status="pending"):
            self.waiting[row["approval"]] = Waiting.restored(row, self._terms)
        for delegation in delegations_of(records.rows(AgentStateRow, agent=self.name)):
            self.delegations[delegation.key] = delegation

    # -- what is put to people

    @handles(Decision)
    def decide(self, turn: Turn[Decision]) -> Effects:
        decision = turn.content
        for old in [w for w in self.waiting.values() if same_question(w.decision, decision)]:
            yield from self._close(turn, old, "superseded", "", f"{old.decision.text}; changed, and asked anew")
        self.last += 1
        name = f"AP-{self.last:06d}"
        entry = Waiting(name, decision, turn.envelope.conversation, turn.sender, self._terms(decision), turn.now)
        if self._advises(decision):
            yield from self._close(turn, entry, "advised", "policy", decision.text)
            yield from self._tell(turn, NoticeKind.ADVISED, entry, decision.text)
            yield turn.reply(Performative.ACCEPT_PROPOSAL, Approved(subject=decision.subject, by="policy"))
            return
        if self.approve_all:
            yield from self._settle(turn, entry, True, "auto", decision.text)
            return
        yield from self._ask(turn, entry, NoticeKind.ASKED)

    def _ask(self, turn: Turn[Any], entry: Waiting, kind: NoticeKind) -> Effects:
        """Put it to a role, with what silence will mean, and set the timers for that."""
        self.waiting[entry.approval] = entry
        text = entry.said(self.plant.zone)
        yield self._save(turn, entry, "pending", "", text)
        yield from self._tell(turn, kind, entry, text)
        deadline = entry.deadline
        if deadline is None:
            return
        for before in entry.terms.reminders:
            yield turn.timer(deadline - before, self.name, Wake(what="remind", key=entry.approval))
        yield turn.timer(deadline, self.name, Wake(what="deadline", key=entry.approval))

    def _terms(self, decision: Decision) -> Terms:
        """The terms of the rule that asks; of nobody in particular where policy has lost that rule meanwhile."""
        rules = self.plant.approvals
        known = decision.rule < len(rules) and rules[decision.rule].decision == decision.decision
        return Terms.of(rules[decision.rule]) if known else Terms("manager")

    def _advises(self, decision: Decision) -> bool:
        rules = self.plant.approvals
        return decision.rule < len(rules) and rules[decision.rule].action is Action.ADVISE

    # -- answers

    @handles(AnswerDecision)
    def answer(self, turn: Turn[AnswerDecision]) -> Effects:
        answer = turn.content.answer
        entry = self._meant(answer.approval, answer.subject)
        if entry is None:
            yield turn.refuse(ReportRefused(reason=self._why_not(answer.approval, answer.subject)))
            return
        alternative, problem = chosen(entry.decision, answer)
        if problem:
            yield turn.refuse(ReportRefused(reason=problem))
            return
        yield turn.inform(ReportTaken())
        by = answer.by or entry.role
        yield from self._settle(turn, entry, answer.decision == "approve", by, answer.note or "", alternative)

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
        """What became of the decision that is meant: the last one about the subject, where that is all that is said."""
        about = {"subject": readable(subject or "")} if approval is None else {"approval": approval}
        rows = [row for row in self.records.own(ApprovalRow, **about) if row["status"] != "pending"]
        if rows:
            last = max(rows, key=lambda row: int(row["approval"][3:]))
            return f"approval {last['approval']} has already been {outcome(last['status'], last['by'], last['reason'])}"
        return f"nothing waits for approval as {approval or subject}"

    # -- time passes

    @handles(Wake)
    def wake(self, turn: Turn[Wake]) -> Effects:
        entry = self.waiting.get(turn.content.key)
        if entry is None:
            return
        if turn.content.what == "remind":
            yield from self._tell(turn, NoticeKind.REMINDER, entry, entry.said(self.plant.zone))
        else:
            yield from self._silence(turn, entry)

    def _silence(self, turn: Turn[Wake], entry: Waiting) -> Effects:
        """Nobody answered: what was said of silence happens."""
        terms = entry.terms
        if terms.escalates and not entry.escalated:
            entry.escalated, entry.asked = True, turn.now
            yield from self._ask(turn, entry, NoticeKind.ESCALATED)
            return
        nobody = f"nobody answered by {iso(turn.now, self.plant.zone)}"
        if terms.on_silence is Silence.WAIT:
            text = f"{entry.decision.text}; {nobody}, still asked of {entry.role}"
            yield self._save(turn, entry, "pending", "", text)
            yield from self._tell(turn, NoticeKind.OVERDUE, entry, text)
            return
        alternative = entry.decision.first_automatic() if terms.on_silence is Silence.ALTERNATIVE else None
        approved = terms.on_silence is Silence.APPROVE or alternative is not None
        yield from self._settle(turn, entry, approved, "silence", nobody, alternative)

    # -- standing in

    @handles(HandOver)
    def hand_over(self, turn: Turn[HandOver]) -> Effects:
        """Somebody stands in for a role from now on, or no longer."""
        try:
            delegation = Delegation.of(turn.content.delegation, turn.now, self.plant.zone)
            self._check(delegation, turn.now)
        except ValueError as problem:
            yield turn.refuse(ReportRefused(reason=str(problem)))
            return
        self.delegations[delegation.key] = delegation
        yield turn.save(AgentStateRow, {"agent": self.name, "key": delegation.key, "body": delegation.body})
        yield turn.inform(ReportTaken())

    def _check(self, delegation: Delegation, now: int) -> None:
        asked = {name for rule in self.plant.approvals for name in (rule.role, rule.escalate_to) if name}
        known = sorted(asked | {entry.role for entry in self.waiting.values()})
        if delegation.role not in known:
            there = f"it asks {', '.join(known)}" if known else "it has no rules"
            raise ValueError(f"policy never asks {delegation.role}: {there}")
        if delegation.until <= now and delegation.key not in self.delegations:
            raise ValueError(f"until {iso(delegation.until, self.plant.zone)} has passed, and there is nothing to end")

    # -- the record

    def _settle(
        self, turn: Turn[Any], entry: Waiting, approved: bool, by: str, note: str, chosen: Alternative | None = None
    ) -> Effects:
        status = "approved" if approved else "rejected"
        reason = note if chosen is None else "; ".join(filter(None, (f"chosen: {chosen.text}", note)))
        yield from self._close(turn, entry, status, by, reason)
        yield from self._tell(turn, NoticeKind.DECIDED, entry, f"{entry.decision.text}; {status} by {by}: {reason}")
        subject = entry.decision.subject
        content: Approved | Rejected
        if approved:
            said = Performative.ACCEPT_PROPOSAL
            content = Approved(subject=subject, by=by, note=note, chosen=chosen, order=entry.decision.order)
        else:
            said, content = Performative.REJECT_PROPOSAL, Rejected(subject=subject, by=by, note=note)
        about = entry.decision.order
        yield turn.answer(entry.conversation, ProtocolName.PROPOSE, entry.asker, said, content, subject=about)

    def _close(self, turn: Turn[Any], entry: Waiting, status: str, by: str, reason: str) -> Effects:
        """It waits no longer."""
        self.waiting.pop(entry.approval, None)
        entry.decided = turn.now
        yield self._save(turn, entry, status, by, reason)

    def _save(self, turn: Turn[Any], entry: Waiting, status: str, by: str, reason: str) -> Any:
        row = {
            "approval": entry.approval,
            "decision": entry.decision.decision,
            "subject": readable(entry.decision.subject),
            "status": status,
            "by": by,
            "reason": reason,
            "role": entry.role,
            "body": json.dumps(body_of(entry)),
        }
        return turn.save(ApprovalRow, row)

    def _tell(self, turn: Turn[Any], kind: NoticeKind, entry: Waiting, text: str) -> Effects:
        """Tell whoever listens to it that something happened to a decision."""
        if not self.listeners:
            return
        concerned = (entry.role, *stand_ins(self.delegations.values(), entry.role, turn.now))
        title = f"{entry.approval} {kind}: {entry.decision.decision} {readable(entry.decision.subject)}"
        notice = Notice(kind=kind, title=title, text=text, role=entry.role, approval=entry.approval)
        about = readable(entry.decision.order)
        yield from tell(turn, self.listeners, notice, concerned=concerned, subject=about)
