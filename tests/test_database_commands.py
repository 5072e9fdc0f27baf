"""The commands about the database itself: what they do, and that none writes a database that somebody else owns."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from agents.runtime.ledger import Ledger
from agents.society import DOOR
from knowledge.store.database import Store
from knowledge.store.tables import CustomerOrderRow, MessageRow
from protocols.orders import SubmitUnreadable
from run_agents import DONE, UNUSABLE, app
from tests.agents.runtime.chat import request
from tests.agents.runtime.town import SMALL_PLANT
from tests.conftest import Databases
from tests.stored import rows_of

ORDERS = SMALL_PLANT / "orders.jsonl"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def done(*arguments: object) -> dict[str, Any]:
    """What a command that works says to machines."""
    result = run(*arguments, "--json")
    assert result.exit_code == DONE, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def plant(database: str, tmp_path: Path) -> str:
    """A database on which a society has run."""
    result = run("process", ORDERS, "--knowledge", SMALL_PLANT, "--out", tmp_path / "out", "--db", database)
    assert result.exit_code == DONE, result.stderr
    return database


def test_every_reading_command_works_on_either_database_while_another_writes_it(plant: str, tmp_path: Path) -> None:
    with closing(Store(plant)):
        assert done("audit", "--db", plant) == {"findings": []}
        assert done("availability", "STOOL", "--db", plant)["item"] == "STOOL"
        assert run("why", "manual/2", "--db", plant).exit_code == DONE
        assert run("what-if", ORDERS, "--db", plant).exit_code == DONE
        done("export", "--db", plant, "--out", tmp_path / "again")
        done("dead-letters", "list", "--db", plant)
        done("backup", tmp_path / "copy.db", "--db", plant)
    for name in ("promises.csv", "work_orders.csv", "operations.csv", "purchase_orders.csv", "shipping_orders.csv"):
        assert (tmp_path / "again" / name).read_bytes() == (tmp_path / "out" / name).read_bytes()


@pytest.mark.parametrize(
    "command",
    [
        ["process", ORDERS, "--knowledge", SMALL_PLANT, "--out", "{tmp}/out2"],
        ["knowledge", "load", SMALL_PLANT],
        ["db", "upgrade"],
        ["db", "retain", "--days", "1"],
        ["dead-letters", "resend", "m00000001"],
        ["restore", "{tmp}/copy.db", "--replace"],
    ],
    ids=lambda command: " ".join(map(str, command[:2])),
)
def test_a_writing_command_refuses_a_database_that_somebody_owns(
    plant: str, tmp_path: Path, command: list[object]
) -> None:
    done("backup", tmp_path / "copy.db", "--db", plant)
    with closing(Store(plant)) as owner:
        before = rows_of(owner)
        result = run(*[str(part).format(tmp=tmp_path) for part in command], "--db", plant)
        assert result.exit_code == UNUSABLE
        assert len(result.stderr.splitlines()) == 1
        assert "is in use by process" in result.stderr
        assert rows_of(owner) == before


def test_a_restored_database_goes_on_like_the_one_that_was_backed_up(
    plant: str, tmp_path: Path, new_database: Databases
) -> None:
    backup, other = tmp_path / "copy.db", new_database()
    assert done("backup", backup, "--db", plant)["rows"] == done("restore", backup, "--db", other)["rows"]
    for place, database in (("one", plant), ("other", other)):
        order = tmp_path / "more.json"
        head = {"type": "customer_order", "source": "manual", "number": "77", "customer": "NEAR", "currency": "EUR"}
        line = {"line": "1", "item": "STOOL", "quantity": "3", "requested": "2026-05-04", "unit_price": "75"}
        order.write_text(json.dumps({**head, "received": "2026-03-04T08:00:00Z", "lines": [line]}))
        result = run("process", order, "--knowledge", SMALL_PLANT, "--out", tmp_path / place, "--db", database)
        assert result.exit_code == DONE, result.stderr
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


def test_an_upgrade_of_what_is_new_already_does_nothing(plant: str) -> None:
    found = done("db", "upgrade", "--db", plant)
    assert found["before"] == found["after"]


def test_what_is_no_database_is_status_2(tmp_path: Path) -> None:
    for command in (["db", "upgrade"], ["db", "retain", "--days", "9"], ["backup", tmp_path / "b.db"]):
        for url in (f"sqlite:///{tmp_path}/none.db", "nonsense"):
            result = run(*command, "--db", url)
            assert result.exit_code == UNUSABLE
            assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def letter(plant: str) -> Iterator[str]:
    """The id of a document that intake could not take."""
    with closing(Store(plant)) as store:
        ledger = Ledger(store)
        content = SubmitUnreadable(name="fax", reason="smudged", text="?")
        ledger.post([request("intake", content, "door.fax", "fax")], DOOR, store.clock())
        ((envelope, _),) = ledger.commit()
        ledger.bury(envelope, 3, "Traceback\nRuntimeError: smudged")
        ledger.commit()
    yield envelope.id


def test_a_dead_letter_is_listed_shown_mended_and_sent_again(plant: str, letter: str, tmp_path: Path) -> None:
    (listed,) = done("dead-letters", "list", "--db", plant)["dead_letters"]
    assert listed == done("dead-letters", "show", letter, "--db", plant)
    assert (listed["message"], listed["kind"], listed["subject"]) == (letter, "SubmitUnreadable", "fax")
    assert letter in run("dead-letters", "list", "--db", plant).stdout
    assert "smudged" in run("dead-letters", "show", letter, "--db", plant).stdout
    mended = tmp_path / "mended.json"
    mended.write_text('{"name": "fax", "text": "?"}')
    refused = run("dead-letters", "resend", letter, "--db", plant, "--body", mended)
    assert (refused.exit_code, "reason: Field required" in refused.stderr) == (UNUSABLE, True)
    mended.write_text(json.dumps({**listed["body"], "reason": "read again: still smudged"}))
    sent = done("dead-letters", "resend", letter, "--db", plant, "--body", mended)
    assert sent["status"] == "handled"
    assert done("dead-letters", "list", "--db", plant) == {"dead_letters": []}
    done("export", "--db", plant, "--out", tmp_path / "again")
    assert "read again: still smudged" in (tmp_path / "again" / "quarantine.csv").read_text()
    again = run("dead-letters", "resend", letter, "--db", plant)
    assert (again.exit_code, "no dead letter" in again.stderr) == (UNUSABLE, True)


def test_retention_forgets_what_is_over_and_changes_nothing_else(plant: str, tmp_path: Path) -> None:
    with closing(Store(plant, reading=True)) as store:
        before = rows_of(store)
    done("export", "--db", plant, "--out", tmp_path / "before")
    assert done("db", "retain", "--days", "10", "--db", plant) == {"conversations": 0, "messages": 0}
    late = tmp_path / "late.json"
    late.write_text('{"type": "stock_count", "received": "2026-03-20T08:00:00Z", "item": "SCREW", "quantity": "500"}')
    shutil.rmtree(tmp_path / "out")
    assert run("process", late, "--knowledge", SMALL_PLANT, "--out", tmp_path / "out", "--db", plant).exit_code == DONE
    gone = done("db", "retain", "--days", "10", "--db", plant)
    assert gone["messages"] > gone["conversations"] > 0
    assert done("audit", "--db", plant) == {"findings": []}
    done("export", "--db", plant, "--out", tmp_path / "after")
    for path in (tmp_path / "after").iterdir():
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes()
    with closing(Store(plant, reading=True)) as store:
        orders = {row["order"] for row in store.rows(CustomerOrderRow)}
        told = {row["subject"] for row in store.rows(MessageRow)}
    assert len(before["customer_order"]) == len(orders)
    assert orders & told
