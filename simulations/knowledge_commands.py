"""Commands about what the society knows of a plant: check a knowledge folder, bring a new version in, learn one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from agents.loading import Load, prepared
from agents.runtime.ledger import Ledger
from agents.society import stored_files
from knowledge.difference import Change
from knowledge.errors import KnowledgeError
from knowledge.plant import Plant
from knowledge.reading import read_folder, read_plant
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow, PromiseRow
from simulations.learning.folder import check_place, write_learned
from simulations.learning.learned import learn as learn_log
from simulations.learning.log import read_mapping
from simulations.learning.report import decided, said
from simulations.noting import note
from simulations.processing import Processing

UNUSABLE = 2

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]
Folder = Annotated[Path, typer.Argument(help="A knowledge folder.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]

out = Console()

_STYLES = {"added": "green", "changed": "yellow", "removed": "red"}


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    knowledge = typer.Typer(help="Check, load or learn what the society knows of a plant.", no_args_is_help=True)
    knowledge.command("check")(guarded(check))
    knowledge.command("load")(guarded(load))
    knowledge.command("learn")(guarded(learn))
    app.add_typer(knowledge, name="knowledge")


def check(folder: Folder, as_json: Json = False) -> None:
    """Read a knowledge folder and name every problem in it."""
    try:
        plant = read_plant(read_folder(folder))
    except KnowledgeError as error:
        if not as_json:
            raise
        _say_problems(error)
    if as_json:
        out.print_json(json.dumps({"problems": [], **_counts(plant)}))
    else:
        told = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in _counts(plant).items() if count)
        out.print(f"{plant.name}: no problems. {told}", markup=False)


def load(
    folder: Folder,
    db: Annotated[str, typer.Option(help="Database URL, e.g. sqlite:///plant.db")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it is carried through.")] = False,
    as_json: Json = False,
) -> None:
    """Show what a new version of the knowledge folder changes, and carry it through: what is planned is planned anew.

    Firm and released orders stay as they are; promises that cannot hold are made anew, each with its reason. What may
    not change while work goes on is refused, all of it at once, and nothing is done. A running service takes a new
    version in its console or at its API. On a terminal you are asked first.
    """
    try:
        _load(
            db, read_folder(folder), dry_run=dry_run, ask=not yes and not as_json and sys.stdin.isatty(), json_=as_json
        )
    except KnowledgeError as error:
        if not as_json:
            raise
        _say_problems(error)


def learn(
    log: Annotated[Path, typer.Argument(help="The log of a shop floor: a CSV file or a workbook (XLSX).")],
    out_dir: Annotated[Path, typer.Option("--out", help="A new folder for what is learned.")],
    mapping: Annotated[
        Path | None, typer.Option(help="A TOML file that says which column is what, where it is not found out.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Derive a knowledge folder from the log of a shop floor: items, routes, times, work centres and calendars.

    Beside its tables are the work orders of the log as customer orders (documents.jsonl), what was dropped and decided
    (learned.md), and how the times spread (learned/operation_times.csv).
    """
    check_place(out_dir)
    learned = learn_log(log, read_mapping(mapping))
    write_learned(learned, out_dir)
    if as_json:
        body = {"out": str(out_dir), "learned": list(said(learned)), "decided": list(decided(learned))}
        out.print_json(json.dumps(body))
        return
    for line in (*said(learned), *decided(learned)):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
    out.print(f"knowledge folder: {out_dir}; what was decided, by item: {out_dir / 'learned.md'}", markup=False)


def _load(db: str, files: dict[str, str], *, dry_run: bool, ask: bool, json_: bool) -> None:
    plant = read_plant(files)
    with closing(Store(db, reading=True) if dry_run else Store(db)) as store:
        found = prepared(store, files)
        fresh = not store.rows(MessageRow, "message")
        if not json_ and not fresh:
            show_changes(out, found)
        if dry_run or not found.writes:
            said, moved = "unchanged" if not found.writes else "not loaded", 0
        else:
            if ask and not fresh and not typer.confirm("Load it?"):
                raise typer.Exit(0)
            note(db, "knowledge loaded", plant.name, changes=len(found.changes))
            said, moved = _carry_through(store, files, found, fresh)
    if json_:
        told = {"database": db, "knowledge": said, "promises_changed": moved}
        out.print_json(json.dumps({**told, "changes": changes_json(found), "superseded": list(found.superseded)}))
    else:
        promises = f"; {moved} promised parts are not what they were" if moved else ""
        out.print(f"{db}: {said}{promises}", markup=False)


def _carry_through(store: Store, files: dict[str, str], found: Load, fresh: bool) -> tuple[str, int]:
    """Keep the files where there is no society yet: its clock starts with the first command that runs it."""
    if fresh:
        ledger = Ledger(store)
        ledger.keep(found.writes)
        ledger.commit()
        return "loaded", 0
    before = _promises(store)
    processing = Processing(store, stored_files(store), store.clock())
    processing.load(files)
    processing.host.stop()
    return "updated", len(_promises(store) - before)


def _promises(store: Store) -> set[tuple[Any, ...]]:
    columns = ("order", "line", "part", "quantity", "promised", "status")
    return {tuple(row[name] for name in columns) for row in store.rows(PromiseRow, *columns)}


def show_changes(console: Console, load: Load) -> None:
    """Every change with its fields, on a terminal."""
    for change in load.changes:
        style = _STYLES[change.what.value]
        console.print(Text.assemble((change.what.value, style), " ", (str(change), "bold")), soft_wrap=True)
        for field in change.fields if change.what.value == "changed" else ():
            before, after = field.before or "(nothing)", field.after or "(nothing)"
            console.print(Text(f"    {field.name}: {before} → {after}"), soft_wrap=True)
    for item in load.superseded:
        console.print(Text(f"the engineering release of {item} gives way to the folder", "yellow"), soft_wrap=True)
    if load.writes and not load.changes:
        console.print("nothing that is planned with changes")


def changes_json(load: Load) -> list[dict[str, Any]]:
    """Every change with its fields, as plain values."""
    return [_plain(change) for change in load.changes]


def _plain(change: Change) -> dict[str, Any]:
    return {**asdict(change), "what": change.what.value, "fields": [asdict(field) for field in change.fields]}


def _say_problems(error: KnowledgeError) -> None:
    problems: Sequence[dict[str, Any]] = [
        {"file": p.file, "row": p.row, "column": p.column, "problem": p.text} for p in error.problems
    ]
    out.print_json(json.dumps({"problems": problems}))
    raise typer.Exit(UNUSABLE) from error


def _counts(plant: Plant) -> dict[str, int]:
    return {
        "items": len(plant.items),
        "boms": len(plant.boms),
        "routes": len(plant.routes),
        "work_centres": len(plant.work_centres),
        "suppliers": len(plant.suppliers),
        "offers": sum(len(offers) for offers in plant.offers.values()),
        "customers": len(plant.customers or {}),
        "open_orders": len(plant.open_orders),
        "approval_rules": len(plant.approvals),
    }
