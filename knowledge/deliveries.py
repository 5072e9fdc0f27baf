"""How punctual suppliers are: what was asked of them and confirmed, against what came."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from knowledge.instants import Instant, local_date


@dataclass(frozen=True, slots=True)
class Delivery:
    """A purchase row that has gone out: when it was `asked` for, last `confirmed` for, and `came` whole."""

    purchase_order: str
    row: int
    supplier: str
    item: str
    asked: Instant
    confirmed: Instant | None = None
    came: Instant | None = None

    @classmethod
    def of(cls, row: dict[str, Any]) -> Delivery:
        """The delivery that a stored row is."""
        return cls(*(row[name] for name in cls.__slots__))

    def fields(self) -> dict[str, Any]:
        """The delivery as it is stored."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class OnTime:
    """A supplier's record over the rows that have come whole. Lateness counts in days after the day that was named."""

    came: int = 0
    late: int = 0
    days_late: int = 0
    """Against what was asked."""
    confirmed: int = 0
    broken: int = 0
    days_broken: int = 0
    """Against what the supplier confirmed, of the rows that it confirmed."""

    def plus(self, delivery: Delivery, zone: dt.tzinfo) -> OnTime:
        """The record with one more delivery, if it has come."""
        if delivery.came is None:
            return self
        came = local_date(delivery.came, zone)
        late = max(0, (came - local_date(delivery.asked, zone)).days)
        kept, broken = 0, 0
        if delivery.confirmed is not None:
            kept, broken = 1, max(0, (came - local_date(delivery.confirmed, zone)).days)
        return OnTime(
            self.came + 1,
            self.late + (late > 0),
            self.days_late + late,
            self.confirmed + kept,
            self.broken + (broken > 0),
            self.days_broken + broken,
        )

    def said(self) -> str:
        """The record in words."""
        if not self.came:
            return "no deliveries yet"
        parts = [_share(self.late, self.came, self.days_late, "as asked")]
        if self.confirmed:
            parts.append(_share(self.broken, self.confirmed, self.days_broken, "as confirmed"))
        return ", ".join(parts)


def records_of(deliveries: Iterable[Delivery], zone: dt.tzinfo) -> dict[str, OnTime]:
    """The record of every supplier of some deliveries."""
    found: dict[str, OnTime] = {}
    for delivery in deliveries:
        found[delivery.supplier] = found.get(delivery.supplier, OnTime()).plus(delivery, zone)
    return found


def _share(late: int, all_: int, days: int, against: str) -> str:
    """So many of so many on time, and how many days late the others were on average, rounded to halves."""
    told = f"{all_ - late} of {all_} {against}"
    if not late:
        return told
    halves = (4 * days + late) // (2 * late)
    return f"{told}, the late by {halves // 2}{'.5' if halves % 2 else ''} days"
