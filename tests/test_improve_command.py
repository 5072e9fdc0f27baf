"""`improve`, and `process --improve`: what they say, what they change, and that the same run gives the same tables."""

from __future__ import annotations

import json
from pathlib import Path

from knowledge.store.export import Rows
from run_agents import DONE, UNUSABLE
from tests.scenarios.test_scenarios import read_table
from tests.test_run_agents import run

SHOP = Path(__file__).parent / "fixtures" / "paint_shop"


def processed(place: Path, *more: object, name: str = "out") -> Path:
    """The tables of the paint shop, processed into a database beside them."""
    out = place / name
    db = f"sqlite:///{place / f'{name}.db'}"
    command = ("process", SHOP / "orders.jsonl", "--knowledge", SHOP / "knowledge", "--out", out, "--db", db, *more)
    assert run(*command).exit_code == DONE
    return out


def late(tables: Path) -> Rows:
    return [row for row in read_table(tables / "promises.csv")[1] if row["promised"] > row["requested"]]


def test_a_stored_plan_is_improved_once_and_drawn(tmp_path: Path) -> None:
    before = late(processed(tmp_path))
    db, picture = f"sqlite:///{tmp_path / 'out.db'}", tmp_path / "picture.svg"
    result = run("improve", "--db", db, "--seconds", 2, "--out", picture)
    assert result.exit_code == DONE
    assert "better" in result.output
    assert "moved forward by improving the plan" in " ".join(result.output.split())
    assert picture.read_text().startswith("<svg")
    run("export", "--db", db, "--out", tmp_path / "again")
    assert len(late(tmp_path / "again")) < len(before)
    assert run("audit", "--db", db).exit_code == DONE


def test_machines_are_told_in_json(tmp_path: Path) -> None:
    processed(tmp_path)
    db = f"sqlite:///{tmp_path / 'out.db'}"
    told = json.loads(run("improve", "--db", db, "--seconds", 1, "--json").output)
    assert told["picture"] is None
    assert {change["effect"] for change in told["promises"]} == {"better"}


def test_a_plan_that_cannot_be_better_is_left_as_it_is(tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'plant.db'}"
    assert run("knowledge", "load", SHOP / "knowledge", "--db", db).exit_code == DONE
    one = tmp_path / "one.jsonl"
    one.write_text((SHOP / "orders.jsonl").read_text().splitlines()[0] + "\n")
    assert run("process", one, "--knowledge", SHOP / "knowledge", "--out", tmp_path / "o", "--db", db).exit_code == DONE
    result = run("improve", "--db", db, "--seconds", 1)
    assert result.exit_code == DONE
    assert "Nothing to improve was found" in result.output


def test_process_improves_in_the_end_where_it_is_told_to(tmp_path: Path) -> None:
    plain = processed(tmp_path, name="plain")
    ones, others = (processed(tmp_path, "--improve", 2, name=name) for name in ("one", "other"))
    assert len(late(ones)) < len(late(plain))
    for file in ones.iterdir():
        assert file.read_bytes() == (others / file.name).read_bytes()


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    assert run("improve", "--db", f"sqlite:///{tmp_path / 'none.db'}").exit_code == UNUSABLE
    processed(tmp_path)
    db = f"sqlite:///{tmp_path / 'out.db'}"
    assert run("improve", "--db", db, "--out", tmp_path / "picture.pdf").exit_code == UNUSABLE
    assert run("improve", "--db", db, "--seconds", 0).exit_code == UNUSABLE
