"""Every parser fuzzed for a while by a fuzzer that sees what its code does, where one is installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from agents.sources.installed import kinds
from tests.effort import LONG

SECONDS = 60


@pytest.mark.skipif(
    not LONG or importlib.util.find_spec("atheris") is None, reason="SOCIETY_TESTS=long, and atheris, are needed"
)
@pytest.mark.parametrize("kind", sorted(kinds()))
def test_nothing_that_is_fed_to_a_parser_makes_it_fail_hang_or_grow(kind: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.agents.sources.guided_fuzzing", kind, str(SECONDS), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
