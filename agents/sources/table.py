"""The source of tables: orders as rows of a CSV file or of a workbook's sheets (XLSX)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from email.message import Message

from agents.sources.errors import UnreadableError
from agents.sources.json_documents import looks_like_json
from agents.sources.sheets import Sheet, is_empty
from agents.sources.source import Source, Transaction, rejected
from agents.sources.table_cells import Cells
from agents.sources.table_columns import SEARCHED, find_columns, fits, likeness
from agents.sources.table_config import CODECS, TableConfig, table_config
from agents.sources.table_csv import DELIMITERS, csv_sheet, csv_text, first_rows
from agents.sources.table_orders import orders
from agents.sources.table_rows import Row, read_rows
from agents.sources.table_xlsx import ZIP, is_workbook, workbook_sheets
from agents.sources.texts import start

SUFFIXES = (".csv", ".tsv", ".tab")

_ALIKE = 2
"""So many headers of one row are known where a sheet is meant to be a table of orders."""

_HEAD = 2**16
"""Characters among which headers are looked for."""


class Table(Source[TableConfig]):
    """The source of CSV and XLSX: by a mapping, or, where the headers are the fields' own names, by itself."""

    kind = "table"
    title = "table (CSV, XLSX)"
    Config = TableConfig

    def recognises(self, head: bytes, name: str) -> bool:
        if is_workbook(head, name):
            return True
        if b"\0" in head or looks_like_json(head) or start(head).startswith(b"<"):
            return False
        return name.lower().endswith(SUFFIXES) or self._has_headers(head)

    def mapped(self, mapping: Mapping[str, object]) -> Table:
        return Table(table_config(mapping, self.config.partner))

    def mending(self, text: bytes) -> Table:
        """What is mended has the fields' own names, and numbers and dates as everybody writes them."""
        return Table(TableConfig(partner=self.config.partner))

    def parse(self, headers: Mapping[str, str], body: bytes) -> list[Transaction]:
        if body.startswith(ZIP):
            sheets, is_1904 = workbook_sheets(body, self.config.sheet)
        else:
            sheets, is_1904 = [self._csv(headers, body)], False
        cells = Cells(self.config, is_1904)
        rows: list[Row] = []
        refused: list[Transaction] = []
        for sheet in self._tables(sheets):
            try:
                columns = find_columns(sheet, self.config)
            except UnreadableError as error:
                if len(sheets) == 1:
                    raise
                refused.append(rejected(sheet.name, "", f"sheet '{sheet.name}': {error}"))
                continue
            rows.extend(read_rows(sheet, columns, self.config, cells))
        return [*orders(rows, self.config.partner), *refused]

    def _tables(self, sheets: Sequence[Sheet]) -> list[Sheet]:
        """The sheets that are meant to be tables of orders; the first that holds anything where none looks like one."""
        filled = [sheet for sheet in sheets if not all(map(is_empty, sheet.rows))]
        if not filled:
            raise UnreadableError("the workbook is empty" if len(sheets) != 1 else "the table is empty")
        if self.config.header is not None:
            return filled
        return [sheet for sheet in filled if likeness(sheet, self.config) >= _ALIKE] or filled[:1]

    def _csv(self, headers: Mapping[str, str], body: bytes) -> Sheet:
        text = csv_text(body, self.config.encoding or _charset(headers))
        return csv_sheet(text, self.config.delimiter or self._delimiter(text))

    def _delimiter(self, text: str) -> str:
        """The delimiter by which the headers are understood, or else the one by which there are most columns."""
        heads = dict(_heads(text))
        fitting = [delimiter for delimiter, head in heads.items() if fits(head, self.config)]
        if len(fitting) == 1:
            return fitting[0]
        return max(
            heads, key=lambda each: (likeness(heads[each], self.config), max(map(len, heads[each].rows), default=0))
        )

    def _has_headers(self, head: bytes) -> bool:
        """Whether a text begins with headers that are understood."""
        text = head.decode(self.config.encoding or "utf-8", "replace").removeprefix("\ufeff")
        return any(likeness(sheet, self.config) >= _ALIKE for _, sheet in _heads(text))


def _heads(text: str) -> Iterator[tuple[str, Sheet]]:
    for delimiter in DELIMITERS:
        yield delimiter, Sheet("", first_rows(text[:_HEAD], delimiter, SEARCHED))


def _charset(headers: Mapping[str, str]) -> str:
    """The encoding that comes with a body, where it is one that is known; else UTF-8."""
    message = Message()
    message["content-type"] = headers.get("content-type", "")
    return CODECS.get(str(message.get_param("charset", "")).lower(), "utf-8")
