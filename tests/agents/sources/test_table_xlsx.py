from __future__ import annotations

import datetime as dt
import zipfile
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from agents.sources import archives
from agents.sources.reading import read_bytes
from agents.sources.source import Rejected, transactions
from agents.sources.table import Table
from agents.sources.table_config import table_config
from knowledge.documents import CustomerOrder
from tests.agents.sources.builders import only, raw_row, raw_workbook, reason, workbook, zipped

HEADERS = ("number", "item", "quantity", "requested", "unit_price")
HEADER_ROW = raw_row(1, "number", "item", "quantity")


def cell(value: str, **attributes: str) -> str:
    """A cell of a worksheet; `@` becomes its place."""
    more = "".join(f' {name}="{text}"' for name, text in attributes.items())
    return f'<c r="@"{more}>{value}</c>'


def test_numbers_dates_and_text_are_what_a_person_sees() -> None:
    body = workbook(
        HEADERS,
        ("SO-1", 54321, 12, dt.date(2026, 2, 2), 0.1 + 0.2),
        ("SO-1", "00123", 0.5, dt.datetime.fromisoformat("2026-02-02T10:30"), 1149.5),
        ("SO-1", "A", "7", 46055, None),
        ("SO-1", "B", 1, "2026-03-01", 0),
    )
    lines = only(Table(), body).lines
    assert [line.item for line in lines] == ["54321", "00123", "A", "B"]
    assert [line.quantity for line in lines] == [12, Decimal("0.5"), 7, 1]
    assert [line.requested for line in lines] == ["2026-02-02", "2026-02-02T10:30:00", "2026-02-02", "2026-03-01"]
    assert [line.unit_price for line in lines] == [Decimal("0.3"), Decimal("1149.5"), None, 0]


def test_text_with_a_decimal_comma_is_read_as_the_mapping_says_beside_numbers() -> None:
    body = workbook(("number", "item", "quantity"), ("1", "A", "1.250,5"), ("1", "B", 1250.5))
    order = only(Table(table_config({"decimal": ",", "thousands": "."})), body)
    assert [line.quantity for line in order.lines] == [Decimal("1250.5")] * 2


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (("1", "#N/A", 1), "row 2, column B (item): the cell holds an error, such as #N/A"),
        (("1", "A", "=1+1"), "row 2, column C (quantity): the formula has no value"),
        (("1", dt.date(2026, 4, 3), 1), "the spreadsheet has made one of what was written"),
        (("1", 4006381333931123, 1), "was shortened by a spreadsheet, which keeps 15 digits"),
        (("1", "A", True), "'True' is not a number"),
        (("1", "A", dt.date(2026, 2, 2)), "'2026-02-02' is not a number"),
        (("1", "A", dt.timedelta(hours=30)), "is not a number"),
        (("1", "A", "12 pcs"), "'12 pcs' is not a number"),
    ],
)
def test_a_cell_that_cannot_be_meant_so_is_refused(row: tuple[Any, ...], said: str) -> None:
    assert said in reason(Table(), workbook(("number", "item", "quantity"), row))


def test_a_number_that_is_no_day_of_this_century_is_no_date() -> None:
    assert "'12' is not a date" in reason(Table(), workbook(HEADERS, ("1", "A", 1, 12, 1)))


def test_days_that_count_from_1904_are_never_taken_for_others() -> None:
    rows = raw_row(1, *HEADERS[:4]) + raw_row(2, "1", "A", cell("<v>5</v>"), cell("<v>44593</v>"))
    assert only(Table(), raw_workbook(rows)).lines[0].requested == "2022-02-01"
    assert "'44593' is not a date" in reason(Table(), raw_workbook(rows, properties='<workbookPr date1904="1"/>'))


def test_a_formula_counts_by_its_value() -> None:
    rows = HEADER_ROW + raw_row(2, "1", "A", cell("<f>2+3</f><v>5</v>"))
    assert only(Table(), raw_workbook(rows)).lines[0].quantity == 5


def test_shared_strings_are_read() -> None:
    rows = HEADER_ROW + raw_row(2, cell("<v>1</v>", t="s"), cell("<v>0</v>", t="s"), cell("<v>5</v>"))
    order = only(Table(), raw_workbook(rows, strings=["PUMP-10", "SO-7"]))
    assert (order.number, order.lines[0].item) == ("SO-7", "PUMP-10")
    assert "names a text that is not there" in reason(Table(), raw_workbook(rows, strings=["PUMP-10"]))


def test_a_merged_cell_speaks_for_all_its_rows_but_never_a_quantity() -> None:
    rows = HEADER_ROW + raw_row(2, "7", "A", cell("<v>1</v>")) + raw_row(3, "", "B", cell("<v>2</v>"))
    merged = '<mergeCells count="1"><mergeCell ref="{}"/></mergeCells>'
    order = only(Table(), raw_workbook(rows, after=merged.format("A2:A3")))
    assert [(line.item, line.quantity) for line in order.lines] == [("A", Decimal(1)), ("B", Decimal(2))]
    assert "row 3 has no number of an order" in reason(Table(), raw_workbook(rows))
    spread = rows.replace("<v>2</v>", "")
    assert "the cell is merged with that of row 2" in reason(
        Table(), raw_workbook(spread, after=merged.format("C2:C3"))
    )


def test_hidden_rows_are_refused_until_somebody_says_what_they_mean() -> None:
    hidden = raw_row(3, "7", "B", cell("<v>2</v>")).replace("<row ", '<row hidden="1" ')
    body = raw_workbook(HEADER_ROW + raw_row(2, "7", "A", cell("<v>1</v>")) + hidden)
    assert "row 3 is hidden: show or delete it" in reason(Table(), body)
    lines = {
        word: len(only(Table(table_config({"hidden_rows": word})), body).lines) for word in ("read", "skip")
    }  # fmt: skip
    assert lines == {"read": 2, "skip": 1}


def test_hidden_sheets_and_sheets_without_orders_are_left_alone() -> None:
    body = workbook(("number", "item", "quantity"), ("1", "A", 1), more={"Notes": [["Please deliver early"]]})
    assert only(Table(), body).number == "1"


def test_every_sheet_of_orders_is_read_and_one_that_lacks_a_column_is_told() -> None:
    head = ["number", "item", "quantity"]
    body = workbook(head, ["1", "A", 1], more={"North": [head, ["2", "A", 1]], "South": [head[:2], ["3", "A"]]})
    found = transactions(Table(), {}, body)
    assert [each.position for each in found] == ["Orders!2", "North!2", "South"]
    assert isinstance(found[2].outcome, Rejected)
    assert "sheet 'South': there is no column quantity" in found[2].outcome.reason
    assert only(Table(table_config({"sheet": "North"})), body).number == "2"
    assert "there is no sheet 'West'; there are 'Orders', 'North', 'South'" in reason(
        Table(table_config({"sheet": "West"})), body
    )


def test_an_order_in_several_sheets_is_refused() -> None:
    head = ["number", "item", "quantity"]
    body = workbook(head, ["1", "A", 1], more={"Copy": [head, ["1", "A", 1]]})
    assert "the order stands in several sheets ('Orders', 'Copy')" in reason(Table(), body)


def test_a_workbook_is_recognised_whatever_its_name() -> None:
    [read] = read_bytes("attachment", workbook(("number", "item", "quantity"), ("1", "A", 1)))
    assert isinstance(read.document, CustomerOrder)


def test_a_workbook_cut_anywhere_is_refused_whole() -> None:
    body = workbook(("number", "item", "quantity"), ("1", "A", 1))
    for end in range(40, len(body), 97):
        assert "is damaged or cut off" in reason(Table(), body[:end])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ('<row r="1"><c r="A1"/><c r="XFD1"/></row>', "more than 100000 rows, 1000 columns or 2000000 cells"),
        ('<row r="1048576"><c r="A1048576"/></row>', "more than 100000 rows"),
        ('<row r="1"><c r="ZZ1"/></row><row r="99000"><c r="A99000"/></row>', "or 2000000 cells"),
        ('<row r="1"><c r="A2"/></row>', "has cell 'A2' out of its place in row 1"),
        ('<row r="1"><c r="B1"/><c r="A1"/></row>', "has cell 'A1' out of its place in row 1"),
        ('<row r="1"><c r="B1"/><c r="B1"/></row>', "has cell 'B1' out of its place in row 1"),
        ('<row r="2"/><row r="2"/>', "has row 2 behind row 2"),
        ('<row r="3"/><row r="2"/>', "has row 2 behind row 3"),
        ('<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>', "a cell with two values in row 1"),
        ('<row r="1"><c r="A99999999999"/></row>', "has a cell 'A99999999999'"),
        ('<row r="-1"/>', "has a row '-1'"),
        ('<row r="1"><c r="A1">', "is damaged"),
        ('<row r="1">&lol;</row>', "is damaged"),
    ],
)
def test_a_sheet_larger_or_other_than_any_order_is_refused_before_it_is_read(rows: str, said: str) -> None:
    assert said in reason(Table(), raw_workbook(rows))


def test_a_string_that_stands_in_every_cell_is_refused_by_the_text_it_makes() -> None:
    rows = "".join(raw_row(at, *[cell("<v>0</v>", t="s")] * 10) for at in range(1, 400))
    assert "holds more text than any order" in reason(Table(), raw_workbook(rows, strings=["x" * 2**15]))


def test_a_dtd_is_refused() -> None:
    sheet = b'<!DOCTYPE w [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
    assert "has a DTD" in reason(Table(), raw_workbook("", members={"xl/worksheets/sheet1.xml": sheet}))


def test_a_bomb_is_refused_by_its_directory() -> None:
    bomb = raw_workbook(HEADER_ROW, members={"xl/worksheets/sheet2.xml": b" " * 20 * 2**20})
    assert "it is taken for a bomb" in reason(Table(), bomb)


def test_a_member_that_holds_more_than_its_directory_says_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    body = bytearray(raw_workbook(HEADER_ROW, members={"xl/worksheets/sheet2.xml": b" " * 20 * 2**20}))
    size = (20 * 2**20).to_bytes(4, "little")
    assert body.count(size) == 2
    assert "is damaged or cut off" in reason(Table(), bytes(body.replace(size, (100).to_bytes(4, "little"))))
    monkeypatch.setattr(archives, "UNPACKED_MOST", 2**20)
    assert "unpacks to more than 1 MiB" in reason(Table(), bytes(body))


def test_an_archive_of_very_many_members_is_refused() -> None:
    assert "more than 1000 members" in reason(Table(), zipped({f"xl/{n}": b"" for n in range(2_500)}))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (zipped({"xl/workbook.bin": b"x"}), "the workbook is binary (XLSB)"),
        (zipped({"xl/other.xml": b"x"}), "there is no workbook in the archive"),
        (zipped({"word/document.xml": b"x"}), "the file is a ZIP archive, which is not read"),
        (raw_workbook(""), "the table is empty"),
    ],
)
def test_other_archives_are_told_what_they_are(body: bytes, said: str) -> None:
    [read] = read_bytes("file", body)
    assert said in read.reason


def test_an_encrypted_member_is_told() -> None:
    body = bytearray(raw_workbook(HEADER_ROW))
    with zipfile.ZipFile(BytesIO(body)) as archive:
        offset = archive.start_dir
    body[offset + 8] |= 1
    assert "is encrypted" in reason(Table(), bytes(body))
