"""Benchmark `orders`: a thousand orders through the whole society, in one process on an in-memory database."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from agents.planner.state import State
from agents.sources.reading import read_paths
from knowledge.reading import read_folder
from knowledge.store.database import Store
from simulations.processing import Processing, earliest
from tests.bench.plant import generate
from tests.bench.results import Result, percentile

ORDERS = 1000
_FAMILIES = 5
_LOAD = 0.7
_COMMAND = "make bench orders"


def run() -> list[Result]:
    """The figures of the benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        generate(Path(folder), orders=ORDERS, families=_FAMILIES, load=_LOAD)
        reads = read_paths([Path(folder) / "orders.jsonl"])
        processing = Processing(Store(), read_folder(Path(folder) / "knowledge"), earliest(reads))
    each: list[float] = []
    with timed_promises() as promises:
        begin = last = time.process_time()
        for _ in processing.run(reads):
            now = time.process_time()
            each.append(now - last)
            last = now
    processing.store.close()
    return _results(last - begin, promises, each)


@contextmanager
def timed_promises() -> Iterator[list[float]]:
    """CPU seconds of every decision on an order, as long as the block lasts."""
    seconds: list[float] = []
    decide = State.plan_order

    def timed(self: State, *args: Any) -> None:
        begin = time.process_time()
        decide(self, *args)
        seconds.append(time.process_time() - begin)

    with mock.patch.object(State, "plan_order", timed):
        yield seconds


def _results(total: float, promises: list[float], each: list[float]) -> list[Result]:
    def milliseconds(values: list[float], percent: int) -> float:
        return percentile(values, percent) * 1000

    return [
        Result("orders per CPU second", len(each) / total, "orders/CPU s", _COMMAND),
        Result("orders, CPU seconds in all", total, "CPU s", _COMMAND),
        Result("promise, p50", milliseconds(promises, 50), "CPU ms", _COMMAND),
        Result("promise, p95", milliseconds(promises, 95), "CPU ms", _COMMAND),
        Result("order end to end, p50", milliseconds(each, 50), "CPU ms", _COMMAND),
        Result("order end to end, p95", milliseconds(each, 95), "CPU ms", _COMMAND),
    ]
