"""The page on the laboratory shows what happens: its file is run by its command, and its Python does what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pandas
import pytest

from run_agents import DONE
from simulations.experiments import levers
from simulations.experiments.design import Experiment
from tests.test_run_agents import run

PAGE = (Path(__file__).parents[1] / "docs" / "laboratory.md").read_text(encoding="utf-8")


def _blocks(mark: str) -> list[str]:
    return re.findall(rf"<!-- {mark} -->\n```\w+\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's experiment, run by the page's command."""
    place = tmp_path_factory.mktemp("page")
    [text] = _blocks("file: compare.toml")
    (place / "compare.toml").write_text(text, encoding="utf-8")
    [command] = _blocks("command")
    python, program, *words = command.split()
    assert (python, program) == ("python", "run_agents.py")
    told = run(*(place / word if word in ("compare.toml", "results") else word for word in words))
    assert told.exit_code == DONE, told.stderr
    return place


def test_the_folder_has_what_the_page_says(folder: Path) -> None:
    named = re.findall(r"^\| (`.*?`) \| ", PAGE, re.MULTILINE)
    files = {name for cell in named for name in re.findall(r"`([\w./*]+)`", cell) if "." in name or "/" in name}
    assert {"report.html", "results.csv", "trials/"} < files
    for name in files:
        assert list((folder / "results").glob(name.rstrip("/"))), name
    assert len(list((folder / "results").glob("*.parquet"))) == 4


def test_the_python_shown_runs_and_gives_what_it_says(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gymnasium_checker = pytest.importorskip("gymnasium.utils.env_checker")
    monkeypatch.chdir(folder)
    before = {file: file.stat().st_mtime_ns for file in (folder / "results" / "trials").iterdir()}
    there: dict[str, Any] = {}
    for block in _blocks("python"):
        exec(block, there)
    assert "tutorial" in there["simulations"].gallery()
    assert there["workshop"].scenario.customers["shops"].rate == 20
    assert there["run"].measures["orders"] > 0
    assert isinstance(there["run"].frame(), pandas.DataFrame)
    assert {file: file.stat().st_mtime_ns for file in before} == before, "what is done is read, not run again"
    assert set(there["results"].frame("comparison")["policy"]) == {"planner-improving"}
    assert there["truncated"] is True
    workshop = there["Workshop"]()
    gymnasium_checker.check_env(workshop, skip_render_check=True)
    workshop.close()


def test_every_key_option_and_lever_is_on_the_page() -> None:
    for name in Experiment.model_fields:
        assert re.search(rf"\b{name}\b", PAGE), name
    told = run("simulate", "--help").stdout
    for option in set(re.findall(r"--[a-z]+", told)) - {"--help", "--json"}:
        assert option in PAGE, option
    for lever in (levers.SafetyStock, levers.Priority, levers.Sourcing):
        assert f"`{lever.__name__}(" in PAGE
