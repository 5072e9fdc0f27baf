"""The threat model names tests that are there, and says of roles what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from knowledge.access import PERMISSIONS, Permission, Role

TESTS = Path(__file__).parent
TEXT = (TESTS.parent / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_claim_names_a_test_that_exists() -> None:
    named = re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", TEXT)
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (TESTS / file).is_file() or f"def {name}(" not in (TESTS / file).read_text(encoding="utf-8")
    ]
    assert missing == []
    assert len(named) > 45
    checked = TEXT[TEXT.index("## What is checked where") : TEXT.index("## What is out of scope")]
    rows = [
        line for line in checked.splitlines() if line.startswith("|") and line not in ("| claim | test |", "|---|---|")
    ]
    assert [row for row in rows if "::" not in row] == []


def test_the_roles_are_those_of_the_program() -> None:
    rows = dict(re.findall(r"^\| (\w+) \| ([a-z_, ]+) \|$", TEXT, re.MULTILINE))
    said = {role: frozenset(map(Permission, rows[role].split(", "))) for role in Role}
    assert said == PERMISSIONS
