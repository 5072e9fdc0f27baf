from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.reading import read_bytes
from agents.sources.source import Rejected, transactions
from agents.sources.table import Table
from agents.sources.table_config import table_config
from agents.sources.texts import EXCERPT_LENGTH
from knowledge.documents import CustomerOrder, OrderCancel, OrderChange
from tests.agents.sources.builders import HEADERS, ROWS, csv_table, only, reason, workbook


def mapped(**mapping: Any) -> Table:
    return Table(table_config(mapping))


def outcomes(body: bytes, source: Table | None = None) -> list[object]:
    return [each.outcome for each in transactions(source or Table(), {}, body)]


def test_columns_named_as_the_fields_are_understood_by_themselves() -> None:
    [first, second] = outcomes(csv_table(HEADERS, *ROWS))
    assert isinstance(first, CustomerOrder)
    assert (first.source, first.number, first.customer) == ("table", "SO-1", "NORTH")
    assert [(line.line, line.item, line.quantity, line.unit_price) for line in first.lines] == [
        ("1", "PUMP-10", Decimal(12), Decimal("310.00")),
        ("2", "SEAL-3", Decimal(4), Decimal("9.50")),
    ]
    assert isinstance(second, CustomerOrder)
    assert [(line.line, line.unit_price, line.requested) for line in second.lines] == [("1", None, None)]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_the_delimiter_and_the_case_of_headers_do_not_matter(delimiter: str) -> None:
    rows = ["Number,ITEM,quantity,Unit Price", "SO-1,A,2,3.50"]
    order = only(Table(), csv_table(*(row.replace(",", delimiter) for row in rows), end="\r\n"))
    assert (order.lines[0].quantity, order.lines[0].unit_price) == (Decimal(2), Decimal("3.50"))


def test_a_workbook_is_read_as_the_csv_file_of_its_cells() -> None:
    rows = [line.split(",") for line in (HEADERS, *ROWS)]
    assert outcomes(workbook(*rows)) == outcomes(csv_table(HEADERS, *ROWS))


MAPPING = {
    "columns": {
        "number": "Bestell-Nr.",
        "item": ["Artikel", "GTIN"],
        "quantity": "Menge",
        "uom": "Einheit",
        "unit_price": "Preis",
        "requested": "Termin",
    },
    "configuration": {"colour": "Farbe"},
    "constants": {"customer": "NORTH", "currency": "EUR", "price_base": 100},
    "values": {"uom": {"Stk.": "pcs"}},
    "ignore": ["Sachbearbeiter"],
    "decimal": ",",
    "thousands": ".",
    "marks": ["€", "EUR"],
    "date_format": "%d.%m.%Y",
    "encoding": "cp1252",
}
FOREIGN = (
    "Bestellung der Müller AG;;;;;;;;",
    "Bestell-Nr.;Artikel;GTIN;Menge;Einheit;Preis;Termin;Farbe;Sachbearbeiter;Größe",
    "77;;4006381333931;1.250,5;Stk.;€ 1.149,50;2.2.2026;grün;Ann;XL",
)


def test_a_mapping_says_what_columns_mean_and_how_they_are_written() -> None:
    order = only(mapped(**MAPPING), "\n".join([*FOREIGN, ""]).encode("cp1252"))
    [line] = order.lines
    assert (order.number, order.customer, order.currency) == ("77", "NORTH", "EUR")
    assert (line.item, line.quantity, line.uom) == ("4006381333931", Decimal("1250.5"), "pcs")
    assert (line.unit_price, line.requested) == (Decimal("11.495"), "2026-02-02")
    assert line.configuration == {"colour": "grün", "Größe": "XL"}  # what nobody named is kept


def test_several_numbers_of_an_article_are_kept_best_first() -> None:
    order = only(mapped(columns={"number": "No", "item": ["Ours", "Theirs"], "quantity": "Qty"}),
                 csv_table("No,Qty,Theirs,Ours", "7,1,X-1,PUMP-10"))  # fmt: skip
    assert (order.lines[0].item, order.lines[0].other_items) == ("PUMP-10", ("X-1",))


def test_rows_of_one_number_are_one_order_wherever_they_stand() -> None:
    body = csv_table("number,item,quantity", "1,A,1", "2,B,2", "1,C,3")
    [one, two] = outcomes(body)
    assert isinstance(one, CustomerOrder)
    assert [line.item for line in one.lines] == ["A", "C"]
    assert isinstance(two, CustomerOrder)


def test_a_wrong_row_refuses_its_whole_order_and_no_other() -> None:
    body = csv_table(HEADERS, ROWS[0], ROWS[1].replace("4", "four"), ROWS[2])
    [first, second] = transactions(Table(), {}, body)
    assert isinstance(first.outcome, Rejected)
    assert first.outcome.reason.startswith("row 3, column E (quantity): 'four' is not a number")
    assert isinstance(second.outcome, CustomerOrder)
    assert (first.position, second.position) == ("2", "4")


def test_what_is_refused_can_be_mended_in_its_text_and_sent_again_without_the_mapping() -> None:
    body = "\n".join([*FOREIGN, FOREIGN[-1].replace("1.250,5", "12 Stück"), ""]).encode("cp1252")
    [refused] = transactions(mapped(partner="north", **MAPPING), {}, body)
    [again] = read_bytes("again", refused.text.replace("12 Stück", "12").encode())
    assert isinstance(again.document, CustomerOrder)
    assert (again.document.source, again.document.customer) == ("table:north", "NORTH")
    assert [line.unit_price for line in again.document.lines] == [Decimal("11.495")] * 2


def test_a_text_that_is_too_long_to_be_kept_is_never_taken_for_the_whole_order() -> None:
    rows = [f"1,{'A' * 14},5", *[f"1,{'A' * 15},5"] * 2_000]
    whole = csv_table("number,item,quantity", *rows)
    assert whole[EXCERPT_LENGTH - 1 : EXCERPT_LENGTH] == b"\n"  # cut here it would be an order
    [refused] = transactions(Table(), {}, whole + b"1,A,none\n")
    [again] = read_bytes("again", refused.text.encode())
    assert len(refused.text) == EXCERPT_LENGTH - 1
    assert "has no line end" in again.reason


def test_a_table_without_known_headers_is_told_how_to_map_them() -> None:
    [read] = read_bytes("orders.csv", csv_table("Nr;Artikel;Menge", "1;A;2"))
    assert "there is no column number and no quantity and no item" in read.reason
    assert "'Nr', 'Artikel', 'Menge'" in read.reason
    assert "NAME.mapping.toml" in read.reason


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (("number,item,quantity", "1,A,1", "1,B"), "row 3 has 2 cells, but there are 3 columns"),
        (("number,item,quantity", "1,A,1,5"), "row 2 has 4 cells, but there are 3 columns"),
        (("number,item,quantity", "1,A,0"), "row 2 has the quantity 0: more than 0 is wanted"),
        (("number,item,quantity", "1,A,"), "row 2 has no quantity"),
        (("number,item,quantity", "1,A,-3"), "row 2 has the quantity -3"),
        (("number,item,quantity", "1,A,5 EA"), "row 2, column C (quantity): '5 EA' is not a number"),
        (("number,item,quantity", '1,A,"1,5"'), "say how numbers are written with `decimal`, `thousands` and `marks`"),
        (("number,item,quantity", "1,,5"), "row 2 has neither item nor description"),
        (("number,item,quantity", "1,4.00638E+12,5"), "shortened by a spreadsheet"),
        (("number,item,quantity,unit_price", "1,A,1,-2"), "unit_price is -2"),
        (("number,item,quantity,requested", "1,A,1,02/03/2026"), "is not a date (YYYY-MM-DD)"),
        (("number,item,quantity,requested", "1,A,1,2026-02-30"), "is not a date of the calendar"),
        (("number,item,quantity,requested", "1,A,1,46055"), "'46055' is not a date"),
        (("number,customer,item,quantity", "1,N,A,1", "1,S,B,1"), "row 3 gives the customer 'S', but row 2 'N'"),
        (("number,line,item,quantity", "1,1,A,1", "1,1,B,1"), "rows 2 and 3 are both line '1', but differ in item"),
        (("number,line,item,quantity", "1,1,A,1", "1,1,A,1"), "each with a date of its own"),
        (("number,item,quantity,unit_price,amount", "1,A,3,2.50,8.50"), "amount is 8.50, but quantity × price is 7.5"),
        (("number,item,quantity,unit_price,price_base", "1,A,3,1,3"), "no exact price of one"),
        (("number,item,quantity", "1,A,1", ",B,2"), "row 3 has no number of an order"),
        (("number,item,quantity", "1,A,1", "Total,,2"), "a total quantity of 2, but the rows above it come to 1"),
        (("number,item,quantity", "1,A,1", ",,2"), "a total quantity of 2, but the rows above it come to 1"),
        (("number,item,item,quantity", "1,A,B,1"), "two columns are named 'item'"),
        (("number,item,quantity,Colour,colour", "1,A,1,r,g"), ""),
        (("number,item,quantity,type", "1,A,1,shipped"), "is no order that is wanted"),
        (("number,line,item,quantity,type", "1,1,A,1,cancel"), "a cancellation is of the whole order"),
        (("number,item,quantity,type", "1,A,1,change"), "row 2 changes an order, and names no line"),
        (("number,item,quantity", "1,A,1", "number,item,quantity", "1,A,1"), "row 3 repeats the headers"),
        (("1,A,1", "number,item,quantity", "2,A,1"), "row 1 above the headers in row 2 looks like one below them"),
        (("number,item,quantity", '1,"A,1'), "a quote within it is doubled"),
        (("number,item,quantity", "1,A\0,1"), "U+0000"),
    ],
)
def test_what_does_not_add_up_is_refused_with_its_place(rows: tuple[str, ...], said: str) -> None:
    if said:
        assert said in reason(Table(), csv_table(*rows))
    else:
        assert only(Table(), csv_table(*rows)).lines[0].configuration == {"Colour": "r", "colour": "g"}


def test_the_last_row_without_a_line_end_may_be_cut_off() -> None:
    [one, two] = outcomes(csv_table("number,item,quantity", "1,A,1") + b"2,B,12")
    assert isinstance(one, CustomerOrder)
    assert isinstance(two, Rejected)
    assert "row 3 has no line end" in two.reason


def test_a_row_without_a_number_takes_the_order_above_with_it() -> None:
    [one, two] = outcomes(csv_table("number,item,quantity", "1,A,1", ",B,2", "2,C,3"))
    assert isinstance(one, Rejected)
    assert isinstance(two, CustomerOrder)


def test_a_number_in_the_first_row_of_its_order_only_is_filled_down_where_the_mapping_says_so() -> None:
    body = csv_table("number,customer,item,quantity", "1,N,A,1", ",,B,2", "2,S,C,3")
    [one, two] = outcomes(body, mapped(fill_down=["number", "customer"]))
    assert isinstance(one, CustomerOrder)
    assert isinstance(two, CustomerOrder)
    assert (len(one.lines), one.customer, two.customer) == (2, "N", "S")


@pytest.mark.parametrize("total", ["Total,,,5", "Grand total:,,,5", ",,Total,5", ",,,5"])
def test_a_row_of_totals_that_fits_is_no_order(total: str) -> None:
    order = only(Table(), csv_table("number,item,description,quantity", "1,A,,2", "", "1,B,,3", total))
    assert len(order.lines) == 2


def test_rows_of_one_line_with_dates_of_their_own_are_its_deliveries() -> None:
    rows = ("number,line,item,quantity,requested", "1,10,A,5,2026-02-02", "1,10,A,7,2026-03-02")
    [line] = only(Table(), csv_table(*rows)).lines
    assert line.quantity == 12
    assert [(each.quantity, each.requested) for each in line.schedule or ()] == [
        (Decimal(5), "2026-02-02"),
        (Decimal(7), "2026-03-02"),
    ]


def test_one_place_is_the_orders_and_several_are_the_lines() -> None:
    rows = ("number,item,quantity,ship_to", "1,A,1,York", "1,B,1,York", "2,A,1,York", "2,B,1,Hull")
    [one, two] = outcomes(csv_table(*rows))
    assert isinstance(one, CustomerOrder)
    assert isinstance(two, CustomerOrder)
    assert (one.ship_to, [line.ship_to for line in two.lines]) == ("York", ["York", "Hull"])


def test_a_type_makes_changes_and_cancellations() -> None:
    rows = ("number,type,line,item,quantity", "1,order_change,1,,0", "1,order_change,2,B,5", "2,cancel,,,")
    [change, cancel] = outcomes(csv_table(*rows))
    assert isinstance(change, OrderChange)
    assert [(line.line, line.item, line.quantity) for line in change.lines] == [
        ("1", None, Decimal(0)),
        ("2", "B", Decimal(5)),
    ]
    assert isinstance(cancel, OrderCancel)


def test_a_list_of_numbers_may_be_cancellations() -> None:
    source = mapped(columns={"number": "PO"}, constants={"type": "cancel"})
    assert [type(each) for each in outcomes(csv_table("PO", "1", "2"), source)] == [OrderCancel, OrderCancel]


def test_columns_may_be_named_by_letters_where_there_are_no_headers() -> None:
    source = mapped(header=0, columns={"number": "A", "item": "C", "quantity": "B"}, configuration={"size": "D"})
    order = only(source, csv_table("7,3,PUMP-10,XL"))
    assert (order.lines[0].quantity, order.lines[0].configuration) == (Decimal(3), {"size": "XL"})


def test_headers_may_stand_below_a_title() -> None:
    assert only(Table(), csv_table("Orders of the week,,", ",,", "number,item,quantity", "1,A,1")).number == "1"


def test_a_byte_order_mark_is_no_part_of_the_first_header() -> None:
    assert only(Table(), b"\xef\xbb\xbf" + csv_table("number,item,quantity", "1,A,1")).number == "1"


def test_text_that_is_not_utf_8_is_told_with_its_line_and_read_where_its_encoding_is_known() -> None:
    body = csv_table("number,item,quantity", "1,A,1", "2,M\u00dcG,1").decode().encode("latin-1")
    assert "line 3 holds the byte 0xDC, which is not UTF-8" in reason(Table(), body)
    assert len(outcomes(body, mapped(encoding="cp1252"))) == 2
    [_, order] = transactions(Table(), {"content-type": "text/csv; charset=iso-8859-1"}, body)
    assert isinstance(order.outcome, CustomerOrder)


def test_times_get_the_mappings_zone() -> None:
    rows = ("number,item,quantity,requested,received", "1,A,1,2026-07-02 10:00,2026-01-05")
    order = only(mapped(timezone="Europe/Berlin"), csv_table(*rows))
    assert order.lines[0].requested == "2026-07-02T10:00:00+02:00"
    assert order.received is not None
    assert order.received.isoformat() == "2026-01-05T00:00:00+01:00"
    assert only(Table(), csv_table(*rows)).received is None  # whose midnight is not known


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ({"columns": {"numbr": "A"}}, "columns: 'numbr' is none of type, partner, number"),
        ({"columns": {"quantity": ["A", "B"]}}, "quantity is in one column"),
        ({"column": {}}, "column: Extra inputs are not permitted"),
        ({"constants": {"quantity": 1}}, "'quantity' is none of type, customer"),
        ({"decimal": ",", "thousands": ","}, "decimal and thousands are the same mark"),
        ({"header": 0}, "without a header row"),
        ({"date_format": "%d.%m."}, "is not a date: %d, %m and %Y or %y are wanted"),
        ({"encoding": "rot13"}, "'rot13' is none of"),
        ({"timezone": "Berlin"}, "'Berlin' is no time zone"),
        ({"fill_down": ["quantity"]}, "'quantity' is none of"),
    ],
)
def test_a_wrong_mapping_is_told(mapping: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match="the mapping is wrong") as error:
        table_config(mapping)
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"number": "No", "item": "Article", "quantity": "Qty"}, "the mapping names 'Article', which is no column"),
        ({"number": "No", "item": "Twice", "quantity": "Qty"}, "column 'Twice' stands twice (C, D)"),
        ({"number": "No", "item": "No", "quantity": "Qty"}, "gives column 'No' to number and to item"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told(columns: dict[str, str], said: str) -> None:
    assert said in reason(mapped(columns=columns), csv_table("No,Qty,Twice,Twice", "1,2,A,B"))
