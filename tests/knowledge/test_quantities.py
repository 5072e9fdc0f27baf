"""Quantities are exact: integers of the smallest unit inside, decimals at the edges."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.plant import LotRule, component
from knowledge.quantities import (
    LARGEST,
    ceil_div,
    from_units,
    parse_decimal,
    round_money,
    show_units,
    to_units,
)

DECIMALS = st.integers(0, 9)
UNITS = st.integers(-LARGEST, LARGEST)


@pytest.mark.parametrize("text", ["12.5", " 12.5 ", "+12.5", "12.50", "1.25e1", "125E-1"])
def test_a_decimal_is_read_with_its_point(text: str) -> None:
    assert parse_decimal(text) == Decimal("12.5")


@pytest.mark.parametrize("text", ["", "abc", "1,5", "1_000", "١٢", "0x10", "1 000", "--1", ".", "e5", "1\n2"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-inf"])
def test_what_is_not_finite_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a finite number"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["1e30", "-1e16", "1e999999", "0e999999", "1" * 17])
def test_a_number_larger_than_any_real_quantity_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="larger than any real quantity"):
        parse_decimal(text)


@pytest.mark.parametrize("text", ["1e-29", "1e-999999", "0.00000000000000000000000000001", "0e-50"])
def test_a_number_with_endless_decimals_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="more than 28 decimals"):
        parse_decimal(text)


@given(UNITS, DECIMALS)
def test_units_survive_the_way_out_and_back(units: int, decimals: int) -> None:
    assert to_units(from_units(units, decimals), decimals) == units
    assert to_units(parse_decimal(show_units(units, decimals)), decimals) == units


@given(UNITS, DECIMALS)
def test_shown_quantities_have_plain_digits_and_no_trailing_zeros(units: int, decimals: int) -> None:
    text = show_units(units, decimals)
    assert "E" not in text
    assert "." not in text or not text.endswith(("0", "."))


@pytest.mark.parametrize(
    ("quantity", "decimals"),
    [("0.5", 0), ("0.125", 2), ("1.0000000000000000000000000001", 0), ("1e-999999999", 0), ("1e-999999999", 9)],
)
def test_a_quantity_finer_than_the_unit_is_refused_however_small_the_rest(quantity: str, decimals: int) -> None:
    with pytest.raises(ValueError, match=r"is not a whole number|has more than"):
        to_units(Decimal(quantity), decimals)


@pytest.mark.parametrize(("quantity", "decimals"), [("1e16", 0), ("1e15", 1), ("-1e999999", 0)])
def test_a_quantity_beyond_the_largest_is_refused(quantity: str, decimals: int) -> None:
    with pytest.raises(ValueError, match="larger than any real quantity"):
        to_units(Decimal(quantity), decimals)


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**20))
def test_ceil_div_is_the_smallest_integer_not_below(numerator: int, denominator: int) -> None:
    result = ceil_div(numerator, denominator)
    assert (result - 1) * denominator < numerator <= result * denominator


def test_money_is_rounded_half_away_from_zero() -> None:
    assert [round_money(Decimal(amount)) for amount in ("0.005", "-0.005", "1.0049")] == [
        Decimal("0.01"),
        Decimal("-0.01"),
        Decimal("1.00"),
    ]


@given(
    st.decimals("0.000001", 1000, places=6),
    st.decimals(0, 100, places=4),
    st.integers(1, 10**9),
    st.integers(0, 4),
    st.integers(0, 4),
)
def test_a_component_needs_its_exact_share_rounded_up(
    quantity: Decimal, scrap: Decimal, parent: int, parent_decimals: int, decimals: int
) -> None:
    need = component("C", quantity, scrap, parent_decimals, decimals).need(parent)
    scaled = parent * int(quantity * 10**6) * int((100 + scrap) * 10**4) * 10**decimals
    assert need == ceil_div(scaled, 10**12 * 10**parent_decimals)


def test_a_component_of_many_digits_is_not_rounded() -> None:
    exact = component("C", Decimal("1.0000000000000000000000000001"), Decimal("0.0000000001"), 0, 0)
    assert exact.need(1) == 2
    assert exact.numerator * 10**40 == exact.denominator * (10**28 + 1) * (10**12 + 1)


@given(
    st.integers(1, 10**6),
    st.integers(0, 10**4),
    st.integers(1, 10**4),
    st.one_of(st.none(), st.integers(1, 10**5)),
)
def test_lots_cover_the_need_in_multiples_and_the_last_obeys_the_minimum(
    need: int, minimum: int, multiple: int, room: int | None
) -> None:
    least = ceil_div(max(minimum, 1), multiple) * multiple
    rule = LotRule(minimum, None if room is None else max(least + room, need // 50), multiple)
    lots = rule.split(need)
    assert sum(lots) >= need > sum(lots[:-1])
    assert all(lot % multiple == 0 and lot >= minimum for lot in lots)
    assert rule.maximum is None or max(lots) <= rule.maximum
