"""The fault search from the command line."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from knowledge.errors import SocietyError
from simulations.torture.folder import read_case, write_case
from simulations.torture.searching import Trial, be_quiet, faults_of, search, trial_of_case
from simulations.torture.shrinking import Shrinking, law_of

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

INTERNAL = 3

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the command of this module, behind its guard."""
    app.command("torture")(guarded(torture))


def torture(
    seeds: Annotated[str | None, typer.Option(help="The seeds to try, first-last: 1-1000.", metavar="A-B")] = None,
    case: Annotated[Path | None, typer.Option(help="A folder with one case, to let it happen again.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="So many processes; what they find is the same.")] = 1,
    report: Annotated[Path | None, typer.Option("--out", help="Write a line of JSON a seed into this file.")] = None,
    cases: Annotated[Path | None, typer.Option(help="Where broken cases are written (default: a new folder).")] = None,
    shrink_seconds: Annotated[int, typer.Option(min=0, help="How long a broken case is made smaller; 0: not.")] = 60,
    most: Annotated[int, typer.Option(min=1, help="Stop after so many broken seeds.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")] = False,
) -> None:
    """Look for faults by seed: random plants, documents and failures, and every law checked after every step.

    A seed that breaks a law is made as small as it can be and written as a folder which `--case` lets happen again.
    Exit status 3 where a law was broken.
    """
    if (seeds is None) is (case is None):
        raise SocietyError("say what to try: either --seeds, for example 1-1000, or --case with a folder")
    if case is not None:
        be_quiet()
        found = [trial_of_case(read_case(case))]
        _tell_case(found[0], as_json)
    else:
        found = _searched(_range(seeds or ""), workers, report, most, quiet=as_json, cases=cases, shrink=shrink_seconds)
        _tell(found, as_json)
    if any(trial.broken for trial in found):
        raise typer.Exit(INTERNAL)


def _range(text: str) -> range:
    said = re.fullmatch(r"(\d+)(?:-(\d+))?", text.strip())
    first, last = (int(said[1]), int(said[2] or said[1])) if said else (1, 0)
    if last < first:
        raise SocietyError(f"--seeds {text}: write the first and the last, for example 1-1000")
    return range(first, last + 1)


def _searched(
    seeds: range, workers: int, report: Path | None, most: int, *, quiet: bool, cases: Path | None, shrink: int
) -> list[Trial]:
    """Try the seeds; what was tried, broken ones as they were before they were made smaller."""
    found: list[Trial] = []
    with _lines(report) as write, _progress(quiet) as progress:
        task = progress.add_task("seeds", total=len(seeds))
        for trial in search(seeds, workers):
            found.append(trial)
            write(_row(trial))
            progress.update(task, completed=len(found))
            if trial.broken:
                cases = cases or Path(tempfile.mkdtemp(prefix="society-torture-"))
                _tell_broken(trial, cases, shrink, quiet)
                if sum(bool(trial.broken) for trial in found) == most:
                    break
    return found


def _tell_broken(trial: Trial, cases: Path, shrink: int, quiet: bool) -> None:
    folder = cases / str(trial.seed)
    smallest = Shrinking(trial, shrink).run() if shrink else trial
    write_case(smallest.case, folder)
    if not quiet:
        documents = sum(len(step.documents) for step in smallest.case.steps)
        err.print(f"seed {trial.seed}: step {trial.step}: {trial.broken[0]}", markup=False)
        err.print(f"  again: python run_agents.py torture --seeds {trial.seed}-{trial.seed}", markup=False)
        err.print(
            f"  with {documents} documents and {len(smallest.case.faults)} faults: "
            f"python run_agents.py torture --case {folder}",
            markup=False,
        )


def _row(trial: Trial) -> dict[str, Any]:
    """What is said of a seed: the same whenever it is tried."""
    return {
        "seed": trial.seed,
        "orders": trial.orders,
        "steps": len(trial.case.steps),
        "faults": {str(kind): count for kind, count in trial.fired.items()},
        "law": law_of(trial),
        "broken": list(trial.broken),
        "step": trial.step,
    }


def _tell_case(trial: Trial, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(_row(trial)))
        return
    for text in trial.broken:
        out.print(f"step {trial.step}: {text}", markup=False)
    if not trial.broken:
        out.print(f"every law holds through {len(trial.case.steps)} steps and {sum(trial.fired.values())} faults")


def _tell(found: list[Trial], as_json: bool) -> None:
    broken = [trial for trial in found if trial.broken]
    faults, cpu_s = faults_of(found), sum(trial.cpu_s for trial in found)
    if as_json:
        body = {
            "seeds": len(found),
            "broken": [_row(trial) for trial in broken],
            "orders": sum(trial.orders for trial in found),
            "faults": {str(kind): count for kind, count in sorted(faults.items())},
            "cpu_seconds": round(cpu_s, 1),
        }
        out.print_json(json.dumps(body))
        return
    told = ", ".join(f"{kind} {count}" for kind, count in sorted(faults.items()))
    least = min((sum(trial.fired.values()) for trial in found if not trial.broken), default=0)
    out.print(f"{len(found)} seeds, {len(broken)} broken; {sum(trial.orders for trial in found)} orders")
    out.print(f"{sum(faults.values())} faults (at least {least} a seed): {told}")
    out.print(f"{cpu_s:.1f} CPU s, {cpu_s / max(1, len(found)):.2f} a seed")


@contextmanager
def _lines(report: Path | None) -> Iterator[Callable[[dict[str, Any]], None]]:
    """What writes a line into a file, if there is one, at once."""
    if report is None:
        yield lambda row: None
        return
    try:
        file = report.open("w", encoding="utf-8")
    except OSError as error:
        raise SocietyError(f"--out {report}: cannot be written: {error.strerror}") from error
    with file:
        yield lambda row: print(json.dumps(row), file=file, flush=True)


def _progress(quiet: bool) -> Progress:
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("seeds"), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal)
