"""The rows of a sheet in the contract's terms: each cell read or found wrong, with its place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from agents.sources.errors import UnreadableError
from agents.sources.exact import plain, total
from agents.sources.sheets import Sheet, Value, is_empty
from agents.sources.table_cells import Cells
from agents.sources.table_columns import Columns
from agents.sources.table_config import TableConfig

_OF_ONE_ROW = ("quantity", "amount")
"""Fields whose cell cannot speak for several rows."""

_GOODS = ("item", "description", "unit_price", "requested", "line")
"""Fields of which a row that orders something has at least one, and a row of totals none."""


@dataclass(slots=True)
class Row:
    """A row as read: values by field, empty ones left out; of what could not be read the raw text stands in `values`.

    `faults` say what is wrong with it, each with its place.
    """

    name: str
    sheet: str
    values: dict[str, str] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def number(self, name: str) -> Decimal | None:
        """The number in a field; None where there is none, or it could not be read."""
        return Decimal(self.values[name]) if name in self.values and name not in self.wrong else None


def read_rows(sheet: Sheet, columns: Columns, config: TableConfig, cells: Cells) -> list[Row]:
    """The rows that order something. Raises UnreadableError where a row of totals does not fit them."""
    return list(_RowReader(sheet, columns, config, cells).rows())


class _RowReader:
    def __init__(self, sheet: Sheet, columns: Columns, config: TableConfig, cells: Cells) -> None:
        self._sheet, self._columns, self._config, self._cells = sheet, columns, config, cells
        self._totals = {each.casefold() for each in config.totals}
        self._above: dict[str, str] = {}

    def rows(self) -> Iterator[Row]:
        """Each row that orders something, in order."""
        taken: list[Row] = []
        for at in range(self._columns.first, len(self._sheet.rows)):
            cells = self._sheet.rows[at]
            if is_empty(cells) and not any((at, column) in self._sheet.spoiled for column in self._columns.fields):
                continue
            if at in self._sheet.hidden_rows and self._config.hidden_rows == "skip":
                continue
            if self._columns.is_repeated(cells):
                raise UnreadableError(
                    f"row {self._sheet.row_name(at)} repeats the headers: these are several tables, send each by itself"
                )
            row = self._row(at, cells)
            if self._is_total(row, cells):
                self._check_total(row, taken)
                continue
            self._complete(row, at, cells)
            if self._sheet.is_open and at == len(self._sheet.rows) - 1:
                row.faults.append(
                    f"row {row.name} has no line end, and may be cut off: end the file with one if it is whole"
                )
            taken.append(row)
            yield row

    def _row(self, at: int, cells: Sequence[Value]) -> Row:
        row = Row(self._sheet.row_name(at), self._sheet.name)
        for column, name in self._columns.fields.items():
            value: Value = cells[column] if column < len(cells) else ""
            place = (at, column)
            problem = self._sheet.spoiled.get(place, "")
            if over := self._sheet.merged.get(place):
                value = self._sheet.rows[over[0]][over[1]] if over[1] < len(self._sheet.rows[over[0]]) else ""
                problem = self._sheet.spoiled.get(over, "")
                if name in _OF_ONE_ROW and value != "":
                    problem = f"the cell is merged with that of row {over[0] + 1}: give each row its own"
            self._read(row, name, value, problem, column)
        _bring_up_items(row)
        return row

    def _read(self, row: Row, name: str, value: Value, problem: str, column: int) -> None:
        found = ""
        if not problem:
            try:
                found = self._cells.read(name, value)
            except UnreadableError as error:
                problem = str(error)
        if problem:
            row.faults.append(f"row {row.name}, {self._columns.title(column)}: {problem}")
            row.wrong.add(name)
            found = self._cells.text(value)
        if found:
            row.values[name] = found

    def _is_total(self, row: Row, cells: Sequence[Value]) -> bool:
        """Whether a row sums others up: it orders nothing by itself, and says so or has no number of an order."""
        if any(name in row.values and not self._names_total(row.values[name]) for name in (*_GOODS, "type")):
            return False
        says_so = self._names_total(next((str(value) for value in cells if str(value).strip()), ""))
        has_sum = bool({"quantity", "amount"} & row.values.keys())
        return says_so or (has_sum and "number" not in row.values)

    def _names_total(self, text: str) -> bool:
        return " ".join(text.casefold().split()).rstrip(" :") in self._totals

    def _check_total(self, row: Row, above: Sequence[Row]) -> None:
        """What a row of totals says is the sum of the rows above it."""
        for name in ("quantity", "amount"):
            if name in row.wrong:
                fault = next((fault for fault in row.faults), "")
                raise UnreadableError(f"{fault}; without this total nothing is read")
            told = row.number(name)
            if told is None or any(name in other.wrong for other in above):
                continue
            found = total(number for other in above if (number := other.number(name)) is not None)
            if told != found:
                raise UnreadableError(
                    f"row {row.name} gives a total {name} of {plain(told)}, but the rows above it come to "
                    f"{plain(found)}: nothing was read"
                )

    def _complete(self, row: Row, at: int, cells: Sequence[Value]) -> None:
        """Fill in what stands above or is the same everywhere, and see whether cells are lost or moved."""
        for name in self._config.fill_down:
            if name in row.values and name not in row.wrong:
                self._above[name] = row.values[name]
            elif name not in row.values and name in self._above:
                row.values[name] = self._above[name]
        for name, constant in self._config.constants.items():
            if name not in row.values:
                try:
                    row.values[name] = self._cells.read(name, str(constant))
                except UnreadableError as error:
                    row.faults.append(f"the mapping's constant {name}: {error}")
        if at in self._sheet.hidden_rows and self._config.hidden_rows == "refuse":
            row.faults.append(
                f"row {row.name} is hidden: show or delete it, or say hidden_rows = 'read' or 'skip' in a mapping"
            )
        if self._sheet.is_ragged and not _is_whole(cells, self._columns):
            row.faults.append(
                f"row {row.name} has {len(cells)} cells, but there are {self._columns.width} columns: a text that "
                "holds the delimiter stands in quotes, and no row is cut off"
            )


def _bring_up_items(row: Row) -> None:
    """Let the best number of an article that a row gives be its first."""
    names = sorted((name for name in row.values if name == "item" or name.startswith("item.")), key=item_rank)
    if names and names[0] != "item" and not row.wrong.intersection(names):
        row.values["item"] = row.values.pop(names[0])


def item_rank(name: str) -> int:
    """How good a number of an article is by its field: 1 for `item`, 2 for `item.2`."""
    return int(name.partition(".")[2] or 1)


def _is_whole(cells: Sequence[Value], columns: Columns) -> bool:
    """Whether there is a cell for every column, and none for no column that has a header."""
    return len(cells) >= columns.width and (not columns.headers or is_empty(cells[columns.width :]))
