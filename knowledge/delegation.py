"""Delegation: who stands in for a role while somebody is away."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from knowledge.documents import ApprovalDelegation
from knowledge.instants import Instant, iso, parse

STATE_KEY: Final = "delegation:"
"""Under keys that begin so the approvals agent keeps them among its records."""


@dataclass(frozen=True, slots=True)
class Delegation:
    """`to` may answer what waits for `role`, from `start` on and before `until`. `by` handed it over."""

    role: str
    to: str
    start: Instant
    until: Instant
    by: str = ""
    note: str = ""

    @classmethod
    def of(cls, document: ApprovalDelegation, now: Instant, zone: dt.tzinfo) -> Delegation:
        """What a document says that is received now; dates are the midnights that begin them. Raises ValueError."""
        start = now if document.start is None else parse(document.start, zone)
        until = parse(document.until, zone)
        if document.start is not None and until <= start:
            raise ValueError(f"until {iso(until, zone)} is not after start {iso(start, zone)}")
        return cls(document.role, document.to, start, until, document.by or "", document.note or "")

    @property
    def key(self) -> str:
        """The same for delegations of which the last holds."""
        return f"{STATE_KEY}{self.role} → {self.to}"

    @property
    def body(self) -> str:
        """All of it in JSON."""
        return json.dumps(asdict(self))


def delegations_of(rows: Iterable[Mapping[str, Any]]) -> Iterator[Delegation]:
    """The delegations among the records of the approvals agent."""
    for row in rows:
        if row["key"].startswith(STATE_KEY):
            yield Delegation(**json.loads(row["body"]))


def stand_ins(delegations: Iterable[Delegation], role: str, now: Instant) -> tuple[str, ...]:
    """Who else may answer for a role now, by name."""
    return tuple(sorted({each.to for each in delegations if each.role == role and each.start <= now < each.until}))
