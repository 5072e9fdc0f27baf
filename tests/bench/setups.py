"""A paint shop in the contract's own formats, where set-ups between colours decide what is late; equal seeds, equal
bytes.

Each product has a colour. It is cut, painted on one of a few lines, and packed; another colour on a line takes hours of
cleaning, the more the lighter it is after a dark one. Orders come one by one, colours mixed.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Iterable
from pathlib import Path

START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
COLOURS = ("white", "yellow", "red", "black")
_LIGHTER, _DARKER = 180, 60
"""Minutes of cleaning before a lighter and before a darker colour."""


def write_shop(out: Path, *, orders: int, days: float, lines: int = 1, seed: int = 1) -> None:
    """Write `out/knowledge` and `out/orders.jsonl`: so many orders, wanted within so many days."""
    rng = random.Random(seed)
    knowledge = out / "knowledge"
    knowledge.mkdir(parents=True, exist_ok=True)
    (knowledge / "plant.toml").write_text('name = "paint shop"\ntimezone = "UTC"\n', encoding="utf-8")
    _table(knowledge / "items.csv", "item kind supply group", _items())
    _table(knowledge / "work_centres.csv", "work_centre machines", [("CUT", lines), ("PAINT", lines), ("PACK", lines)])
    routes = (row for colour in COLOURS for row in _route(colour.upper()))
    _table(knowledge / "routes.csv", "item step work_centre setup_minutes run_minutes", routes)
    _table(knowledge / "setups.csv", "work_centre from_group to_group minutes", _setups())
    customers = [("BIG", 1, 4, "no"), ("SMALL", 5, 1, "no")]
    _table(knowledge / "customers.csv", "customer priority lateness_weight partial_shipments", customers)
    made = (_order(number, days, rng) for number in range(1, orders + 1))
    (out / "orders.jsonl").write_text("".join(json.dumps(order) + "\n" for order in made), encoding="utf-8")


def _items() -> Iterable[tuple[str, ...]]:
    return ((colour.upper(), "finished", "make", colour) for colour in COLOURS)


def _route(item: str) -> Iterable[tuple[object, ...]]:
    return ((item, 10, "CUT", 10, 6), (item, 20, "PAINT", 120, 18), (item, 30, "PACK", 0, 5))


def _setups() -> Iterable[tuple[object, ...]]:
    for before, dark in enumerate(COLOURS):
        for after, light in enumerate(COLOURS):
            yield "PAINT", dark, light, 0 if before == after else _LIGHTER if after < before else _DARKER


def _order(number: int, days: float, rng: random.Random) -> dict[str, object]:
    due = START + dt.timedelta(minutes=round(rng.uniform(0.15, 1) * days * 1440 / 60) * 60)
    line = {
        "line": "1",
        "item": rng.choice(COLOURS).upper(),
        "quantity": str(rng.randint(6, 18)),
        "unit_price": "100.00",
        "requested": due.isoformat(),
    }
    return {
        "type": "customer_order",
        "source": "shop",
        "number": f"{number:03d}",
        "customer": rng.choice(["BIG", "SMALL", "SMALL"]),
        "received": (START + dt.timedelta(seconds=number)).isoformat(),
        "currency": "EUR",
        "lines": [line],
    }


def _table(path: Path, header: str, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows(rows)
