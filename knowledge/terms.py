"""The terms on which a decision waits for a person: who is asked until when, and what silence then means."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Any, Final

from knowledge.instants import HOUR, Instant, iso
from knowledge.plant import ApprovalRule, Silence

_OUTCOMES: Final = {Silence.APPROVE: "approved", Silence.WAIT: "still asked"}


@dataclass(frozen=True, slots=True)
class Terms:
    """They hold as they were when it was asked, whatever policy says later. Times are in seconds.

    `patience` is how long each of those asked has, None for ever; `reminders` are how long before that they are
    reminded. With `four_eyes` nobody approves what they have entered or changed themselves.
    """

    role: str
    patience: int | None = None
    on_silence: Silence = Silence.REJECT
    escalate_to: str = ""
    reminders: tuple[int, ...] = ()
    four_eyes: bool = False

    @classmethod
    def of(cls, rule: ApprovalRule) -> Terms:
        """The terms of a rule."""
        patience = None if rule.deadline_hours is None else int(rule.deadline_hours * HOUR)
        reminders = tuple(int(hours * HOUR) for hours in rule.remind_hours)
        return cls(rule.role, patience, rule.on_silence, rule.escalate_to or "", reminders, rule.four_eyes)

    @classmethod
    def read(cls, body: dict[str, Any]) -> Terms:
        """The terms that were kept as plain values."""
        kept = {"on_silence": Silence(body["on_silence"]), "reminders": tuple(body["reminders"])}
        return cls(**{**body, **kept})

    @property
    def plain(self) -> dict[str, Any]:
        """All of it in plain values."""
        return asdict(self)

    @property
    def escalates(self) -> bool:
        """Whether silence means that somebody else is asked."""
        return self.on_silence is Silence.ESCALATE and bool(self.escalate_to)

    def deadline(self, asked: Instant) -> Instant | None:
        """Until when one who is asked has time; an answer at that very time is late."""
        return None if self.patience is None else asked + self.patience

    def stated(self, asked: Instant, zone: dt.tzinfo, *, escalated: bool = False, alternative: str = "") -> str:
        """The terms in words; empty where it waits for ever. `alternative` is the one that silence would take."""
        deadline = self.deadline(asked)
        if deadline is None:
            return ""
        role = self.escalate_to if escalated else self.role
        until = f"asked of {role} until {iso(deadline, zone)}"
        if self.escalates and not escalated:
            last = self.deadline(deadline)
            assert last is not None
            return f"{until}, then of {self.escalate_to} until {iso(last, zone)}, then rejected"
        if self.on_silence is Silence.ALTERNATIVE:
            passes = f"answered with {alternative}" if alternative else "rejected: no alternative goes without approval"
            return f"{until}, then {passes}"
        return f"{until}, then {_OUTCOMES.get(self.on_silence, 'rejected')}"
