"""The smallest case that breaks the same law: fewer faults first, then less that happens, then a simpler plant."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from knowledge.errors import KnowledgeError
from simulations.torture.case import Case, Fault, Step
from simulations.torture.searching import Trial, trial_of_case

T = TypeVar("T")

_KEPT_FILES = ("plant.toml", "items.csv", "customers.csv", "calendars.csv", "work_centres.csv")


class _OutOfTimeError(Exception):
    """The time for shrinking is over."""


class Shrinking:
    """Makes a broken case smaller, as long as it breaks the same law; `smallest` is the best until now."""

    def __init__(self, broken: Trial, seconds: float) -> None:
        self.smallest = broken
        self.law = law_of(broken)
        self._until = time.monotonic() + seconds

    def run(self) -> Trial:
        """Shrink until nothing more can be left out, or time is over."""
        steps = self.smallest.case.steps[: self.smallest.step]
        try:
            self._holds(replace(self.smallest.case, steps=steps))
            before = None
            while before != self.smallest.case:
                before = self.smallest.case
                self._faults()
                self._steps()
                self._documents()
                self._plant()
        except _OutOfTimeError:
            pass
        return self.smallest

    def _holds(self, case: Case) -> bool:
        """Whether a case breaks the law still; then it is the smallest."""
        if time.monotonic() > self._until:
            raise _OutOfTimeError
        try:
            trial = trial_of_case(case, self.smallest.seed)
        except KnowledgeError:
            return False
        if law_of(trial) != self.law:
            return False
        self.smallest = trial
        return True

    def _faults(self) -> None:
        case = self.smallest.case
        numbered = [(n, fault) for n, step in enumerate(case.steps) for fault in step.faults]

        def without(kept: Sequence[tuple[int, Fault]]) -> Case:
            steps = (replace(s, faults=tuple(f for m, f in kept if m == n)) for n, s in enumerate(case.steps))
            return replace(case, steps=tuple(steps))

        self._minimise(numbered, without)

    def _steps(self) -> None:
        case = self.smallest.case
        self._minimise(case.steps, lambda kept: replace(case, steps=tuple(kept)))

    def _documents(self) -> None:
        case = self.smallest.case
        numbered = [(n, m) for n, step in enumerate(case.steps) for m in range(len(step.documents))]

        def without(kept: Sequence[tuple[int, int]]) -> Case:
            wanted = set(kept)
            return replace(case, steps=tuple(_only(n, step, wanted) for n, step in enumerate(case.steps)))

        self._minimise(numbered, without)

    def _plant(self) -> None:
        case = self.smallest.case
        lines = [(name, n) for name, text in case.files.items() if name not in _KEPT_FILES for n in _lines(text)]

        def without(kept: Sequence[tuple[str, int]]) -> Case:
            wanted = set(kept)
            files = {
                name: text
                if name in _KEPT_FILES
                else "".join(
                    line for n, line in enumerate(text.splitlines(keepends=True)) if not n or (name, n) in wanted
                )
                for name, text in case.files.items()
            }
            return replace(case, files=files)

        self._minimise(lines, without)

    def _minimise(self, parts: Sequence[T], made_of: Callable[[Sequence[T]], Case]) -> None:
        """Leave out as many parts as can be: halves first, then less and less at once (Zeller's ddmin)."""
        size = max(1, len(parts) // 2)
        while parts:
            start, before = 0, len(parts)
            while start < len(parts):
                kept = [*parts[:start], *parts[start + size :]]
                if self._holds(made_of(kept)):
                    parts = kept
                else:
                    start += size
            if size == 1 and len(parts) == before:
                return
            size = max(1, size // 2)


def _lines(text: str) -> Iterator[int]:
    yield from range(1, len(text.splitlines()))


def _only(n: int, step: Step, wanted: set[tuple[int, int]]) -> Step:
    documents = tuple(document for m, document in enumerate(step.documents) if (n, m) in wanted)
    return replace(step, documents=documents)


def law_of(trial: Trial) -> str:
    """The first law that a case breaks, by its name; empty where it breaks none."""
    return trial.broken[0].partition(":")[0] if trial.broken else ""
