"""Benchmark `quoting`: what would be promised for one more order, asked of a service with 10,000 open ones."""

from __future__ import annotations

import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.console import FAMILIES, LOAD, ORDERS, book
from tests.bench.intake import served
from tests.bench.plant import generate
from tests.bench.results import Result, percentile

TIMES = 300
_COMMAND = "make bench quoting"


def run() -> list[Result]:
    """How long an answer takes, from the request on; at first and again, and where all is compared on a copy."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, orders=ORDERS, families=FAMILIES, load=LOAD)
        book(folder)
        return measured(folder)


def measured(folder: Path) -> list[Result]:
    """The figures of a plant whose orders are in its database."""
    bodies = list(_orders(folder))
    with served(folder) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
        first = [_seconds(connection, body) for body in bodies[:FAMILIES]]
        again = [_seconds(connection, body) for body in bodies[FAMILIES:]]
        copied = _seconds(connection, bodies[0], "?everything=true")
    what = f"one order quoted at {ORDERS:,} open"
    return [
        Result(f"{what}, first of its family, p50", percentile(first, 50) * 1000, "ms", _COMMAND),
        Result(f"{what}, p50", percentile(again, 50) * 1000, "ms", _COMMAND),
        Result(f"{what}, p95", percentile(again, 95) * 1000, "ms", _COMMAND),
        Result(f"{what}, everything on a copy", copied * 1000, "ms", _COMMAND),
    ]


def _orders(folder: Path) -> Iterator[str]:
    """Orders like those of the book, under other numbers, each of the next family."""
    with (folder / "orders.jsonl").open(encoding="utf-8") as file:
        for number, line in zip(range(FAMILIES + TIMES), file, strict=False):
            order: dict[str, Any] = json.loads(line)
            del order["received"]
            yield json.dumps({**order, "number": f"QUOTED-{number}"})


def _seconds(connection: http.client.HTTPConnection, body: str, options: str = "") -> float:
    began = time.perf_counter()
    connection.request("POST", f"/api/v1/quotes{options}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    told = json.loads(answer.read())
    if answer.status != 200 or not told["promises"]:
        raise RuntimeError(f"it was not quoted: {told}")
    return time.perf_counter() - began
