"""Benchmark `soak`: what a society's memory does while orders come and go, and about as many are open at any time.

Orders come in virtual time; whatever was issued is reported when it is due: purchases received, work orders done,
shipping orders gone. An hour at ten orders a second is 36,000 orders; `make bench soak` takes some thousand, and
`SOCIETY_TESTS=long` all of them. What counts is how much each order leaves behind that is closed.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import random
import tempfile
import time
import tracemalloc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlmodel import SQLModel

from agents.sources.reading import Read
from knowledge.documents import DOCUMENT
from knowledge.instants import DAY, HOUR, Instant, from_datetime, iso
from knowledge.quantities import show_units
from knowledge.reading import read_folder
from knowledge.store.database import Store, Write
from knowledge.store.tables import PurchaseOrderRow, QuarantineRow, ShippingOrderRow, WorkOrderRow, table_of
from simulations.processing import Processing
from tests.bench.plant import START, write_plant
from tests.bench.results import Result
from tests.bench.startup import memory
from tests.effort import LONG

Row = Mapping[str, Any]

HOUR_OF_ORDERS = 36_000
"""Ten a second."""
ORDERS = HOUR_OF_ORDERS if LONG else 4_000
OPEN = 2_000 if LONG else 400
_FAMILIES = 50
_LOAD = 0.6
_STEP = HOUR // 4
"""No work order takes less, so that none begins and ends between two looks and is reported late."""
_LEAD_DAYS = (10, 24)
_REPORTED = (PurchaseOrderRow, WorkOrderRow, ShippingOrderRow)
_COMMAND = "make bench soak"


@dataclass(slots=True)
class Stream:
    """A plant that runs on: orders of a quarter of an hour, and reports of what is over within the next one.

    Mean lead times and how many orders are open say how many come a day (Little's law).
    """

    folder: Path
    orders: int
    open: int
    families: int = _FAMILIES
    rng: random.Random = field(default_factory=lambda: random.Random(7))
    sent: int = 0

    @property
    def a_day(self) -> float:
        """Orders a day."""
        return self.open / (sum(_LEAD_DAYS) / 2)

    def society(self, store: Watched) -> Processing:
        """The society of a plant whose machines can make so many."""
        days = max(1, round(self.orders / self.a_day))
        write_plant(self.folder, orders=self.orders, families=self.families, load=_LOAD, days=days)
        return Processing(store, read_folder(self.folder / "knowledge"), from_datetime(START))

    def steps(self, society: Processing) -> Iterator[int]:
        """Let time pass until every order has come; yields how many have, after each step."""
        while self.sent < self.orders:
            begin, end = society.now, society.now + _STEP
            due = min(self.orders, round((end - from_datetime(START)) / DAY * self.a_day))
            reads = [self._order(n, begin + (n - self.sent)) for n in range(self.sent, due)]
            self.sent = due
            self._take(society, reads)
            self._pass(society, end)
            yield self.sent

    def finish(self, society: Processing) -> None:
        """Let time pass until nothing is open any more."""
        for _ in range(_LEAD_DAYS[1] * DAY // _STEP):
            if not open_orders(society.store):
                return
            self._pass(society, society.now + _STEP)

    def _pass(self, society: Processing, end: Instant) -> None:
        """Let time pass, then report what will be over after twice as much again: nobody is ever late.

        Not once as much: reports come a second apart, and the last of them after what is due at once.
        """
        society.host.run_until(end)
        society.now = end
        self._take(society, list(self._reports(society, end + 2 * _STEP)))

    def _take(self, society: Processing, reads: list[Read]) -> None:
        for _ in society.run(reads):
            pass

    def _order(self, number: int, received: Instant) -> Read:
        family, product = number % self.families, self.rng.randrange(20)
        requested = received + self.rng.randint(_LEAD_DAYS[0] * DAY, _LEAD_DAYS[1] * DAY)
        line = {
            "line": "1",
            "item": f"P{family}-{product}",
            "quantity": str(self.rng.randint(1, 19)),
            "unit_price": "200.00",
            "requested": iso(requested, dt.UTC),
        }
        head = {"source": "bench", "number": f"SO{number:06d}", "customer": f"CUST{number % 3 + 1}", "currency": "EUR"}
        return document("customer_order", received, **head, lines=[line])

    def _reports(self, society: Processing, until: Instant) -> Iterator[Read]:
        """What the floor, the gate and the warehouse say of everything that is due, each at a second of its own."""
        assert isinstance(society.store, Watched)
        purchases, orders, shipments = (society.store.released[model] for model in _REPORTED)
        at = society.now
        for _, row in sorted(purchases.items()):
            if row["due"] <= until:
                left, at = show_units(row["quantity"] - row["received"], 0), at + 1
                named = {"purchase_order": row["purchase_order"], "item": row["item"]}
                yield document("goods_receipt", at, **named, quantity=left)
        for _, row in sorted(orders.items()):
            if row["finish"] <= until:
                at += 1
                left = show_units(row["quantity"] - row["made"], 0)
                yield document("operation_report", at, work_order=row["work_order"], good=left, complete=True)
        for number in sorted({row["shipping_order"] for row in shipments.values()}):
            at += 1
            yield document("shipment_report", at, shipping_order=number)


class Watched(Store):
    """A store that remembers which rows are released, so that nobody has to look for them among those that were."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.released: dict[type[SQLModel], dict[tuple[Any, ...], Row]] = {model: {} for model in _REPORTED}

    def write(self, writes: Sequence[Write]) -> None:
        """Store rows, and note those that are released, or no longer."""
        super().write(writes)
        for write in writes:
            found = self.released.get(write.table)
            if found is None:
                continue
            key = tuple([write.row[column.name] for column in table_of(write.table).primary_key.columns])
            if write.remove or write.row["status"] != "released":
                found.pop(key, None)
            else:
                found[key] = write.row


def document(kind: str, received: Instant, **fields: Any) -> Read:
    """One document."""
    values = {"type": kind, "received": iso(received, dt.UTC), **fields}
    return Read(f"{kind} {received} {fields.get('number', '')}", DOCUMENT.validate_python(values), "", "")


def open_orders(store: Store) -> int:
    """How many orders have something that has not left."""
    planned = (
        row["order"] for status in ("planned", "released") for row in store.rows(ShippingOrderRow, status=status)
    )
    return len(set(planned))


def run() -> list[Result]:
    """The figures of the benchmark, on an SQLite file. With `SOCIETY_TRACE` it prints what grew, and where."""
    with tempfile.TemporaryDirectory() as place:
        store = Watched(f"sqlite:///{place}/plant.db")
        with store.connected() as connection:
            connection.exec_driver_sql("PRAGMA synchronous=OFF")  # the society is measured, not the disk
        stream = Stream(Path(place), ORDERS, OPEN)
        society, begin = stream.society(store), time.process_time()
        measured = _measured(stream, society)
        spent, opened, refused = time.process_time() - begin, open_orders(store), store.rows(QuarantineRow, "reason")
        store.close()
    if refused:
        raise RuntimeError(f"{len(refused)} reports were refused: {refused[0]['reason']}")
    (first, before), (last, after) = measured[len(measured) // 3], measured[-1]
    growth = (after - before) * 1024 / (last - first)
    return [
        Result("soak, orders open at the end", opened, "orders", _COMMAND),
        Result("soak, orders and their reports", ORDERS / spent, "orders/CPU s", _COMMAND),
        Result("soak, memory in the end", after, "MB", _COMMAND),
        Result("soak, left behind by a closed order", growth, "kB", _COMMAND),
        Result("soak, growth in an hour at 10 orders/s", growth * HOUR_OF_ORDERS / 1024, "MB", _COMMAND),
    ]


def _measured(stream: Stream, society: Processing) -> list[tuple[int, float]]:
    """(orders, MB) a dozen times on the way."""
    found: list[tuple[int, float]] = []
    trace, before = bool(os.environ.get("SOCIETY_TRACE")), None
    for sent in stream.steps(society):
        if sent * 12 // stream.orders > len(found):
            gc.collect()
            found.append((sent, memory(os.getpid())))
            if trace and len(found) == 4:
                tracemalloc.start(8)
            if trace and len(found) == 6:
                before = tracemalloc.take_snapshot()
    if before is not None:
        for line in tracemalloc.take_snapshot().compare_to(before, "lineno")[:40]:
            print(line)
    return found


if __name__ == "__main__":
    print(json.dumps([(each.name, each.figure) for each in run()], indent=1))
