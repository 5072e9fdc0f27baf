"""Quarantine from the command line: what is in it, mended, sent again by its own connector, or dropped."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from knowledge.store.database import Store
from knowledge.store.tables import PromiseRow
from knowledge.supply import order_document
from run_agents import DONE, QUARANTINED, UNUSABLE, app
from tests.agents.runtime.town import SMALL_PLANT

HEAD = "number,customer,item,quantity,requested,unit_price,currency\n"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def done(*arguments: object) -> dict[str, Any]:
    """What a command that works says to machines."""
    result = run(*arguments, "--json")
    assert result.exit_code == DONE, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def plant(tmp_path: Path) -> str:
    """A database with two orders in quarantine, of which a folder `week` brought one."""
    (tmp_path / "docs" / "week").mkdir(parents=True)
    (tmp_path / "docs" / "week" / "orders.csv").write_text(f"{HEAD}77,NEAR,STOOL,many,2026-04-20,75.00,EUR\n")
    (tmp_path / "docs" / "bad.json").write_text('{"type": "customer_order"}')
    database = f"sqlite:///{tmp_path / 'plant.db'}"
    told = ("--knowledge", SMALL_PLANT, "--out", tmp_path / "out", "--db", database, "--now", "2026-03-02T08:00:00Z")
    assert run("process", tmp_path / "docs", *told).exit_code == QUARANTINED
    return database


def settings(tmp_path: Path) -> Path:
    """The settings of a service with a connector `week`, whose orders are of a partner."""
    file = tmp_path / "society.toml"
    file.write_text(f'[sources.week]\nkind = "table"\npartner = "WEEK"\nfolder = "{tmp_path}"\n')
    return file


def test_what_is_mended_is_taken_by_the_connector_that_brought_it(plant: str, tmp_path: Path) -> None:
    listed = {row["document"]: row["sequence"] for row in done("quarantine", "list", "--db", plant)["quarantine"]}
    assert listed.keys() == {"bad.json", "week/orders.csv:2"}
    number = listed["week/orders.csv:2"]
    kept = done("quarantine", "show", number, "--db", plant)
    assert "'many' is not a number" in kept["reason"]
    (tmp_path / "mended.csv").write_text(kept["text"].replace("many", "3"))
    again = ("quarantine", "resend", number, "--db", plant, "--config", settings(tmp_path))
    refused = run(*again)
    assert (refused.exit_code, "'many' is not a number" in refused.stderr) == (UNUSABLE, True)
    done(*again, "--text", tmp_path / "mended.csv")
    with closing(Store(plant)) as store:
        [line] = store.rows(PromiseRow, order=order_document("table:WEEK", "77"))
    assert (line["quantity"], line["status"]) == ("3", "promised")
    done("quarantine", "drop", listed["bad.json"], "--db", plant)
    assert run("quarantine", "list", "--db", plant).stdout == "nothing is in quarantine\n"
    log = json.dumps(done("audit-log", "show", "--db", plant))
    assert log.index("quarantine dropped") < log.index("quarantine mended")  # the latest first


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{HEAD}77,NEAR,STOOL,1,2026-04-20,75,EUR\n78,NEAR,STOOL,1,2026-04-20,75,EUR\n", "these are 2 documents"),
        ('{"type": "order_change", "source": "x", "number": "9", "lines": [{"line": "1", "quantity": "1"}]}',
         "it is in quarantine again: order x/9 was never received"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_says_why(plant: str, tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "mended").write_text(text)
    result = run("quarantine", "resend", 1, "--db", plant, "--text", tmp_path / "mended")
    assert (result.exit_code, said in result.stderr) == (UNUSABLE, True), result.stderr


def test_what_is_not_there_is_told(plant: str) -> None:
    for command in ("show", "resend", "drop"):
        result = run("quarantine", command, 99, "--db", plant)
        assert (result.exit_code, result.stderr) == (UNUSABLE, "there is nothing in quarantine under 99\n")
    result = run("quarantine", "resend", 1, "--db", plant, "--text", "nowhere")
    assert (result.exit_code, "--text nowhere: " in result.stderr) == (UNUSABLE, True)
