"""`availability` from the command line: what is printed and drawn of an item, and what is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from run_agents import DONE, UNUSABLE, app

PLANT = Path(__file__).parent / "fixtures" / "small_plant"


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database that has seen some orders, and the tables of it."""
    folder = tmp_path_factory.mktemp("plant")
    result = run("process", PLANT / "orders.jsonl", "--knowledge", PLANT, "--out", folder, "--db", url(folder))
    assert result.exit_code == DONE, result.stderr
    return folder


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/plant.db"


def test_an_item_is_shown_with_its_figures_plot_and_events(place: Path) -> None:
    result = run("availability", "STOOL", "--db", url(place))
    assert result.exit_code == DONE, result.stderr
    for told in ("STOOL  Stool", "on hand         12 EA", "safety stock    5 EA", "┼──", "order line (NEAR), firm"):
        assert told in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    assert "\x1b" not in result.stdout


def test_json_agrees_with_the_table_of_availability_for_every_item(place: Path) -> None:
    with (place / "availability.csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    for item in sorted({row["item"] for row in rows}):
        result = run("availability", item, "--db", url(place), "--json")
        said = json.loads(result.stdout)
        assert [{"item": item, **step} for step in said["steps"]] == [row for row in rows if row["item"] == item]


def test_json_has_the_pegs_of_the_tables(place: Path) -> None:
    with (place / "purchase_orders.csv").open(encoding="utf-8", newline="") as handle:
        (row,) = (row for row in csv.DictReader(handle) if row["purchase_order"] == "PO-901")
    said = json.loads(run("availability", "BOARD", "--db", url(place), "--json").stdout)
    (event,) = (event for event in said["events"] if event["document"] == "PO-901")
    assert " ".join(f"{peg['document']}={peg['quantity']}" for peg in event["pegs"]) == row["pegged_to"]
    assert (event["kind"], event["supplier"], event["time"]) == ("purchase_order", row["supplier"], row["due"])


@pytest.mark.parametrize("name", ["stool.svg", "stool.png"])
def test_a_picture_is_drawn_where_it_is_asked_for(place: Path, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    result = run("availability", "STOOL", "--db", url(place), "--out", file)
    assert result.exit_code == DONE, result.stderr
    assert f"picture: {file}" in result.stdout
    assert file.stat().st_size > 1000
    said = json.loads(run("availability", "STOOL", "--db", url(place), "--out", file, "--json").stdout)
    assert said["picture"] == str(file)


def test_without_out_nothing_is_written(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("availability", "STOOL", "--db", url(place), "--json").stdout)["picture"] is None
    assert not list(tmp_path.iterdir())


def test_an_unknown_item_is_refused_with_those_that_are_near(place: Path) -> None:
    result = run("availability", "stol", "--db", url(place))
    assert result.exit_code == UNUSABLE
    assert result.stderr == "item stol is not known; did you mean STOOL?\n"
    assert not result.stdout


def test_a_picture_of_another_kind_is_refused_before_anything_is_done(place: Path, tmp_path: Path) -> None:
    result = run("availability", "STOOL", "--db", url(place), "--out", tmp_path / "stool.pdf")
    assert result.exit_code == UNUSABLE
    assert "a picture is written as .svg or .png" in result.stderr
    assert not result.stdout


def test_a_database_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    missing = run("availability", "STOOL", "--db", f"sqlite:///{tmp_path}/none.db")
    assert (missing.exit_code, missing.stderr) == (UNUSABLE, f"there is no database {tmp_path}/none.db\n")
    assert not (tmp_path / "none.db").exists()
    (tmp_path / "empty.db").touch()
    empty = run("availability", "STOOL", "--db", f"sqlite:///{tmp_path}/empty.db")
    assert empty.exit_code == UNUSABLE
    assert "holds no plant" in empty.stderr
