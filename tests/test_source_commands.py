from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from run_agents import app
from tests import beside
from tests.agents.service.connectors.test_receiving import SECRET


def society(*arguments: str, path: Path | None = None) -> Result:
    """A command of the society, with packages of a folder installed beside it."""
    with beside.on_path(path) if path is not None else nullcontext():
        return CliRunner().invoke(app, ["sources", *arguments], env={"COLUMNS": "200"})


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return beside.install(tmp_path_factory.mktemp("beside"))


def test_installed_sources_are_listed_with_those_of_other_packages(package: Path) -> None:
    said = json.loads(society("list", "--json", path=package).stdout)
    kinds = {each["kind"]: each for each in said["kinds"]}
    assert {"x12", "ubl", "shopify", "json", "hermes"} <= set(kinds)
    assert kinds["hermes"]["package"] == "society-source-hermes 0.1.0"
    assert (kinds["hermes"]["called"], kinds["hermes"]["settings"]) == (True, ["partner", "secret!"])


def test_sinks_are_listed_with_what_they_tell(tmp_path: Path) -> None:
    config = tmp_path / "society.toml"
    config.write_text(f'[sinks.mes]\nkind = "b2mml"\nfolder = "{tmp_path}"\n')
    said = json.loads(CliRunner().invoke(app, ["sinks", "list", "--json", "--config", str(config)]).stdout)
    kinds = {each["kind"]: each for each in said["kinds"]}
    assert kinds["b2mml"]["topics"] == ["work_order"]
    assert "buyer!" in kinds["ubl"]["settings"]
    assert said["sinks"] == [{"name": "mes", "kind": "b2mml"}]


def test_a_connector_is_checked_by_its_name(tmp_path: Path, package: Path) -> None:
    config = tmp_path / "society.toml"
    config.write_text(f'[sources.eshop]\nkind = "hermes"\nsecret = "{SECRET}"\n')
    good = society("check", "eshop", "--config", str(config), path=package)
    assert (good.exit_code, good.stdout) == (0, "eshop (hermes): nothing to reach\n")


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('kind = "fax"', "setting sources.eshop.kind: source 'fax' is not installed; there are x12, "),
        ('kind = "hermes"', "setting sources.eshop.secret: Field required"),
        ('kind = "hermes"\nsecret = "s"\ncolour = "red"', "setting sources.eshop.colour: Extra inputs"),
        ('kind = "x12"', "setting sources.eshop: x12 neither calls nor is asked: it needs a folder to watch"),
        ('kind = "x12"\nfolder = "/no/such"', "setting sources.eshop.folder: there is no folder /no/such"),
        ('kind = "x12"\nevery_seconds = 0', "setting sources.eshop.every_seconds: Input should be greater"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(tmp_path: Path, package: Path, table: str, problem: str) -> None:
    config = tmp_path / "society.toml"
    config.write_text(f"[sources.eshop]\n{table}\n")
    bad = society("check", "eshop", "--config", str(config), path=package)
    assert bad.exit_code == 2
    assert problem in bad.stderr


def test_a_new_source_passes_the_kit_as_it_is_written(tmp_path: Path) -> None:
    made = society("new", "hermes", "--out", str(tmp_path / "hermes"))
    assert made.exit_code == 0, made.stderr
    assert len(own_lines((tmp_path / "hermes" / "society_source_hermes.py").read_text(encoding="utf-8"))) < 30
    command = [sys.executable, "-m", "pytest", "-q", "-p", "agents.sources.kit", "--rootdir", str(tmp_path)]
    paths = os.pathsep.join([str(tmp_path / "hermes"), str(Path.cwd())])
    run = subprocess.run(
        [*command, str(tmp_path / "hermes")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert " passed" in run.stdout
    assert "skipped" not in run.stdout


def own_lines(text: str) -> set[int]:
    """The lines of a module that say what it does: neither imports nor docstrings nor blanks."""
    found: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        is_docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if isinstance(node, ast.stmt) and not isinstance(node, ast.Import | ast.ImportFrom) and not is_docstring:
            inner: list[ast.stmt] = getattr(node, "body", [])
            end = inner[0].lineno if inner else (node.end_lineno or node.lineno) + 1
            found.update(range(node.lineno, end))
    return found


def test_nothing_is_overwritten_and_no_name_is_taken_twice(tmp_path: Path) -> None:
    (tmp_path / "hermes").mkdir()
    (tmp_path / "hermes" / "precious").write_text("x")
    for name, problem in (("hermes", "nothing is overwritten"), ("x12", "a source of that kind already"), ("A-b", "")):
        refused = society("new", name, "--out", str(tmp_path / "hermes"))
        assert (refused.exit_code, problem in refused.stderr) == (2, True), refused.stderr
    assert [path.name for path in (tmp_path / "hermes").iterdir()] == ["precious"]
