"""The managers' queue from a terminal: of a database that nobody owns, and of a running service."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from knowledge.store.database import Store
from run_agents import DONE, UNUSABLE, app
from tests.agents.api.test_documents import post
from tests.serving import PLANT, Process, eventually, order

POLICY = """
[[approvals]]
decision = "promise"
action = "ask"
role = "manager"
deadline_hours = 8
on_silence = "escalate"
escalate_to = "director"
"""


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["approvals", *map(str, arguments)])


def done(*arguments: object) -> Any:
    """What a command that works says to machines."""
    result = run(*arguments, "--json")
    assert result.exit_code == DONE, result.stderr
    return json.loads(result.stdout)


def refused(*arguments: object) -> str:
    """Why a command does nothing."""
    result = run(*arguments)
    assert result.exit_code == UNUSABLE, result.stdout
    return result.stderr.strip().replace("\n", " ")


@pytest.fixture
def knowledge(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(PLANT, tmp_path / "knowledge"))
    with (folder / "plant.toml").open("a") as file:
        file.write(POLICY)
    return folder


@pytest.fixture
def plant(knowledge: Path, database: str, tmp_path: Path) -> str:
    """A database with six orders whose promises wait for the manager."""
    arguments = ["process", PLANT / "orders.jsonl", "--knowledge", knowledge, "--out", tmp_path / "o", "--db", database]
    assert CliRunner().invoke(app, [str(each) for each in arguments]).exit_code == DONE
    return database


def test_a_decision_is_found_looked_at_and_made_in_a_database(plant: str) -> None:
    rows = done("list", "--db", plant)["approvals"]
    assert [row["approval"] for row in rows] == [f"AP-00000{n}" for n in range(1, 7)]
    assert {(row["status"], row["role"], row["escalate_to"]) for row in rows} == {("pending", "manager", "director")}
    shown = done("show", "AP-000001", "--db", plant)
    assert (shown["order"], shown["deadline"]) == ("manual/1", "2026-03-02T16:00:00+00:00")
    assert shown["text"] == "promise manual/1, worth 450.00 EUR"
    made = done("approve", "AP-000001", "--by", "ann", "--note", "a good customer", "--db", plant)
    assert (made["status"], made["by"], made["to"]) == ("approved", "ann", plant)
    assert done("reject", "AP-000002", "--db", plant)["status"] == "rejected"
    assert [row["approval"] for row in done("list", "--db", plant)["approvals"]] == [
        f"AP-00000{n}" for n in range(3, 7)
    ]
    assert len(done("list", "--status", "all", "--db", plant)["approvals"]) == 6
    for arguments in (("list", "--status", "approved"), ("show", "AP-000001")):
        assert "AP-000001" in run(*arguments, "--db", plant).stdout


def test_what_does_not_fit_is_refused_and_kept_nowhere(plant: str) -> None:
    assert refused("approve", "AP-000009", "--db", plant) == "there is no approval AP-000009"
    assert "there is no alternative 9" in refused("approve", "AP-000001", "--alternative", "9", "--db", plant)
    done("approve", "AP-000001", "--by", "ann", "--db", plant)
    assert refused("reject", "AP-000001", "--db", plant) == "approval AP-000001 has already been approved by ann"
    assert "write for example" in refused("reject", "AP-000004", "--now", "tomorrow", "--db", plant)
    assert "name one of them" in refused("list", "--db", plant, "--url", "http://127.0.0.1:1")
    late = refused("approve", "AP-000003", "--now", "2026-03-09", "--db", plant)
    assert late.startswith("approval AP-000003 has already been rejected by silence: nobody answered by 2026-03-03T")


def test_a_role_is_handed_over_in_a_database(plant: str) -> None:
    assert done("delegate", "--db", plant)["delegations"] == []
    (one,) = done("delegate", "manager", "--to", "ann", "--until", "2030-01-01", "--db", plant)["delegations"]
    assert (one["role"], one["to"], one["in_force"]) == ("manager", "ann", True)
    assert {tuple(row["stand_ins"]) for row in done("list", "--db", plant)["approvals"]} == {("ann",)}
    assert "policy never asks boss" in refused(
        "delegate", "boss", "--to", "ann", "--until", "2030-01-01", "--db", plant
    )
    assert "needs --to PERSON" in refused("delegate", "manager", "--db", plant)
    assert "--until" in refused("delegate", "manager", "--to", "ann", "--until", "soon", "--db", plant)


def test_a_database_that_a_service_owns_is_read_but_not_answered(plant: str) -> None:
    with closing(Store(plant)):
        assert len(done("list", "--db", plant)["approvals"]) == 6
        assert "let that service take the answer: --url" in refused("approve", "AP-000001", "--db", plant)


def test_a_running_service_takes_the_answers(knowledge: Path, tmp_path: Path) -> None:
    service = Process(tmp_path / "served.db", knowledge)
    try:
        for number in ("1", "2", "3"):
            post(service.client, order(number))
        url = str(service.client.base_url).rstrip("/")
        rows = eventually(lambda: found if len((found := done("list", "--url", url))["approvals"]) == 3 else None)
        assert rows["from"] == url
        assert [row["approval"] for row in rows["approvals"]] == ["AP-000001", "AP-000002", "AP-000003"]
        assert done("show", "AP-000002", "--url", url)["order"] == "t/2"
        assert done("approve", "AP-000002", "--by", "ann", "--url", url)["status"] == "approved"
        second = refused("reject", "AP-000002", "--url", url)
        assert second == f"{url}: approval AP-000002 has already been approved by ann"
        assert refused("show", "AP-000009", "--url", url) == f"{url}: there is no approval AP-000009"
        assert "until" in refused("delegate", "manager", "--to", "ann", "--until", "soon", "--url", url)
        (one,) = done("delegate", "manager", "--to", "ann", "--until", "2030-01-01", "--url", url)["delegations"]
        assert one["in_force"] is True
        assert done("list", "--role", "manager", "--url", url)["approvals"][0]["stand_ins"] == ["ann"]
        assert "policy never asks boss" in refused(
            "delegate", "boss", "--to", "a", "--until", "2030-01-01", "--url", url
        )
        assert "has its own clock" in refused("approve", "AP-000001", "--now", "2026-01-01", "--url", url)
    finally:
        assert service.terminate() == 0
    assert "no service answers there" in refused("list", "--url", url)
