"""CSV text as a sheet of cells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import islice

from agents.sources.errors import UnreadableError
from agents.sources.sheets import CELLS_MOST, COLUMNS_MOST, ROWS_MOST, Sheet
from agents.sources.texts import quoted

DELIMITERS = (",", ";", "\t", "|")

ROW_LENGTH_MOST = 500_000


def csv_text(body: bytes, encoding: str) -> str:
    """The text of a CSV file, without a byte-order mark. Raises UnreadableError with the first line that is not so."""
    try:
        text = body.decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = body[: error.start].count(b"\n") + 1
        raise UnreadableError(
            f"line {line} holds the byte 0x{body[error.start]:02X}, which is not {encoding.upper()}: save the file as "
            'UTF-8, or say what it is in a mapping, such as encoding = "cp1252"'
        ) from error
    if "\0" in text:
        raise UnreadableError(f"line {text[: text.index(chr(0))].count(chr(10)) + 1} holds U+0000: take it out")
    return text


def csv_sheet(text: str, delimiter: str) -> Sheet:
    """The text's rows. Raises UnreadableError where quotes do not match, or there is more than anybody orders."""
    rows: list[Sequence[str]] = []
    cells = 0
    for row in _rows(text, delimiter):
        rows.append(row)
        cells += len(row)
        if len(rows) > ROWS_MOST or len(row) > COLUMNS_MOST or cells > CELLS_MOST:
            raise UnreadableError(
                f"there are more than {ROWS_MOST} rows, {COLUMNS_MOST} columns or {CELLS_MOST} cells: send it in pieces"
            )
    return Sheet("", rows, is_ragged=True, is_open=not text.endswith(("\n", "\r")))


def first_rows(text: str, delimiter: str, count: int) -> list[list[str]]:
    """The first rows of a text, as far as they can be read; the last may be cut off."""
    rows: list[list[str]] = []
    try:
        rows.extend(islice(_rows(text, delimiter), count))
    except UnreadableError:
        return rows
    return rows


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        for row in reader:
            lines.size = 0
            yield row
    except csv.Error as error:
        raise UnreadableError(
            f"line {reader.line_num}: {error}: a cell that holds {quoted(delimiter)}, a quote or a line end stands in "
            'quotes, and a quote within it is doubled ("")'
        ) from error


class _Lines:
    """The lines of a text, as long as those of one row (`size` characters so far) stay within bounds."""

    def __init__(self, text: str) -> None:
        self._lines = io.StringIO(text, newline="")
        self.size = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.size += len(line)
        if self.size > ROW_LENGTH_MOST:
            raise UnreadableError(f"a row is longer than {ROW_LENGTH_MOST} characters")
        return line
