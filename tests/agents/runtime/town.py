"""The small plant with a month of every kind of document, and what a society on any host makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from agents import opening
from agents.opening import Host, HostMaker
from agents.runtime.agent import Agent, Effects
from agents.runtime.dispatch import Maker
from agents.runtime.simulated import SimulatedHost
from agents.society import makers
from agents.sources.reading import Read, read_paths
from knowledge.documents import DOCUMENT
from knowledge.instants import Instant
from knowledge.reading import read_folder
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.tables import MessageRow
from protocols.envelope import Envelope
from simulations.processing import Processing, earliest

SMALL_PLANT = Path(__file__).parents[2] / "fixtures" / "small_plant"
ORDERS = SMALL_PLANT / "orders.jsonl"

RULES = """
[[approvals]]
decision = "promise"
when = { customer = "HOTEL" }
action = "ask"
role = "manager"
deadline_hours = 8
on_silence = "approve"

[[approvals]]
decision = "change"
when = { customer = "HOTEL" }
action = "ask"
role = "manager"
deadline_hours = 8
on_silence = "escalate"
escalate_to = "director"
"""


def small_plant() -> dict[str, str]:
    """The knowledge folder of the small plant, with managers who want to be asked more often."""
    files = read_folder(SMALL_PLANT)
    return {**files, "plant.toml": files["plant.toml"] + RULES}


def document(kind: str, received: str, **fields: object) -> Read:
    """One document, as it would be read from a file."""
    values = {"type": kind, "received": f"2026-{received}:00Z", **fields}
    name = f"{kind} {received}"
    return Read(name, DOCUMENT.validate_python(values), "", json.dumps(values))


def _change(received: str, number: str, **line: object) -> Read:
    return document("order_change", received, source="manual", number=number, lines=[line])


def month() -> list[Read]:
    """The bundled orders, then changes, reports, releases, answers and mistakes; every one at an instant of its own."""
    sketch = {"item": "ROUND-120", "revision": "A", "drawings": ["sketch-1"], "lead_time_days": 1}
    table = {**sketch, "bom": [{"component": "LEG", "quantity": "4"}, {"component": "BOARD", "quantity": "2"}]}
    route = [{"step": "10", "work_centre": "BENCH", "run_minutes": "30"}]
    order = {"source": "manual", "customer": "NEAR", "currency": "EUR"}
    line = {"line": "1", "item": "STOOL", "quantity": "9", "requested": "2026-04-20", "unit_price": "75"}
    return [
        *read_paths([ORDERS]),
        document("approval_answer", "03-02T15:30", subject="manual/4", decision="approve", by="Ann"),
        _change("03-02T16:00", "2", line="1", quantity="12"),
        _change("03-02T17:00", "4", line="2", quantity="5"),
        _change("03-02T17:30", "99", line="1", quantity="5"),
        document("engineering_release", "03-03T09:00", source="manual", number="5", line="1", **table, route=route),
        document("goods_receipt", "03-03T10:00", purchase_order="PO-901", item="BOARD", quantity="8"),
        document("stock_count", "03-03T11:00", item="SCREW", quantity="420"),
        document("operation_report", "03-04T09:00", work_order="WO-901", good="38", scrap="2", complete=True),
        document("shipment_report", "03-04T10:00", shipping_order="SH-000001"),
        document("supplier_confirmation", "03-05T08:00", purchase_order="PO-901", due="2026-03-26", item="BOARD"),
        document("machine_downtime", "03-05T09:00", work_centre="BENCH", start="2026-03-25", end="2026-03-27"),
        document("order_cancel", "03-05T10:00", source="shop", number="3"),
        document("customer_order", "03-06T10:00", number="7", lines=[line], **order),
        document("customer_order", "03-06T10:01", number="7", lines=[line], **order),
        document("customer_order", "03-06T10:30", number="8", lines=[{**line, "item": "GHOST"}], **order),
        document("goods_receipt", "03-16T10:00", purchase_order="PO-404", quantity="8"),
        _change("03-17T08:00", "7", line="1", quantity="30", requested="2026-04-10"),
        document("customer_order", "03-18T10:00", number="9", lines=[{**line, "requested": "2026-03-19"}], **order),
        document("order_cancel", "03-20T10:00", source="manual", number="2"),
        document("stock_count", "04-01T10:00", item="BEAM", quantity="20.25"),
    ]


def society(
    store: Store, files: dict[str, str], reads: Sequence[Read], make_host: HostMaker[Host] = SimulatedHost
) -> Processing:
    """A society on a database that begins when the first of these documents comes, unless it had begun before."""
    return Processing(store, files, earliest(reads), make_host=make_host)


def process(
    reads: Sequence[Read],
    store: Store,
    *,
    files: dict[str, str] | None = None,
    make_host: HostMaker[Host] = SimulatedHost,
) -> dict[str, Rows]:
    """What the tables say once the documents have been through the society; its database stays open."""
    running = society(store, files or small_plant(), reads, make_host)
    try:
        for _ in running.run(reads):
            pass
    finally:
        running.host.stop()
    return tables(running)


def tables(running: Processing) -> dict[str, Rows]:
    """The tables as they are now."""
    return export(running.store, running.plant_now(), running.now)


def differences(expected: dict[str, Rows], found: dict[str, Rows]) -> list[str]:
    """Rows that are in one only, by table; empty where both say the same in the same order."""
    told = []
    for name in expected:
        if expected[name] == found[name]:
            continue
        missing = [row for row in expected[name] if row not in found[name]]
        more = [row for row in found[name] if row not in expected[name]]
        told += [f"{name}: expected {row}" for row in missing] + [f"{name}: found {row}" for row in more]
        told += [] if missing or more else [f"{name}: another order of rows"]
    return told


def dead(store: Store) -> list[dict[str, Any]]:
    """The dead letters of a database."""
    return store.rows(MessageRow, status="dead")


class Faulty(Agent):
    """An agent whose handler raises when its turn comes: `raises` is told each message, and says whether now."""

    def __init__(self, inner: Agent, raises: Callable[[Envelope[Any]], bool]) -> None:
        self.inner = inner
        self.name = inner.name
        self.raises = raises

    def restore(self, records: Any) -> None:
        self.inner.restore(records)

    def handle(self, envelope: Envelope[Any], now: Instant) -> Effects:
        effects = list(self.inner.handle(envelope, now))  # the state has changed when it raises
        if self.raises(envelope):
            raise RuntimeError(f"{self.name} stumbles over {envelope.id}")
        yield from effects

    def abandon(self, envelope: Envelope[Any], now: Instant) -> Effects:
        yield from self.inner.abandon(envelope, now)


class Nth:
    """Raises at the n-th message, once: the same message again is let through."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, envelope: Envelope[Any]) -> bool:
        self.left -= 1
        return self.left == 0


@contextmanager
def faulty(name: str, raises: Callable[[Envelope[Any]], bool]) -> Iterator[None]:
    """Societies made in here have one agent that raises."""

    def unsound(*args: Any, **more: Any) -> Mapping[str, Maker]:
        sound = makers(*args, **more)
        maker = sound[name]
        return {**sound, name: lambda: Faulty(maker(), raises)}

    with patch.object(opening, "makers", unsound):
        yield


class Crash(BaseException):
    """The whole process ends, here and now."""


class FailingStore(Store):
    """A database whose process crashes at one of its commits: before it, so that nothing of it is kept, or after."""

    def __init__(self, url: str, commits: int, *, before: bool) -> None:
        super().__init__(url)
        self.commits = commits
        self.before = before

    def write(self, writes: Sequence[Any]) -> None:
        self.commits -= bool(writes)
        if self.commits == 0 and self.before:
            raise Crash
        super().write(writes)
        if self.commits == 0:
            raise Crash


def left(reads: Iterable[Read], store: Store) -> list[Read]:
    """The documents that a database does not hold: whoever sent them was not told that they arrived."""
    seen = {row["subject"] for row in store.rows(MessageRow, "subject", sender="door")}
    return [read for read in reads if read.name not in seen]
