"""Workbooks (XLSX) as sheets of cells. Nothing reaches the reader of workbooks but what was looked over before."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from agents.sources.archives import members
from agents.sources.errors import UnreadableError
from agents.sources.sheets import CELLS_MOST, Place, Sheet, Value
from agents.sources.texts import is_clean, quoted
from agents.sources.xlsx_scan import TEXT_MOST, Scan, Workbook, read_workbook, scan_sheet, string_lengths

_PARTS = ("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml")
_STRINGS = "xl/sharedStrings.xml"
_SHEETS_MOST = 100
_MERGED_MOST = 200_000

ZIP = b"PK\x03\x04"


def is_workbook(head: bytes, name: str) -> bool:
    """Whether a body that begins so is a workbook of Excel's present format."""
    return head.startswith(ZIP) and (b"xl/" in head or name.lower().endswith((".xlsx", ".xlsm")))


def workbook_sheets(body: bytes, wanted: str = "") -> tuple[list[Sheet], bool]:
    """The visible worksheets, or the one of a name, visible or not; and whether days are counted from 1904.

    Raises UnreadableError with what is wrong and the cure.
    """
    parts = members(body, _is_wanted, "the workbook")
    if "xl/workbook.bin" in parts:
        raise UnreadableError("the workbook is binary (XLSB), which is not read: save it as XLSX or CSV")
    book = read_workbook(parts)
    chosen = [part for part in book.sheets if (part.name == wanted if wanted else not part.is_hidden)]
    if wanted and not chosen:
        there = ", ".join(quoted(part.name) for part in book.sheets[:20])
        raise UnreadableError(f"there is no sheet {quoted(wanted)}; there are {there}")
    if len(chosen) > _SHEETS_MOST:
        raise UnreadableError(f"there are more than {_SHEETS_MOST} sheets: name one with `sheet` in a mapping")
    if len({part.name for part in chosen}) < len(chosen):
        raise UnreadableError("two sheets have one name: save the workbook again by a spreadsheet program")
    if any(part.member not in parts for part in chosen):
        raise UnreadableError("the workbook lacks one of its sheets: save it again by a spreadsheet program")
    strings = string_lengths(parts[_STRINGS]) if _STRINGS in parts else []
    scans = {part.name: scan_sheet(parts[part.member], part.name, strings) for part in chosen}
    if (
        sum(s.rows * s.columns for s in scans.values()) > CELLS_MOST
        or sum(s.characters for s in scans.values()) > TEXT_MOST
    ):
        raise UnreadableError("the sheets hold more than any order: name one with `sheet` in a mapping")
    return _values(_packed(parts, book, set(scans)), scans), book.is_1904


def _is_wanted(name: str) -> bool:
    # The reader of workbooks finds strings by this name alone, and a sheet wherever the workbook says it is.
    return name in (*_PARTS, _STRINGS, "xl/workbook.bin") or (
        name.startswith("xl/worksheets/") and name.endswith(".xml")
    )


def _packed(parts: dict[str, bytes], book: Workbook, names: set[str]) -> bytes:
    """An archive of nothing but what was looked at."""
    sheets = {part.member for part in book.sheets if part.name in names}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in (*_PARTS, _STRINGS, *sheets):
            if name in parts:
                archive.writestr(zipfile.ZipInfo(name), parts[name])
    return packed.getvalue()


def _values(packed: bytes, scans: dict[str, Scan]) -> list[Sheet]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(packed)) as workbook:
            return [_sheet(workbook.get_sheet_by_name(name), scan, len(scans) > 1) for name, scan in scans.items()]
    except CalamineError as error:
        raise UnreadableError(f"the workbook is damaged ({error}): save it again by a spreadsheet program") from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":  # a panic of the reader, which is no Exception
            raise
        raise UnreadableError("the workbook is damaged: save it again by a spreadsheet program") from None


def _sheet(sheet: CalamineSheet, scan: Scan, has_name: bool) -> Sheet:
    rows = [[_value(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    return Sheet(
        sheet.name if has_name else "",
        rows,
        scan.spoiled,
        _merged(scan, len(rows), max(map(len, rows), default=0)),
        frozenset(scan.hidden_rows),
    )


def _value(value: float | str | dt.time | dt.date | dt.timedelta) -> Value:
    """A value without floats: a spreadsheet's numbers have 15 digits, and more are noise of its arithmetic."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Decimal(f"{value:.15g}")
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    if isinstance(value, str) and not is_clean(value):
        return value.replace("\0", "\ufffd")
    return value


def _merged(scan: Scan, height: int, width: int) -> dict[Place, Place]:
    """Of every cell under another, which that is; no further than there are rows."""
    found: dict[Place, Place] = {}
    for first, last in scan.merges:
        rows = range(first[0], min(last[0], height - 1) + 1)
        columns = range(first[1], min(last[1], width - 1) + 1)
        if len(rows) * len(columns) + len(found) > _MERGED_MOST:
            raise UnreadableError("more cells are merged than in any order: undo it")
        found |= {(row, column): first for row in rows for column in columns if (row, column) != first}
    return found
