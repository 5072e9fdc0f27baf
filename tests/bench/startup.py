"""Benchmark `startup`: how long a service takes to be there, and to promise, on a hundred thousand open orders.

Ten thousand are promised (which takes minutes) and then written ten times over, under other names: see `enlarging`.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.society import stored_files
from agents.sources.reading import read_paths
from knowledge.instants import from_datetime
from knowledge.reading import read_folder
from knowledge.store.database import Store
from simulations.processing import Processing, earliest
from tests.bench.enlarging import enlarge
from tests.bench.plant import START, generate
from tests.bench.results import Result

ORDERS = 10_000
TIMES = 10
_FAMILIES = 50
_LOAD = 0.7
_COMMAND = "make bench startup"


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from the start of the process until it is ready, and until it has promised; its memory then, in MB."""

    ready: float
    promised: float
    megabytes: float


def run() -> list[Result]:
    """The figures of the benchmark, on an SQLite file."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        generate(folder, orders=ORDERS, families=_FAMILIES, load=_LOAD)
        url = f"sqlite:///{folder / 'plant.db'}"
        prepare(folder, url, times=TIMES, families=_FAMILIES, orders=ORDERS)
        figures = started(folder, url, order(ORDERS * TIMES))
    open_orders = f"{ORDERS * TIMES:,} open orders"
    return [
        Result(f"start on {open_orders}, ready", figures.ready, "s", _COMMAND),
        Result(f"start on {open_orders}, first promise", figures.promised, "s", _COMMAND),
        Result(f"start on {open_orders}, memory", figures.megabytes, "MB", _COMMAND),
    ]


def prepare(folder: Path, url: str, *, times: int, families: int, orders: int) -> None:
    """Have every order of a folder promised in a new database, so many times; `folder/knowledge` is of its plant."""
    reads = read_paths([folder / "orders.jsonl"])
    store = Store(url)
    processing = Processing(store, read_folder(folder / "knowledge"), earliest(reads))
    for _ in processing.run(reads):
        pass
    enlarge(store, times, families=families, orders=orders)
    for name, text in stored_files(store).items():
        (folder / "knowledge" / name).write_text(text, encoding="utf-8")
    store.close()


def order(number: int) -> str:
    """One more order, received when those of the plant have been."""
    line = {"line": "1", "item": "P0-0", "quantity": "5", "unit_price": "200.00", "requested": "2026-06-01"}
    head = {"type": "customer_order", "source": "bench", "number": f"SO{number:06d}", "customer": "CUST1"}
    return json.dumps({**head, "currency": "EUR", "lines": [line]})


def started(folder: Path, url: str, body: str) -> Figures:
    """Start the service of a database, and have it promise an order."""
    began = time.monotonic()
    with served(folder, url, from_datetime(START) + ORDERS) as (process, port):
        ready = time.monotonic() - began
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request("POST", "/api/v1/documents?wait=60", body, {"Content-Type": "application/json"})
        (told,) = json.loads(connection.getresponse().read())["documents"]
        if [line["status"] for line in told["lines"]] != ["promised"]:
            raise RuntimeError(f"it was not promised: {told}")
        return Figures(ready, time.monotonic() - began, memory(process.pid))


def memory(process: int) -> float:
    """MB of a process that are in memory."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 2**20


@contextmanager
def served(folder: Path, url: str, start: int) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The service of a plant's folder, whose clock begins at a time, in a process of its own; with its port."""
    command = [sys.executable, "-m", "tests.bench.served", str(folder / "knowledge"), url, str(start)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, int(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(120)
