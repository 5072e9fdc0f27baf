"""Each kind of cell takes what the contract allows, and says in a sentence what else it was given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.instants import UTC, iso
from knowledge.plant import Kind
from knowledge.reading import cells


def refusal(parse: Callable[[str], object], text: str) -> str:
    with pytest.raises(ValueError) as error:
        parse(text)
    return str(error.value)


def test_numbers_keep_every_digit() -> None:
    assert str(cells.number(least=0)("0.0400")) == "0.0400"
    assert cells.number(least=0)("1E-3") == Decimal("0.001")


def test_a_number_names_the_bound_that_it_breaks() -> None:
    assert refusal(cells.number(least=0), "-1") == "-1 is too low; it has to be at least 0"
    assert refusal(cells.number(above=0), "0") == "0 is too low; it has to be above 0"
    assert refusal(cells.number(least=0, most=100), "100.1") == "100.1 is too high; it has to be at most 100"


def test_a_comma_for_a_point_is_told_with_the_cure() -> None:
    assert refusal(cells.number(), "1,5") == "'1,5' is not a number; write digits and a point, such as 12.5"


def test_a_whole_number_may_be_written_with_a_point_but_not_be_broken() -> None:
    assert cells.whole(least=0)("7.0") == 7
    assert refusal(cells.whole(least=0), "7.5") == "7.5 is not a whole number"


def test_quantities_are_in_the_items_smallest_unit() -> None:
    assert cells.units(3, least=0)("12.5") == 12_500
    assert "more decimals in items.csv" in refusal(cells.units(2), "0.125")
    assert refusal(cells.units(2), "1e15") == "1E+15 is larger than any real quantity"


def test_nothing_finer_is_held_against_a_quantity_of_an_unknown_item() -> None:
    assert cells.units(None, above=0)("0.123456789123")
    assert refusal(cells.units(None, above=0), "0") == "0 is too low; it has to be above 0"


@pytest.mark.parametrize(
    ("text", "minutes"), [("00:00", 0), ("6:30", 390), ("06:30", 390), ("06:30:00", 390), ("24:00", 1440)]
)
def test_a_time_of_day_is_read_in_minutes(text: str, minutes: int) -> None:
    assert cells.clock(text) == minutes


@pytest.mark.parametrize("text", ["24:01", "25:00", "6", "6:3", "06:60", "06:30:30", "-1:00", "six"])
def test_what_is_no_time_of_day_is_refused(text: str) -> None:
    assert "write it as 06:30, up to 24:00" in refusal(cells.clock, text)


def test_dates_are_written_in_one_way() -> None:
    assert cells.date("2026-02-28") == dt.date(2026, 2, 28)
    for text in ("2026-02-30", "28.02.2026", "20260228", "2026-2-28", "2026-02-28T00:00"):
        assert "write it as 2026-01-31" in refusal(cells.date, text)


def test_a_year_that_nobody_means_is_refused() -> None:
    for text in ("0206-01-05", "2620-01-05"):
        assert refusal(cells.date, text) == f"{int(text[:4])} is not a year of this or the next century"
        assert "century" in refusal(cells.instant(UTC), text)


def test_a_date_without_a_time_begins_in_the_plants_zone() -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert iso(cells.instant(zone)("2026-02-02")) == "2026-02-01T23:00:00+00:00"
    assert iso(cells.instant(zone)("2026-02-02T14:00")) == "2026-02-02T13:00:00+00:00"
    assert iso(cells.instant(zone)("2026-02-02 14:00Z")) == "2026-02-02T14:00:00+00:00"


def test_words_are_those_of_the_contract() -> None:
    assert cells.choice(Kind)("raw") is Kind.RAW
    assert refusal(cells.choice(Kind), "Raw") == "'Raw' is not allowed; write raw, intermediate or finished"
    assert refusal(cells.choice(Kind, Kind.RAW), "finished") == "'finished' is not allowed; write raw"
    assert (cells.yes_no("yes"), cells.yes_no("no")) == (True, False)
    assert refusal(cells.yes_no, "true") == "'true' is not allowed; write yes or no"
    assert "such as EUR" in refusal(cells.currency, "euro")


def test_a_code_is_something_that_can_be_seen_and_typed() -> None:
    assert cells.code("Gehäuse 10/2") == "Gehäuse 10/2"
    assert "cannot be seen" in refusal(cells.code, "PUMP\u200b10")
    assert "cannot be seen" in refusal(cells.code, "PUMP\n10")
    assert "longer than 200" in refusal(cells.code, "x" * 201)


def test_a_reference_needs_its_row_unless_the_other_file_could_not_be_read() -> None:
    assert cells.Known("item", "items.csv", {"A"})("A") == "A"
    assert refusal(cells.Known("item", "items.csv", {"A"}), "B") == "unknown item 'B'; it has no row in items.csv"
    assert cells.Known("item", "items.csv", None)("B") == "B"


def test_a_long_text_is_shown_short_and_on_one_line() -> None:
    assert cells.quoted("x" * 1000) == "'" + "x" * 40 + "…'"
    assert "\n" not in cells.quoted("a\nb")


PARSERS: list[Callable[[str], object]] = [
    cells.number(),
    cells.whole(least=0),
    cells.units(3),
    cells.units(None),
    cells.clock,
    cells.date,
    cells.instant(UTC),
    cells.choice(Kind),
    cells.yes_no,
    cells.currency,
    cells.code,
    cells.free_text,
]


@given(
    st.sampled_from(PARSERS),
    st.one_of(st.text(), st.from_regex(r"[0-9:.eE+TZ-]{1,25}"), st.datetimes().map(str), st.floats().map(str)),
)
def test_no_text_raises_anything_but_a_value_error_of_one_line(parse: Callable[[str], object], text: str) -> None:
    try:
        parse(text)
    except ValueError as error:
        assert str(error)
        assert "\n" not in str(error)
