"""The managers' queue from a terminal: of a running service, or of a database that no service runs on."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from agents.api.schemas import ApprovalSummary, ApprovalView
from knowledge.errors import SocietyError
from simulations.approval_queues import SERVICE, InDatabase, OfService, Queue

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()

Name = Annotated[str, typer.Argument(help="The approval, e.g. AP-000001.")]
Database = Annotated[
    str | None, typer.Option("--db", help="The database itself, e.g. sqlite:///plant.db, where no service runs on it.")
]
Url = Annotated[
    str | None, typer.Option("--url", envvar="SOCIETY_URL", help=f"The running service (default: {SERVICE}).")
]
Now = Annotated[str | None, typer.Option(help="With --db: when it is said (default: where the database stands).")]
By = Annotated[str | None, typer.Option(help="Who says so (a service that knows who you are does not ask).")]
Note = Annotated[str | None, typer.Option(help="Why.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    queue = typer.Typer(
        help="Decisions that wait for a person: of the running service (--url), or of a database (--db).",
        no_args_is_help=True,
    )
    commands = (("list", listed), ("show", show), ("approve", approve), ("reject", reject), ("delegate", delegate))
    for name, command in commands:
        queue.command(name)(guarded(command))
    app.add_typer(queue, name="approvals")


def listed(
    status: Annotated[str, typer.Option(help="pending, approved, rejected, advised, superseded, or all.")] = "pending",
    role: Annotated[str | None, typer.Option(help="Only what is put to this role.")] = None,
    db: Database = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """What waits for whom until when, and what happens if nobody answers."""
    queue = _queue(db, url)
    found = queue.find(None if status == "all" else status, role)
    if as_json:
        _print_json({"from": queue.place, "approvals": [each.model_dump() for each in found]})
        return
    table = Table("approval", "decision", "about", "status", "of", "until", "then", "by", box=None)
    for each in found:
        of = " / ".join((each.role, *each.stand_ins))
        until, then = (_short(each.deadline), _then(each)) if each.status == "pending" else ("", "")
        table.add_row(each.approval, each.decision, each.subject, each.status, of, until, then, each.by)
    out.print(table if found else "nothing waits" if status == "pending" else "there are none")


def show(approval: Name, db: Database = None, url: Url = None, as_json: Json = False) -> None:
    """One decision with its alternatives, their costs and effects."""
    queue = _queue(db, url)
    found = queue.show(approval)
    if as_json:
        _print_json({"from": queue.place, **found.model_dump()})
        return
    _print_view(found)


def approve(
    approval: Name,
    alternative: Annotated[str | None, typer.Option(help="Another answer to the order, by number or label.")] = None,
    by: By = None,
    note: Note = None,
    db: Database = None,
    url: Url = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Let a decision go on, as planned or with another alternative."""
    said = {"decision": "approve", "alternative": alternative, "by": by, "note": note}
    _answer(_queue(db, url, now), approval, said, as_json)


def reject(
    approval: Name,
    by: By = None,
    note: Note = None,
    db: Database = None,
    url: Url = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Let a decision not go on."""
    _answer(_queue(db, url, now), approval, {"decision": "reject", "by": by, "note": note}, as_json)


def delegate(
    role: Annotated[
        str | None, typer.Argument(help="The role that is handed over; without one: who stands in.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="Who stands in for it.")] = None,
    until: Annotated[str | None, typer.Option(help="A date or time; one that has passed ends it.")] = None,
    start: Annotated[str | None, typer.Option(help="A date or time (default: now).")] = None,
    by: By = None,
    note: Note = None,
    db: Database = None,
    url: Url = None,
    now: Now = None,
    as_json: Json = False,
) -> None:
    """Let a person answer for a role for a time, or list who does."""
    queue = _queue(db, url, now)
    if role is not None and (to is None or until is None):
        raise SocietyError("delegate ROLE needs --to PERSON and --until TIME")
    if role is None and (to or until or start):
        raise SocietyError("delegate needs the ROLE that is handed over")
    said = {"role": role, "to": to, "until": until, "start": start, "by": by, "note": note}
    found = queue.delegate({name: value for name, value in said.items() if value is not None} if role else None)
    if as_json:
        _print_json({"from": queue.place, "delegations": [each.model_dump() for each in found]})
        return
    table = Table("role", "stands in", "from", "until", "in force", "by", "note", box=None)
    for each in found:
        in_force = "yes" if each.in_force else "no"
        table.add_row(each.role, each.to, _short(each.start), _short(each.until), in_force, each.by, each.note)
    out.print(table if found else "nobody stands in for anybody")


# -- where the queue is


def _queue(db: str | None, url: str | None, now: str | None = None) -> Queue:
    if db is not None and url is not None:
        raise SocietyError("--db and --url: name one of them, the database or the service that runs on it")
    if db is not None:
        return InDatabase(db, now)
    if now is not None:
        raise SocietyError("--now is for --db; a running service has its own clock")
    return OfService((url or SERVICE).rstrip("/"), os.environ.get("SOCIETY_API_KEY", ""))


# -- what is said


def _answer(queue: Queue, approval: str, said: dict[str, Any], as_json: bool) -> None:
    found = queue.answer(approval, {name: value for name, value in said.items() if value is not None})
    if as_json:
        _print_json({"to": queue.place, **found.model_dump()})
        return
    out.print(f"{approval} is {found.status} by {found.by} ({queue.place})", markup=False, soft_wrap=True)


def _short(time: str | None) -> str:
    """A time to the minute, in the plant's zone."""
    return "" if time is None else time[:16].replace("T", " ")


def _then(each: ApprovalSummary) -> str:
    if each.deadline is None:
        return ""
    if each.on_silence == "escalate":
        return "reject" if each.escalated or not each.escalate_to else f"ask {each.escalate_to}"
    return each.on_silence


def _print_view(found: ApprovalView) -> None:
    of = " / ".join((found.role, *found.stand_ins))
    lines = [f"{found.approval}: {found.decision} {found.subject}, {found.status}", found.reason, f"asked of: {of}"]
    if found.deadline is not None and found.status == "pending":
        lines.append(f"until: {found.deadline}, then: {_then(found)}")
    if found.by:
        lines.append(f"by: {found.by}")
    for each in found.alternatives:
        passes = "; needs no approval" if each.automatic else ""
        lines += [f"alternative {each.text}{passes}"]
    lines.extend(f"on the date: {way}" for way in found.on_the_date)
    for line in lines:
        out.print(line, markup=False, soft_wrap=True)


def _print_json(body: dict[str, Any]) -> None:
    out.print_json(json.dumps(body))
