"""Outlooks of an item to be shown: from one event to a thousand, with shortages and with very large numbers."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from knowledge.auditor import Books
from knowledge.instants import DAY, HOUR, parse
from knowledge.outlook import Outlook, outlook_of
from knowledge.plant import Item, Plant, SupplyStatus
from knowledge.supply import WorkOrder

ZONE = ZoneInfo("Europe/Berlin")
NOW = parse("2026-01-05T08:00:00+01:00")
LINE = "shop%3Aa/SO-1/1"

Moves = Sequence[tuple[str, int, int]]
"""(document, seconds from now, units) of dated events."""


def outlook(moves: Moves = (), on_hand: int = 0, **item: Any) -> Outlook:
    """The outlook of item `A` of customer `ACME`'s order lines; documents that begin with W are work orders of it."""
    known = Item("A", item.pop("description", "Axle"), **item)
    rows = [{"item": "A", "document": d, "time": NOW + t, "quantity": q, "status": "firm"} for d, t, q in moves]
    made = [WorkOrder(d, "A", q, 0, 0, SupplyStatus.FIRM) for d, _, q in moves if d.startswith("W")]
    orders = [{"order": "shop%3Aa/SO-1", "customer": "ACME"}]
    plant = Plant(zone=ZONE, items={"A": known})
    return outlook_of(
        Books(
            plant=plant,
            now=NOW,
            on_hand={"A": on_hand},
            events=rows,
            orders=orders,
            promises=[],
            shipping=[],
            work_orders=made,
            purchases=[],
        ),
        "A",
    )


def three() -> Outlook:
    """A requirement that waits for a work order, and another work order: short in between."""
    return outlook([(LINE, DAY, -3), ("W1", 2 * DAY, 1), ("W2", 4 * DAY, 5)], 2, safety_stock=1)


def thousand() -> Outlook:
    """A year of a thousand events."""
    dice = random.Random(1)
    moves = [
        (f"{LINE}#{number}", dice.randrange(365 * DAY), dice.randint(1, 40) * dice.choice([1, -1]))
        for number in range(1, 1001)
    ]
    return outlook(moves, 500, safety_stock=50)


@cache
def many() -> dict[str, Outlook]:
    """Outlooks of every kind by name."""
    return {
        "none": outlook((), 3),
        "one": outlook([(LINE, 3 * DAY, -3)], 7),
        "soon": outlook([(LINE, HOUR, -1)], 1),
        "three": three(),
        "overdue": outlook([(LINE, -3 * DAY, -4)], 3, safety_stock=2),
        "thousand": thousand(),
        "large": outlook([(LINE, 3 * DAY, -5 * 10**11), ("W1", 40 * DAY, 3 * 10**14)], 10**12, safety_stock=5),
        "negative": outlook([("W1", 600 * DAY, 3)], -12_345_678, decimals=3, uom="KG"),
        "long": outlook(
            [(f"{'x' * 60}/{LINE}", 3 * DAY, -1)], 1, description="A very long description of an axle " * 5
        ),
    }
