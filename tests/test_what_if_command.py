"""`what-if` from the command line: what it says, its exit statuses, and that it leaves the database as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow
from run_agents import DONE, QUARANTINED, UNUSABLE, app

PLANT = Path(__file__).parent / "fixtures" / "small_plant"
AT = "2026-03-02T16:00:00Z"

DOCUMENTS: dict[str, list[dict[str, Any]]] = {
    "order": [
        {
            "type": "customer_order",
            "source": "manual",
            "number": "7",
            "customer": "NEAR",
            "currency": "EUR",
            "lines": [{"line": "1", "item": "TABLE", "quantity": "12", "requested": "2026-03-20", "unit_price": "290"}],
        }
    ],
    "change": [
        {
            "type": "order_change",
            "source": "manual",
            "number": "2",
            "lines": [{"line": "1", "quantity": "30"}, {"line": "2", "requested": "2026-03-10"}],
        }
    ],
    "cancel": [{"type": "order_cancel", "source": "manual", "number": "4"}],
    "delay": [{"type": "supplier_confirmation", "purchase_order": "PO-901", "due": "2026-04-10"}],
    "receipt": [{"type": "goods_receipt", "purchase_order": "PO-901", "quantity": "20"}],
    "downtime": [{"type": "machine_downtime", "work_centre": "BENCH", "start": "2026-03-04", "end": "2026-03-27"}],
    "count": [{"type": "stock_count", "item": "STOOL", "quantity": "1"}],
    "report": [{"type": "operation_report", "work_order": "WO-901", "good": "10", "scrap": "30", "complete": True}],
    "shipment": [{"type": "shipment_report", "shipping_order": "SH-000001"}],
    "release": [
        {
            "type": "engineering_release",
            "source": "manual",
            "number": "5",
            "line": "1",
            "item": "ROUND",
            "revision": "A",
            "bom": [{"component": "BOARD", "quantity": "2"}],
            "route": [{"step": "10", "work_centre": "BENCH", "run_minutes": "60"}],
        }
    ],
    "later": [{"type": "stock_count", "item": "LAMP", "quantity": "4", "received": "2026-03-12T08:00:00Z"}],
}
BAD: dict[str, list[dict[str, Any]]] = {
    "unknown order": [{"type": "order_cancel", "source": "manual", "number": "99"}],
    "too many decimals": [{"type": "stock_count", "item": "LEG", "quantity": "1.5"}],
    "no such type": [{"type": "horoscope"}],
    "one of two": [*DOCUMENTS["count"], {"type": "goods_receipt", "purchase_order": "PO-7", "quantity": "1"}],
}


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has seen some orders."""
    folder = tmp_path_factory.mktemp("plant")
    database = folder / "plant.db"
    result = run("process", PLANT / "orders.jsonl", "--knowledge", PLANT, "--out", folder, "--db", url(database))
    assert result.exit_code == DONE, result.stderr
    return database


def url(database: Path | str) -> str:
    return f"sqlite:///{database}"


def lines(tmp_path: Path, documents: list[dict[str, Any]]) -> Path:
    place = tmp_path / "docs.jsonl"
    place.write_text("".join(json.dumps({"received": AT, **each}) + "\n" for each in documents))
    return place


def tables(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.glob("*.csv")}


@pytest.mark.parametrize("kind", [*DOCUMENTS, *BAD])
def test_the_file_of_the_database_stays_as_it_is_to_the_byte(first: Path, tmp_path: Path, kind: str) -> None:
    before = first.read_bytes()
    result = run("what-if", lines(tmp_path, {**DOCUMENTS, **BAD}[kind]), "--db", url(first))
    assert result.exit_code == (QUARANTINED if kind in BAD else DONE), result.stderr
    assert first.read_bytes() == before
    assert sorted(path.name for path in first.parent.glob("plant.db*")) == ["plant.db", "plant.db-owner"]


@pytest.mark.parametrize("kind", [*DOCUMENTS, *BAD])
def test_what_would_be_is_what_then_is(first: Path, tmp_path: Path, kind: str) -> None:
    documents = lines(tmp_path, {**DOCUMENTS, **BAD}[kind])
    run("what-if", documents, "--db", url(first), "--out", tmp_path / "would", "--now", AT)
    really = shutil.copy(first, tmp_path / "really.db")
    run("process", documents, "--knowledge", PLANT, "--db", url(really), "--out", tmp_path / "is", "--now", AT)
    assert len(tables(tmp_path / "would")) == 9
    assert tables(tmp_path / "would") == tables(tmp_path / "is")


def test_an_approval_is_asked_for_or_given_as_it_is_told(first: Path, tmp_path: Path) -> None:
    """Purchases above 5,000 are asked for; 200 tables need boards for more than that."""
    (order,) = DOCUMENTS["order"]
    large = {**order, "lines": [{**order["lines"][0], "quantity": "200", "requested": "2026-05-20"}]}
    documents = lines(tmp_path, [large])
    asked = json.loads(run("what-if", documents, "--db", url(first), "--json").stdout)
    given = json.loads(run("what-if", documents, "--db", url(first), "--json", "--approve", "auto").stdout)
    assert {row["decision"] for row in asked["approvals"]["asked"]} == {"purchase"}
    assert asked["promises"][0]["after"][0]["status"] == "awaiting_approval"
    assert given["approvals"]["asked"] == []
    assert given["approvals"]["settled"][0]["by"] == "auto"
    assert given["promises"][0]["after"][0]["status"] == "promised"


@pytest.mark.parametrize("kind", [*DOCUMENTS, *BAD])
def test_something_is_said_of_every_kind_of_document_in_words_and_as_one_object(
    first: Path, tmp_path: Path, kind: str
) -> None:
    documents = lines(tmp_path, {**DOCUMENTS, **BAD}[kind])
    said = run("what-if", documents, "--db", url(first)).stdout
    body = json.loads(run("what-if", documents, "--db", url(first), "--json").stdout)
    assert body["differs"]
    assert "Nothing would change" not in said
    assert len(body["quarantine"]) == (1 if kind in BAD else 0)
    for row in body["quarantine"]:
        assert row["reason"]


def test_a_delay_names_the_lines_that_it_makes_worse_with_the_reason(first: Path, tmp_path: Path) -> None:
    body = json.loads(run("what-if", lines(tmp_path, DOCUMENTS["downtime"]), "--db", url(first), "--json").stdout)
    worse = {change["line"]: change for change in body["promises"] if change["effect"] == "worse"}
    assert "manual/2/1" in worse
    for change in worse.values():
        assert any("BENCH" in part["reason"] for part in change["after"]), change
    assert float(body["costs"]["after"]["weighted_hours_late"]) > float(body["costs"]["before"]["weighted_hours_late"])


def test_what_time_alone_brings_is_no_difference(first: Path, tmp_path: Path) -> None:
    """Ten days later much has been issued; the count says only what is on the shelf anyhow."""
    body = json.loads(run("what-if", lines(tmp_path, DOCUMENTS["later"]), "--db", url(first), "--json").stdout)
    assert body["now"] == "2026-03-12T08:00:00+00:00"
    assert not any(body["work_orders"][kind] for kind in ("new", "changed", "moved", "dropped"))


def test_a_document_without_a_time_is_taken_where_the_database_stands_or_at_now(first: Path, tmp_path: Path) -> None:
    documents = lines(tmp_path, [{**DOCUMENTS["count"][0], "received": None}])
    body = json.loads(run("what-if", documents, "--db", url(first), "--json").stdout)
    assert body["now"] == "2026-03-02T15:00:00+00:00"
    later = ("--now", "2026-03-03T09:00:00Z")
    body = json.loads(run("what-if", documents, "--db", url(first), "--json", *later).stdout)
    assert body["now"] == "2026-03-03T09:00:00+00:00"


def test_a_loaded_folder_without_any_run_can_be_asked(tmp_path: Path) -> None:
    database = tmp_path / "plant.db"
    assert run("knowledge", "load", PLANT, "--db", url(database)).exit_code == DONE
    before = database.read_bytes()
    result = run("what-if", PLANT / "orders.jsonl", "--db", url(database), "--json")
    assert result.exit_code == DONE, result.stderr
    assert {change["effect"] for change in json.loads(result.stdout)["promises"]} == {"new"}
    assert database.read_bytes() == before


def test_a_database_that_another_process_writes_is_asked_as_it_stands(first: Path, tmp_path: Path) -> None:
    owned = shutil.copy(first, tmp_path / "owned.db")
    owner = Store(url(owned))
    owner.write([Write(AgentStateRow, {"agent": "other", "key": "alive", "body": ""})])
    documents = lines(tmp_path, DOCUMENTS["count"])
    result, alone = (run("what-if", documents, "--db", place, "--json") for place in (url(owned), url(first)))
    owner.close()
    assert result.exit_code == DONE, result.stderr
    assert result.stdout == alone.stdout


@pytest.mark.parametrize(
    "change", [{"--db": "sqlite:///none.db"}, {"--db": "nonsense"}, {"--out": "file"}, {"documents": "none.jsonl"}]
)
def test_what_cannot_be_used_is_status_2_with_a_reason(first: Path, tmp_path: Path, change: dict[str, str]) -> None:
    (tmp_path / "file").write_text("not a folder")
    chosen = {"documents": str(lines(tmp_path, DOCUMENTS["count"])), "--db": url(first), "--out": "out", **change}
    chosen["--out"] = str(tmp_path / chosen["--out"])
    documents = chosen.pop("documents")
    result = run("what-if", documents, *(part for option in chosen.items() for part in option))
    assert result.exit_code == UNUSABLE, result.stdout
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr
