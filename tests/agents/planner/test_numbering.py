"""Numbers stay in place: with the need that supply was made for, and never used twice."""

from __future__ import annotations

from agents.planner.numbering import Counters
from agents.planner.state import State
from knowledge.supply import PurchaseRow
from tests.agents.planner.plants import bought, day, drop, made, offer, place, plant, state, supply

TWO_BOUGHT = plant([bought("R"), bought("T")], offers=[offer("S", "R", days=1), offer("S", "T", days=1)])


def rows(planner: State) -> list[tuple[str, int, str]]:
    """(number, row, item) of planned purchases."""
    found = [s for members in planner.planned.values() for s in members.values() if isinstance(s, PurchaseRow)]
    return sorted((row.number, row.row, row.item) for row in found)


def test_numbers_of_opening_orders_are_not_given_again() -> None:
    counters = Counters()
    assert counters.next_work_order({"WO-000001", "WO-000002"}) == "WO-000003"
    assert counters.next_purchase_order({"PO-000001"}) == "PO-000002"


def test_rows_of_one_supplier_ordered_on_one_day_share_a_purchase_order() -> None:
    planner = state(TWO_BOUGHT)
    place(planner, 1, ("R", 5, day(5)), ("T", 3, day(5)))
    assert rows(planner) == [("PO-000001", 1, "R"), ("PO-000001", 2, "T")]


def test_rows_ordered_on_different_days_do_not() -> None:
    planner = state(TWO_BOUGHT)
    place(planner, 1, ("R", 5, day(5)), ("T", 3, day(6)))
    assert len({number for number, _, _ in rows(planner)}) == 2


def test_needs_of_one_day_are_one_row() -> None:
    planner = state(TWO_BOUGHT)
    place(planner, 1, ("R", 5, day(5)))
    place(planner, 2, ("R", 4, day(5) + 3600))
    assert [(item, quantity) for item, quantity, _, _ in supply(planner).values()] == [("R", 9)]


def test_a_work_order_keeps_its_number_when_another_order_goes() -> None:
    planner = state(plant([made("A", 1)]))
    place(planner, 1, ("A", 5, day(5)))
    place(planner, 2, ("A", 7, day(6)))
    drop(planner, 1)
    assert {document: quantity for document, (_, quantity, _, _) in supply(planner).items()} == {"WO-000002": 7}


def test_a_row_keeps_its_number_when_its_need_moves_to_another_day() -> None:
    planner = state(TWO_BOUGHT)
    place(planner, 1, ("R", 5, day(5)))
    place(planner, 1, ("R", 5, day(9)))
    assert rows(planner) == [("PO-000001", 1, "R")]
