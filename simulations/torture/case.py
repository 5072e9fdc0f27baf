"""A case of the fault search as plain data: a plant, what happens to it step by step, and what goes wrong meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What goes wrong. What is counted are effects, messages, timers, waves, commits or deliveries since a step."""

    AGENT = "agent"
    """An agent crashes after an effect, and is made anew."""
    PROCESS = "process"
    """The process ends after an effect."""
    BEFORE_COMMIT = "before commit"
    """The process ends at a commit, and nothing of it is kept."""
    AFTER_COMMIT = "after commit"
    """The process ends when a commit is on the disk, and nobody has heard of it."""
    TWICE = "twice"
    """A message comes twice, the second time so many seconds later."""
    LATE = "late"
    """A message comes so many seconds late, and messages of other agents overtake it."""
    SHUFFLED = "shuffled"
    """The messages of an instant are handled in another order."""
    TIMER = "timer"
    """A timer comes so many seconds late."""
    SINK = "sink"
    """A system outside does not take what it is told, so many times in a row."""
    UNACKNOWLEDGED = "unacknowledged"
    """A system outside takes what it is told, so many times, and its acknowledgement is lost each time."""
    TOLD = "told"
    """The process ends when a system outside has taken something."""
    CLOCK = "clock"
    """The clock jumps so many seconds ahead."""


HARMLESS = frozenset(Kind) - {Kind.LATE, Kind.SHUFFLED, Kind.TIMER, Kind.CLOCK}
"""What may not change anything that is decided."""

DEADLY = frozenset({Kind.PROCESS, Kind.BEFORE_COMMIT, Kind.AFTER_COMMIT, Kind.TOLD})
"""After what the society begins anew on its database."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something goes wrong at the `count`-th occasion from a step on; `amount` are seconds or times, by its kind."""

    kind: Kind
    count: int = 1
    amount: int = 0

    def __str__(self) -> str:
        return f"{self.kind} at {self.count}" + (f", {self.amount}" if self.amount else "")


@dataclass(frozen=True, slots=True)
class Step:
    """What happens at one time, in minutes after the start: documents together, or another version of the knowledge
    folder, or nothing but that the time has come.
    """

    minutes: int
    documents: tuple[dict[str, Any], ...] = ()
    files: Mapping[str, str] | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A plant's knowledge folder and all that happens."""

    files: Mapping[str, str]
    steps: tuple[Step, ...]

    @property
    def faults(self) -> tuple[Fault, ...]:
        """All of them."""
        return tuple(fault for step in self.steps for fault in step.faults)

    @property
    def harmless(self) -> bool:
        """Whether nothing that goes wrong may change anything that is decided."""
        return all(fault.kind in HARMLESS for fault in self.faults)
