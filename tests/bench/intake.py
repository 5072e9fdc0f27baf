"""Benchmarks `intake` and `burst`: orders over HTTP to a committed promise, durable, the service in a process.

An order counts from the moment at which it should have been sent, so that a client that waits hides nothing; one that
is sent back with 429 goes again after Retry-After and counts from the first time. SQLite is fully synchronous, and
PostgreSQL, where it is installed, waits for the disk, too.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from knowledge.instants import from_datetime
from tests import postgres
from tests.bench.plant import START, generate
from tests.bench.results import Result, percentile

ORDERS = 10_000
_FAMILIES = 50
_LOAD = 0.7
_PACED = 1_800
_PACE = 60
_FREELY = 2_000
_CLIENTS = 32
_AT_ONCE = 64
_COMMAND = "make bench intake"


@dataclass(slots=True)
class Load:
    """Orders sent by many clients at once; `pace` is how many a second are due, 0 for as many as are answered.

    A client waits so many seconds for each promise, or with 0 only until the order is taken.
    """

    port: int
    bodies: list[str]
    pace: int = 0
    wait: int = 60
    clients: int = _CLIENTS
    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    _next: Iterator[int] = field(default_factory=count)
    _began: float = 0.0
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> float:
        """Send everything; seconds from the first order to the last promise."""
        self._began = time.perf_counter()
        clients = [threading.Thread(target=self._client) for _ in range(self.clients)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        return time.perf_counter() - self._began

    def _note(self, outcome: str) -> None:
        with self._guard:
            self.outcomes[outcome] += 1

    def _client(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        while (number := next(self._next)) < len(self.bodies):
            due = self._began + number / self.pace if self.pace else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            self._note(self._send(connection, self.bodies[number]))
            self.seconds.append(time.perf_counter() - due)
        connection.close()

    def _send(self, connection: http.client.HTTPConnection, body: str) -> str:
        while True:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", f"/api/v1/documents?wait={self.wait}", body, headers)
            response = connection.getresponse()
            told = json.loads(response.read())
            if response.status == 429:
                self._note("429")
                time.sleep(int(response.headers["Retry-After"]))
                continue
            (document,) = told["documents"]
            statuses = {line["status"] for line in document["lines"]}
            return f"{document['outcome']} {'/'.join(sorted(statuses))}"


def run() -> list[Result]:
    """The figures of the benchmark."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bodies = _bodies(folder)
        results = _taken(folder, "", bodies, "")
        if postgres.programs() is not None:
            with postgres.serving(durable=True) as server:
                results += _taken(folder, server.url(), bodies, " on PostgreSQL")
    return results


def _bodies(folder: Path) -> list[str]:
    generate(folder, orders=ORDERS, families=_FAMILIES, load=_LOAD)
    return (folder / "orders.jsonl").read_text(encoding="utf-8").splitlines()


def _taken(folder: Path, database: str, bodies: list[str], on: str) -> list[Result]:
    with served(folder, database) as port:
        paced = Load(port, bodies[:_PACED], _PACE)
        took = paced.run()
        freely = Load(port, bodies[_PACED : _PACED + _FREELY])
        free = freely.run()
    for load in (paced, freely):
        if set(load.outcomes) - {"429", "accepted promised"}:
            raise RuntimeError(f"not every order was promised: {dict(load.outcomes)}")
    return [
        Result(f"intake{on} at {_PACE} orders/s, done", _PACED / took, "orders/s", _COMMAND),
        Result(f"intake{on} at {_PACE} orders/s, p50", percentile(paced.seconds, 50) * 1000, "ms", _COMMAND),
        Result(f"intake{on} at {_PACE} orders/s, p95", percentile(paced.seconds, 95) * 1000, "ms", _COMMAND),
        Result(f"intake{on}, {_CLIENTS} clients at once", _FREELY / free, "orders/s", _COMMAND),
        Result(f"intake{on}, {_CLIENTS} clients at once, p95", percentile(freely.seconds, 95) * 1000, "ms", _COMMAND),
    ]


def burst() -> list[Result]:
    """What becomes of ten thousand orders that all come at once, from clients that obey Retry-After."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        bodies = _bodies(folder)
        results = _burst(folder, "", bodies, "")
        if postgres.programs() is not None:
            with postgres.serving(durable=True) as server:
                results += _burst(folder, server.url(), bodies, " on PostgreSQL")
    return results


def _burst(folder: Path, database: str, bodies: list[str], on: str) -> list[Result]:
    with served(folder, database) as port:
        load = Load(port, bodies, wait=0, clients=_AT_ONCE)
        taken = load.run()
        began = time.perf_counter()
        kept = drained(port)
        promised = taken + time.perf_counter() - began
    if kept != len(bodies) or sum(load.outcomes.values()) - load.outcomes["429"] != len(bodies):
        raise RuntimeError(f"{len(bodies)} orders were sent, {kept} are there: {dict(load.outcomes)}")
    what = f"burst of {len(bodies):,}{on}"
    return [
        Result(f"{what}, taken", taken, "s", "make bench burst"),
        Result(f"{what}, planned", promised, "s", "make bench burst"),
        Result(f"{what}, sent back with 429", load.outcomes["429"], "times", "make bench burst"),
        Result(f"{what}, lost", len(bodies) - kept, "orders", "make bench burst"),
    ]


def drained(port: int) -> int:
    """Wait until nothing is under way any more; how many orders the service has."""
    while _asked(port, "/health/ready")["under_way"]:
        time.sleep(0.2)
    return int(_asked(port, "/api/v1/orders?limit=1")["total"])


def _asked(port: int, path: str) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", path)
    told: dict[str, Any] = json.loads(connection.getresponse().read())
    connection.close()
    return told


@contextmanager
def served(folder: Path, database: str = "") -> Iterator[int]:
    """The service of a plant's folder, on a new database, if need be one in it; its port."""
    database = database or f"sqlite:///{folder / 'intake.db'}"
    start = str(from_datetime(START))
    command = [sys.executable, "-m", "tests.bench.served", str(folder / "knowledge"), database, start]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(60)
