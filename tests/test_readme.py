"""What the README shows works: its commands run, its links and code map name things that are there."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from run_agents import DONE, app

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _shown() -> list[str]:
    blocks = re.findall(r"<!-- executed by tests/test_readme.py -->\n```sh\n(.*?)```", README, re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_the_commands_shown_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = _shown()
    assert len(commands) >= 3
    shutil.copytree(ROOT / "tests" / "fixtures" / "small_plant", tmp_path / "tests" / "fixtures" / "small_plant")
    shutil.copytree(ROOT / "docs" / "research", tmp_path / "docs" / "research")
    monkeypatch.chdir(tmp_path)
    for command in commands:
        python, program, *words = command.split()
        assert (python, program) == ("python", "run_agents.py"), command
        run = CliRunner().invoke(app, words)
        assert run.exit_code == DONE, f"{command}: {run.stderr}"
    first = {p.name: p.read_bytes() for p in (tmp_path / "out").glob("*.csv")}
    again = {p.name: p.read_bytes() for p in (tmp_path / "out" / "again").glob("*.csv")}
    assert len(first) == 9
    assert first == again


def test_the_make_targets_shown_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in sorted(set(re.findall(r"make ([a-z]+)", README))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_links_and_the_code_map_name_what_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
    code_map = README.split("## Code map")[1].split("\n## ")[0]
    places = re.findall(r"^\| `([^`]+)` \|", code_map, re.MULTILINE)
    assert places
    for place in places:
        assert (ROOT / place).exists(), place
    for test in re.findall(r"`((?:tests|knowledge)/[\w/.]+)`", README):
        assert (ROOT / test).exists(), test
