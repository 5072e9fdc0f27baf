"""Benchmark `changes`: one purchase order's date, carried through a plant with ten thousand open orders.

Loading the plant takes some minutes. Each change goes from the document through every level to the ledger and back.
"""

from __future__ import annotations

import datetime as dt
import random
import tempfile
import time
from pathlib import Path
from typing import Any

from agents.sources.reading import Read, read_paths
from knowledge.documents import DOCUMENT
from knowledge.instants import DAY, iso
from knowledge.reading import read_folder
from knowledge.store.database import Store
from knowledge.store.tables import PurchaseOrderRow
from simulations.processing import Processing, earliest
from tests.bench.plant import generate
from tests.bench.results import Result, percentile

ORDERS = 10_000
_FAMILIES = 50
_LOAD = 0.7
_CHANGES = 400
_COMMAND = "make bench changes"


def run() -> list[Result]:
    """The figures of the benchmark, on an SQLite file."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        generate(folder, orders=ORDERS, families=_FAMILIES, load=_LOAD)
        reads = read_paths([folder / "orders.jsonl"])
        store = Store(f"sqlite:///{folder / 'plant.db'}")
        processing = Processing(store, read_folder(folder / "knowledge"), earliest(reads))
        for _ in processing.run(reads):
            pass
        each = [_timed(processing, document) for document in changes(processing, random.Random(1))]
        store.close()
    command = _COMMAND
    return [
        Result("purchase date changed, p50", percentile(each, 50) * 1000, "CPU ms", command),
        Result("purchase date changed, p95", percentile(each, 95) * 1000, "CPU ms", command),
        Result("purchase date changed, worst", max(each) * 1000, "CPU ms", command),
    ]


def changes(processing: Processing, rng: random.Random) -> list[dict[str, Any]]:
    """Confirmations of issued purchases for some days earlier or later, a second apart."""
    later = processing.now + 3 * DAY
    rows = [r for r in processing.store.rows(PurchaseOrderRow) if r["status"] == "released" and r["due"] > later]
    return [
        {
            "type": "supplier_confirmation",
            "purchase_order": row["purchase_order"],
            "item": row["item"],
            "due": iso(row["due"] + rng.choice((-2, 1, 2, 3, 5)) * DAY, dt.UTC),
            "received": iso(processing.now + number, dt.UTC),
        }
        for number, row in enumerate(rng.choices(rows, k=_CHANGES), 1)
    ]


def _timed(processing: Processing, document: dict[str, Any]) -> float:
    """CPU seconds until the society has nothing more to do on account of a document."""
    read = Read(document["received"], DOCUMENT.validate_python(document), "", "")
    begin = time.process_time()
    for _ in processing.run([read]):
        pass
    return time.process_time() - begin
