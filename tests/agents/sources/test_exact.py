from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sources.errors import UnreadableError
from agents.sources.exact import adds_up, number, plain, price_of_one, product, total, unit_price

amounts = st.decimals(min_value=0, max_value=10**9, places=2)


@pytest.mark.parametrize("text", ["12", "12.50", ".5", "5.", "-3", "+4", "0.0000001"])
def test_a_plain_decimal_is_a_number(text: str) -> None:
    assert number(text, "price") == Decimal(text)


@pytest.mark.parametrize("text", ["", "1e3", "NaN", "inf", "1,5", "1_000", "१२", "0x10", "--1", ".", "9" * 60])
def test_anything_else_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(UnreadableError, match="price"):
        number(text, "price")


def test_a_price_per_hundred_is_exact() -> None:
    assert unit_price(Decimal("12.50"), Decimal(100), "line 1") == Decimal("0.125")


def test_a_price_for_a_part_keeps_plain_digits() -> None:
    assert str(unit_price(Decimal(1000), Decimal("0.001"), "line 1")) == "1000000"


@pytest.mark.parametrize("base", ["3", "0", "-1"])
def test_a_price_that_decimals_cannot_express_is_refused(base: str) -> None:
    with pytest.raises(UnreadableError, match="line 1"):
        unit_price(Decimal(10), Decimal(base), "line 1")


@given(st.decimals(min_value=0, max_value=10**6, places=4), st.sampled_from([1, 2, 8, 10, 100, 1000]))
def test_a_unit_price_times_its_base_is_the_price(price: Decimal, base: int) -> None:
    assert product(unit_price(price, Decimal(base), "it"), Decimal(base)) == price


@given(st.lists(amounts, max_size=20))
def test_a_sum_adds_up_in_any_order(parts: list[Decimal]) -> None:
    assert adds_up(total(parts), reversed(parts), "EUR")


@given(st.lists(amounts, max_size=20), st.integers(min_value=1, max_value=10**6))
def test_a_cent_more_does_not_add_up(parts: list[Decimal], cents: int) -> None:
    assert not adds_up(total(parts) + Decimal(cents) / 100, parts, "EUR")


def test_lines_rounded_one_by_one_add_up_as_well() -> None:
    thirds = [Decimal("0.335")] * 10
    assert adds_up(Decimal("3.35"), thirds, "EUR")
    assert adds_up(Decimal("3.40"), thirds, "EUR")
    assert not adds_up(Decimal("3.42"), thirds, "EUR")


def test_a_currency_without_cents_is_rounded_to_its_unit() -> None:
    assert adds_up(Decimal(2), [Decimal("1.5")], "JPY")
    assert not adds_up(Decimal(2), [Decimal("1.5")], "EUR")


def test_numbers_are_written_without_exponent() -> None:
    assert plain(Decimal("1E+3")) == "1000"


@given(amounts, st.decimals(min_value="0.01", max_value=10**5, places=2))
def test_the_price_of_one_comes_to_the_amount_again_and_no_shorter_one_does(amount: Decimal, quantity: Decimal) -> None:
    price = price_of_one(amount, quantity, "EUR")
    assert product(price, quantity).quantize(Decimal("0.01"), ROUND_HALF_UP) == amount
    digits = -int(price.as_tuple().exponent)
    if digits > 2:
        shorter = price.quantize(Decimal(1).scaleb(1 - digits), ROUND_HALF_UP)
        assert product(shorter, quantity).quantize(Decimal("0.01"), ROUND_HALF_UP) != amount


def test_the_price_of_one_has_the_digits_of_its_currency() -> None:
    assert str(price_of_one(Decimal("19.00"), Decimal(2), "EUR")) == "9.50"
    assert str(price_of_one(Decimal("20.00"), Decimal(3), "EUR")) == "6.667"
    assert str(price_of_one(Decimal(500), Decimal(2), "JPY")) == "250"
