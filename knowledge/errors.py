"""Errors of the knowledge room. A refusal is a value; these are bad input or bugs."""

from __future__ import annotations

from dataclasses import dataclass


class SocietyError(Exception):
    """Base of every error that the project raises on purpose."""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One mistake in a knowledge folder: where it stands and what is wrong.

    `row` counts from 1 and includes the header row, as a spreadsheet shows it; 0 means the whole file.
    """

    file: str
    row: int
    column: str
    text: str

    def __str__(self) -> str:
        place = ":".join(part for part in (self.file, str(self.row) if self.row else "", self.column) if part)
        return f"{place}: {self.text}"


class KnowledgeError(SocietyError):
    """A knowledge folder that cannot be used; `problems` names every mistake found in it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class StoreError(SocietyError):
    """A database that cannot be opened, or holds something else."""


class AwayError(StoreError):
    """A database that is away, or whose disk is full: that may go by."""


class OwnedError(StoreError):
    """A database that another process writes."""


class FencedError(StoreError):
    """A database that was another's when this process came to commit: nothing of the commit is kept."""
