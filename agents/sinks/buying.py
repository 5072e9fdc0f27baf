"""What sinks that tell suppliers have in common: which purchase orders they tell, and what of them."""

from __future__ import annotations

from collections.abc import Sequence

from agents.sinks.sink import SinkConfig
from protocols.publishing import News, PurchaseOrderNews, PurchaseRowNews

ISSUED = ("released", "done", "cancelled")
"""Rows of these statuses were given to the supplier; a firm one is approved, and goes when it is time."""


class BuyingConfig(SinkConfig):
    """Who buys, and of whom."""

    suppliers: tuple[str, ...] = ()
    """Only purchase orders of these; none named: of all."""
    buyer: str
    """Our identification, as suppliers know it."""
    buyer_name: str = ""


def issued(news: News, config: BuyingConfig) -> tuple[PurchaseOrderNews, Sequence[PurchaseRowNews]] | None:
    """A purchase order and the rows that its supplier is to know; None where there is nothing to be told."""
    if not isinstance(news, PurchaseOrderNews) or (config.suppliers and news.supplier not in config.suppliers):
        return None
    rows = [row for row in news.rows if row.status in ISSUED]
    return (news, rows) if rows else None


def is_cancelled(rows: Sequence[PurchaseRowNews]) -> bool:
    """Whether nothing of it is wanted any more."""
    return all(row.status == "cancelled" for row in rows)
