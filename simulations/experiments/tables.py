"""The tables of an experiment: tidy, a value a row, as CSV, as Parquet, and as frames of pandas."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from knowledge.errors import SocietyError
from simulations.experiments.analysis import comparisons, estimates, measures
from simulations.experiments.design import Case, Experiment, called
from simulations.experiments.folder import write_whole
from simulations.experiments.running import Results

if TYPE_CHECKING:
    import pandas

Cell: TypeAlias = str | int | float | bool | None
Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its columns' names; None is an empty cell."""

    columns: tuple[str, ...]
    rows: list[Row]


def results_table(results: Results) -> Table:
    """A measure of a replication a row."""
    names = measures(results)
    rows = [
        (*place, policy, seed, name, run.measures.get(name))
        for place, policy, seed, run in _runs(results)
        for name in names
        if name in run.measures
    ]
    return Table((*_place_columns(results.experiment), "policy", "seed", "measure", "value"), rows)


def daily_table(results: Results) -> Table:
    """A day of a replication a row, a series a column."""
    series = list(dict.fromkeys(name for run in results.runs.values() for day in run.daily for name in day))
    rows = [
        (*place, policy, seed, *(day.get(name) for name in series))
        for place, policy, seed, run in _runs(results)
        for day in run.daily
    ]
    return Table((*_place_columns(results.experiment), "policy", "seed", *series), rows)


def summary_table(results: Results) -> Table:
    """A measure of a policy a row: its mean over the replications, with the interval."""
    columns = ("policy", "measure", "count", "missing", "mean", "deviation", "low", "high", "confidence", "note")
    rows: list[Row] = []
    for each in estimates(results):
        found, place = each.estimate, _place(results.experiment, each.scenario, each.case)
        numbers = (found.count, found.missing, found.mean, found.deviation, found.low, found.high, found.confidence)
        rows.append((*place, each.policy, each.measure, *numbers, found.note))
    return Table((*_place_columns(results.experiment), *columns), rows)


def comparison_table(results: Results) -> Table:
    """A measure of a policy a row: its difference to the baseline, seed by seed, with the interval."""
    columns = ("policy", "baseline", "measure", "pairs", "missing", "difference", "low", "high", "confidence")
    tested = ("p", "adjusted_p", "compared", "larger", "equal", "note")
    rows: list[Row] = []
    for each in comparisons(results):
        found, gap = each.comparison, each.comparison.difference
        place = _place(results.experiment, each.scenario, each.case)
        numbers = (gap.count, gap.missing, gap.mean, gap.low, gap.high, gap.confidence)
        tests = (found.p, found.adjusted_p, found.compared, found.larger, found.equal, gap.note)
        rows.append((*place, found.policy, results.experiment.compared_with, each.measure, *numbers, *tests))
    return Table((*_place_columns(results.experiment), *columns, *tested), rows)


TABLES: dict[str, Callable[[Results], Table]] = {
    "results": results_table,
    "daily": daily_table,
    "summary": summary_table,
    "comparison": comparison_table,
}


def csv_text(table: Table) -> str:
    """A table as CSV: numbers with every digit, yes or no as `yes` or `no`, nothing for None."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([_written(cell) for cell in row] for row in table.rows)
    return text.getvalue()


def write_tables(results: Results, folder: Path, *, parquet: bool = False) -> list[Path]:
    """Write every table of an experiment; which files there are now."""
    files = []
    for name, table_of in TABLES.items():
        table = table_of(results)
        files.append(folder / f"{name}.csv")
        write_whole(files[-1], csv_text(table))
        if parquet:
            files.append(folder / f"{name}.parquet")
            _write_parquet(table, files[-1])
    return files


def check_parquet() -> Any:
    """pyarrow, which writes Parquet. Raises SocietyError where the extra is not installed."""
    try:
        import pyarrow.parquet
    except ImportError as error:
        raise SocietyError(
            f"--parquet: pyarrow is not installed ({error}); install it with  python -m pip install pyarrow"
            "  or leave --parquet out: the CSV files hold the same"
        ) from error
    return pyarrow


def frame(table: Table) -> pandas.DataFrame:
    """A table as a frame of pandas."""
    import pandas

    return pandas.DataFrame.from_records(table.rows, columns=list(table.columns))


def _write_parquet(table: Table, file: Path) -> None:
    pyarrow = check_parquet()
    columns = [_alike(column) for column in zip(*table.rows, strict=True)] or [[] for _ in table.columns]
    arrays = dict(zip(table.columns, map(pyarrow.array, columns), strict=True))
    beside = file.with_name(f".{file.name}")
    pyarrow.parquet.write_table(pyarrow.table(arrays), beside)
    beside.replace(file)


def _alike(column: Sequence[Cell]) -> list[Cell]:
    """A column of one type: what is a number here and a word there is a word everywhere."""
    kinds = {type(cell) for cell in column if cell is not None}
    if kinds <= {int, float} or len(kinds) < 2:
        return [float(cell) if float in kinds and type(cell) is int else cell for cell in column]
    return [None if cell is None else _written(cell) for cell in column]


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    return ("yes" if cell else "no") if isinstance(cell, bool) else repr(cell) if isinstance(cell, float) else str(cell)


def _runs(results: Results) -> Iterator[tuple[Row, str, int, Any]]:
    """Every run in the order of the tables, with the cells that say where it belongs."""
    experiment = results.experiment
    for scenario in experiment.scenarios:
        for case in experiment.all_cases:
            place = _place(experiment, scenario, case)
            for policy in experiment.policies:
                for seed in experiment.all_seeds:
                    run = results.runs.get(experiment.trial(scenario, case, policy, seed))
                    if run is not None:
                        yield place, policy, seed, run


def _keys(experiment: Experiment) -> list[str]:
    return list(dict.fromkeys(key for case in experiment.all_cases for key in case.parameters))


def _place_columns(experiment: Experiment) -> tuple[str, ...]:
    named = ("case",) if experiment.cases else ()
    return ("scenario", *named, *_keys(experiment))


def _place(experiment: Experiment, scenario: str, case: Case) -> Row:
    named = (case.name,) if experiment.cases else ()
    return (called(scenario), *named, *(case.parameters.get(key) for key in _keys(experiment)))
