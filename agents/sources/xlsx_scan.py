"""What stands in the XML of a workbook that its values do not tell: extents, errors, formulas without value, merging.

A reader of workbooks makes a rectangle of all cells, so a sheet of two cells may take all memory there is: extents
are bounded here first. It gives an error (#N/A), and a formula that was never reckoned, as an empty cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from agents.sources.errors import UnreadableError
from agents.sources.sheets import CELLS_MOST, COLUMNS_MOST, ROWS_MOST, Place, column_of
from agents.sources.texts import quoted

MERGES_MOST = 20_000

TEXT_MOST = 64 * 2**20
"""Characters of all cells: a string that is kept once may stand in every cell."""

_CELL = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_RANGE = re.compile(rf"{_CELL.pattern}(?::{_CELL.pattern})?")

Start = Callable[[str, dict[str, str]], object]


@dataclass(slots=True)
class Scan:
    """What was found in a sheet; rows and columns count from 0, a merged range is its first and its last cell."""

    rows: int = 0
    columns: int = 0
    characters: int = 0
    spoiled: dict[Place, str] = field(default_factory=dict)
    merges: list[tuple[Place, Place]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A worksheet of a workbook and the member that holds it."""

    name: str
    member: str
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class Workbook:
    """The worksheets, in the order of their tabs; whether days count from 1904."""

    sheets: tuple[SheetPart, ...]
    is_1904: bool


def scan_sheet(xml: bytes, name: str, strings: Sequence[int]) -> Scan:
    """Look a worksheet over; `strings` are the lengths of the workbook's shared strings.

    Raises UnreadableError where it is no sound XML or larger than any order.
    """
    scanner = _Scanner(name, strings)
    _parse(xml, f"sheet {quoted(name)}", scanner.start, scanner.characters)
    scanner.end_cell()
    return scanner.scan


def string_lengths(xml: bytes) -> list[int]:
    """The lengths of a workbook's shared strings. Raises UnreadableError."""
    lengths: list[int] = []

    def start(tag: str, _: dict[str, str]) -> None:
        if tag == "si":
            lengths.append(0)

    def characters(text: str) -> None:
        if lengths:
            lengths[-1] += len(text)

    _parse(xml, "the workbook", start, characters)
    return lengths


def read_workbook(parts: Mapping[str, bytes]) -> Workbook:
    """The worksheets of xl/workbook.xml. Raises UnreadableError."""
    book, relations = parts.get("xl/workbook.xml"), parts.get("xl/_rels/workbook.xml.rels")
    if book is None or relations is None:
        raise UnreadableError("there is no workbook in the archive (xl/workbook.xml)")
    targets: dict[str, str] = {}
    found: list[SheetPart] = []
    epochs: list[str] = []

    def relation(tag: str, values: dict[str, str]) -> None:
        if tag == "Relationship" and values.get("Type", "").endswith("/worksheet"):
            target = values.get("Target", "")
            targets[values.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"

    def sheet(tag: str, values: dict[str, str]) -> None:
        if tag == "workbookPr":
            epochs.append(values.get("date1904", ""))
        if tag == "sheet":
            identity = next((value for key, value in values.items() if key.rpartition(":")[2] == "id"), "")
            if target := targets.get(identity):  # a chart has none
                found.append(SheetPart(values.get("name", ""), target, values.get("state", "visible") != "visible"))

    _parse(relations, "the workbook", relation)
    _parse(book, "the workbook", sheet)
    return Workbook(tuple(found), any(epoch in ("1", "true") for epoch in epochs))


def _parse(xml: bytes, what: str, start: Start, characters: Callable[[str], object] | None = None) -> None:
    parser = expat.ParserCreate("utf-8")  # whatever it says of itself: the values are read as UTF-8

    def element(tag: str, values: dict[str, str]) -> None:
        start(tag.rpartition(":")[2], values)

    def doctype(*_: object) -> None:
        raise UnreadableError(f"{what} has a DTD: save it again by a spreadsheet program")

    parser.buffer_text = True
    parser.StartElementHandler = element
    parser.CharacterDataHandler = characters
    parser.StartDoctypeDeclHandler = doctype
    try:
        parser.Parse(xml, True)
    except expat.ExpatError as error:
        raise UnreadableError(f"{what} is damaged ({error}): save it again by a spreadsheet program") from error


class _Scanner:
    """Takes a worksheet's elements as they come."""

    def __init__(self, name: str, strings: Sequence[int]) -> None:
        self.scan = Scan()
        self._strings = strings
        self._what = f"sheet {quoted(name)}"
        self._row, self._column = -1, -1
        self._type = ""
        self._has_formula = self._has_value = False
        self._text: list[str] = []

    def start(self, tag: str, values: dict[str, str]) -> None:
        """An element begins."""
        if tag == "v":
            if self._has_value:
                raise UnreadableError(f"{self._what} has a cell with two values in row {self._row + 1}")
            self._has_value = True
        elif tag == "c":
            self._cell(values)
        elif tag == "f":
            self._has_formula = True
        elif tag == "row":
            self._begin_row(values)
        elif tag == "mergeCell":
            self._merge(values.get("ref", ""))

    def characters(self, text: str) -> None:
        """Text of an element; of a cell's value it is the value, or the number of a shared string."""
        if self._has_value and len(self._text) < 8:
            self._text.append(text)

    def end_cell(self) -> None:
        """What is left to be said of the cell before."""
        value = "".join(self._text).strip()
        if self._has_formula and not value and self._type != "str":
            self.scan.spoiled[self._row, self._column] = (
                "the formula has no value: open the file in a spreadsheet program, and save it again"
            )
        if self._type == "s" and value:
            self._share(value)
        self._type, self._has_formula, self._has_value = "", False, False
        self._text.clear()

    def _share(self, told: str) -> None:
        if not (told.isascii() and told.isdigit() and len(told) <= 8 and int(told) < len(self._strings)):
            raise UnreadableError(
                f"{self._what} names a text that is not there: save it again by a spreadsheet program"
            )
        self.scan.characters += self._strings[int(told)]
        if self.scan.characters > TEXT_MOST:
            raise UnreadableError(f"{self._what} holds more text than any order: send it in pieces")

    def _begin_row(self, values: dict[str, str]) -> None:
        self.end_cell()
        told = values.get("r", "")
        if told and not (told.isascii() and told.isdigit() and len(told) <= 7 and int(told) > 0):
            raise UnreadableError(f"{self._what} has a row {quoted(told)}")
        row = int(told) - 1 if told else self._row + 1
        if row <= self._row:  # the reader of workbooks would let one of them fall
            raise UnreadableError(f"{self._what} has row {row + 1} behind row {self._row + 1}")
        self._row, self._column = row, -1
        self._extend(self._row, 0)
        if values.get("hidden") in ("1", "true"):
            self.scan.hidden_rows.add(self._row)

    def _cell(self, values: dict[str, str]) -> None:
        self.end_cell()
        told = values.get("r")
        if told is None:
            self._column += 1
        else:
            row, column = self._place(told)
            if row != self._row or column <= self._column:
                raise UnreadableError(f"{self._what} has cell {quoted(told)} out of its place in row {self._row + 1}")
            self._column = column
        self._extend(self._row, self._column)
        self._type = values.get("t", "")
        if self._type == "e":
            self.scan.spoiled[self._row, self._column] = "the cell holds an error, such as #N/A: mend it in the sheet"

    def _place(self, told: str) -> Place:
        match = _CELL.fullmatch(told)
        column = column_of(match[1]) if match else None
        if match is None or column is None or match[2].startswith("0"):
            raise UnreadableError(f"{self._what} has a cell {quoted(told)}")
        return int(match[2]) - 1, column

    def _extend(self, row: int, column: int) -> None:
        scan = self.scan
        scan.rows, scan.columns = max(scan.rows, row + 1), max(scan.columns, column + 1)
        if scan.rows > ROWS_MOST or scan.columns > COLUMNS_MOST or scan.rows * scan.columns > CELLS_MOST:
            raise UnreadableError(
                f"{self._what} has more than {ROWS_MOST} rows, {COLUMNS_MOST} columns or {CELLS_MOST} cells: delete "
                "what is far out, or send it in pieces"
            )

    def _merge(self, told: str) -> None:
        match = _RANGE.fullmatch(told)
        if match is None or len(self.scan.merges) >= MERGES_MOST:
            raise UnreadableError(f"{self._what} has merged cells that are not read ({quoted(told)})")
        first, _, last = told.partition(":")
        self.scan.merges.append((self._place(first), self._place(last or first)))
