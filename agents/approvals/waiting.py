"""One decision that waits for a person: until when, on which terms, and which answers fit it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from knowledge.documents import ApprovalAnswer
from knowledge.instants import Instant
from knowledge.terms import Terms
from protocols.supplying import Alternative, Decision


@dataclass(slots=True)
class Waiting:
    """A decision that waits. `asked` is when it was put to whoever is asked now; `asker` is the agent that wants it."""

    approval: str
    decision: Decision
    conversation: str
    asker: str
    terms: Terms
    asked: Instant
    escalated: bool = False
    decided: Instant | None = None

    @property
    def role(self) -> str:
        """Who is asked now."""
        return self.terms.escalate_to if self.escalated else self.terms.role

    @property
    def deadline(self) -> Instant | None:
        """Until when there is time to answer."""
        return self.terms.deadline(self.asked)

    def said(self, zone: dt.tzinfo) -> str:
        """The question, until when it is asked of whom, and what happens then."""
        first = self.decision.first_automatic()
        name = "" if first is None else f"{first.name} ({', '.join(first.labels)})"
        terms = self.terms.stated(self.asked, zone, escalated=self.escalated, alternative=name)
        return "; ".join(filter(None, (self.decision.text, terms)))

    @classmethod
    def restored(cls, row: Mapping[str, Any], terms: Callable[[Decision], Terms]) -> Waiting:
        """What a row of the queue keeps; `terms` says those of rows that were written without."""
        body = json.loads(row["body"])
        decision = Decision.model_validate(body["decision"])
        kept = Terms.read(body["terms"]) if "terms" in body else terms(decision)
        asked = body.get("asked", 0)
        return cls(row["approval"], decision, body["conversation"], body["asker"], kept, asked, body["escalated"])


_LONGEST = 200
"""Of the reason for an outcome so much is remembered: there may be very many of them."""


def outcome(status: str, by: str, reason: str) -> str:
    """What became of a decision, in words."""
    if status == "superseded":
        return "superseded: it was changed, and asked anew"
    shown = reason if len(reason) <= _LONGEST else f"{reason[:_LONGEST]}…"
    return f"{status}{f' by {by}' if by else ''}{f': {shown}' if shown else ''}"


def body_of(entry: Waiting) -> dict[str, Any]:
    """What a row of the queue keeps besides its columns, in plain values."""
    return {
        "decision": entry.decision.model_dump(mode="json"),
        "conversation": entry.conversation,
        "asker": entry.asker,
        "escalated": entry.escalated,
        "terms": entry.terms.plain,
        "asked": entry.asked,
        "deadline": entry.deadline,
        "decided": entry.decided,
    }


def chosen(decision: Decision, answer: ApprovalAnswer) -> tuple[Alternative | None, str]:
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


def same_question(old: Decision, new: Decision) -> bool:
    """Whether a decision is asked for again: an answer to what it was before is no answer to what it is now."""
    return (old.decision, old.subject) == (new.decision, new.subject)
