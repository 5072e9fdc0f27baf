"""Societies in processes of their own that are killed, and a system outside that writes down what it is told."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from agents.sources.reading import Read
from knowledge.store.database import Store
from protocols.envelope import Envelope
from protocols.orders import Acknowledged
from simulations.processing import Processing, earliest
from tests.agents.runtime.town import document, left, month, small_plant

FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["tests.agents.runtime.killing"])


class Diary:
    """A sink that keeps what it is told in a file, one line a delivery, before it acknowledges anything."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def deliver(self, envelope: Envelope[Any], key: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{key}\t{envelope.id}\t{type(envelope.content).__name__}\t{envelope.subject}\n")

    def told(self) -> list[list[str]]:
        """Key, message, kind and subject of every delivery; a line that a kill cut short was not acknowledged."""
        if not self.path.exists():
            return []
        return [
            line.split("\t") for line in self.path.read_text(encoding="utf-8").split("\n")[:-1] if line.count("\t") == 3
        ]

    def acknowledged(self) -> set[str]:
        """Names of the documents whose outcome was told."""
        return {subject for _, _, kind, subject in self.told() if kind == Acknowledged.__name__}


def stream(seed: int, length: int, together: int = 1) -> list[Read]:
    """So many documents: the month, then orders, changes, cancels and counts by chance.

    Of the month each is at an instant of its own, of the others so many are at one instant.
    """
    dice, reads, numbers = random.Random(seed), month()[: length // together], [100]
    for n in range(length - len(reads)):
        day, minute = divmod(n // together, 600)
        at = f"04-{2 + day:02d}T{8 + minute // 60:02d}:{minute % 60:02d}"
        kind = dice.choices(["order", "change", "cancel", "count"], [6, 2, 1, 1])[0]
        line = {
            "line": "1",
            "item": dice.choice(["STOOL", "TABLE", "LAMP", "CHAIR-60"]),
            "quantity": str(dice.randint(1, 12)),
        }
        known = {"source": "manual", "number": str(dice.choice(numbers))}
        if kind == "order":
            numbers.append(numbers[-1] + 1)
            dated = {**line, "requested": f"2026-06-{dice.randint(1, 28):02d}", "unit_price": "75"}
            head = {"source": "manual", "number": str(numbers[-1]), "customer": "NEAR", "currency": "EUR"}
            reads.append(document("customer_order", at, **head, lines=[dated]))
        elif kind == "change":
            reads.append(document("order_change", at, **known, lines=[{"line": "1", "quantity": line["quantity"]}]))
        elif kind == "cancel":
            reads.append(document("order_cancel", at, **known))
        else:
            reads.append(document("stock_count", at, item="SCREW", quantity=str(dice.randint(300, 500))))
    return [replace(read, name=f"{read.name} {number}") for number, read in enumerate(reads)]


def take(url: str, diary: Path, seed: int, length: int, together: int, threads: bool) -> None:
    """Take those documents of a stream that the database does not hold yet, and tell the world; then end."""
    reads, sink, store = stream(seed, length, together), Diary(diary), Store(url)

    def make_host(makers: Any, ledger: Any, now: Any, outside: Any) -> Any:
        return (PykkaHost if threads else SimulatedHost)(makers, ledger, now, outside, {"door": sink})

    running = Processing(store, small_plant(), earliest(reads), make_host=make_host)
    for _ in running.run(left(reads, store) if running.ledger.sequence else reads):
        pass
    while threads and sink.acknowledged() < {read.name for read in reads}:
        running.host.run_until(running.now)
        time.sleep(0.01)
    running.host.stop()
    store.close()


def killed(dice: random.Random, longest_s: float, *args: Any) -> Iterator[None]:
    """Take a stream in processes that are killed at random moments, until one comes to its end; yields at each kill."""
    while True:
        child = FORKED.Process(target=take, args=args)
        child.start()
        child.join(dice.uniform(0.0, longest_s))
        if child.exitcode is not None:
            assert child.exitcode == 0
            return
        child.kill()
        child.join()
        yield


def finished(*args: Any) -> None:
    """Take the rest of a stream undisturbed."""
    child = FORKED.Process(target=take, args=args)
    child.start()
    child.join(7200)
    assert child.exitcode == 0
