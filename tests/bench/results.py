"""Figures of benchmarks: shown as a table, and kept in `.bench/results.json` beside those of other benchmarks."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RESULTS = Path(".bench") / "results.json"


@dataclass(frozen=True, slots=True)
class Result:
    """One figure. `ratio` is figure ÷ what it is compared with, where that was measured on the same machine."""

    name: str
    figure: float
    unit: str
    command: str
    compared_with: str | None = None
    ratio: float | None = None


def show(title: str, results: Iterable[Result], console: Console) -> None:
    """Print figures as a table."""
    table = Table("figure", "value", "unit", "compared with", "ratio", title=title, title_justify="left")
    for column in (1, 4):
        table.columns[column].justify = "right"
    for r in results:
        ratio = "" if r.ratio is None else f"{r.ratio:.3g}"
        table.add_row(r.name, f"{r.figure:,.2f}", r.unit, r.compared_with or "", ratio)
    console.print(table)


def keep(results: Iterable[Result], path: Path = RESULTS) -> None:
    """Write figures into the results file; those of other names stay as they are."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    for result in results:
        known[result.name] = {key: value for key, value in asdict(result).items() if key != "name"}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(known, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that so many percent of all do not exceed. Raises ValueError where there are none."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -(-percent * len(ordered) // 100) - 1)]
