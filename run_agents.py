"""The door: the command line of the society of agents."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, TypeVar

import structlog
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from agents.api.app import Server
from agents.api.context import Views
from agents.runtime.memory import collect_seldom
from agents.service.logs import configure_logs
from agents.service.running import Service
from agents.service.settings import LogFormat, settings
from agents.society import stored_files, stored_plant
from agents.sources.reading import Read, read_paths
from knowledge.auditor import LAWS
from knowledge.auditor import audit as find_faults
from knowledge.errors import KnowledgeError, SocietyError, StoreError
from knowledge.explanation import explain
from knowledge.instants import Instant, parse
from knowledge.outlook import outlook_of
from knowledge.plant import Plant
from knowledge.reading import read_folder, read_plant
from knowledge.store.books import books_of, explained_books_of
from knowledge.store.database import Store
from knowledge.store.export import Rows, export, write_tables
from knowledge.store.tables import MessageRow
from simulations import (
    access_commands,
    approval_commands,
    database_commands,
    knowledge_commands,
    laboratory_commands,
    policy_commands,
    quarantine_commands,
    replay_command,
    source_commands,
    torture_commands,
)
from simulations.explaining import explained
from simulations.processing import Outcome, Processing, earliest
from simulations.quoting import quote
from simulations.replanning import Replanning
from simulations.report import MessageView, build_report, print_summary
from simulations.report.conversation import conversation_picture
from simulations.report.outlook import print_outlook
from simulations.report.outlook_json import outlook_json
from simulations.report.outlook_picture import check_picture, write_picture
from simulations.report.sequence_picture import write_sequences
from simulations.report.what_if import print_difference, print_improvement
from simulations.report.what_if_json import difference_json
from simulations.report.why import print_explanation
from simulations.report.why_json import explanation_json
from simulations.what_if import Rehearsal, compare, state_of

DONE, QUARANTINED, UNUSABLE, INTERNAL = 0, 1, 2, 3
VIEWS = Views(explained=explained, sequence=conversation_picture, outlook=outlook_json, quote=quote)
DEMO = Path(__file__).parent / "simulations" / "plants" / "demo"

app = typer.Typer(
    help="A society of agents that turns customer orders into work orders, purchase orders and shipping orders.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

out = Console()
err = Console(stderr=True, highlight=False, soft_wrap=True)

F = TypeVar("F", bound=Callable[..., Any])


class Approve(StrEnum):
    AUTO = "auto"
    POLICY = "policy"


def guarded(command: F) -> F:
    """Unusable input ends with its reason and exit status 2, a bug with its traceback and 3."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except KnowledgeError as error:
            for problem in error.problems:
                err.print(str(problem), markup=False)
            raise typer.Exit(UNUSABLE) from error
        except SocietyError as error:
            err.print(str(error), markup=False)
            raise typer.Exit(UNUSABLE) from error
        except (typer.Exit, typer.Abort, KeyboardInterrupt):
            raise
        except Exception as error:
            err.print_exception()
            raise typer.Exit(INTERNAL) from error

    return run  # type: ignore[return-value]


Knowledge = Annotated[Path, typer.Option("--knowledge", help="The knowledge folder of the plant.")]
Out = Annotated[Path, typer.Option("--out", help="Where to write the tables.")]
Mapping = Annotated[
    Path | None, typer.Option(help="How tables are read: a TOML file, in place of those beside the documents.")
]
Seed = Annotated[int, typer.Option(help="Seed of the solver: the same seed, the same tables.")]
Approving = Annotated[Approve, typer.Option(help="policy: as plant.toml says; auto: approve and record.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


@app.command()
@guarded
def process(
    documents: Annotated[list[Path], typer.Argument(help="Order documents: files or folders, any format.")],
    knowledge: Knowledge,
    out_dir: Out,
    db: Annotated[str | None, typer.Option(help="Database URL to go on from, e.g. sqlite:///plant.db")] = None,
    now: Annotated[str | None, typer.Option(help="When the clock starts (default: the earliest received).")] = None,
    seed: Seed = 0,
    approve: Approving = Approve.POLICY,
    improve_seconds: Annotated[
        int, typer.Option("--improve", min=0, metavar="SECONDS", help="Improve the plan in the end, for so long.")
    ] = 0,
    mapping: Mapping = None,
    as_json: Json = False,
) -> None:
    """Run documents through the society in virtual time and write the tables.

    Improving is counted in rounds of the search, so many a second, so that the same documents give the same tables.
    """
    files = read_folder(knowledge)
    plant = read_plant(files)
    _check_place(out_dir)
    reads = read_paths(documents, mapping)
    processing = _processing(files, _start(now, plant, reads), db, approve, seed, improve_seconds)
    _run(processing, reads, quiet=as_json)
    processing.improve()
    tables = export(processing.store, processing.plant_now(), processing.now)
    write_tables(tables, out_dir)
    _say(processing, tables, out_dir, as_json)
    processing.store.close()
    if processing.outcome.dead:
        raise typer.Exit(INTERNAL)
    raise typer.Exit(QUARANTINED if processing.outcome.quarantined or tables["quarantine"] else DONE)


@app.command()
@guarded
def demo(
    out_dir: Annotated[Path | None, typer.Option("--out", help="Where to write (default: a new folder).")] = None,
    as_json: Json = False,
) -> None:
    """A bundled day of mixed orders on the bundled plant, with a report to open."""
    files = read_folder(DEMO / "knowledge")
    reads = read_paths([DEMO / "orders"])
    processing = _processing(files, earliest(reads), None, Approve.POLICY, 0)
    _run(processing, reads, quiet=as_json)
    folder = out_dir or Path(tempfile.mkdtemp(prefix="society-demo-"))
    tables = export(processing.store, processing.plant_now(), processing.now)
    write_tables(tables, folder)
    report = folder / "report.html"
    plant = processing.plant_now()
    messages = [_view(row) for row in processing.store.rows(MessageRow)]
    text = build_report(tables, messages, "A day of mixed orders", plant.zone, processing.now, plant)
    report.write_text(text, encoding="utf-8")
    _say(processing, tables, folder, as_json, report)


@app.command()
@guarded
def improve(
    db: Annotated[str, typer.Option(help="Database URL, e.g. sqlite:///plant.db")],
    seconds: Annotated[
        int, typer.Option(min=1, help="For about how long: counted in rounds of the search, the same on any machine.")
    ] = 30,
    picture: Annotated[
        Path | None, typer.Option("--out", help="Draw the machines before and after into this file: .svg or .png.")
    ] = None,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Improve the plan of a database: late promises get earlier dates where a better sequence allows it."""
    if picture is not None:
        check_picture(picture)
    with closing(Store(db, create=False)) as store:
        now = store.clock()
        processing = Processing(store, stored_files(store), now, seed=seed, improve_seconds=seconds)
        before = state_of(processing)
        processing.improve()
        after, plant = state_of(processing), processing.plant_now()
    found = compare(before, after)
    if picture is not None:
        write_sequences(before.records, after.records, plant, processing.now, picture)
    if as_json:
        body = {**difference_json(found, plant), "picture": str(picture) if picture else None}
        out.print_json(json.dumps(body))
    else:
        print_improvement(out, found, plant)
        _tell_dead(processing.outcome)
        if picture is not None:
            out.print(f"picture: {picture}", markup=False, soft_wrap=True)
    raise typer.Exit(INTERNAL if processing.outcome.dead else DONE)


@app.command("export")
@guarded
def export_tables(
    db: Annotated[str, typer.Option(help="Database URL, e.g. sqlite:///plant.db")], out_dir: Out, as_json: Json = False
) -> None:
    """Write the tables of a database."""
    _check_place(out_dir)
    with _opened(db) as (store, plant, now):
        tables = export(store, plant, now)
    write_tables(tables, out_dir)
    if as_json:
        out.print_json(json.dumps({"out": str(out_dir), "rows": {name: len(rows) for name, rows in tables.items()}}))
    else:
        out.print(f"{sum(len(rows) for rows in tables.values())} rows in {len(tables)} tables written to {out_dir}")


@app.command()
@guarded
def audit(
    db: Annotated[str, typer.Option(help="Database URL, e.g. sqlite:///plant.db")], as_json: Json = False
) -> None:
    """Check that the records of a database keep every law: nothing promised twice, pegs that add up, and so on."""
    with _opened(db) as opened:
        findings = find_faults(books_of(*opened))
    if as_json:
        out.print_json(json.dumps({"findings": [str(finding) for finding in findings]}))
    else:
        for finding in findings:
            out.print(str(finding), markup=False, soft_wrap=True)
        out.print(f"{len(LAWS)} laws, {len(findings)} findings" if findings else f"{len(LAWS)} laws hold")
    raise typer.Exit(INTERNAL if findings else DONE)


@app.command()
@guarded
def availability(
    item: Annotated[str, typer.Argument(help="The item's code.")],
    db: Annotated[str, typer.Option(help="Database URL, e.g. sqlite:///plant.db")],
    picture: Annotated[Path | None, typer.Option("--out", help="Draw it into this file, too: .svg or .png.")] = None,
    as_json: Json = False,
) -> None:
    """One item over time: its balance, what may be promised, every receipt and requirement, and their pegs."""
    if picture is not None:
        check_picture(picture)
    with _opened(db) as opened:
        outlook = outlook_of(books_of(*opened), item)
    if picture is not None:
        write_picture(outlook, picture)
    if as_json:
        out.print_json(json.dumps({**outlook_json(outlook), "picture": str(picture) if picture else None}))
        return
    print_outlook(out, outlook)
    if picture is not None:
        out.print(f"picture: {picture}", markup=False, soft_wrap=True)


@app.command()
@guarded
def why(
    document: Annotated[str, typer.Argument(help="An order, a line of it, a work, purchase or shipping order.")],
    db: Annotated[str, typer.Option(help="Database URL, e.g. sqlite:///plant.db")],
    as_json: Json = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Do not plan anew with each cure.")] = False,
) -> None:
    """What a document waits for, what it is for, why it is late, and what would cure that."""
    with _opened(db) as (store, plant, now):
        explanation = explain(explained_books_of(store, plant, now), document)
        if not estimate:
            explanation = Replanning(store, plant, now).tried(explanation)
    if as_json:
        out.print_json(json.dumps(explanation_json(explanation, plant)))
    else:
        print_explanation(out, explanation, plant)


@app.command("what-if")
@guarded
def what_if(
    documents: Annotated[list[Path], typer.Argument(help="Documents of any kind: files or folders.")],
    db: Annotated[str, typer.Option(help="Database URL, e.g. sqlite:///plant.db")],
    out_dir: Annotated[Path | None, typer.Option("--out", help="Write the tables, as they would be, there.")] = None,
    now: Annotated[
        str | None, typer.Option(help="When documents without a time are taken (default: where the database stands).")
    ] = None,
    seed: Seed = 0,
    approve: Approving = Approve.POLICY,
    mapping: Mapping = None,
    as_json: Json = False,
) -> None:
    """What documents would change: they are taken by a copy of the society, and nothing of it is kept."""
    if out_dir is not None:
        _check_place(out_dir)
    with _opened(db) as (
        store,
        plant,
        _,
    ):  # before anything is planned: what happens from then on cannot reach the database
        reads = read_paths(documents, mapping)
        start = None if now is None else _start(now, plant, reads)
        rehearsal = Rehearsal(store, reads, start, approve_all=approve is Approve.AUTO, seed=seed)
    _run(rehearsal.trial, reads, quiet=as_json)
    found, outcome = rehearsal.difference(), rehearsal.trial.outcome
    if out_dir is not None:
        write_tables(rehearsal.tables(), out_dir)
    if as_json:
        place = str(out_dir) if out_dir else None
        body = {"documents": _counted(outcome), **difference_json(found, rehearsal.trial.plant_now()), "out": place}
        out.print_json(json.dumps(body))
    else:
        print_difference(out, found, rehearsal.trial.plant_now())
        _tell_dead(outcome)
        if out_dir is not None:
            out.print(f"tables: {out_dir}", markup=False, soft_wrap=True)
    raise typer.Exit(INTERNAL if outcome.dead else QUARANTINED if found.quarantine else DONE)


@app.command()
@guarded
def serve(
    knowledge: Annotated[Path | None, typer.Option(help="The knowledge folder of the plant.")] = None,
    db: Annotated[str | None, typer.Option(help="Database URL, e.g. sqlite:///plant.db")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on (default: 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for a free one (default: 8000).")] = None,
    config: Annotated[Path | None, typer.Option(help="A TOML file with settings; SOCIETY_… may say them, too.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write the log as JSON objects.")] = False,
) -> None:
    """The society as a service with an HTTP API, until it is told to stop (SIGTERM)."""
    form = LogFormat.JSON if as_json else None
    found = settings(config, knowledge=knowledge, db=db, host=host, port=port, log_format=form)
    configure_logs(found.log_format, found.log_level)
    service = Service(found, read_folder(found.knowledge))
    if not Server(service, VIEWS).serve_until_stopped():
        raise typer.Exit(INTERNAL)


@contextmanager
def _opened(db: str) -> Iterator[tuple[Store, Plant, Instant]]:
    """A database as it stands at this moment, its plant, and the time at which it last said anything."""
    with closing(Store(db, reading=True)) as store:
        if store.empty:
            raise StoreError(f"database {store.name} holds no plant: process documents into it, or load a folder")
        yield store, stored_plant(store), store.clock()


def _check_place(folder: Path) -> None:
    """Refuse a place that cannot hold the tables, before anything is done that would have to be written there."""
    place = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not place.is_dir() or not os.access(place, os.W_OK):
        raise SocietyError(f"--out {folder}: {place} is not a folder that can be written to")


def _start(now: str | None, plant: Plant, reads: list[Read]) -> Instant:
    if now is None:
        return earliest(reads)
    try:
        return parse(now, plant.zone)
    except ValueError as error:
        raise SocietyError(f"--now {now}: {error}; write for example 2026-01-05T08:00:00Z") from error


def _processing(
    files: dict[str, str], now: Instant, db: str | None, approve: Approve, seed: int, improve_seconds: int = 0
) -> Processing:
    store, approve_all = Store(db or "sqlite://"), approve is Approve.AUTO
    return Processing(store, files, now, approve_all=approve_all, seed=seed, improve_seconds=improve_seconds)


def _run(processing: Processing, reads: list[Read], *, quiet: bool) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True, disable=quiet or not err.is_terminal) as progress:
        task = progress.add_task("documents", total=len(reads))
        for done in processing.run(reads):
            progress.update(task, completed=done)


def _say(
    processing: Processing, tables: dict[str, Rows], folder: Path, as_json: bool, report: Path | None = None
) -> None:
    outcome: Outcome = processing.outcome
    if as_json:
        body: dict[str, Any] = {
            **_counted(outcome),
            "out": str(folder),
            "rows": {name: len(rows) for name, rows in tables.items()},
        }
        if report is not None:
            body["report"] = str(report)
        out.print_json(json.dumps(body))
        return
    print_summary(out, tables, processing.plant.zone, processing.now)
    if outcome.ignored:
        out.print(f"nothing to do with {outcome.ignored} of the documents: they are no news of orders")
    _tell_dead(outcome)
    out.print(f"tables: {folder}", markup=False, soft_wrap=True)
    if report is not None:
        out.print(f"report: {report}", markup=False, soft_wrap=True)


def _counted(outcome: Outcome) -> dict[str, int]:
    """What became of the documents."""
    return {
        "accepted": outcome.accepted,
        "duplicate": outcome.duplicate,
        "quarantined": outcome.quarantined,
        "ignored": outcome.ignored,
        "dead_letters": outcome.dead,
    }


def _tell_dead(outcome: Outcome) -> None:
    if outcome.dead:
        told = "message was" if outcome.dead == 1 else "messages were"
        err.print(f"{outcome.dead} {told} given up because an agent failed: what they asked for is not in the tables")


def _view(row: dict[str, Any]) -> MessageView:
    return MessageView(
        sent=row["sent"],
        sender=row["sender"],
        receiver=row["receiver"],
        performative=row["performative"],
        protocol=row["protocol"],
        kind=row["kind"],
        conversation=row["conversation"],
        subject=row["subject"],
        note="",
    )


for commands in (
    knowledge_commands,
    database_commands,
    access_commands,
    approval_commands,
    policy_commands,
    quarantine_commands,
    source_commands,
    laboratory_commands,
    torture_commands,
    replay_command,
):
    commands.add_commands(app, guarded)


def main() -> None:
    """Run the command line."""
    collect_seldom()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer(colors=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    app()


if __name__ == "__main__":
    main()
