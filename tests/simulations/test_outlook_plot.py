"""The step plot in characters: what stands where, at any width and for any balance."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.instants import DAY, HOUR, MINUTE
from knowledge.outlook import Outlook
from simulations.report.outlook_plot import MOST_ROWS, legend, scale_of, short_number, step_plot, time_axis
from tests.simulations.outlooks import LINE, NOW, many, outlook, three

_BALANCES = st.integers(-(10**15), 10**15)
_SIDES = set("━┃┏┓┗┛┣┫┳┻╋╸╹╺╻")


def lines(shown: Outlook, width: int = 80) -> list[str]:
    return [line.plain for line in step_plot(shown, width)]


def test_both_functions_the_zero_line_and_the_safety_stock_can_be_told_apart_without_colour() -> None:
    assert lines(three(), 50) == [
        " 5 ┤                                           ┏━━",
        "   │                                           ┃",
        " 4 ┤                                           ┃",
        "   │                                           ┃",
        " 3 ┤                                           ┃",
        "   │                                           ┃",
        " 2 ┤━━━━━━━━━━┓                                ┃",
        "   │          ┃                                ┃",
        " 1 ▸··········┃································┃··",
        "   │          ┃                                ┃",
        " 0 ┼──────────┃──────────┏━━━━━━━━━━━━━━━━━━━━━┛──",
        "   │          ┃          ┃",
        "−1 ┤══════════┗━━━━━━━━━━┛",
        "   └┬─────────────────┬─────────────────────┬─────",
        "   now           Wed 07 Jan            Fri 09 Jan",
    ]


def test_the_legend_names_the_lines_that_there_are() -> None:
    assert legend(three()).plain == "━━ projected balance   ══ promisable, where lower   ▸·· safety stock 1 EA"
    assert "safety" not in legend(outlook([(LINE, DAY, -1)], 1)).plain


@pytest.mark.parametrize("width", [30, 79, 80, 133, 250])
@pytest.mark.parametrize("name", many())
def test_it_fills_the_width_and_never_exceeds_it(name: str, width: int) -> None:
    drawn = lines(many()[name], width)
    assert max(len(line) for line in drawn) == width
    assert len(drawn) <= MOST_ROWS + 4


@pytest.mark.parametrize("name", many())
def test_the_projected_line_goes_through_every_column(name: str) -> None:
    drawn = lines(many()[name], 90)
    begin = next(line.index("┼") for line in drawn if "┼" in line) + 1
    for column in range(begin, 90):
        assert any(line[column : column + 1] in _SIDES for line in drawn[:-2]), column


def test_a_dip_shorter_than_a_column_is_drawn() -> None:
    dip = outlook([(LINE, 50 * DAY, -9), ("W1", 50 * DAY + MINUTE, 9), ("W2", 100 * DAY, 1)], 4)
    drawn = lines(dip)
    above, down = drawn[-4:-2]
    assert "┃" in above
    assert [sign for sign in down if sign in _SIDES] == ["╹"]


def test_a_balance_just_off_zero_is_not_drawn_on_the_zero_line() -> None:
    drawn = lines(outlook([(LINE, DAY, -(10**9) - 1)], 10**9))
    (zero,) = (line for line in drawn if "┼" in line)
    assert "━" not in zero
    assert "━" in drawn[drawn.index(zero) + 1]


def test_ticks_are_at_midnights_of_the_zone_of_the_plant() -> None:
    shown = outlook([(LINE, 3 * DAY, -1)], 1)
    assert [tick - NOW for tick in time_axis(shown, 4).ticks] == [16 * HOUR, 40 * HOUR, 64 * HOUR]
    assert lines(shown, 50)[-1].split() == ["now", "Tue", "06", "Jan", "Wed", "07", "Jan", "Thu", "08", "Jan"]


def test_the_axis_reaches_the_last_event_even_where_it_changes_nothing() -> None:
    even = outlook([(LINE, DAY, -1), ("W1", 30 * DAY, 5), (f"{LINE}#2", 30 * DAY, -5)], 1)
    assert time_axis(even, 5).end > NOW + 30 * DAY


@given(_BALANCES, _BALANCES)
def test_rows_are_few_and_in_the_order_of_their_balances(one: int, other: int) -> None:
    low, high = sorted((one, other))
    scale = scale_of(low, high)
    rows = [scale.row(balance) for balance in sorted({low, -1, 0, 1, high})]
    assert rows == sorted(rows)
    assert scale.row(0) == 0
    assert scale.top - scale.bottom <= MOST_ROWS + 1
    assert scale.bottom == min(scale.row(low), 0)
    assert scale.top == max(scale.row(high), 0) or low == high == 0


@given(_BALANCES, _BALANCES)
def test_labels_stand_for_round_numbers_at_equal_distances(one: int, other: int) -> None:
    scale = scale_of(*sorted((one, other)))
    values = [scale.units_at(row) for row in range(0, 10 * scale.every, scale.every)]
    assert len({later - earlier for earlier, later in pairwise(values)}) == 1
    assert len(str(values[1]).rstrip("0")) <= 2


@pytest.mark.parametrize(
    "number, text",
    [
        ("0", "0"),
        ("0.25", "0.25"),
        ("-40", "−40"),
        ("12000", "12,000"),
        ("99999", "99,999"),
        ("100000", "100k"),
        ("250000.00", "250k"),
        ("1500000", "1.5M"),
        ("-30000000000", "−30G"),
        ("1000000000000000", "1P"),
    ],
)
def test_numbers_of_the_axis_are_short(number: str, text: str) -> None:
    assert short_number(Decimal(number)) == text
