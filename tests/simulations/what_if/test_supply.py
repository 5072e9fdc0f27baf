"""Supply that differs: what is new, dropped, changed or moved, and what is not worth a word."""

from __future__ import annotations

from simulations.what_if.supply import (
    action_changes,
    operation_changes,
    purchase_changes,
    shipment_changes,
    work_order_changes,
)
from simulations.what_if.values import Changes
from tests.simulations.what_if.states import Rows, operation, purchase, shipment, state, when, work_order

NONE: frozenset[str] = frozenset()
LINE = frozenset({"t/1/1"})


def orders(before: Rows, after: Rows, lines: frozenset[str] = NONE) -> dict[str, list[str]]:
    """Numbers of work orders by what became of them."""
    return named(work_order_changes(state(work_orders=before).records, state(work_orders=after).records, lines))


def purchases(before: Rows, after: Rows, lines: frozenset[str] = NONE) -> dict[str, list[str]]:
    return named(purchase_changes(state(purchase_orders=before).records, state(purchase_orders=after).records, lines))


def named(changes: Changes) -> dict[str, list[str]]:  # type: ignore[type-arg]
    found = {
        "new": [row.number for row in changes.new],
        "dropped": [row.number for row in changes.dropped],
        **{
            kind: [f"{pair.before.number}>{pair.after.number}" for pair in getattr(changes, kind)]
            for kind in ("changed", "moved", "retimed")
        },
    }
    return {kind: numbers for kind, numbers in found.items() if numbers}


def test_new_dropped_and_changed_work_orders_are_told() -> None:
    before = [work_order("WO-1", 5, "t/1/1=5"), work_order("WO-2", 5, "t/2/1=5")]
    after = [work_order("WO-1", 5, "t/1/1=5", quantity=8), work_order("WO-3", 5, "t/3/1=5")]
    assert orders(before, after) == {"new": ["WO-3"], "dropped": ["WO-2"], "changed": ["WO-1>WO-1"]}


def test_what_is_pegged_otherwise_is_no_difference() -> None:
    assert orders([work_order("WO-1", 5, "t/1/1=5")], [work_order("WO-1", 5, "t/2/1=5")]) == {}


def test_planned_supply_at_another_time_is_summed_up() -> None:
    before, after = [work_order("WO-1", 5, "t/1/1=5")], [work_order("WO-1", 6, "t/1/1=5")]
    assert orders(before, after) == {"retimed": ["WO-1>WO-1"]}


def test_supply_of_a_line_that_stands_otherwise_is_told_through_all_levels() -> None:
    before = [work_order("WO-1", 5, "t/1/1=5"), work_order("WO-2", 4, "WO-1=5"), work_order("WO-3", 4, "t/2/1=5")]
    after = [work_order("WO-1", 6, "t/1/1=5"), work_order("WO-2", 5, "WO-1=5"), work_order("WO-3", 5, "t/2/1=5")]
    assert orders(before, after, LINE) == {"moved": ["WO-1>WO-1", "WO-2>WO-2"], "retimed": ["WO-3>WO-3"]}


def test_issued_supply_at_another_time_is_always_told() -> None:
    before = [work_order("WO-1", 5, "t/1/1=5", status="released")]
    after = [work_order("WO-1", 6, "t/1/1=5", status="released")]
    assert orders(before, after) == {"moved": ["WO-1>WO-1"]}


def test_pegs_that_lead_round_in_the_two_states_together_do_no_harm() -> None:
    before = [work_order("WO-1", 5, "WO-2=5"), work_order("WO-2", 5, "t/1/1=5")]
    after = [work_order("WO-1", 6, "t/1/1=5"), work_order("WO-2", 6, "WO-1=5")]
    assert orders(before, after, LINE) == {"moved": ["WO-1>WO-1", "WO-2>WO-2"]}


def test_a_planned_purchase_with_another_number_is_the_one_for_the_same_need() -> None:
    before = [purchase("PO-1", 5, "WO-1=5"), purchase("PO-2", 5, "WO-2=5")]
    after = [purchase("PO-2", 5, "WO-2=5"), purchase("PO-7", 8, "WO-1=5")]
    assert purchases(before, after) == {"retimed": ["PO-1>PO-7"]}


def test_a_purchase_from_another_supplier_is_a_change() -> None:
    before, after = [purchase("PO-1", 5, "WO-1=5")], [purchase("PO-7", 5, "WO-1=5", supplier="D")]
    assert purchases(before, after) == {"changed": ["PO-1>PO-7"]}


def test_what_was_for_stock_is_not_taken_for_something_else_for_stock() -> None:
    before, after = [purchase("PO-1", 5, "stock=5")], [purchase("PO-7", 25, "stock=5")]
    assert purchases(before, after) == {"new": ["PO-7"], "dropped": ["PO-1"]}


def test_rows_of_one_item_on_one_purchase_order_are_kept_apart() -> None:
    rows = [purchase("PO-1", 5, "WO-1=5"), purchase("PO-1", 6, "WO-2=5")]
    assert purchases(rows, [rows[0], {**rows[1], "quantity": "9"}]) == {"changed": ["PO-1>PO-1"]}


def test_operations_on_another_work_centre_are_told_others_are_re_timed() -> None:
    rows = [work_order("WO-1", 5, "t/1/1=5"), work_order("WO-2", 5, "t/2/1=5")]
    steps = [
        operation("WO-1", "10", "SAW", when(3, 8), when(3, 9)),
        operation("WO-1", "20", "MILL", when(4, 8), when(4, 9)),
        operation("WO-2", "10", "SAW", when(3, 9), when(3, 10)),
    ]
    other = [
        operation("WO-1", "10", "SAW", when(3, 8), when(3, 9), machine="2"),
        operation("WO-1", "20", "SAW", when(4, 8), when(4, 9)),
        operation("WO-1", "30", "SAW", when(4, 9), when(4, 10)),
    ]
    before = state(work_orders=rows, operations=steps).records
    after = state(work_orders=rows[:1], operations=other).records
    found = operation_changes(before, after)
    assert [row.step for row in found.new] == ["30"]
    assert found.dropped == ()  # the work order itself is
    assert [(pair.before.work_centre, pair.after.work_centre) for pair in found.changed] == [("MILL", "SAW")]
    assert [pair.after.machine for pair in found.retimed] == ["2"]


def test_shipping_orders_that_leave_at_another_time_are_told() -> None:
    before = state(shipping_orders=[shipment("SH-1", "1/1", 5), shipment("SH-2", "2/1", 5)]).records
    after = state(shipping_orders=[shipment("SH-3", "1/1", 7), shipment("SH-2", "2/1", 5, quantity=3)]).records
    found = shipment_changes(before, after)
    assert [(pair.before.number, pair.after.number) for pair in found.moved] == [("SH-1", "SH-3")]
    assert [pair.after.quantity for pair in found.changed] == [3]
    assert not found.new
    assert not found.dropped


def test_action_messages_come_go_and_change() -> None:
    def message(action: str, document: str, quantity: str) -> dict[str, str]:
        rest = {"item": "R", "quantity": quantity, "time": when(3), "reason": "because"}
        return {"action": action, "document": document, **rest}

    before = state(action_messages=[message("expedite", "PO-1", "5"), message("defer", "PO-2", "5")]).records
    after = state(action_messages=[message("expedite", "PO-1", "7"), message("cancel", "PO-2", "5")]).records
    found = action_changes(before, after)
    assert [row.action for row in found.new] == ["cancel"]
    assert [row.action for row in found.dropped] == ["defer"]
    assert [pair.after.quantity for pair in found.changed] == [7]
