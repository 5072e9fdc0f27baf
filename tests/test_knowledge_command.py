"""`knowledge load` from the command line: shown first, carried through, or refused whole."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from run_agents import DONE, UNUSABLE
from tests.serving import PLANT
from tests.test_run_agents import run


@pytest.fixture
def loaded(tmp_path: Path) -> tuple[Path, str]:
    """The small plant with a dearer, slower lamp, and a database that has planned with the old one."""
    database = f"sqlite:///{tmp_path / 'plant.db'}"
    orders = PLANT / "orders.jsonl"
    assert run("process", orders, "--knowledge", PLANT, "--out", tmp_path / "out", "--db", database).exit_code == DONE
    folder = tmp_path / "plant"
    shutil.copytree(PLANT, folder)
    offers = folder / "offers.csv"
    offers.write_text(offers.read_text().replace("HARDWARE,LAMP,0,31.00,,,10", "HARDWARE,LAMP,0,33.50,,,60"))
    return folder, database


def test_a_difference_is_shown_and_not_loaded_then_loaded_and_then_there_is_none(loaded: tuple[Path, str]) -> None:
    folder, database = loaded
    shown = run("knowledge", "load", folder, "--db", database, "--dry-run")
    assert shown.exit_code == DONE
    assert "changed offer HARDWARE of LAMP\n    lead_time: 10 days → 60 days\n    price: 31 → 33.5\n" in shown.stdout
    assert shown.stdout.endswith("not loaded\n")
    told = json.loads(run("knowledge", "load", folder, "--db", database, "--json").stdout)
    assert told["knowledge"] == "updated"
    assert told["promises_changed"] > 0
    again = json.loads(run("knowledge", "load", folder, "--db", database, "--json").stdout)
    assert (again["knowledge"], again["changes"], again["promises_changed"]) == ("unchanged", [], 0)
    assert run("audit", "--db", database).exit_code == DONE


def test_what_may_not_change_is_refused_with_its_place(loaded: tuple[Path, str]) -> None:
    folder, database = loaded
    settings = folder / "plant.toml"
    settings.write_text(settings.read_text().replace('timezone = "UTC"', 'timezone = "Asia/Tokyo"'))
    refused = run("knowledge", "load", folder, "--db", database, "--yes", "--json")
    assert refused.exit_code == UNUSABLE
    (problem,) = json.loads(refused.stdout)["problems"]
    assert (problem["file"], problem["column"]) == ("plant.toml", "timezone")
    assert run("knowledge", "load", PLANT, "--db", database).stdout.endswith("unchanged\n")
