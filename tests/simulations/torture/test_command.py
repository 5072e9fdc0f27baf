"""`torture` from the command line: what it prints, what it writes, and its exit status."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest
from typer.testing import CliRunner

from agents.runtime.outbox import BackOff
from run_agents import app

RUN = CliRunner()


def test_seeds_that_hold_are_summed_up(tmp_path: Path) -> None:
    report = tmp_path / "seeds.jsonl"
    done = RUN.invoke(app, ["torture", "--seeds", "114-115", "--out", str(report)])
    assert (done.exit_code, done.output.splitlines()[0][:17]) == (0, "2 seeds, 0 broken")
    rows = [json.loads(line) for line in report.read_text().splitlines()]
    assert [(row["seed"], row["law"], row["broken"]) for row in rows] == [(114, "", []), (115, "", [])]


def test_a_broken_seed_is_told_with_how_to_see_it_again(tmp_path: Path) -> None:
    with patch.object(BackOff, "wait_s", lambda self, attempts: None):
        done = RUN.invoke(app, ["torture", "--seeds", "115", "--cases", str(tmp_path), "--shrink-seconds", "3"])
        assert done.exit_code == 3
        assert "seed 115: step" in done.output
        assert "again: python run_agents.py torture --seeds 115-115" in done.output
        again = RUN.invoke(app, ["torture", "--case", str(tmp_path / "115")])
        assert (again.exit_code, "dead letter" in again.output) == (3, True)
    mended = RUN.invoke(app, ["torture", "--case", str(tmp_path / "115")])
    assert (mended.exit_code, mended.output[:15]) == (0, "every law holds")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "either --seeds, for example 1-1000, or --case"),
        (["--seeds", "1-2", "--case", "x"], "either --seeds"),
        (["--seeds", "9-3"], "--seeds 9-3: write the first and the last"),
        (["--seeds", "many"], "--seeds many: write the first and the last"),
        (["--case", "nowhere"], "there is no such folder"),
        (["--seeds", "115", "--out", "/nowhere/seeds.jsonl"], "cannot be written"),
    ],
)
def test_what_cannot_be_tried_is_said(options: list[str], said: str) -> None:
    done = RUN.invoke(app, ["torture", *options])
    assert (done.exit_code, said in done.output) == (2, True)
