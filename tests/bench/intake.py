"""Benchmark `intake`: orders over HTTP to a committed promise, durable (full synchronous), the service in a process.

An order counts from the moment at which it should have been sent, so that a client that waits hides nothing; one that
is sent back with 429 goes again after Retry-After and counts from the first time.
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

from knowledge.instants import from_datetime
from tests.bench.plant import START, generate
from tests.bench.results import Result, percentile

ORDERS = 10_000
_FAMILIES = 50
_LOAD = 0.7
_PACED = 1_800
_PACE = 60
_FREELY = 2_000
_CLIENTS = 32
_COMMAND = "make bench intake"


@dataclass(slots=True)
class Load:
    """Orders sent by many clients at once; `pace` is how many a second are due, 0 for as many as are answered."""

    port: int
    bodies: list[str]
    pace: int = 0
    seconds: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    _next: Iterator[int] = field(default_factory=count)
    _began: float = 0.0

    def run(self) -> float:
        """Send everything; seconds from the first order to the last promise."""
        self._began = time.perf_counter()
        clients = [threading.Thread(target=self._client) for _ in range(_CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        return time.perf_counter() - self._began

    def _client(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        while (number := next(self._next)) < len(self.bodies):
            due = self._began + number / self.pace if self.pace else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            self.outcomes[self._send(connection, self.bodies[number])] += 1
            self.seconds.append(time.perf_counter() - due)
        connection.close()

    def _send(self, connection: http.client.HTTPConnection, body: str) -> str:
        while True:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/api/v1/documents?wait=60", body, headers)
            response = connection.getresponse()
            told = json.loads(response.read())
            if response.status == 429:
                self.outcomes["429"] += 1
                time.sleep(int(response.headers["Retry-After"]))
                continue
            (document,) = told["documents"]
            statuses = {line["status"] for line in document["lines"]}
            return f"{document['outcome']} {'/'.join(sorted(statuses))}"


def run() -> list[Result]:
    """The figures of the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), orders=ORDERS, families=_FAMILIES, load=_LOAD)
        bodies = (Path(folder) / "orders.jsonl").read_text(encoding="utf-8").splitlines()
        with served(Path(folder)) as port:
            paced = Load(port, bodies[:_PACED], _PACE)
            took = paced.run()
            freely = Load(port, bodies[_PACED : _PACED + _FREELY])
            free = freely.run()
    for load in (paced, freely):
        if set(load.outcomes) - {"429", "accepted promised"}:
            raise RuntimeError(f"not every order was promised: {dict(load.outcomes)}")
    return [
        Result(f"intake at {_PACE} orders/s, done", _PACED / took, "orders/s", _COMMAND),
        Result(f"intake at {_PACE} orders/s, p50", percentile(paced.seconds, 50) * 1000, "ms", _COMMAND),
        Result(f"intake at {_PACE} orders/s, p95", percentile(paced.seconds, 95) * 1000, "ms", _COMMAND),
        Result(f"intake, {_CLIENTS} clients at once", _FREELY / free, "orders/s", _COMMAND),
        Result(f"intake, {_CLIENTS} clients at once, p95", percentile(freely.seconds, 95) * 1000, "ms", _COMMAND),
    ]


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """The service of a plant's folder, on a database in it; its port."""
    start = str(from_datetime(START))
    database = f"sqlite:///{folder / 'intake.db'}"
    command = [sys.executable, "-m", "tests.bench.served", str(folder / "knowledge"), database, start]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()
            process.wait(60)
