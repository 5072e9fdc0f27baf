"""Commands about the database itself: backup, restore, upgrade, retention, and messages that were given up."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from agents.runtime.dead_letters import DeadLetter, dead_letter, dead_letters, resend
from agents.runtime.housekeeping import retain
from agents.runtime.ledger import Ledger
from agents.society import opening, stored_files, stored_plant
from knowledge.errors import SocietyError
from knowledge.instants import to_datetime
from knowledge.store.backup import backup, restore
from knowledge.store.database import Store
from knowledge.store.tables import MessageRow
from knowledge.store.upgrading import upgrade_database
from simulations.noting import note
from simulations.processing import Processing

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()

Database = Annotated[str, typer.Option("--db", help="Database URL, e.g. sqlite:///plant.db")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Message = Annotated[str, typer.Argument(help="The message's id, e.g. m00000042.")]


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    app.command("backup")(guarded(back_up))
    app.command("restore")(guarded(bring_back))
    database = typer.Typer(help="Bring a database up to date, or make it smaller.", no_args_is_help=True)
    database.command("upgrade")(guarded(upgrade))
    database.command("retain")(guarded(forget))
    app.add_typer(database, name="db")
    letters = typer.Typer(help="Messages that were given up: see, mend and send them again.", no_args_is_help=True)
    letters.command("list")(guarded(list_letters))
    letters.command("show")(guarded(show_letter))
    letters.command("resend")(guarded(send_again))
    app.add_typer(letters, name="dead-letters")


def back_up(
    file: Annotated[Path, typer.Argument(help="The new file.")],
    db: Database,
    as_json: Json = False,
) -> None:
    """Write a database into one file, as it is at this moment, while a society runs on it or not."""
    rows = backup(db, file)
    _say({"backup": str(file), "rows": rows}, f"{rows} rows written to {file}", as_json)


def bring_back(
    file: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    db: Database,
    replace: Annotated[bool, typer.Option("--replace", help="Lose what the database holds now.")] = False,
    as_json: Json = False,
) -> None:
    """Put a backup into a database of either kind, all of it or nothing, after checking that the backup is sound."""
    done = restore(file, db, replace=replace)
    said = f"{done.rows} rows restored from {file}; {done.sessions} sessions ended"
    said += f"; keys that were revoked since stay so: {', '.join(done.revoked)}" if done.revoked else ""
    told = {"rows": done.rows, "sessions_ended": done.sessions, "keys_revoked": list(done.revoked)}
    _say({"restored": str(file), **told}, said, as_json)


def upgrade(db: Database, as_json: Json = False) -> None:
    """Bring a database of an earlier version to the schema of this one."""
    before, after = upgrade_database(db)
    said = f"schema {after} already" if before == after else f"schema {before} upgraded to {after}"
    _say({"before": before, "after": after}, said, as_json)


def forget(
    db: Database,
    days: Annotated[int, typer.Option(min=1, help="How long conversations that are over are kept.")],
    as_json: Json = False,
) -> None:
    """Remove old conversations that are over and that no open order, supply or shipment has to do with."""
    with closing(Store(db, create=False)) as store:
        lasting = [send.conversation for send in opening(stored_plant(store))]
        conversations, messages = retain(Ledger(store), store.clock(), days, lasting)
    body = {"conversations": conversations, "messages": messages}
    _say(body, f"{conversations} conversations with {messages} messages removed", as_json)


def list_letters(db: Database, as_json: Json = False) -> None:
    """Every message that was given up, the oldest first."""
    with closing(Store(db, reading=True)) as store:
        letters = dead_letters(store)
    if as_json:
        out.print_json(json.dumps({"dead_letters": [_shown(letter) for letter in letters]}))
        return
    table = Table("message", "sent", "from", "to", "says", "about", "why", box=None)
    for letter in letters:
        why = letter.error.strip().splitlines()[-1:] or [""]
        sent = to_datetime(letter.sent).isoformat()
        table.add_row(letter.message, sent, letter.sender, letter.receiver, letter.kind, letter.subject, why[0])
    out.print(table if letters else "no dead letters")


def show_letter(message: Message, db: Database, as_json: Json = False) -> None:
    """One message that was given up: what it says and why nobody could take it."""
    with closing(Store(db, reading=True)) as store:
        letter = dead_letter(store, message)
    if as_json:
        out.print_json(json.dumps(_shown(letter)))
        return
    for name, value in _shown(letter).items():
        text = json.dumps(value, indent=2) if name == "body" else str(value)
        out.print(f"{name}: {text}", markup=False, soft_wrap=True)


def send_again(
    message: Message,
    db: Database,
    body: Annotated[Path | None, typer.Option(help="A JSON file to say instead: the body, mended.")] = None,
    as_json: Json = False,
) -> None:
    """Send a message that was given up again, mended or as it was, and let the society take it."""
    try:
        text = None if body is None else body.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SocietyError(f"--body {body}: {error}") from error
    with closing(Store(db, create=False)) as store:
        now = store.clock()
        processing = Processing(store, stored_files(store), now)
        note(db, "dead letter resent", message, body=text)
        sent = resend(processing.ledger, message, now, processing.agents, text)
        processing.host.post([], "")
        processing.host.run_until(now)
        processing.host.stop()
        (row,) = store.rows(MessageRow, "status", message=sent)
    _say({"message": message, "sent_as": sent, "status": row["status"]}, f"sent as {sent}: {row['status']}", as_json)


def _shown(letter: DeadLetter) -> dict[str, Any]:
    sent = to_datetime(letter.sent).isoformat()
    return {**asdict(letter), "sent": sent, "body": json.loads(letter.body)}


def _say(body: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(body))
    else:
        out.print(text, markup=False, soft_wrap=True)
