"""Golden scenarios: folders that a person can read, run through the society and compared with what must come out.

A scenario `AREA/NAME/` holds `README.md` (the situation and what follows from it), `now.txt` (when the clock starts),
`knowledge/`, `documents.jsonl`, and `expected/` with files named like the tables. An expected file may hold a part of
its table's columns: the table restricted to them has exactly its rows, in any order. Times and numbers are compared by
value, so `2024-02-01T00:00Z` and `10` may stand for `2024-02-01T00:00:00+00:00` and `10.000`.

`improve.txt`, if there is one, says for how many seconds the plan is improved once the documents are taken.

How a reason is worded is in no contract: `expected/reasons.csv` has the words that a line's reasons have to name.
`xfail.txt`, if there is one, says what is known to come out otherwise.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from agents.sources.reading import read_paths
from knowledge.auditor import audit
from knowledge.instants import parse
from knowledge.reading import read_folder, read_plant
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from simulations.processing import Processing

HERE = Path(__file__).parent
SCENARIOS = sorted(path.parent for path in HERE.glob("*/*/now.txt"))
TIMES = {"requested", "promised", "start", "finish", "order_by", "due", "ship", "time"}
NUMBERS = {"quantity", "unit_price", "projected", "promisable"}


def _marks(folder: Path) -> list[pytest.MarkDecorator]:
    known = folder / "xfail.txt"
    return [pytest.mark.xfail(strict=True, reason=known.read_text(encoding="utf-8"))] if known.exists() else []


@pytest.mark.parametrize(
    "folder", [pytest.param(path, marks=_marks(path), id=path.relative_to(HERE).as_posix()) for path in SCENARIOS]
)
def test_scenario_comes_out_as_expected(folder: Path) -> None:
    tables = processed(folder)
    expected = sorted((folder / "expected").glob("*.csv"))
    assert expected, "a scenario says what must come out"
    for file in expected:
        columns, rows = read_table(file)
        if file.stem == "reasons":
            assert not unnamed(tables["promises"], rows)
            continue
        assert counted(tables[file.stem], columns) == counted(rows, columns), file.name
    keeps_the_general_laws(tables)


def test_every_folder_is_a_scenario() -> None:
    folders = {path for path in HERE.glob("*/*") if path.is_dir() and not path.name.startswith(("_", "."))}
    assert folders == set(SCENARIOS)
    assert all((folder / "README.md").is_file() for folder in folders)


def unnamed(promises: Rows, expected: Rows) -> list[str]:
    """What should be named by the reasons of a line and is not."""
    told = {
        (row["order"], row["line"]): [
            each["reason"] for each in promises if (each["order"], each["line"]) == (row["order"], row["line"])
        ]
        for row in expected
    }
    return [
        f"{word} in {told[row['order'], row['line']]}"
        for row in expected
        for word in row["names"].split()
        if not any(re.search(rf"\b{re.escape(word)}\b", reason) for reason in told[row["order"], row["line"]])
    ]


def processed(folder: Path) -> dict[str, Rows]:
    """The tables that come of a scenario's documents, once the auditor has found nothing in them."""
    files = read_folder(folder / "knowledge")
    now = parse((folder / "now.txt").read_text(encoding="utf-8").strip(), read_plant(files).zone)
    store = Store("sqlite://")
    try:
        seconds = folder / "improve.txt"
        improve_seconds = int(seconds.read_text(encoding="utf-8")) if seconds.exists() else 0
        processing = Processing(store, files, now, improve_seconds=improve_seconds)
        for _ in processing.run(read_paths([folder / "documents.jsonl"])):
            pass
        processing.improve()
        findings = audit(books_of(store, processing.plant_now(), processing.now))
        assert not [str(finding) for finding in findings]
        return export(store, processing.plant_now(), processing.now)
    finally:
        store.close()


def read_table(file: Path) -> tuple[list[str], Rows]:
    """Columns and rows of an expected table."""
    with file.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        return list(reader.fieldnames or ()), list(reader)


def counted(rows: Rows, columns: list[str]) -> Counter[tuple[str, ...]]:
    """How often each row occurs, restricted to some columns."""
    return Counter(tuple(comparable(column, row[column]) for column in columns) for row in rows)


def comparable(column: str, value: str) -> str:
    """A cell in the one form that its value has."""
    if value and column in TIMES:
        return f"{parse(value):012d}"
    if value and column in NUMBERS:
        return f"{Decimal(value).normalize():f}"
    return value


def keeps_the_general_laws(tables: dict[str, Rows]) -> None:
    """What is promised is shipped, and nothing ends before it starts."""
    promised = [row for row in tables["promises"] if row["status"] in ("promised", "at_risk")]
    assert by_line(promised) == by_line(live(tables["shipping_orders"]))
    for row in (*live(tables["work_orders"]), *tables["operations"]):
        assert parse(row["start"]) <= parse(row["finish"]), row


def live(rows: Rows) -> Rows:
    """Rows that are not cancelled."""
    return [row for row in rows if row["status"] != "cancelled"]


def by_line(rows: Rows) -> dict[tuple[str, str], Decimal]:
    """Quantities by order line."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        line = row["order"], row["line"]
        sums[line] = sums.get(line, Decimal(0)) + Decimal(row["quantity"])
    return sums
