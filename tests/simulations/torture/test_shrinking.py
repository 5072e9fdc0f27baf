"""A broken case is made as small as can be, and written so that it happens again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from agents.planner import records
from knowledge.store.tables import WorkOrderRow
from simulations.torture.case import Case, Fault, Kind, Step
from simulations.torture.documents import count, order
from simulations.torture.folder import CaseError, read_case, write_case
from simulations.torture.searching import trial_of_case, trial_of_seed
from simulations.torture.shrinking import Shrinking, law_of
from simulations.torture.story import Story


def test_of_a_broken_seed_what_breaks_it_is_left(tmp_path: Path) -> None:
    """The planner writes down work orders of more than five pieces as one piece more."""
    saves = records._work_order

    def wrong(*args: object) -> object:
        for write in saves(*args):  # type: ignore[arg-type]
            if write.table is WorkOrderRow and not write.remove and write.row["quantity"] > 5:
                yield replace(write, row={**write.row, "quantity": write.row["quantity"] + 1})
            else:
                yield write

    with patch.object(records, "_work_order", wrong):
        trial = trial_of_seed(115)
        assert law_of(trial) == "bill"
        smallest = Shrinking(trial, 60).run()
        assert law_of(smallest) == "bill"
        assert smallest.case.faults == ()
        assert sum(len(step.documents) for step in smallest.case.steps) <= 2
        write_case(smallest.case, tmp_path)
        again = trial_of_case(read_case(tmp_path), trial.seed)
        assert again == smallest
    assert trial_of_case(read_case(tmp_path)).broken == ()


def test_a_case_is_read_as_it_was_written(tmp_path: Path) -> None:
    files = Story(1).files
    steps = (
        Step(5, (order("1", "ANY", [("L0-0", 3, None)], 5), count("L0-0", 3, 5)), None, (Fault(Kind.LATE, 2, 30),)),
        Step(7),
        Step(9, files=Story(2).files, faults=(Fault(Kind.AGENT, 1), Fault(Kind.CLOCK, 1, 60))),
    )
    write_case(Case(files, steps), tmp_path)
    assert read_case(tmp_path) == Case(files, steps)


@pytest.mark.parametrize(
    ("file", "text", "problem"),
    [
        ("faults.toml", "[[step]]\nminutes = -1", r"step\.0\.minutes: Input should be greater than or equal to 0"),
        (
            "faults.toml",
            "[[step]]\nminutes = 1\nfaults = [{ kind = 'flood' }]",
            r"step\.0\.faults\.0\.kind: Input should",
        ),
        ("faults.toml", "[[step]]\nminutes = 1\ndocuments = 2", "take more documents than there are"),
        ("faults.toml", "[[step]]\nminutes = 1", "take fewer documents than there are"),
        ("faults.toml", "minutes", "Expected '='"),
        ("documents.jsonl", '{"type": "flood"}', r"documents.jsonl:1: "),
    ],
)
def test_a_folder_that_holds_no_case_says_why(tmp_path: Path, file: str, text: str, problem: str) -> None:
    write_case(Case(Story(1).files, (Step(5, (count("L0-0", 3, 5),)),)), tmp_path)
    (tmp_path / file).write_text(text, encoding="utf-8")
    with pytest.raises(CaseError, match=problem):
        read_case(tmp_path)
