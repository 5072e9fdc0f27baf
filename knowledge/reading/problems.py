"""Collects problems while reading goes on, so that all of them can be told at once."""

from __future__ import annotations

from knowledge.errors import KnowledgeError, Problem
from knowledge.reading.layout import FILES, LAYOUTS


class Problems:
    """The problems found so far."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, file: str, row: int, column: str, text: str) -> None:
        """Note one problem; `row` 0 means the whole file."""
        self._found.append(Problem(file, row, column, text))

    def in_order(self) -> list[Problem]:
        """By file in the contract's order, then row, then column; what concerns the folder comes first."""
        return sorted(self._found, key=_place)

    def raise_any(self) -> None:
        """Raise KnowledgeError if there are any."""
        if self._found:
            raise KnowledgeError(self.in_order())


_FILE_PLACES = {file: place for place, file in enumerate(FILES)}
_COLUMN_PLACES = {
    (file, column): place for file, layout in LAYOUTS.items() for place, column in enumerate(layout.columns)
}


def _place(problem: Problem) -> tuple[int, str, int, int, str]:
    file = _FILE_PLACES.get(problem.file, len(FILES))
    column = _COLUMN_PLACES.get((problem.file, problem.column), len(_COLUMN_PLACES))
    return file, problem.file, problem.row, column, problem.column
