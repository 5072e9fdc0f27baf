"""Commands about the policy of approvals: check a file of rules, and try it on what was decided before."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from agents.society import stored_plant
from knowledge.csv_text import write_csv
from knowledge.errors import SocietyError, StoreError
from knowledge.plant import ApprovalRule, Plant
from knowledge.reading import read_folder, read_plant
from knowledge.reading.policy import read_policy
from knowledge.store.database import Store
from simulations.policy_trial import Verdict, cases_of, conditions, counts, in_words, try_policy

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
_COLUMNS = ("approval", "decision", "subject", "value", "late_days", "basis", "was", "would", "rule", "differs")


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    policy = typer.Typer(help="Check rules of approval, and try them on past decisions.", no_args_is_help=True)
    policy.command("check")(guarded(check))
    policy.command("try")(guarded(attempt))
    app.add_typer(policy, name="policy")


def check(
    policy: Annotated[Path, typer.Argument(help="A knowledge folder, or a TOML file with [[approvals]] rules.")],
    db: Annotated[
        str | None, typer.Option(help="Of a file: hold its names against the plant of this database.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Name every problem of the rules, or say in words what they do."""
    if policy.is_dir():
        if db is not None:
            raise SocietyError("--db is for a file of rules: a folder has a plant of its own")
        rules = read_plant(read_folder(policy)).approvals
    else:
        rules = read_policy(_text(policy), policy.name, None if db is None else _plant(db))
    if as_json:
        said = [{"decision": r.decision, "when": conditions(r), "does": in_words(r)} for r in rules]
        out.print_json(json.dumps({"problems": [], "rules": said}))
        return
    table = Table("rule", "decision", "when", "does", box=None)
    for number, rule in enumerate(rules, 1):
        table.add_row(str(number), rule.decision, conditions(rule), in_words(rule))
    out.print(table if rules else "no rules: everything goes by itself")


def attempt(
    policy: Annotated[Path, typer.Argument(help="A TOML file with [[approvals]] rules; a whole plant.toml will do.")],
    db: Annotated[str, typer.Option(help="The database with what was decided, e.g. sqlite:///plant.db")],
    everything: Annotated[bool, typer.Option("--all", help="Show what stays the same, too.")] = False,
    file: Annotated[Path | None, typer.Option("--out", help="Write all of it into this CSV file.")] = None,
    as_json: Json = False,
) -> None:
    """What rules would have decided on what was decided before. Nothing is changed by it.

    What was put to people is judged by the facts of that time, what went by itself by the records as they are now.
    """
    with closing(_opened(db)) as store:
        plant = stored_plant(store)
        rules: tuple[ApprovalRule, ...] = read_policy(_text(policy), policy.name, plant)
        verdicts = try_policy(rules, cases_of(store, plant))
    rows = [_row(verdict) for verdict in verdicts]
    if file is not None:
        _write(file, rows)
    if as_json:
        out.print_json(json.dumps({**counts(verdicts), "cases": rows, "out": str(file) if file else None}))
        return
    _print(verdicts, everything, file)


def _print(verdicts: list[Verdict], everything: bool, file: Path | None) -> None:
    table = Table("approval", "decision", "about", "was", "would", "rule", box=None)
    for each in verdicts:
        if everything or each.differs:
            rule = "" if each.rule is None else str(each.rule)
            case = each.case
            table.add_row(case.approval, case.facts.decision, case.subject, case.was, each.would, rule)
    if table.rows:
        out.print(table)
    told = {name.replace("_", " "): count for name, count in counts(verdicts).items()}
    out.print(", ".join(f"{count} {name}" for name, count in told.items()))
    if file is not None:
        out.print(f"written: {file}", markup=False, soft_wrap=True)


def _row(verdict: Verdict) -> dict[str, str]:
    case = verdict.case
    value = case.facts.value
    values = (
        case.approval,
        case.facts.decision,
        case.subject,
        "" if value is None else f"{value:f}",
        f"{case.facts.late_days:.2f}",
        str(case.basis),
        case.was,
        verdict.would,
        "" if verdict.rule is None else str(verdict.rule),
        "yes" if verdict.differs else "no",
    )
    return dict(zip(_COLUMNS, values, strict=True))


def _write(file: Path, rows: list[dict[str, str]]) -> None:
    try:
        with file.open("w", newline="", encoding="utf-8") as handle:
            write_csv(handle, _COLUMNS, rows)
    except OSError as error:
        raise SocietyError(f"--out {file}: {error.strerror}") from error


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SocietyError(f"{file}: cannot be read: {error}") from error


def _opened(db: str) -> Store:
    store = Store(db, reading=True)
    if store.empty:
        store.close()
        raise StoreError(f"database {store.name} holds no plant: process documents into it, or load a folder")
    return store


def _plant(db: str) -> Plant:
    with closing(_opened(db)) as store:
        return stored_plant(store)
