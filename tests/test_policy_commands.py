"""A policy as a file: said in words, checked whole, and tried on what was decided before."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from run_agents import DONE, UNUSABLE, app
from tests.serving import PLANT

ASKS = '[[approvals]]\ndecision = "promise"\naction = "ask"\nrole = "manager"\ndeadline_hours = 8\n'


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def done(*arguments: object) -> Any:
    """What a command that works says to machines."""
    result = run(*arguments, "--json")
    assert result.exit_code == DONE, result.stderr
    return json.loads(result.stdout)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database with six orders: all promises were asked for, one has been approved since."""
    folder = tmp_path_factory.mktemp("policy")
    knowledge = Path(shutil.copytree(PLANT, folder / "knowledge"))
    (knowledge / "plant.toml").write_text((knowledge / "plant.toml").read_text().partition("[[")[0] + ASKS)
    db = f"sqlite:///{folder / 'plant.db'}"
    made = run("process", PLANT / "orders.jsonl", "--knowledge", knowledge, "--out", folder / "out", "--db", db)
    assert made.exit_code == DONE, made.stderr
    done("approvals", "approve", "AP-000001", "--by", "ann", "--db", db)
    return db


def policy(folder: Path, *rules: str) -> Path:
    """A file of rules."""
    file = folder / "policy.toml"
    file.write_text("".join(f"[[approvals]]\n{rule}\n" for rule in rules))
    return file


def test_the_policy_in_force_would_decide_what_was_decided(plant: str, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(ASKS)
    found = done("policy", "try", file, "--db", plant)
    assert (found["newly_asked"], found["no_longer_asked"], found["asked_of_another"]) == (0, 0, 0)
    assert found["decisions"] == found["same"] > 6
    first = found["cases"][0]
    assert (first["approval"], first["was"], first["rule"]) == ("AP-000001", "approved by ann", "1")
    assert first["would"] == "asks manager for 8 h, then rejects"
    assert {case["basis"] for case in found["cases"]} == {"asked", "records"}


def test_what_would_be_decided_in_another_way_is_named_and_counted(plant: str, tmp_path: Path) -> None:
    file = policy(
        tmp_path,
        'decision = "promise"\nwhen = { value_over = 700 }\naction = "ask"\nrole = "director"',
        'decision = "promise"\nwhen = { value_over = 400 }\naction = "ask"\nrole = "manager"',
        'decision = "purchase"\nwhen = { value_over = 100 }\naction = "ask"\nrole = "buyer"',
    )
    table = tmp_path / "tried.csv"
    found = done("policy", "try", file, "--db", plant, "--out", table)
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    assert rows == found["cases"]
    for row in rows:
        value, role = float(row["value"] or "inf"), ""
        if row["decision"] == "promise":
            role = "director" if value > 700 else "manager" if value > 400 else ""
        elif row["decision"] == "purchase" and value > 100:
            role = "buyer"
        assert row["would"] == (f"asks {role}, for as long as it takes" if role else "goes by itself"), row
        assert row["differs"] == ("yes" if role != ("manager" if row["basis"] == "asked" else "") else "no")
    assert found["newly_asked"] == sum(row["basis"] == "records" and row["differs"] == "yes" for row in rows) > 0
    assert found["no_longer_asked"] > 0
    assert found["asked_of_another"] > 0
    said = run("policy", "try", file, "--db", plant)
    assert f"{found['decisions']} decisions, {found['same']} same, {found['newly_asked']} newly asked" in said.stdout


def test_trying_a_policy_changes_nothing(plant: str, tmp_path: Path) -> None:
    before = done("approvals", "list", "--status", "all", "--db", plant)
    done("policy", "try", policy(tmp_path), "--db", plant)
    assert done("approvals", "list", "--status", "all", "--db", plant) == before


def test_every_mistake_is_named_with_file_line_and_key(plant: str, tmp_path: Path) -> None:
    file = policy(
        tmp_path,
        'decision = "promise"\naction = "asks"\nwhen = { customer = "NOBODY" }',
        'decision = "purchase"\naction = "ask"\nremind_hours = 1\nodd = 2',
    )
    for command in (("check", file, "--db", plant), ("try", file, "--db", plant)):
        result = run("policy", *command)
        assert result.exit_code == UNUSABLE
        assert [line.partition(": ")[0] for line in result.stderr.splitlines()] == [
            "policy.toml:3:approvals[1].action",
            "policy.toml:4:approvals[1].when.customer",
            "policy.toml:8:approvals[2].remind_hours",
            "policy.toml:9:approvals[2].odd",
        ]
    assert len(run("policy", "check", file).stderr.splitlines()) == 3  # whom nobody knows without a plant
    assert "cannot be read" in run("policy", "check", tmp_path / "none.toml").stderr


def test_a_policy_is_said_in_words(tmp_path: Path) -> None:
    file = policy(
        tmp_path,
        'decision = "purchase"\nwhen = { value_over = 5000, new_supplier = true }\naction = "ask"\ndeadline_hours = 8\n'
        'remind_hours = [4, 1]\nescalate_to = "director"',
        'decision = "promise"\naction = "advise"\nrole = "sales"',
        'decision = "change"\naction = "ask"\ndeadline_hours = 2\non_silence = "wait"',
        'decision = "release"\naction = "auto"',
    )
    rules = done("policy", "check", file)["rules"]
    assert [(rule["when"], rule["does"]) for rule in rules] == [
        (
            "value over 5000 and new supplier yes",
            "asks manager for 8 h (reminded 4 h, 1 h before), then director for 8 h, then rejects",
        ),
        ("always", "goes, and tells sales"),
        ("always", "asks manager for 2 h, then keeps asking"),
        ("always", "goes by itself"),
    ]
    assert "no rules" in run("policy", "check", policy(tmp_path)).stdout
    assert "asks" in run("policy", "check", PLANT.parents[2] / "simulations/plants/demo/knowledge").stdout
