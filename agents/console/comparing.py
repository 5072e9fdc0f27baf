"""Answers to an order side by side, as pages compare them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from agents.api.schemas import AlternativeView


@dataclass(frozen=True, slots=True)
class Compared:
    """An answer with what it costs in all, and how much more than what is planned."""

    view: AlternativeView
    total: Decimal
    more: Decimal


def compared(found: Iterable[AlternativeView]) -> list[Compared]:
    """The answers, the first of which is planned."""
    views = list(found)
    totals = [Decimal(each.purchases) + Decimal(each.shipping) + Decimal(each.late_cost or 0) for each in views]
    return [Compared(each, total, total - totals[0]) for each, total in zip(views, totals, strict=True)]
