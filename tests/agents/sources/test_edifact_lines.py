from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.edifact_lines import Context, Line, read_line
from agents.sources.edifact_tokens import interchanges
from agents.sources.errors import UnreadableError


def line(*raws: str, lin: str = "LIN+1++PUMP:SA", decimal: str = ".", currency: str = "EUR") -> Line:
    [found] = interchanges("".join(f"{raw}'" for raw in ("UNB+UNOC:4", lin, *raws)).encode())
    return read_line(found.segments[1:], Context(decimal, currency))


def draft(*raws: str, **more: str) -> dict[str, Any]:
    [found] = line(*raws, **more).drafts
    return found


def refusal(*raws: str, **more: str) -> str:
    with pytest.raises(UnreadableError) as caught:
        line(*raws, **more)
    return str(caught.value)


def test_a_line_has_a_quantity_a_unit_and_a_price() -> None:
    read = draft("QTY+21:3:PCE", "PRI+AAA:9.50")
    assert (read["line"], read["items"], read["quantity"], read["uom"]) == ("1", ["PUMP"], Decimal(3), "PCE")
    assert (read["price"], read["price_base"]) == (Decimal("9.50"), Decimal(1))


@pytest.mark.parametrize(
    ("pri", "price", "base"),
    [
        ("PRI+AAA:950:CT:NTP:100:PCE", "950", "100"),
        ("PRI+AAB:9.50", "9.50", "1"),
        ("PRI+AAA:0", "0", "1"),
        ("PRI+INF:9.50", "None", "1"),
        ("PRI+AAE:9.50", "None", "1"),
        ("PRI+AAA", "None", "1"),
    ],
)
def test_a_price_is_for_a_base_quantity_and_one_for_information_is_none(pri: str, price: str, base: str) -> None:
    read = draft("QTY+21:3:PCE", pri)
    assert (str(read["price"]), str(read["price_base"])) == (price, base)


def test_the_net_price_counts_before_the_gross_one_which_allowances_change() -> None:
    assert draft("QTY+21:3", "PRI+AAB:10", "PRI+AAA:9")["price"] == 9
    assert draft("QTY+21:3", "PRI+AAB:10", "ALC+A", "PCD+1:10")["price"] is None


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        (("PRI+AAA:9::::KGM",), "the price is for KGM, the quantity in PCE"),
        (("PRI+AAA:9:::0",), "a price cannot be for a quantity of 0"),
        (("PRI+AAA:9", "PRI+AAA:8"), "PRI+AAA gives several prices: 8 for 1, 9 for 1"),
        (("PRI+AAA:9", "CUX+2:USD:10"), "priced in USD, the order in EUR"),
        (("PRI+AAA:x",), "price 'x' is not a number"),
        (("PRI+AAA:10:::3",), "no exact price of one"),
        (("PRI+AAA:9", "MOA+203:28"), "MOA+203 is 28, but quantity × price is 27"),
        (("QTY+192:1:PCE",), "free goods (QTY+192) are not read"),
        (("QTY+21:4:PCE",), "orders several quantities: 3 PCE, 4 PCE"),
        (("PIA+5+CAB:SA",), "several item numbers of type 'SA': PUMP, CAB"),
        (("PIA+5+A:BP*B:BP",), "PIA repeats an element"),
    ],
)
def test_what_contradicts_itself_is_refused(segments: tuple[str, ...], said: str) -> None:
    assert said in refusal("QTY+21:3:PCE", *segments)


def test_an_amount_that_allowances_come_into_is_not_judged() -> None:
    assert line("QTY+21:3", "MOA+203:20", "PRI+AAA:9", "ALC+A").amount == 27
    assert line("QTY+21:3", "MOA+203:27", "PRI+AAA:900:::100").amount == 27


def test_a_comma_is_the_decimal_mark_where_una_says_so() -> None:
    read = draft("QTY+21:1,5:KGM", "PRI+AAA:9,50", decimal=",")
    assert (read["quantity"], read["price"]) == (Decimal("1.5"), Decimal("9.50"))


def test_a_discrete_quantity_is_the_ordered_one_where_none_is_called_so() -> None:
    assert draft("QTY+1:25")["quantity"] == 25
    assert draft("QTY+1:25", "QTY+21:20", "QTY+59:12")["quantity"] == 20
    assert "no ordered quantity (QTY+21)" in refusal("QTY+59:12")


def test_the_numbers_of_an_article_come_ours_first() -> None:
    read = draft("PIA+5+P-7:SA+C-3:BP", "PIA+1+RED:BO", "PIA+2+OTHER:SA", "QTY+21:1", lin="LIN+1++4006381333931:EN")
    assert read["items"] == ["P-7", "C-3", "4006381333931"]
    assert read["configuration"] == {"BO": "RED", "BP": "C-3", "EN": "4006381333931", "PIA 2": "OTHER:SA"}


def test_a_line_may_have_words_only() -> None:
    read = draft("IMD+F++:::Bracket to:drawing", "QTY+21:1", lin="LIN+1")
    assert (read["items"], read["description"]) == ([], "Bracket to drawing")


def test_options_come_as_descriptions_measures_and_characteristics() -> None:
    read = draft(
        "IMD+F+35+:::RAL 7016", "IMD+C++CU::9:Table", "MEA+PD+LN+CMT:240", "QTY+21:1",
        "CCI++5+SEAL::91:Seal", "CAV+V::91:Viton",
    )  # fmt: skip
    assert read["description"] == "Table"
    assert read["configuration"] == {"IMD 35": "RAL 7016", "MEA PD LN": "240 CMT", "Seal": "Viton"}


def test_an_option_of_several_values_keeps_them_all() -> None:
    assert draft("PIA+1+RED:BO+BLUE:BO+RED:BO", "QTY+21:1")["configuration"] == {"BO": ["RED", "BLUE"]}


SCHEDULE = [{"quantity": Decimal(2), "requested": "2026-03-03"}, {"quantity": Decimal(3), "requested": "2026-03-10"}]


@pytest.mark.parametrize("kind", ["21", "113", "11"])
def test_deliveries_of_a_schedule_are_dates_with_quantities(kind: str) -> None:
    read = draft(
        "QTY+21:5:PCE", "DTM+2:20260101:102", "SCC+1",
        f"QTY+{kind}:2:PCE", "DTM+2:20260303:102", f"QTY+{kind}:3", "DTM+2:20260310:102",
    )  # fmt: skip
    assert (read["quantity"], read["requested"], read["schedule"]) == (5, None, SCHEDULE)


def test_a_schedule_may_stand_on_the_line_and_sum_up_to_its_quantity() -> None:
    read = draft("QTY+113:2", "DTM+2:20260303:102", "QTY+113:3", "DTM+2:20260310:102")
    assert (read["quantity"], read["schedule"]) == (5, SCHEDULE)


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        (("SCC+4", "QTY+21:5", "DTM+2:20260303:102"), "commitment '4', which is no firm order"),
        (("SCC+1", "QTY+21:5"), "a quantity of its schedule has no requested date"),
        (("SCC+1", "QTY+21:5:KGM", "DTM+2:20260303:102"), "a delivery is in KGM, the line in PCE"),
    ],
)
def test_a_schedule_that_is_not_firm_or_not_whole_is_refused(segments: tuple[str, ...], said: str) -> None:
    assert said in refusal("QTY+21:5:PCE", *segments)


def test_a_schedule_group_without_quantities_says_nothing() -> None:
    assert draft("QTY+21:5", "DTM+2:20260303:102", "SCC+7")["requested"] == "2026-03-03"


PLACES = ("LOC+7+NORTH", "QTY+11:2", "DTM+2:20260303:102", "LOC+7+SOUTH", "QTY+11:3")


def test_a_line_for_several_places_is_a_line_for_each() -> None:
    read = line("QTY+21:5", "DTM+2:20260101:102", *PLACES)
    assert [(d["line"], d["ship_to"], d["quantity"], d["requested"]) for d in read.drafts] == [
        ("1-NORTH", "NORTH", Decimal(2), "2026-03-03"),
        ("1-SOUTH", "SOUTH", Decimal(3), "2026-01-01"),
    ]
    assert read.quantity == 5


def test_one_place_with_several_dates_is_a_schedule() -> None:
    read = draft("QTY+21:5", "LOC+7+NORTH", "QTY+11:2", "DTM+2:20260303:102", "QTY+11:3", "DTM+2:20260310:102")
    assert (read["line"], read["ship_to"], read["schedule"]) == ("1", "NORTH", SCHEDULE)


@pytest.mark.parametrize(
    ("segments", "said"),
    [
        (("QTY+21:6", *PLACES), "its places come to 5, but 6 is ordered"),
        (("QTY+21:5", *PLACES, "SCC+1", "QTY+21:5", "DTM+2:20260303:102"), "both a schedule and places"),
        (("QTY+21:2", "LOC+7", "QTY+11:2"), "a LOC with a quantity names no place"),
        (("QTY+21:5", "LOC+7+N", "QTY+11:2", "QTY+11:3"), "several quantities, and one of them no requested date"),
    ],
)
def test_places_that_do_not_add_up_are_refused(segments: tuple[str, ...], said: str) -> None:
    assert said in refusal(*segments)


def test_a_place_without_quantity_splits_nothing() -> None:
    assert draft("QTY+21:5", "LOC+7+NORTH", "NAD+DP+N", "LOC+8+X")["ship_to"] == "N"
