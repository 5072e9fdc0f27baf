"""The kernel of table reading: a CSV text becomes rows whose cells are read one typed value at a time.

A problem never stops the reading: it is noted, and the cell counts as not given. So that one mistake is told once, a
row with the wrong number of cells says nothing more, and a file that could not be read whole proves no reference wrong.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Container, Hashable, Iterator, Mapping
from typing import TypeVar

from knowledge.reading.cells import Known, Parser, code, quoted
from knowledge.reading.layout import LAYOUTS, Layout
from knowledge.reading.problems import Problems

T = TypeVar("T")
D = TypeVar("D")


class Row:
    """One row; `number` is the spreadsheet's, the header being 1."""

    __slots__ = ("_cells", "_table", "muted", "number")

    def __init__(self, table: Table, number: int, cells: list[str]) -> None:
        self._table = table
        self.number = number
        self.muted = len(cells) != table.width
        self._cells = cells + [""] * (table.width - len(cells))

    def given(self, column: str) -> str:
        """The cell's text without spaces around; empty where the cell is empty or its column absent."""
        place = self._table.places.get(column)
        return "" if place is None else self._cells[place]

    def read(self, column: str, parse: Parser[T], default: D) -> T | D:
        """The cell's value; the default where it is not given or wrong."""
        text = self.given(column)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.wrong(column, str(error))
            return default

    def need(self, column: str, parse: Parser[T]) -> T | None:
        """The value of a cell that has to be given; None where it is not, or wrong."""
        if not self.given(column):
            if column in self._table.places:
                self.wrong(column, "is empty, but has to be given")
            return None
        return self.read(column, parse, None)

    def key(self, column: str, what: str) -> str | None:
        """The code that this row defines, once a table; None where it is empty, wrong or given before."""
        value = self.need(column, code)
        if value is None or not self.first(value, column, f"{what} {quoted(value)}"):
            return None
        return value

    def first(self, key: Hashable, column: str, what: str) -> bool:
        """Whether no row before has this key; where one has, that is a problem which names it."""
        before = self._table.keys.setdefault(key, self.number)
        if before == self.number:
            return True
        self.wrong(column, f"{what} is given in row {before} already")
        return False

    def wrong(self, column: str, text: str) -> None:
        """Note a problem of this row."""
        if not self.muted:
            self._table.problems.add(self._table.file, self.number, column, text)


class Table:
    """The rows of one file.

    `present` is False where the folder has no such file, `whole` where rows or keys of it could not be read.
    """

    def __init__(self, layout: Layout, problems: Problems, *, present: bool = True, whole: bool = True) -> None:
        self.file = layout.file
        self.problems = problems
        self.present = present
        self.whole = whole
        self.places: dict[str, int] = {}
        self.width = 0
        self.keys: dict[Hashable, int] = {}
        self._records: list[list[str]] = []
        self._layout = layout

    def __iter__(self) -> Iterator[Row]:
        for number, record in enumerate(self._records, start=2):
            cells = list(map(str.strip, record))
            if any(cells):
                yield Row(self, number, cells)

    def known(self, what: str, codes: Container[str], *, if_absent: bool = True) -> Known:
        """The parser of references to this table; with `if_absent` False an absent file proves no reference wrong."""
        judged = self.whole and (self.present or if_absent)
        return Known(what, self.file, codes if judged else None)

    def fill(self, text: str) -> None:
        """Read header and records."""
        if "\0" in text:
            self._broken(text.count("\n", 0, text.index("\0")) + 1, "has a NUL byte; it is not a text file")
            return
        records: list[list[str]] = []
        try:
            lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
            records.extend(csv.reader(lines, strict=True, skipinitialspace=True))
        except csv.Error as error:
            text = f"is not readable as CSV ({error}); close every quote and double those inside"
            self._broken(len(records) + 1, text)
        if records:
            self._records = records[1:] if self._header([cell.strip() for cell in records[0]]) else []
            self._widths()
        elif self.whole:
            names = ",".join(self._layout.required)
            self._broken(1, f"is empty; the first row has to name the columns, at least {names}")

    def _broken(self, row: int, text: str) -> None:
        self.whole = False
        self.problems.add(self.file, row, "", text)

    def _header(self, names: list[str]) -> bool:
        """Whether the header is one of this file, good or bad."""
        if len(names) == 1 and (mark := next((mark for mark in ";\t|" if mark in names[0]), "")):
            self._broken(1, f"the cells are separated by {mark!r}; save the file with commas")
            return False
        self.width = len(names)
        for place, name in enumerate(names):
            self._column(place, name)
        missing = [column for column in self._layout.required if column not in self.places]
        for column in missing:
            self.problems.add(self.file, 1, column, "the column is missing, but has to be given")
        self.whole = self.whole and not missing
        return True

    def _column(self, place: int, name: str) -> None:
        if name in self.places:
            text = f"the column is given twice, as columns {self.places[name] + 1} and {place + 1}"
            self.problems.add(self.file, 1, name, text)
        elif name in self._layout.columns:
            self.places[name] = place
        else:
            text = f"unknown column {quoted(name)}" if name else f"column {place + 1} has no name"
            shown = name if name.isprintable() and len(name) <= 40 else ""
            self.problems.add(self.file, 1, shown, f"{text}; the columns are {', '.join(self._layout.columns)}")

    def _widths(self) -> None:
        for number, cells in enumerate(self._records, start=2):
            if len(cells) != self.width and any(map(str.strip, cells)):
                text = f"has {len(cells)} cell{'s' if len(cells) > 1 else ''} where the header has {self.width}"
                self.problems.add(self.file, number, "", text)


def open_tables(files: Mapping[str, str], unread: Container[str], problems: Problems) -> Callable[[str], Table]:
    """How to open a table by its file's name; `unread` names files that are there but whose text is not."""

    def table(file: str) -> Table:
        present = file in files or file in unread
        opened = Table(LAYOUTS[file], problems, present=present, whole=file not in unread)
        if file in files:
            opened.fill(files[file])
        return opened

    return table
