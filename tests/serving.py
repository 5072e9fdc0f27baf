"""A real service for tests: on a real database and a loopback port, in a thread or in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue
from typing import Any

import httpx

from agents.api.app import Server
from agents.service.running import Service
from agents.service.settings import settings
from knowledge.instants import Instant, parse
from knowledge.reading import read_folder
from run_agents import VIEWS

PLANT = Path(__file__).parent / "fixtures" / "small_plant"
START: Instant = parse("2026-03-02T08:00:00Z")
API = "/api/v1"


@contextmanager
def served(
    folder: Path, knowledge: Path = PLANT, clock: Callable[[], Instant] = lambda: START, **said: Any
) -> Iterator[tuple[Service, httpx.Client]]:
    """A service in a thread, whose clock stands at `START`, and a client of it. It is stopped gracefully."""
    found = settings(None, **{"knowledge": knowledge, "db": f"sqlite:///{folder / 'plant.db'}", "port": 0, **said})
    service = Service(found, read_folder(knowledge), clock=clock)
    server, ports = Server(service, VIEWS), Queue[int]()
    thread = threading.Thread(target=server.serve_until_stopped, args=(ports.put,))
    thread.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{ports.get(timeout=30)}", timeout=60) as client:
            yield service, client
    finally:
        service.close()
        server.should_exit = True
        thread.join(60)


def order(
    number: str, item: str = "STOOL", quantity: object = "2", requested: str = "2026-04-20", **fields: Any
) -> dict[str, Any]:
    """A customer order of one line."""
    line = {"line": "1", "item": item, "quantity": quantity, "requested": requested, "unit_price": "75.00"}
    return {
        "type": "customer_order",
        "source": "t",
        "number": number,
        "customer": "NEAR",
        "currency": "EUR",
        "lines": [line],
        **fields,
    }


class Process:
    """`run_agents.py serve` as a process of its own, on a free port."""

    def __init__(self, database: Path | str, knowledge: Path = PLANT, **environment: str) -> None:
        command = [sys.executable, "run_agents.py", "serve", "--knowledge", str(knowledge), "--port", "0", "--json"]
        command += ["--db", database if isinstance(database, str) else f"sqlite:///{database}"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, **environment})
        self.log: list[dict[str, Any]] = []
        self.said: list[str] = []
        port = next(line["port"] for line in self._lines() if line["event"] == "listening")
        self.reader = threading.Thread(target=lambda: list(self._lines()), daemon=True)
        self.reader.start()
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)

    def _lines(self) -> Iterator[dict[str, Any]]:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if line.startswith("{"):
                self.log.append(json.loads(line))
                yield self.log[-1]
            else:
                self.said.append(line)

    def kill(self) -> None:
        """As a power switch does."""
        self.process.kill()
        self.ended()

    def terminate(self) -> int:
        """As an operator does; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait until it ends by itself; the exit status."""
        status = self.process.wait(60)
        self.reader.join(10)
        self.client.close()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status


def eventually(found: Any, seconds: float = 10) -> Any:
    """What a function gives once it gives anything true; fails where it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not come true in time")
