"""A synthetic make-to-order plant and its order book, in the contract's own formats; equal arguments, equal bytes.

Each family of products has its own components, subassemblies and two single-machine work centres, open around the
clock. A product takes two subassemblies, a subassembly three bought components, and each component is offered cheap
and slow by one supplier, dear and fast by another.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
_SETUP_MINUTES = 15
_MEAN_QUANTITY = 10
_DAYS = 180
_PRODUCTS = 20
_SUBASSEMBLIES = 10
_SUPPLIERS = 20

SHARED_PLANT = Path(__file__).resolve().parents[3] / "shared" / "benchmarks" / "make_plant.py"
"""The generator that published figures of other systems were measured with, where it lies beside the project."""

_HEADERS = {
    "items": "item kind supply safety_stock unit_cost",
    "bom": "parent component quantity",
    "routes": "item step work_centre setup_minutes run_minutes",
    "work_centres": "work_centre machines",
    "suppliers": "supplier",
    "offers": "supplier item price_from unit_price minimum multiple lead_time_days preference",
    "stock": "item quantity",
    "open_orders": "kind number item quantity due supplier status",
    "customers": "customer priority lateness_weight partial_shipments",
}


@dataclass(slots=True)
class _Maker:
    """The tables under construction. `load` is the share of the work centres' time that the order book needs."""

    orders: int
    families: int
    load: float
    rng: random.Random
    days: int = _DAYS
    tables: dict[str, list[tuple[Any, ...]]] = field(default_factory=lambda: {name: [] for name in _HEADERS})

    def run_minutes(self, setups: int, pieces: int) -> float:
        """Minutes a piece, where an order asks for so many set-ups and pieces of a work centre."""
        minutes = self.load * self.days * 1440 / (self.orders / self.families)
        run = (minutes - setups * _SETUP_MINUTES) / (pieces * _MEAN_QUANTITY)
        if run <= 0:
            raise ValueError("set-ups alone exceed the load: use more families or fewer orders")
        return run

    def add(self, table: str, *row: Any) -> None:
        self.tables[table].append(row)

    def family(self, number: int) -> None:
        """The items of a family, from the bought ones up."""
        components = [f"C{number}-{n}" for n in range(_PRODUCTS)]
        subassemblies = [f"S{number}-{n}" for n in range(_SUBASSEMBLIES)]
        for place, item in enumerate(components):
            self._component(item, place)
        for item in subassemblies:
            self._made(item, "intermediate", (components, 3, 3), f"MACH{number}", self.run_minutes(2, 3), 60)
        for n in range(_PRODUCTS):
            made = f"P{number}-{n}"
            self._made(made, "finished", (subassemblies, 2, 2), f"ASM{number}", self.run_minutes(1, 1), 20)
        for centre in ("ASM", "MACH"):
            self.add("work_centres", f"{centre}{number}", 1)

    def _component(self, item: str, place: int) -> None:
        rng = self.rng
        self.add("items", item, "raw", "buy", rng.choice([0, 0, 50]), rng.randint(1, 20))
        slow, fast = rng.sample(range(_SUPPLIERS), 2)
        self.add("offers", f"SUP{slow}", item, 0, "1.00", 50, 10, rng.choice([7, 10, 14, 21]), 1)
        self.add("offers", f"SUP{fast}", item, 0, "1.60", 20, 1, rng.choice([2, 3, 5]), 2)
        self.add("stock", item, rng.randint(0, 400))
        if place % 3 == 0:
            due = (START + dt.timedelta(days=rng.randint(2, 40))).date()
            quantity = rng.randint(50, 300)
            self.add("open_orders", "purchase_order", f"PO-{item}", item, quantity, due, "SUP0", "released")

    def _made(
        self, item: str, kind: str, parts: tuple[list[str], int, int], centre: str, minutes: float, stock: int
    ) -> None:
        below, count, most = parts
        self.add("items", item, kind, "make", 0, 50)
        for part in self.rng.sample(below, count):
            self.add("bom", item, part, self.rng.randint(1, most))
        self.add("routes", item, 10, centre, _SETUP_MINUTES, f"{minutes:.4f}")
        self.add("stock", item, self.rng.randint(0, stock))


def write_plant(
    out: Path,
    *,
    orders: int,
    families: int = 5,
    load: float = 0.7,
    seed: int = 1,
    splits: bool = False,
    together: bool = False,
    days: int = _DAYS,
) -> None:
    """Write `out/knowledge` and `out/orders.jsonl`. Raises ValueError where the load cannot be reached.

    With `splits` customers take partial shipments; `together` has the whole book received at one instant.
    """
    maker = _Maker(orders, families, load, random.Random(seed), days)
    for number in range(families):
        maker.family(number)
    for number in range(_SUPPLIERS):
        maker.add("suppliers", f"SUP{number}")
    for number in (1, 2, 3):
        maker.add("customers", f"CUST{number}", number, 2 ** (3 - number), "yes" if splits else "no")
    knowledge = out / "knowledge"
    knowledge.mkdir(parents=True, exist_ok=True)
    (knowledge / "plant.toml").write_text(f'name = "synthetic {orders}"\n', encoding="utf-8")
    for name, rows in maker.tables.items():
        _write(knowledge / f"{name}.csv", _HEADERS[name], rows)
    made = (_order(n, families, maker.rng, days, 0 if together else n) for n in range(orders))
    lines = (json.dumps(order) + "\n" for order in made)
    (out / "orders.jsonl").write_text("".join(lines), encoding="utf-8")


def _write(path: Path, header: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(header.split())
        writer.writerows(rows)


def _order(number: int, families: int, rng: random.Random, days: int, second: int) -> dict[str, Any]:
    due = START + dt.timedelta(days=rng.uniform(3, days))
    line = {
        "line": "1",
        "item": f"P{number % families}-{rng.randrange(_PRODUCTS)}",
        "quantity": str(rng.randint(1, 2 * _MEAN_QUANTITY - 1)),
        "unit_price": "200.00",
        "requested": due.replace(microsecond=0).isoformat(),
    }
    return {
        "type": "customer_order",
        "source": "bench",
        "number": f"SO{number:06d}",
        "customer": f"CUST{rng.choice([1, 2, 2, 3])}",
        "received": (START + dt.timedelta(seconds=second)).isoformat(),
        "currency": "EUR",
        "lines": [line],
    }


def generate(
    folder: Path,
    *,
    orders: int,
    families: int,
    load: float,
    splits: bool = False,
    together: bool = False,
    days: int = _DAYS,
) -> None:
    """Write a plant by the generator beside the project, or by this one."""
    if not SHARED_PLANT.exists():
        write_plant(folder, orders=orders, families=families, load=load, splits=splits, together=together, days=days)
        return
    options = ["--orders", str(orders), "--families", str(families), "--load", str(load), "--days", str(days)]
    options += ["--splits"] * splits + ["--together"] * together
    subprocess.run([sys.executable, str(SHARED_PLANT), str(folder), *options], check=True)
