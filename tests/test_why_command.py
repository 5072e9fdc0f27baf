"""`why` from the command line: exit statuses, what is said on which stream, and what it leaves alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from run_agents import DONE, UNUSABLE, app

PLANT = Path(__file__).parent / "fixtures" / "small_plant"


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database that has seen some orders."""
    folder = tmp_path_factory.mktemp("plant")
    url = f"sqlite:///{folder}/plant.db"
    result = run("process", PLANT / "orders.jsonl", "--knowledge", PLANT, "--out", folder, "--db", url)
    assert result.exit_code == DONE, result.stderr
    return url


def exported(database: str, folder: Path) -> dict[str, str]:
    assert run("export", "--db", database, "--out", folder).exit_code == DONE
    return {file.stem: file.read_text() for file in folder.glob("*.csv")}


def test_every_document_of_the_tables_can_be_explained(database: str, tmp_path: Path) -> None:
    tables = exported(database, tmp_path)
    names = set()
    for table, columns in (
        ("promises", 1),
        ("work_orders", 1),
        ("purchase_orders", 1),
        ("shipping_orders", 1),
        ("promises", 2),
    ):
        rows = tables[table].splitlines()[1:]
        names |= {"/".join(row.split(",")[:columns]) for row in rows}
    assert len(names) > 8
    for name in sorted(names):
        for more in ((), ("--json",)):
            result = run("why", name, "--db", database, *more)
            assert result.exit_code == DONE, (name, result.stderr)
            assert result.stderr == ""


def test_json_is_one_object_on_stdout(database: str) -> None:
    said = json.loads(run("why", "PO-000001", "--db", database, "--json").stdout)
    assert (said["document"], said["kind"]) == ("PO-000001", "purchase_order")


def test_asking_changes_nothing(database: str, tmp_path: Path) -> None:
    before = exported(database, tmp_path / "before")
    assert run("why", "PO-000001", "--db", database).exit_code == DONE
    assert exported(database, tmp_path / "after") == before


@pytest.mark.parametrize("json_too", [(), ("--json",)])
def test_a_document_that_is_not_known_is_status_2_with_one_message_that_names_those_near(
    database: str, json_too: tuple[str, ...]
) -> None:
    result = run("why", "PO-00001", "--db", database, *json_too)
    assert result.exit_code == UNUSABLE
    assert result.stdout == ""
    [told] = result.stderr.splitlines()
    assert told.startswith("document PO-00001 is not known; near it are PO-000001")


@pytest.mark.parametrize("url", ["sqlite:///{}/none.db", "nonsense"])
def test_a_database_that_is_not_there_is_status_2_with_a_reason(tmp_path: Path, url: str) -> None:
    result = run("why", "PO-000001", "--db", url.format(tmp_path))
    assert result.exit_code == UNUSABLE
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "none.db").exists()


def test_a_database_that_holds_no_plant_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    result = run("why", "PO-000001", "--db", f"sqlite:///{tmp_path}/empty.db")
    assert result.exit_code == UNUSABLE
    assert "holds no plant" in result.stderr


def test_a_plant_without_orders_knows_no_document(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/plant.db"
    assert run("knowledge", "load", PLANT, "--db", url).exit_code == DONE
    result = run("why", "manual/SO-1001", "--db", url)
    assert result.exit_code == UNUSABLE
    assert "manual/SO-1001 is not known" in result.stderr


def test_cures_are_estimates_where_nobody_asks_to_plan_anew(database: str) -> None:
    planned, estimated = (
        json.loads(run("why", "manual/2", "--db", database, "--json", *more).stdout) for more in ((), ("--estimate",))
    )
    assert [line["line"] for line in planned["lines"]] == [line["line"] for line in estimated["lines"]]
    assert '"estimate": false' not in json.dumps(estimated["lines"][0]["parts"][0].get("causes", []))
