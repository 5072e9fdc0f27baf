"""The page on learning from a log shows what happens: its files are read, and give what it says."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from knowledge.plant import Learning
from knowledge.reading import read_plant
from run_agents import DONE
from simulations.learning.mapping import REPORTS, USUAL, LogMapping
from tests.test_run_agents import run

PAGE = (Path(__file__).parents[1] / "docs" / "learning.md").read_text(encoding="utf-8")


def block(kind: str, name: str) -> str:
    found = re.search(rf"<!-- {kind}: {re.escape(name)} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None, name
    return found[1]


def test_the_log_shown_teaches_what_is_shown(tmp_path: Path) -> None:
    for name in ("floor.csv", "mapping.toml"):
        (tmp_path / name).write_text(block("file", name), encoding="utf-8")
    shop = tmp_path / "shop"
    told = run("knowledge", "learn", tmp_path / "floor.csv", "--mapping", tmp_path / "mapping.toml", "--out", shop)
    assert told.exit_code == DONE
    assert told.stdout.startswith(block("result", "floor.csv"))
    assert (shop / "routes.csv").read_text(encoding="utf-8") == block("table", "routes.csv")


def test_every_field_key_and_kind_of_report_is_on_the_page() -> None:
    for name in (*USUAL, *REPORTS, *LogMapping.model_fields):
        assert re.search(rf"\b{name}\b", PAGE), name


def test_the_table_that_asks_for_learning_is_one_of_a_plant() -> None:
    [table] = re.findall(r"```toml\n(\[learning\].*?)```", PAGE, re.DOTALL)
    assert read_plant({"items.csv": "item\n", "plant.toml": table}).learning == Learning(
        Decimal("0.9"), Decimal("0.8"), 5
    )
