"""The kernel: what a file may look like, and that one mistake is told once."""

from __future__ import annotations

import pytest

from knowledge.errors import KnowledgeError
from knowledge.plant import Plant
from knowledge.reading import read_plant

COLUMNS = (
    "the columns are item, description, uom, decimals, kind, supply, group, lead_time_days, lead_time_calendar,"
    " safety_stock, lot_minimum, lot_maximum, lot_multiple, unit_cost, shelf_life_days"
)


def plant(items: str, **others: str) -> Plant:
    return read_plant({"items.csv": items, **{f"{name}.csv": text for name, text in others.items()}})


def problems(items: str, **others: str) -> list[str]:
    with pytest.raises(KnowledgeError) as error:
        plant(items, **others)
    return str(error.value).split("\n")


def test_a_header_alone_is_an_empty_table() -> None:
    assert plant("item\n", stock="item,quantity").items == {}


def test_columns_come_in_any_order_and_may_be_absent() -> None:
    bolt = plant("kind,item\nraw,BOLT\n").items["BOLT"]
    assert (bolt.kind, bolt.uom, bolt.decimals) == ("raw", "EA", 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_ends_do(end: str) -> None:
    assert list(plant(end.join(["item,uom", "A,EA", "B,EA", ""])).items) == ["A", "B"]


def test_a_byte_order_mark_and_spaces_around_cells_are_tolerated() -> None:
    items = plant('\ufeff item , description \n A , "two\nlines, ""quoted"""\n').items
    assert items["A"].description == 'two\nlines, "quoted"'


def test_empty_rows_are_no_rows_but_are_counted() -> None:
    assert problems("item,uom\n\nA,EA\n,\n , \nA,EA\n") == ["items.csv:6:item: item 'A' is given in row 3 already"]


def test_a_row_counts_once_however_many_lines_it_takes() -> None:
    assert problems('item,description\nA,"one\ntwo\nthree"\nA,\n') == [
        "items.csv:3:item: item 'A' is given in row 2 already"
    ]


def test_an_empty_file_says_which_columns_it_lacks() -> None:
    assert problems("item\nA\n", stock="") == [
        "stock.csv:1: is empty; the first row has to name the columns, at least item,quantity"
    ]


def test_a_missing_column_is_told_once_and_not_again_for_each_row() -> None:
    assert problems("item\nA\n", stock="item\nA\nA\nB\n") == [
        "stock.csv:1:quantity: the column is missing, but has to be given",
        "stock.csv:3:item: the stock of 'A' is given in row 2 already",
        "stock.csv:4:item: unknown item 'B'; it has no row in items.csv",
    ]


def test_unknown_nameless_and_repeated_columns_are_each_told_once() -> None:
    assert problems("item,colour,,uom,uom,Item\nA,red,,EA,EA,A\n") == [
        "items.csv:1:uom: the column is given twice, as columns 4 and 5",
        f"items.csv:1: column 3 has no name; {COLUMNS}",
        f"items.csv:1:Item: unknown column 'Item'; {COLUMNS}",
        f"items.csv:1:colour: unknown column 'colour'; {COLUMNS}",
    ]


def test_a_file_separated_by_semicolons_is_recognised() -> None:
    assert problems("item;uom\nA;EA\n", stock="item,quantity\nA,1\n") == [
        "items.csv:1: the cells are separated by ';'; save the file with commas"
    ]


def test_a_row_with_the_wrong_number_of_cells_says_only_that() -> None:
    assert problems("item,decimals\nA\nB,x,y,z\nC,1\n", stock="item,quantity\nA,1.5\nB,1.5\nC,1.5\n") == [
        "items.csv:2: has 1 cell where the header has 2",
        "items.csv:3: has 4 cells where the header has 2",
    ]


def test_an_unclosed_quote_is_told_where_its_row_begins_and_convicts_nothing_else() -> None:
    (problem,) = problems('item,description\nA,\nB,"never\nclosed\nC,\n', stock="item,quantity\nC,1\n")
    assert problem.startswith("items.csv:3: is not readable as CSV (")


def test_text_after_a_closing_quote_is_not_csv() -> None:
    assert problems('item,description\nA,"x"y\n')[0].startswith("items.csv:2: is not readable as CSV")


def test_a_nul_byte_is_told_and_convicts_nothing_else() -> None:
    assert problems("item,description\nA,\nB,\0\n", stock="item,quantity\nB,1\n") == [
        "items.csv:3: has a NUL byte; it is not a text file"
    ]


def test_a_wrong_cell_convicts_no_reference_to_its_row() -> None:
    assert problems("item,decimals\nOIL,many\n", stock="item,quantity\nOIL,0.125\n") == [
        "items.csv:2:decimals: 'many' is not a number; write digits and a point, such as 12.5"
    ]


def test_a_key_given_twice_names_the_first_row() -> None:
    assert problems("item\nA\nB\nA\nA\n") == [
        "items.csv:4:item: item 'A' is given in row 2 already",
        "items.csv:5:item: item 'A' is given in row 2 already",
    ]


def test_an_empty_key_does_not_hide_the_rest_of_its_row() -> None:
    assert problems("item,decimals,kind\n,-1,odd\n") == [
        "items.csv:2:item: is empty, but has to be given",
        "items.csv:2:decimals: -1 is too low; it has to be at least 0",
        "items.csv:2:kind: 'odd' is not allowed; write raw, intermediate or finished",
    ]
