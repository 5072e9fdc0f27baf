"""The command line: exit statuses, what is said, and that a database goes on where it was left."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from run_agents import DONE, QUARANTINED, UNUSABLE, app

NOW = "2024-01-01T00:00:00Z"

KNOWLEDGE = {
    "plant.toml": 'name = "t"\ntimezone = "UTC"\ncurrency = "EUR"\n',
    "items.csv": "item,kind,supply,lead_time_days\nF,finished,make,1\nK,intermediate,make,1\nR,raw,buy,\n",
    "bom.csv": "parent,component,quantity\nF,K,1\nK,R,2\n",
    "suppliers.csv": "supplier,name\nS,Supplier\n",
    "offers.csv": "supplier,item,unit_price,lead_time_days\nS,R,1,1\n",
}


def document(kind: str, at: str, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "received": f"2024-{at}Z", **fields}


def customer_order(number: str = "1", at: str = "01-01T00:00:00", quantity: str = "5") -> dict[str, Any]:
    line = {"line": "1", "item": "F", "quantity": quantity, "requested": "2024-03-01", "unit_price": "100"}
    return document("customer_order", at, source="t", number=number, customer="A", currency="EUR", lines=[line])


CANCEL_OF_NOTHING = document("order_cancel", "01-02T00:00:00", source="t", number="9")
LIFE = [
    customer_order(),
    document("goods_receipt", "02-28T20:00:00", purchase_order="PO-000001", quantity="10"),
    document("operation_report", "02-29T22:00:00", work_order="WO-000002", good="5", complete=True),
    document("operation_report", "03-01T20:00:00", work_order="WO-000001", good="5", complete=True),
]


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def folder(tmp_path: Path, **changes: str) -> Path:
    place = tmp_path / "knowledge"
    place.mkdir(exist_ok=True)
    for name, text in {**KNOWLEDGE, **{f"{stem}.csv": text for stem, text in changes.items()}}.items():
        (place / name).write_text(text)
    return place


def lines(tmp_path: Path, documents: Sequence[dict[str, Any]], name: str = "docs.jsonl") -> Path:
    place = tmp_path / name
    place.write_text("".join(json.dumps(each) + "\n" for each in documents))
    return place


def process(tmp_path: Path, documents: Sequence[dict[str, Any]], *more: object, out: str = "out") -> Result:
    place = folder(tmp_path)
    return run("process", lines(tmp_path, documents), "--knowledge", place, "--out", tmp_path / out, *more)


def contents(place: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in place.glob("*.csv")}


def test_done_is_status_0_with_questions_and_infeasible_lines(tmp_path: Path) -> None:
    unknown = customer_order("2")
    unknown["lines"][0]["item"] = "NOPE"
    result = process(tmp_path, [customer_order(), unknown], "--now", NOW)
    assert result.exit_code == DONE, result.stderr
    assert "question" in (tmp_path / "out" / "promises.csv").read_text()


def test_quarantined_documents_are_status_1_and_the_rest_goes_on(tmp_path: Path) -> None:
    result = process(tmp_path, [CANCEL_OF_NOTHING, customer_order()], "--now", NOW)
    assert result.exit_code == QUARANTINED
    tables = contents(tmp_path / "out")
    assert "docs.jsonl:1,order t/9 was never received" in tables["quarantine.csv"]
    assert "promised" in tables["promises.csv"].splitlines()[1]


@pytest.mark.parametrize("documents, status", [([customer_order()], DONE), ([CANCEL_OF_NOTHING], QUARANTINED)])
def test_json_is_one_object_on_stdout(tmp_path: Path, documents: list[dict[str, Any]], status: int) -> None:
    result = process(tmp_path, documents, "--json")
    said = json.loads(result.stdout)
    assert result.exit_code == status
    assert said["accepted"] + said["quarantined"] == 1
    assert said["rows"]["quarantine"] == said["quarantined"] == status


def test_a_bad_folder_tells_every_problem_by_its_place_and_writes_nothing(tmp_path: Path) -> None:
    bad = folder(tmp_path, stock="item,quantity\nK,-3\nQ,1\n", calendars="calendar,weekday,colour\nw,9,red\n")
    database = tmp_path / "plant.db"
    out = tmp_path / "out"
    order = lines(tmp_path, [customer_order()])
    result = run("process", order, "--knowledge", bad, "--out", out, "--db", f"sqlite:///{database}")
    assert result.exit_code == UNUSABLE
    for place in ("stock.csv:2:quantity: ", "stock.csv:3:item: ", "calendars.csv:1:colour: "):
        assert place in result.stderr.replace("\n", " ")
    assert not out.exists()
    assert not database.exists()


def test_check_names_the_problems_of_a_folder_as_json(tmp_path: Path) -> None:
    assert run("knowledge", "check", folder(tmp_path)).exit_code == DONE
    result = run("knowledge", "check", folder(tmp_path, stock="item,quantity\nQ,1\n"), "--json")
    assert result.exit_code == UNUSABLE
    (problem,) = json.loads(result.stdout)["problems"]
    assert (problem["file"], problem["row"], problem["column"]) == ("stock.csv", 2, "item")


@pytest.mark.parametrize(
    "change",
    [
        {"documents": "none.jsonl"},
        {"--knowledge": "none"},
        {"--out": "file"},
        {"--out": "file/below"},
        {"--now": "yesterday"},
        {"--db": "nonsense"},
        {"--db": "sqlite:////no/such/folder/plant.db"},
    ],
    ids=lambda change: " ".join(*change.items()),
)
def test_what_cannot_be_used_is_status_2_with_a_reason(tmp_path: Path, change: dict[str, str]) -> None:
    (tmp_path / "file").write_text("not a folder")
    documents, knowledge = lines(tmp_path, [customer_order()]), folder(tmp_path)
    chosen = {"documents": str(documents), "--knowledge": str(knowledge), "--out": str(tmp_path / "out"), **change}
    for name in ("documents", "--knowledge", "--out"):
        chosen[name] = str(tmp_path / chosen[name])
    first = chosen.pop("documents")
    result = run("process", first, *(part for option in chosen.items() for part in option))
    assert result.exit_code == UNUSABLE, result.stderr
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_export_refuses_a_database_that_is_not_there(tmp_path: Path) -> None:
    result = run("export", "--db", f"sqlite:///{tmp_path}/none.db", "--out", tmp_path / "out")
    assert result.exit_code == UNUSABLE
    assert not (tmp_path / "out").exists()
    assert not (tmp_path / "none.db").exists()


@pytest.mark.parametrize("cut", range(1, len(LIFE)))
def test_two_runs_on_a_database_equal_one_and_export_writes_the_same(tmp_path: Path, cut: int) -> None:
    database = f"sqlite:///{tmp_path}/plant.db"
    process(tmp_path, LIFE, "--now", NOW, out="one")
    process(tmp_path, LIFE[:cut], "--now", NOW, "--db", database, out="first")
    process(tmp_path, LIFE[cut:], "--db", database, out="second")
    assert contents(tmp_path / "second") == contents(tmp_path / "one")
    assert run("export", "--db", database, "--out", tmp_path / "export").exit_code == DONE
    assert contents(tmp_path / "export") == contents(tmp_path / "one")


def test_what_was_due_between_two_runs_happens_at_its_own_time(tmp_path: Path) -> None:
    """The purchase is to be issued on 28 February; nothing else happens before 28 February 20:00."""
    database = f"sqlite:///{tmp_path}/plant.db"
    process(tmp_path, LIFE[:1], "--now", NOW, "--db", database)
    process(tmp_path, [customer_order("2", "02-28T20:00:00", "1")], "--db", database)
    rows = (tmp_path / "out" / "purchase_orders.csv").read_text()
    assert "PO-000001,S,R,10,1,EUR,2024-02-28T00:00:00+00:00,2024-02-29T00:00:00+00:00,released" in rows


def test_offers_of_a_changed_folder_hold_from_the_next_run_on(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/plant.db"
    process(tmp_path, LIFE[:1], "--now", NOW, "--db", database)
    changed = folder(tmp_path, offers="supplier,item,unit_price,lead_time_days\nS,R,3,20\n")
    order = lines(tmp_path, [customer_order("2", "02-25T00:00:00", "1")])
    run("process", order, "--knowledge", changed, "--out", tmp_path / "out", "--db", database)
    rows = (tmp_path / "out" / "promises.csv").read_text()
    assert "t/2,1,F,make,1,2024-03-02T00:00:00+00:00,2024-03-18T00:00:00+00:00,promised" in rows


def test_the_clock_of_a_loaded_folder_starts_with_the_first_documents(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path}/plant.db"
    assert run("knowledge", "load", folder(tmp_path), "--db", database).exit_code == DONE
    assert process(tmp_path, LIFE[:1], "--now", NOW, "--db", database, out="loaded").exit_code == DONE
    process(tmp_path, LIFE[:1], "--now", NOW)
    assert contents(tmp_path / "loaded") == contents(tmp_path / "out")


def test_the_same_inputs_write_the_same_bytes(tmp_path: Path) -> None:
    process(tmp_path, LIFE, "--now", NOW, out="one")
    process(tmp_path, LIFE, "--now", NOW, out="two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_approve_auto_approves_and_records(tmp_path: Path) -> None:
    place = folder(tmp_path)
    rule = '[[approvals]]\ndecision = "promise"\naction = "ask"\nrole = "manager"\n'
    (place / "plant.toml").write_text(KNOWLEDGE["plant.toml"] + rule)
    order = lines(tmp_path, LIFE[:1])
    for approve, row in (("policy", "pending,"), ("auto", "approved,auto")):
        run("process", order, "--knowledge", place, "--out", tmp_path / approve, "--now", NOW, "--approve", approve)
        assert f"AP-000001,promise,t/1,{row}" in (tmp_path / approve / "approvals.csv").read_text()


def test_a_table_is_read_by_the_mapping_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "week.csv").write_text("Nr.;Artikel;Menge\n77;CHAIR;3\n")
    (tmp_path / "ours.toml").write_text(
        'columns = {number = "Nr.", item = "Artikel", quantity = "Menge"}\nconstants.customer = "ACME"\n'
    )
    told = ("process", tmp_path / "week.csv", "--knowledge", folder(tmp_path), "--now", NOW, "--out", tmp_path / "out")
    assert run(*told, "--mapping", tmp_path / "ours.toml").exit_code == DONE
    assert "table/77,1,CHAIR," in (tmp_path / "out" / "promises.csv").read_text()
    wrong = run(*told, "--mapping", tmp_path / "week.csv")
    assert (wrong.exit_code, "week.csv is not valid TOML" in wrong.stderr) == (UNUSABLE, True)
