"""A sheet of cells, as a CSV file or a workbook has it, before anybody knows what its columns mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from agents.sources.texts import quoted

Value: TypeAlias = "str | bool | Decimal | dt.datetime | dt.date | dt.time | dt.timedelta"
"""What a cell holds; empty is the empty text. Of a CSV file every cell is text."""

Place: TypeAlias = tuple[int, int]
"""Row and column of a cell, both from 0."""

ROWS_MOST = 100_000
COLUMNS_MOST = 1_000
CELLS_MOST = 2_000_000
"""Cells of the rectangles that the sheets of a file take, empty ones included."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of cells. `name` is empty where there is only one.

    `spoiled` says of cells why their value cannot be used; `merged` says of cells that lie under another which one that
    is; `is_ragged` that a row may have lost cells at its end, `is_open` that the last row may be cut off.
    """

    name: str
    rows: Sequence[Sequence[Value]]
    spoiled: Mapping[Place, str] = field(default_factory=dict)
    merged: Mapping[Place, Place] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    is_ragged: bool = False
    is_open: bool = False

    def row_name(self, row: int) -> str:
        """A row as its reader numbers it: from 1, behind the name of the sheet where there are several."""
        return f"{self.name}!{row + 1}" if self.name else str(row + 1)


def letters(column: int) -> str:
    """A column, counted from 0, as spreadsheets name it: A, B, … Z, AA."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


def column_of(name: str) -> int | None:
    """The column that letters name, counted from 0; None where they name none."""
    if not (name.isascii() and name.isalpha() and len(name) <= 3):
        return None
    column = 0
    for letter in name.upper():
        column = column * 26 + ord(letter) - ord("A") + 1
    return column - 1


def is_empty(row: Sequence[Value]) -> bool:
    """Whether no cell of a row holds anything."""
    return all(isinstance(value, str) and not value.strip() for value in row)


def shown(value: Value) -> str:
    """A cell's value for a person, in quotes and cut where it is long."""
    return quoted(value if isinstance(value, str) else str(value), 40)
