"""Run every benchmark, or the one that is named: `python -m tests.bench [NAME]`."""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console

from agents.runtime.memory import collect_seldom
from tests.bench import (
    availability,
    changes,
    choices,
    console,
    gate,
    hostile,
    improving,
    intake,
    orders,
    planner,
    quoting,
    sequencing,
    simulate,
    soak,
    sources,
    startup,
)
from tests.bench.results import Result, keep, show

BENCHMARKS: dict[str, Callable[[], list[Result]]] = {
    "availability": availability.run,
    "changes": changes.run,
    "burst": intake.burst,
    "busy": planner.busy,
    "choices": choices.run,
    "console": console.run,
    "gate": gate.run,
    "growth": planner.growth,
    "hostile": hostile.run,
    "improve": improving.run,
    "intake": intake.run,
    "orders": orders.run,
    "planner": planner.run,
    "quoting": quoting.run,
    "sequencing": sequencing.run,
    "simulate": simulate.run,
    "soak": soak.run,
    "sources": sources.run,
    "startup": startup.run,
}


def main(names: list[str]) -> int:
    """Run benchmarks, print their tables and keep the figures; 2 where one is not known."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        Console(stderr=True).print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
        return 2
    collect_seldom()
    for name in names or BENCHMARKS:
        results = BENCHMARKS[name]()
        show(name, results, Console(width=None if sys.stdout.isatty() else 120))
        keep(results)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
