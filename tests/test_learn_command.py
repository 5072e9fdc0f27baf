"""`knowledge learn` from the command line: a log becomes a folder that `check` and `process` take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from run_agents import DONE, UNUSABLE
from tests.simulations.learning.shop_logs import csv_of, shop_log
from tests.test_run_agents import run

REAL = Path(__file__).parents[2] / "shared/data/machine-shop-2012/production.csv"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "floor.csv"
    path.write_text(csv_of(shop_log(40)))
    return path


def test_a_learned_folder_is_checked_and_its_work_orders_are_planned(log: Path, tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    told = run("knowledge", "learn", log, "--out", folder)
    assert told.exit_code == DONE
    assert "40 work orders for 3 items on 7 work centres" in told.stdout
    assert run("knowledge", "check", folder).stdout.startswith("floor: no problems. 3 items")
    done = run("process", folder / "documents.jsonl", "--knowledge", folder, "--out", tmp_path / "out", "--json")
    assert done.exit_code == DONE
    assert json.loads(done.stdout)["accepted"] == 40
    promises = (tmp_path / "out" / "promises.csv").read_text().splitlines()[1:]
    assert len(promises) == 40
    assert all(",promised," in promise for promise in promises)


def test_a_log_teaches_the_same_bytes_again(log: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run("knowledge", "learn", log, "--out", tmp_path / name, "--json").exit_code == DONE
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert len(files) >= 8
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_what_cannot_be_used_is_refused_and_nothing_is_written(log: Path, tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text('[columns]\ncase = "Auftrag"\n')
    folder = tmp_path / "shop"
    refused = run("knowledge", "learn", log, "--out", folder, "--mapping", tmp_path / "mapping.toml")
    assert refused.exit_code == UNUSABLE
    assert "columns.case: 'Auftrag' is no column; there are 'Work Order', 'Part'" in refused.stderr
    assert not folder.exists()
    occupied = run("knowledge", "learn", log, "--out", tmp_path)
    assert occupied.exit_code == UNUSABLE
    assert "there is something already; give a new folder" in occupied.stderr
    assert "cannot be read" in run("knowledge", "learn", tmp_path / "no.csv", "--out", folder).stderr


@pytest.mark.skipif(
    not REAL.is_file(), reason="the log of the real machine shop lies beside the project, and is not there"
)
def test_the_log_of_a_real_machine_shop_is_learned(tmp_path: Path) -> None:
    mapping = tmp_path / "shop.toml"
    mapping.write_text('[columns]\nitem = "Part_Desc_"\nmachine = "Resource.1"\nminutes = "activity_duration"\n')
    told = run("knowledge", "learn", REAL, "--out", tmp_path / "shop", "--mapping", mapping)
    assert told.exit_code == DONE
    assert "2482 of 2489 reports: 220 work orders for 35 items on 20 work centres" in told.stdout
    assert run("knowledge", "check", tmp_path / "shop").exit_code == DONE
