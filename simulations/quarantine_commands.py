"""Commands about what is in quarantine: see it, mend it and send it again, or drop it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from agents.service.connectors.configured import connectors
from agents.service.connectors.mending import read_again
from agents.service.settings import read_tables
from agents.society import stored_files
from agents.sources.reading import Read
from knowledge.errors import SocietyError
from knowledge.store.access_store import AccessStore
from knowledge.store.database import Store
from knowledge.store.source_inbox import SourceInbox
from knowledge.store.tables import MessageRow, QuarantineRow
from simulations.noting import note
from simulations.processing import Processing

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()

Database = Annotated[str, typer.Option("--db", help="Database URL, e.g. sqlite:///plant.db")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Number = Annotated[int, typer.Argument(help="Its number in quarantine.", min=1)]
_FIELDS = ("sequence", "document", "reason", "text")


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    commands = typer.Typer(help="Documents in quarantine: see, mend and send them again.", no_args_is_help=True)
    commands.command("list")(guarded(list_quarantined))
    commands.command("show")(guarded(show))
    commands.command("resend")(guarded(send_again))
    commands.command("drop")(guarded(drop))
    app.add_typer(commands, name="quarantine")


def list_quarantined(db: Database, as_json: Json = False) -> None:
    """Every document in quarantine, with its reason."""
    with closing(Store(db, reading=True)) as store:
        rows = sorted(store.rows(QuarantineRow, "sequence", "document", "reason"), key=lambda row: row["sequence"])
    if as_json:
        out.print_json(json.dumps({"quarantine": rows}))
        return
    table = Table("number", "document", "reason", box=None)
    for row in rows:
        table.add_row(str(row["sequence"]), row["document"], row["reason"])
    out.print(table if rows else "nothing is in quarantine")


def show(number: Number, db: Database, as_json: Json = False) -> None:
    """One document in quarantine, with its text as far as it is kept."""
    with closing(Store(db, reading=True)) as store:
        row = _row(store, number)
    if as_json:
        out.print_json(json.dumps(row))
        return
    for name in _FIELDS:
        out.print(f"{name}: {row[name]}", markup=False, soft_wrap=True)


def send_again(
    number: Number,
    db: Database,
    text: Annotated[Path | None, typer.Option(help="A file with what it is to say instead, mended.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="The service's settings: what a connector brought is read by it again.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Send a document in quarantine again, mended or as it was, and let the society take it."""
    try:
        said = None if text is None else text.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SocietyError(f"--text {text}: {error}") from error
    made = connectors(read_tables("sources", config))
    with closing(Store(db, create=False)) as store:
        row = _row(store, number)
        name = f"{_mark(store)}/again {row['document']}"
        with closing(AccessStore(db)) as access:
            found = read_again(made, SourceInbox(access), row["document"], name, row["text"] if said is None else said)
        if len(found) != 1:
            raise SocietyError(f"these are {len(found)} documents: send one at a time")
        if found[0].document is None:
            raise SocietyError(found[0].reason)
        note(db, "quarantine mended", str(number), document=found[0].document.model_dump(mode="json"))
        _settle(store, found[0], number)
    _say({"quarantine": number, "sent_as": name}, f"{number} was taken as {name}", as_json)


def drop(number: Number, db: Database, as_json: Json = False) -> None:
    """Take a document out of quarantine for good."""
    with closing(Store(db, create=False)) as store:
        row = _row(store, number)
        note(db, "quarantine dropped", str(number))
        _settle(store, Read(f"{_mark(store)}/drop {row['document']}", None, "", ""), number)
    _say({"quarantine": number, "dropped": True}, f"{number} was dropped", as_json)


def _settle(store: Store, read: Read, number: int) -> None:
    """Let the society take what stands for a document in quarantine. Raises SocietyError where it refuses it."""
    processing = Processing(store, stored_files(store), store.clock())
    processing.settle(read, number)
    processing.host.stop()
    for row in store.rows(QuarantineRow, "reason", document=read.name):
        raise SocietyError(f"it is in quarantine again: {row['reason']}")


def _row(store: Store, number: int) -> dict[str, Any]:
    for row in store.rows(QuarantineRow, *_FIELDS, sequence=number):
        return row
    raise SocietyError(f"there is nothing in quarantine under {number}")


def _mark(store: Store) -> str:
    """What begins the name of something that is sent again, another each time."""
    return hashlib.sha256(str(store.highest(MessageRow, "sequence")).encode()).hexdigest()[:12]


def _say(body: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(body))
    else:
        out.print(text, markup=False, soft_wrap=True)
