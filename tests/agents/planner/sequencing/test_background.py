"""Improving in another process: the same answer, a stop, and a death that is told."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import replace
from multiprocessing import active_children

import pytest

from agents.planner.sequencing import (
    Background,
    Failed,
    FixedOperation,
    Improved,
    Incumbent,
    Objective,
    Problem,
    check,
    improve,
)
from agents.planner.sequencing.dispatch import dispatch, earliest_due_date
from tests.agents.planner.sequencing.shops import plain

PATIENCE_SECONDS = 300.0


def problem(jobs: int = 60) -> Problem:
    """One that takes a while."""
    return plain(jobs, 8, 1, objective=Objective.WEIGHTED_TARDINESS, steps=5)


def test_it_gives_what_this_process_would_have_found() -> None:
    asked = problem()
    old = Incumbent(dispatch(asked, earliest_due_date), per_operation=1)
    asked = replace(asked, fixed=(FixedOperation("M0", 0, -5, 30),), incumbent=old)
    background = Background(asked, seed=5, rounds=4)
    found = background.result(PATIENCE_SECONDS)
    assert found == improve(asked, seed=5, rounds=4)
    assert background.done()
    assert background.progress is not None


def test_it_stops_when_told_and_gives_what_it_has() -> None:
    asked = problem(300)
    background = Background(asked, cpu_seconds=600.0)
    assert background.result(0.0) is None
    begin = time.monotonic()
    while background.progress is None and time.monotonic() - begin < PATIENCE_SECONDS:
        time.sleep(0.02)
    background.stop()
    found = background.result(PATIENCE_SECONDS)
    assert isinstance(found, Improved)
    assert check(asked, found.schedule) == []
    assert found.cost < found.dispatched


def test_it_has_a_limit_and_is_stopped_where_its_context_ends() -> None:
    with pytest.raises(ValueError, match="limits the effort"):
        Background(problem())
    with Background(problem(300), cpu_seconds=600.0) as background:
        assert not background.done()
    assert isinstance(background.result(PATIENCE_SECONDS), Improved)


def test_it_ends_after_its_processor_seconds() -> None:
    found = Background(problem(300), cpu_seconds=0.1).result(PATIENCE_SECONDS)
    assert isinstance(found, Improved)


def test_a_death_is_told_and_not_waited_for() -> None:
    before = {child.pid for child in active_children()}
    background = Background(problem(300), cpu_seconds=600.0)
    begin = time.monotonic()
    while background.progress is None and time.monotonic() - begin < PATIENCE_SECONDS:
        time.sleep(0.02)
    (pid,) = {child.pid for child in active_children()} - before
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert background.result(PATIENCE_SECONDS) == Failed("the process died with exit code -9")
