"""Accounts, keys and the audit log from the command line, while a society runs on the database or not."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from knowledge.store.access_store import AccessStore
from knowledge.store.database import Store
from run_agents import INTERNAL, UNUSABLE, app
from tests.serving import PLANT

PASSWORD = "correct horse battery"


def run(database: str, *arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments, "--db", database], input=stdin)


def said(database: str, *arguments: str) -> dict[str, Any]:
    result = run(database, *arguments, "--json")
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with one account."""
    url = f"sqlite:///{tmp_path}/plant.db"
    monkeypatch.setenv("SOCIETY_PASSWORD", PASSWORD)
    assert run(url, "users", "add", "Anna", "--role", "manager").exit_code == 0
    return url


def test_an_account_is_added_with_roles_titles_and_a_limit(database: str) -> None:
    more = ("--role", "sales", "--role", "buyer", "--approves", "director", "--limit", "5000")
    assert run(database, "users", "add", "berta", *more).exit_code == 0
    anna, berta = said(database, "users", "list")["users"]
    assert (anna["name"], anna["roles"], anna["limit"]) == ("anna", ["manager"], None)
    assert (berta["roles"], berta["approves"], berta["limit"]) == (["buyer", "sales"], ["director"], "5000")
    assert "anna" in run(database, "users", "list").output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("add", "anna", "--role", "sales"), "there is an account anna already"),
        (("add", "berta", "--role", "boss"), "roles are viewer, sales"),
        (("add", "local", "--role", "sales"), "take another"),
        (("add", "../x", "--role", "sales"), "account name"),
        (("add", "berta", "--role", "sales", "--limit", "much"), "no amount of money"),
        (("role", "nobody", "--role", "sales"), "there is no account nobody"),
        (("disable", "nobody"), "there is no account nobody"),
        (("password", "nobody"), "there is no account nobody"),
        (("key", "add", "nobody"), "there is no account nobody"),
        (("key", "revoke", "nothing"), "there is no valid key nothing"),
    ],
)
def test_what_cannot_be_done_has_a_reason_and_changes_nothing(
    database: str, arguments: tuple[str, ...], reason: str
) -> None:
    before = said(database, "users", "list")
    result = run(database, "users", *arguments)
    assert (result.exit_code, reason in result.stderr) == (UNUSABLE, True), result.stderr
    assert said(database, "users", "list") == before


def test_a_password_comes_from_a_file_or_standard_input_or_the_environment_and_is_never_shown(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    results = [
        run(database, "users", "add", "one", "--role", "viewer", "--password-file", str(file)),
        run(database, "users", "add", "two", "--role", "viewer", "--password-file", "-", stdin=f"{PASSWORD}\n"),
        run(database, "users", "add", "three", "--role", "viewer", "--no-password"),
        run(database, "users", "password", "one"),
    ]
    assert [result.exit_code for result in results] == [0] * 4
    assert not any(PASSWORD in result.output for result in results)
    with closing(AccessStore(database)) as store, store.reading() as connection:
        assert PASSWORD not in str(connection.execute(text("SELECT * FROM account")).all())
    monkeypatch.delenv("SOCIETY_PASSWORD")
    asked = run(database, "users", "add", "four", "--role", "viewer")
    assert (asked.exit_code, "no terminal" in asked.stderr) == (UNUSABLE, True)
    missing = run(database, "users", "password", "one", "--password-file", str(tmp_path / "none"))
    assert (missing.exit_code, "--password-file" in missing.stderr) == (UNUSABLE, True)


def test_roles_are_changed_and_an_account_is_disabled_and_enabled(database: str) -> None:
    assert said(database, "users", "role", "anna", "--role", "floor")["roles"] == ["floor"]
    assert said(database, "users", "disable", "anna")["disabled"] is True
    assert said(database, "users", "enable", "anna")["disabled"] is False


def test_a_key_is_shown_once_and_revoked(database: str) -> None:
    made = said(database, "users", "key", "add", "anna", "--label", "shop", "--days", "30")
    assert made["secret"].startswith(f"sk_{made['key']}_")
    listed = run(database, "users", "key", "list", "--json")
    assert made["secret"].split("_", 2)[2] not in listed.output
    (key,) = json.loads(listed.output)["keys"]
    assert (key["account"], key["label"], key["revoked"]) == ("anna", "shop", False)
    assert run(database, "users", "key", "revoke", made["key"]).exit_code == 0
    assert said(database, "users", "key", "list", "anna")["keys"][0]["revoked"] is True


def test_accounts_can_be_changed_while_somebody_writes_the_database(database: str) -> None:
    with closing(Store(database)):
        assert run(database, "users", "disable", "anna").exit_code == 0


def test_every_change_is_in_the_audit_log_without_secrets(database: str) -> None:
    made = said(database, "users", "key", "add", "anna")
    run(database, "users", "key", "revoke", made["key"])
    run(database, "users", "password", "anna")
    log = said(database, "audit-log", "show")
    actions = [record["action"] for record in log["records"]]
    assert actions == ["password set", "key revoked", "key added", "user added"]
    assert all("(command line)" in record["person"] for record in log["records"])
    assert made["secret"].split("_", 2)[2] not in json.dumps(log) and PASSWORD not in json.dumps(log)
    assert "key revoked" in run(database, "audit-log", "show", "--search", "revoked").output
    assert said(database, "audit-log", "show", "--person", "eve")["total"] == 0


def test_a_log_that_was_tampered_with_is_told_with_status_3(database: str) -> None:
    for _ in range(3):
        run(database, "users", "password", "anna")
    sound = run(database, "audit-log", "verify")
    assert (sound.exit_code, "4 records, all as they were written" in sound.output) == (0, True)
    head = said(database, "audit-log", "verify")["head"]
    assert head in sound.output
    assert said(database, "audit-log", "verify", "--head", head)["faults"] == []
    with closing(AccessStore(database)) as store, store.changing() as connection:
        connection.execute(text("DELETE FROM audit_record WHERE sequence = 4"))
    assert run(database, "audit-log", "verify").exit_code == 0, "nobody knows of the last record"
    cut = run(database, "audit-log", "verify", "--head", head)
    assert (cut.exit_code, "removed at the end" in cut.output) == (INTERNAL, True)
    with closing(AccessStore(database)) as store, store.changing() as connection:
        connection.execute(text("UPDATE audit_record SET person = 'eve' WHERE sequence = 2"))
    changed = run(database, "audit-log", "verify")
    assert (changed.exit_code, "record 2: was changed" in changed.output) == (INTERNAL, True)


def test_commands_about_a_database_that_is_not_there_say_so(tmp_path: Path) -> None:
    for arguments in (("users", "list"), ("audit-log", "show"), ("audit-log", "verify")):
        result = run(f"sqlite:///{tmp_path}/none.db", *arguments)
        assert (result.exit_code, "there is no database" in result.stderr) == (UNUSABLE, True)
    assert not (tmp_path / "none.db").exists()


def test_what_is_decided_at_the_command_line_is_in_the_log_too(database: str, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(PLANT, tmp_path / "knowledge"))
    with (folder / "plant.toml").open("a") as file:
        file.write('\n[[approvals]]\ndecision = "promise"\naction = "ask"\nrole = "manager"\n')
    assert run(database, "knowledge", "load", str(folder)).exit_code == 0
    documents = ["process", str(PLANT / "orders.jsonl"), "--knowledge", str(folder), "--out", str(tmp_path / "out")]
    assert run(database, *documents).exit_code == 0
    assert run(database, "approvals", "approve", "AP-000001", "--by", "M. Weber").exit_code == 0
    assert run(database, "approvals", "approve", "AP-000001").exit_code == UNUSABLE
    answered, loaded, _ = said(database, "audit-log", "show")["records"]
    assert (answered["action"], answered["subject"]) == ("approval_answer", "AP-000001")
    assert (answered["detail"]["by"], answered["detail"]["decision"]) == ("M. Weber", "approve")
    assert (loaded["action"], loaded["subject"]) == ("knowledge loaded", "Small plant")
