"""The tables of an experiment: every value in its place, the same as CSV, Parquet and frame."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pandas
import pytest

from knowledge.errors import SocietyError
from simulations.experiments.design import Experiment
from simulations.experiments.running import Results
from simulations.experiments.tables import TABLES, check_parquet, csv_text, frame, write_tables
from tests.simulations.experiments import toy_world

EXPERIMENT = Experiment.model_validate(
    {
        "scenarios": ["toy"],
        "policies": ["better", "steady"],
        "baseline": "steady",
        "days": 2,
        "replications": 4,
        "grid": {"customers.rate": [1, 2.5], "floor.rework": [True]},
    }
)
RESULTS = Results(EXPERIMENT, {trial: toy_world.run(trial) for trial in EXPERIMENT.trials()})


def _read(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_results_have_a_measure_of_a_replication_a_row(tmp_path: Path) -> None:
    write_tables(RESULTS, tmp_path)
    rows = _read(tmp_path / "results.csv")
    assert len(rows) == 2 * 2 * 4 * 2
    run = next(iter(RESULTS.runs.values()))
    assert rows[0] == {
        "scenario": "toy",
        "customers.rate": "1",
        "floor.rework": "yes",
        "policy": "better",
        "seed": "0",
        "measure": "lateness",
        "value": repr(run.measures["lateness"]),
    }
    assert [row["value"] for row in rows if row["seed"] == "3" and row["measure"] == "share"] == [""] * 4


def test_daily_has_a_day_a_row(tmp_path: Path) -> None:
    write_tables(RESULTS, tmp_path)
    rows = _read(tmp_path / "daily.csv")
    assert len(rows) == 2 * 2 * 4 * 2
    assert list(rows[0]) == ["scenario", "customers.rate", "floor.rework", "policy", "seed", "day", "backlog"]


def test_comparison_says_by_how_much_and_how_surely(tmp_path: Path) -> None:
    write_tables(RESULTS, tmp_path)
    rows = _read(tmp_path / "comparison.csv")
    assert [(row["policy"], row["baseline"], row["measure"]) for row in rows[:2]] == [
        ("better", "steady", "lateness"),
        ("better", "steady", "share"),
    ]
    assert float(rows[0]["difference"]) == pytest.approx(0.1)
    assert (rows[0]["pairs"], rows[0]["larger"], rows[0]["compared"]) == ("4", "4", "1")
    assert (rows[1]["pairs"], rows[1]["missing"], rows[1]["equal"]) == ("3", "1", "3")
    assert rows[1]["note"] == "1 of 4 replications without a value"


def test_a_failed_trial_counts_as_a_replication_without_a_value() -> None:
    kept = {trial: run for trial, run in RESULTS.runs.items() if trial.seed != 1}
    (first, *_) = TABLES["summary"](Results(EXPERIMENT, kept)).rows
    assert first[4:7] == ("lateness", 3, 1)


def test_parquet_and_frames_hold_what_csv_does(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    files = write_tables(RESULTS, tmp_path, parquet=True)
    assert [file.name for file in files] == [f"{name}.{kind}" for name in TABLES for kind in ("csv", "parquet")]
    for name, table_of in TABLES.items():
        table = table_of(RESULTS)
        read = pandas.read_parquet(tmp_path / f"{name}.parquet")
        made = frame(table)
        assert list(read.columns) == list(made.columns) == list(table.columns)
        for column in table.columns:
            for one, other in zip(read[column], made[column], strict=True):
                assert one == other or (pandas.isna(one) and pandas.isna(other))
    again = {file.name: file.read_bytes() for file in write_tables(RESULTS, tmp_path, parquet=True)}
    assert again == {file.name: file.read_bytes() for file in files}


def test_a_column_of_numbers_and_words_is_words_in_parquet(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    mixed = Experiment.model_validate({**EXPERIMENT.model_dump(), "grid": {"x": [1, "one", False]}})
    results = Results(mixed, {trial: toy_world.run(trial) for trial in mixed.trials()})
    write_tables(results, tmp_path, parquet=True)
    assert sorted(set(pandas.read_parquet(tmp_path / "results.parquet")["x"])) == ["1", "no", "one"]


def test_without_pyarrow_one_message_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(SocietyError, match=r"--parquet: pyarrow is not installed .*pip install pyarrow"):
        check_parquet()


def test_numbers_keep_every_digit() -> None:
    text = csv_text(TABLES["results"](RESULTS))
    values = [run.measures["lateness"] for run in RESULTS.runs.values()]
    assert all(f",lateness,{value!r}\n" in text for value in values)
