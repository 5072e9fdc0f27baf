"""Pegs: the earliest need takes stock and the earliest receipts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from knowledge.pegging import Dated, Peg, events_by_item, peg
from knowledge.supply import SAFETY_STOCK, STOCK

_MOVES = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 20)), max_size=6)


def dated(receipts: list[tuple[int, int]], needs: list[tuple[int, int]]) -> list[Dated]:
    """Receipts r0, r1, … and needs n0, n1, …"""
    events = [Dated(time, units, f"r{n}") for n, (time, units) in enumerate(receipts)]
    return events + [Dated(time, -units, f"n{n}") for n, (time, units) in enumerate(needs)]


@given(st.integers(0, 30), _MOVES, _MOVES, st.integers(0, 10))
def test_pegs_of_every_document_sum_to_its_quantity(
    on_hand: int, receipts: list[tuple[int, int]], needs: list[tuple[int, int]], safety: int
) -> None:
    pegs = peg(on_hand, dated(receipts, needs), safety)
    short = dict(pegs.short)
    for number, (_, units) in enumerate(receipts):
        assert sum(u for _, u in pegs.of_supply()[f"r{number}"]) == units
    for number, (_, units) in enumerate(needs):
        covered = sum(u for _, u in pegs.of_need().get(f"n{number}", ()))
        assert covered + short.get(f"n{number}", 0) == units
    assert sum(u for supply, _, u in pegs.pegs if supply == STOCK) <= on_hand


@given(st.integers(0, 30), _MOVES, _MOVES)
def test_pegs_do_not_depend_on_the_order_of_the_events(
    on_hand: int, receipts: list[tuple[int, int]], needs: list[tuple[int, int]]
) -> None:
    events = dated(receipts, needs)
    assert peg(on_hand, reversed(events)) == peg(on_hand, events)


def test_stock_goes_first_then_the_earliest_receipt() -> None:
    assert peg(2, dated([(5, 9), (1, 3)], [(6, 4), (7, 2)])).pegs == [
        Peg(STOCK, "n0", 2),
        Peg("r1", "n0", 2),
        Peg("r1", "n1", 1),
        Peg("r0", "n1", 1),
        Peg("r0", STOCK, 8),
    ]


def test_what_is_left_is_for_the_safety_stock_and_then_for_stock() -> None:
    assert peg(2, dated([(1, 9)], []), 5).pegs == [Peg("r0", SAFETY_STOCK, 3), Peg("r0", STOCK, 6)]


def test_a_need_that_nothing_covers_is_short() -> None:
    assert peg(1, dated([], [(1, 4)])).short == [("n0", 3)]


def test_rows_are_sorted_by_item() -> None:
    rows = [{"item": "A", "document": "d", "time": 3, "quantity": -2}]
    assert events_by_item(rows) == {"A": [Dated(3, -2, "d")]}
