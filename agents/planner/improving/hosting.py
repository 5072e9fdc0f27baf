"""Where a problem is improved: at once in so many rounds, or in a process beside, which nobody waits for."""

from __future__ import annotations

import os
from collections.abc import Callable
from fractions import Fraction
from typing import Protocol

from agents.planner.sequencing import Background, Failed, Improved, Problem, improve

ROUNDS_A_SECOND = 50
"""Rounds of the search that count as a second of improving where no clock may decide: about what one processor does."""


class Improver(Protocol):
    """Improves one problem at a time. `wait_seconds` is how long to wait between two polls, `every_seconds` how long
    after a change of the plan it is to be improved again (0: only when somebody asks). For about `hold_ms` one decision
    may keep others waiting by promising again what is late (0: for as long as it takes, whatever the machine)."""

    wait_seconds: int
    every_seconds: int
    hold_ms: int

    def start(self, problem: Problem, share: Fraction) -> None:
        """Begin with a problem, which gets a share of the effort; what was under way is forgotten."""

    def poll(self) -> Improved | Failed | None:
        """What came of it; None while it is under way, or where nothing is."""

    def stop(self) -> None:
        """Forget what is under way."""


def patience(hold_ms: int) -> Callable[[], bool]:
    """Whether so much time has passed since now; never where it is 0."""
    end = os.times().elapsed + hold_ms / 1000
    return lambda: hold_ms > 0 and os.times().elapsed > end


class InRounds:
    """Improves when it is polled, in a number of rounds: the same problems and seed give the same schedules."""

    wait_seconds = 0
    every_seconds = 0
    hold_ms = 0

    def __init__(self, seconds: int, seed: int = 0) -> None:
        self._rounds, self._seed = seconds * ROUNDS_A_SECOND, seed
        self._waiting: tuple[Problem, int] | None = None

    def start(self, problem: Problem, share: Fraction) -> None:
        """Begin with a problem."""
        self._waiting = problem, max(1, int(self._rounds * share))
        self._seed += 1

    def poll(self) -> Improved | Failed | None:
        """What comes of it."""
        if self._waiting is None:
            return None
        (problem, rounds), self._waiting = self._waiting, None
        return improve(problem, seed=self._seed, rounds=rounds)

    def stop(self) -> None:
        """Forget what is under way."""
        self._waiting = None


class Beside:
    """Improves in a process of its own for so many processor seconds, `after` seconds after a change of the plan."""

    hold_ms = 50

    def __init__(self, seconds: int, seed: int = 0, after: int = 60) -> None:
        self.wait_seconds, self.every_seconds = max(1, seconds // 8), after
        self._seconds, self._seed = seconds, seed
        self.running: Background | None = None

    def start(self, problem: Problem, share: Fraction) -> None:
        """Begin with a problem."""
        self.stop()
        self._seed += 1
        self.running = Background(problem, seed=self._seed, cpu_seconds=float(self._seconds * share))

    def poll(self) -> Improved | Failed | None:
        """What came of it, if it has ended."""
        running = self.running
        if running is None or not running.done():
            return None
        found, self.running = running.result(0), None
        return found

    def stop(self) -> None:
        """Forget what is under way; from any thread."""
        running, self.running = self.running, None
        if running is not None:
            running.stop()
