"""Benchmark `sequencing`: published shops against their best known makespans, weighted tardiness against ATC, stalls.

`python -m tests.bench.sequencing --shop-seconds 40 --tardiness-seconds 20` for longer runs: processor seconds for each
problem, dispatching included. Kernels are compiled and OR-Tools is loaded before anything is measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from agents.planner.sequencing import (
    Alternative,
    Background,
    Improved,
    Job,
    Objective,
    Problem,
    WorkCentre,
    cost,
    improve,
)
from agents.planner.sequencing.dispatch import dispatched
from agents.runtime.memory import collect_seldom
from tests.bench.results import Result, keep, show

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "benchmarks"

PUBLISHED = _SHARED / "shop_instances.json"
"""Published job shops and flexible job shops with their best known makespans, where they lie beside the project."""

MAKER = _SHARED / "make_shop.py"
"""The generator that published figures of weighted tardiness were measured with, where it lies beside the project."""

SHOP_SECONDS, TARDINESS_SECONDS = 4.0, 8.0
SIZES = (200, 1_000, 5_000)
_COMMAND = "make bench sequencing"
_WORK_CENTRES = 20
_STALL_SECONDS = 6.0


def run(shop_seconds: float = SHOP_SECONDS, tardiness_seconds: float = TARDINESS_SECONDS) -> list[Result]:
    """The figures of the benchmark; what lies not beside the project is left out, and said so."""
    found = list(_stalls(_STALL_SECONDS))
    _warm_up()
    if PUBLISHED.exists():
        instances = json.loads(PUBLISHED.read_text(encoding="utf-8"))
        for kind in ("job_shop", "flexible_job_shop"):
            found.extend(_gaps(kind, instances[kind], shop_seconds))
    else:
        Console(stderr=True).print("published job shops are left out: they do not lie beside the project")
    for orders in SIZES:
        found.extend(_tardiness(orders, tardiness_seconds))
    return found


def _warm_up() -> None:
    for objective in Objective:
        problem = weighted_tardiness(make_shop(60, load=1.5))
        improve(replace(problem, objective=objective), rounds=1)
    import_module("agents.planner.sequencing.solving")


def cpu_limit(seconds: float) -> Callable[[], float]:
    """The share that is spent of so many processor seconds of this process from now on."""
    begin = time.process_time()
    return lambda: (time.process_time() - begin) / seconds


def published(jobs: list[Any]) -> Problem:
    """A job shop of [machine, minutes], or a flexible one of lists of such, for the least makespan."""
    found: list[Job] = []
    machines: set[int] = set()
    for number, operations in enumerate(jobs):
        ways = [[one] if isinstance(one[0], int) else one for one in operations]
        machines.update(machine for options in ways for machine, _ in options)
        steps = tuple(tuple(Alternative(f"M{machine}", minutes) for machine, minutes in options) for options in ways)
        found.append(Job(f"J{number}", steps))
    centres = tuple(WorkCentre(f"M{machine}") for machine in sorted(machines))
    return Problem(centres, tuple(found), objective=Objective.MAKESPAN)


def _gaps(kind: str, instances: dict[str, Any], seconds: float) -> Iterator[Result]:
    gaps = []
    for name, instance in instances.items():
        found = improve(published(instance["jobs"]), spent=cpu_limit(seconds))
        best = instance["best_known_makespan"]
        gap = 100 * (found.cost.objective - best) / best
        gaps.append(gap)
        ratio = found.cost.objective / best
        yield Result(f"{name}, {seconds:g} CPU s", gap, "% above best known", _COMMAND, f"makespan {best}", ratio)
    mean = sum(gaps) / len(gaps)
    yield Result(f"{kind.replace('_', ' ')}, mean gap, {seconds:g} CPU s", mean, "% above best known", _COMMAND)


def make_shop(orders: int, *, load: float = 0.88, seed: int = 1) -> dict[str, Any]:
    """Orders of 3 to 8 operations on 20 work centres, of the same character as those of the generator beside it."""
    rng = random.Random(seed)
    routes = [
        [[centre, rng.randint(15, 240)] for centre in rng.sample(range(_WORK_CENTRES), rng.randint(3, 8))]
        for _ in range(orders)
    ]
    works = [sum(minutes for _, minutes in route) for route in routes]
    span = sum(works) / (_WORK_CENTRES * load)
    made = []
    for number, (route, work) in enumerate(zip(routes, works, strict=True)):
        release = 0 if number < min(40, 0.3 * orders) else int(rng.uniform(0, span))
        due, weight = int(release + rng.uniform(1.5, 5.0) * work), rng.choices([4, 2, 1], [0.2, 0.6, 0.2])[0]
        made.append({"release": release, "due": due, "weight": weight, "operations": route})
    return {"work_centres": _WORK_CENTRES, "orders": made}


def _shop(orders: int) -> dict[str, Any]:
    if not MAKER.exists():
        return make_shop(orders)
    command = [sys.executable, str(MAKER), "--orders", str(orders)]
    made: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return made


def weighted_tardiness(shop: dict[str, Any]) -> Problem:
    """The problem of a made shop."""
    jobs = tuple(
        Job(
            f"O{number}",
            tuple((Alternative(f"M{centre}", minutes),) for centre, minutes in order["operations"]),
            order["release"],
            order["due"],
            order["weight"],
        )
        for number, order in enumerate(shop["orders"])
    )
    return Problem(tuple(WorkCentre(f"M{centre}") for centre in range(shop["work_centres"])), jobs)


def _tardiness(orders: int, seconds: float) -> Iterator[Result]:
    problem = weighted_tardiness(_shop(orders))
    _, *by_atc = (cost(problem, schedule).objective for schedule in dispatched(problem))
    atc = min(by_atc)
    found = improve(problem, spent=cpu_limit(seconds))
    name = f"weighted tardiness, {orders:,} orders"
    yield Result(f"{name}, ATC", atc, "weighted minutes", _COMMAND)
    value = found.cost.objective
    yield Result(f"{name}, {seconds:g} CPU s", value, "weighted minutes", _COMMAND, "ATC", value / max(1, atc))


def _stalls(seconds: float) -> Iterator[Result]:
    """How long a busy thread of this process waits at most while a background process improves 5,000 orders.

    On a busy machine it waits for the processor, too, so the processor time that other threads of this process took
    meanwhile is told apart: that is what holds the interpreter.
    """
    problem = weighted_tardiness(_shop(SIZES[-1]))
    gaps: list[tuple[float, float]] = []
    over = threading.Event()

    def busy() -> None:
        last, others = time.perf_counter(), time.process_time() - time.thread_time()
        while not over.wait(0.0005):
            now, taken = time.perf_counter(), time.process_time() - time.thread_time()
            gaps.append((now - last, taken - others))
            last, others = now, taken

    thread = threading.Thread(target=busy)
    thread.start()
    time.sleep(2.0)
    alone = max(gap for gap, _ in gaps)
    gaps.clear()
    found = Background(problem, cpu_seconds=seconds).result()
    over.set()
    thread.join()
    if not isinstance(found, Improved):
        raise RuntimeError(f"the background process gave no schedule: {found}")
    longest, held = max(gap for gap, _ in gaps), max(taken for _, taken in gaps)
    yield Result("longest wait of a busy thread beside it", 1000 * longest, "ms", _COMMAND, "alone", longest / alone)
    yield Result("longest hold of the interpreter in that", 1000 * held, "CPU ms", _COMMAND)


def main(arguments: list[str]) -> int:
    """Run with other limits than the default ones."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shop-seconds", type=float, default=SHOP_SECONDS)
    parser.add_argument("--tardiness-seconds", type=float, default=TARDINESS_SECONDS)
    options = parser.parse_args(arguments)
    collect_seldom()
    results = run(options.shop_seconds, options.tardiness_seconds)
    show("sequencing", results, Console(width=None if os.isatty(1) else 120))
    keep(results)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
