"""The laboratory's command: a scenario or an experiment, under several policies, again and again."""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from knowledge.errors import SocietyError
from knowledge.wording import count

if TYPE_CHECKING:
    from simulations.experiments.design import Experiment
    from simulations.experiments.running import Results

INTERNAL, INTERRUPTED = 3, 130

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()
err = Console(stderr=True, highlight=False, soft_wrap=True)


class EngineName(StrEnum):
    LOCAL = "local"
    RAY = "ray"


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    app.command("simulate")(guarded(simulate))


def simulate(
    what: Annotated[
        str, typer.Argument(metavar="SCENARIO|EXPERIMENT", help="A scenario's name or path, or a .toml file.")
    ],
    out_dir: Annotated[
        Path, typer.Option("--out", help="Where results go; the same command goes on where it stopped.")
    ],
    days: Annotated[int | None, typer.Option(min=1, help="For how many days (default: as the scenario says).")] = None,
    seed: Annotated[int | None, typer.Option(help="The first seed (default: 0).")] = None,
    replications: Annotated[int | None, typer.Option(min=1, help="How many seeds, from the first on.")] = None,
    policy: Annotated[list[str] | None, typer.Option(help="A policy; give it several times to compare.")] = None,
    baseline: Annotated[str | None, typer.Option(help="What others are compared with (default: the first).")] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A key of the scenario given anew; several times: each value."),
    ] = None,
    engine: Annotated[
        EngineName, typer.Option(help="Where trials run: on this machine, or on Ray.")
    ] = EngineName.LOCAL,
    workers: Annotated[int | None, typer.Option(min=1, help="How many at once (default: one a processor).")] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="Write the tables as Parquet, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Simulate a plant under one or several policies, and compare them.

    Customers, suppliers and the floor live by seeded chance around the very agents that run in service. Results are
    tables, pictures and a report to open; an interrupted run goes on with the same command.
    """
    from simulations.experiments.api import processors, run_and_report  # takes a second that others need not wait
    from simulations.experiments.laboratory import told_of
    from simulations.experiments.summary import print_results, results_json

    changes = {"days": days, "first_seed": seed, "replications": replications, "policies": policy, "baseline": baseline}
    keys = {key: value for key, value in changes.items() if value is not None}
    experiment = _experiment(what, {**keys, **({"grid": _grid(given)} if given else {})})
    began = time.monotonic()
    with _progress(quiet=as_json) as tell:
        try:
            results = run_and_report(experiment, engine.value, workers or processors(), out_dir, parquet, tell)
        except KeyboardInterrupt:
            err.print(f"interrupted: what is done is in {out_dir}; the same command goes on from there", markup=False)
            raise typer.Exit(INTERRUPTED) from None
    for failure in results.failures:
        err.print(str(failure), markup=False)
    if as_json:
        out.print_json(json.dumps({**results_json(results), "out": str(out_dir)}))
    else:
        print_results(out, results, told_of(experiment))
        out.print(_speed(results, time.monotonic() - began), markup=False)
        out.print(f"report: {out_dir / 'report.html'}", markup=False, soft_wrap=True)
    if results.failures:
        err.print(f"{count(len(results.failures), 'trial')} failed; the same command tries again", markup=False)
        raise typer.Exit(INTERNAL)


def _experiment(what: str, keys: dict[str, Any]) -> Experiment:
    """The experiment that a file says, or that is made of a scenario and the options."""
    from simulations.experiments.api import with_days
    from simulations.experiments.laboratory import check_trial
    from simulations.experiments.reading import experiment_of, is_experiment, read_experiment

    if is_experiment(Path(what)):
        return read_experiment(Path(what), keys, check_trial)
    return experiment_of(with_days({"policies": ["planner"], **keys, "scenarios": [what]}), check_trial, "simulate")


def _speed(results: Results, seconds: float) -> str:
    """How many trials there are, and how fast those went that were run now."""
    ran = len(results.runs) - results.found
    days = ran * results.experiment.days
    there = f"; {results.found:,} were there already" if results.found else ""
    return f"{count(ran, 'trial')} run in {seconds:.0f} s, {days / seconds:.1f} simulated days a second{there}"


def _grid(given: Sequence[str]) -> dict[str, list[Any]]:
    """The values of each key, read as TOML where they are, else as words."""
    found: dict[str, list[Any]] = {}
    for each in given:
        key, sign, text = each.partition("=")
        if not sign or not key.strip():
            raise SocietyError(f"--set {each}: write it as KEY=VALUE, for example customers.shops.rate=20")
        try:
            value: Any = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text.strip()
        found.setdefault(key.strip(), []).append(value)
    return found


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """A bar of simulated days with the time left, where there is a terminal to show it."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    left = (TextColumn("left"), TimeRemainingColumn(elapsed_when_finished=False))
    with Progress(*columns, *left, console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
        task = progress.add_task("simulated days", total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
