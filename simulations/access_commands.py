"""Commands about people: accounts, their keys, and the audit log of what people decided."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from agents.service.gatekeeper import limit_of
from agents.service.people import People
from knowledge.access import AccessError, Person, account_name, roles_of, titles_of
from knowledge.audit_log import GENESIS, Checked, checked
from knowledge.instants import iso
from knowledge.store import audit_records
from knowledge.store.access_store import AccessStore
from knowledge.store.accounts import Account, Accounts, ApiKey
from simulations.noting import operator, wall_clock

Guard = Callable[[Callable[..., Any]], Callable[..., Any]]

out = Console()

PASSWORD = "SOCIETY_PASSWORD"
TAMPERED = 3

Database = Annotated[str, typer.Option("--db", help="Database URL, e.g. sqlite:///plant.db")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]
Name = Annotated[str, typer.Argument(help="The account's name.")]
Roles = Annotated[
    list[str],
    typer.Option("--role", help="viewer, sales, engineer, buyer, floor, warehouse, manager, operator or integrator."),
]
Titles = Annotated[
    list[str], typer.Option("--approves", help="Another role in rules of plant.toml whose approvals they answer.")
]
Limit = Annotated[str | None, typer.Option(help="What they approve at most, in the plant's currency (default: any).")]
PasswordFile = Annotated[
    Path | None, typer.Option(help=f"Read the password from a file, - is standard input; {PASSWORD} may hold it, too.")
]


def add_commands(app: typer.Typer, guarded: Guard) -> None:
    """Give a command line the commands of this module, each behind its guard."""
    users = typer.Typer(help="Who may use the service, with which roles, passwords and keys.", no_args_is_help=True)
    users.command("add")(guarded(add_user))
    users.command("list")(guarded(list_users))
    users.command("role")(guarded(change_roles))
    users.command("disable")(guarded(disable_user))
    users.command("enable")(guarded(enable_user))
    users.command("password")(guarded(change_password))
    keys = typer.Typer(help="API keys of programs.", no_args_is_help=True)
    keys.command("add")(guarded(add_key))
    keys.command("list")(guarded(list_keys))
    keys.command("revoke")(guarded(revoke_key))
    users.add_typer(keys, name="key")
    app.add_typer(users, name="users")
    log = typer.Typer(help="What people decided, chained by hashes.", no_args_is_help=True)
    log.command("show")(guarded(show_log))
    log.command("verify")(guarded(verify_log))
    app.add_typer(log, name="audit-log")


def add_user(
    name: Name,
    db: Database,
    role: Roles,
    approves: Titles = [],  # noqa: B006
    limit: Limit = None,
    password_file: PasswordFile = None,
    no_password: Annotated[bool, typer.Option("--no-password", help="For a program that only has keys.")] = False,
    as_json: Json = False,
) -> None:
    """Add an account. With the first one the service wants everybody to sign in."""
    person = Person(account_name(name), roles_of(role), titles_of(approves), limit_of(limit))
    password = None if no_password else _password(password_file)
    with _people(db, create=True) as people:
        account = people.add(person, password)
    _say(_shown(account), f"{account.name} added: {', '.join(sorted(account.person.roles))}", as_json)


def list_users(db: Database, as_json: Json = False) -> None:
    """Every account with its roles."""
    with _people(db) as people:
        found = people.accounts.all()
        sessions = {account.name: len(people.accounts.sessions(account.name)) for account in found}
    if as_json:
        rows = [{**_shown(account), "sessions": sessions[account.name]} for account in found]
        out.print_json(json.dumps({"users": rows}))
        return
    table = Table("name", "roles", "approves as", "up to", "signs in with", "sessions", "status", box=None)
    for account in found:
        shown = _shown(account)
        status = "disabled" if account.disabled else ""
        table.add_row(
            account.name,
            ", ".join(shown["roles"]),
            ", ".join(shown["approves"]),
            shown["limit"] or "",
            shown["signs_in_with"],
            str(sessions[account.name] or ""),
            status,
        )
    out.print(table if found else "no accounts: whoever reaches the service on the loopback may do everything")


def change_roles(
    name: Name,
    db: Database,
    role: Roles,
    approves: Titles = [],  # noqa: B006
    limit: Limit = None,
    as_json: Json = False,
) -> None:
    """Give an account these roles, and no others; its sessions go on with them."""
    person = Person(account_name(name), roles_of(role), titles_of(approves), limit_of(limit))
    with _people(db) as people:
        account = people.give(person)
    _say(_shown(account), f"{account.name}: {', '.join(sorted(person.roles))}", as_json)


def disable_user(name: Name, db: Database, as_json: Json = False) -> None:
    """Let an account in no more, neither by password nor by key; whoever is signed in is signed out."""
    _set_disabled(name, db, True, as_json)


def enable_user(name: Name, db: Database, as_json: Json = False) -> None:
    """Let an account in again."""
    _set_disabled(name, db, False, as_json)


def change_password(name: Name, db: Database, password_file: PasswordFile = None, as_json: Json = False) -> None:
    """Set an account's password and sign it out everywhere."""
    with _people(db) as people:
        account = people.found(name)
        people.set_password(account.name, _password(password_file))
    _say({"name": account.name}, f"{account.name}: password set, signed out everywhere", as_json)


def add_key(
    name: Name,
    db: Database,
    label: Annotated[str, typer.Option(help="What the key is for.")] = "",
    days: Annotated[int | None, typer.Option(min=1, help="How long it is valid (default: until revoked).")] = None,
    as_json: Json = False,
) -> None:
    """Make an API key of an account. It is shown this once: only its hash is kept."""
    with _people(db) as people:
        text, key = people.add_key(name, label, days)
    _say({**_shown_key(key), "secret": text}, text, as_json)


def list_keys(
    db: Database, name: Annotated[str | None, typer.Argument(help="The account's name.")] = None, as_json: Json = False
) -> None:
    """API keys without what is secret of them."""
    with _people(db) as people:
        keys = people.accounts.keys(None if name is None else people.found(name).name)
    if as_json:
        out.print_json(json.dumps({"keys": [_shown_key(key) for key in keys]}))
        return
    table = Table("key", "account", "for", "made", "valid until", "status", box=None)
    for key in keys:
        until = "" if key.expires is None else iso(key.expires)
        table.add_row(key.key, key.account, key.label, iso(key.created), until, "revoked" if key.revoked else "")
    out.print(table if keys else "no keys")


def revoke_key(key: Annotated[str, typer.Argument(help="The key as `key list` names it.")], db: Database) -> None:
    """Make an API key invalid for good."""
    with _people(db) as people:
        people.revoke_key(key)
    out.print(f"{key} revoked", markup=False)


def show_log(
    db: Database,
    person: Annotated[str | None, typer.Option(help="Only what this person did.")] = None,
    search: Annotated[str, typer.Option(help="A text in the action, or in what it was done to.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="So many records at most.")] = 100,
    as_json: Json = False,
) -> None:
    """What people decided, the latest first."""
    with closing(AccessStore(db)) as store:
        found, total = audit_records.page(store, person, search, limit)
    if as_json:
        rows = [
            {
                "sequence": record.sequence,
                "time": iso(record.entry.time),
                "person": record.entry.person,
                "action": record.entry.action,
                "subject": record.entry.subject,
                "detail": json.loads(record.entry.detail),
                "hash": record.hash,
            }
            for record in found
        ]
        out.print_json(json.dumps({"records": rows, "total": total}))
        return
    table = Table("", "time", "person", "action", "subject", "detail", box=None)
    for record in found:
        entry = record.entry
        detail = ", ".join(f"{name}: {value}" for name, value in json.loads(entry.detail).items())
        table.add_row(str(record.sequence), iso(entry.time), entry.person, entry.action, entry.subject, detail)
    out.print(table if found else "nothing was decided by anybody yet")


def verify_log(
    db: Database,
    head: Annotated[
        str | None, typer.Option(help="A head that was printed or logged before: it has to be there still.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check that no record of the audit log was changed, removed, inserted or moved; exit status 3 where one was."""
    with closing(AccessStore(db)) as store:
        found = checked(audit_records.records(store), head)
    if as_json:
        body = {"records": found.records, "head": found.head, "faults": list(found.faults)}
        out.print_json(json.dumps(body))
    else:
        out.print(_told(found, head), markup=False, soft_wrap=True)
    raise typer.Exit(TAMPERED if found.faults else 0)


def _told(found: Checked, head: str | None) -> str:
    if found.faults:
        return "\n".join(found.faults)
    seen = "" if head in (None, GENESIS) else "; the head given is in there"
    return f"{found.records} records, all as they were written{seen}\nhead {found.head}"


@contextmanager
def _people(db: str, *, create: bool = False) -> Iterator[People]:
    with closing(AccessStore(db, create=create)) as store:
        yield People(Accounts(store), operator(), wall_clock())


def _set_disabled(name: str, db: str, disabled: bool, as_json: bool) -> None:
    with _people(db) as people:
        account = people.disable(name, disabled)
    _say(_shown(account), f"{account.name} {'disabled' if disabled else 'enabled'}", as_json)


def _password(file: Path | None) -> str:
    """A password from a file, the environment, or asked for twice at a terminal."""
    if file is not None:
        try:
            text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise AccessError(f"--password-file {file}: {error}") from error
        return text.removesuffix("\n").removesuffix("\r")
    if (said := os.environ.get(PASSWORD)) is not None:
        return said
    if not sys.stdin.isatty():
        raise AccessError(f"no terminal to ask for a password at: use --password-file, or set {PASSWORD}")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _shown(account: Account) -> dict[str, Any]:
    person = account.person
    return {
        "name": person.name,
        "roles": sorted(person.roles),
        "approves": sorted(person.titles),
        "limit": None if person.limit is None else f"{person.limit:f}",
        "signs_in_with": account.issuer or ("password" if account.password else "keys only"),
        "disabled": account.disabled,
    }


def _shown_key(key: ApiKey) -> dict[str, Any]:
    return {
        "key": key.key,
        "account": key.account,
        "label": key.label,
        "created": iso(key.created),
        "expires": None if key.expires is None else iso(key.expires),
        "revoked": key.revoked,
    }


def _say(body: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        out.print_json(json.dumps(body))
    else:
        out.print(text, markup=False, soft_wrap=True)
