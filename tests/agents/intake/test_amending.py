from __future__ import annotations

from typing import Any

import pytest

from agents.intake.amending import amended, check_shipped, newer
from agents.intake.facts import OrderError
from agents.intake.orders import Order
from knowledge.documents import CustomerOrder, OrderCancel, OrderChange

ONE = {"line": "1", "item": "A", "quantity": "5", "requested": "2026-02-02"}
TWO = {"line": "2", "item": "B", "quantity": "1"}


def order(*shipped: str, cancelled: bool = False) -> Order:
    document = CustomerOrder.model_validate({"source": "t", "number": "1", "lines": [ONE, TWO]})
    return Order(document, 1, 0, "", cancelled, shipped=list(shipped))


def change(*lines: dict[str, Any], complete: bool = False) -> OrderChange:
    return OrderChange.model_validate({"source": "t", "number": "1", "complete": complete, "lines": lines})


@pytest.mark.parametrize(
    "document",
    [
        change({**ONE, "quantity": "5.0", "unit_price": "9"}),
        change({**ONE, "quantity": "6"}),
        change({**TWO, "quantity": "0"}),
        change(ONE, complete=True),
        change({**ONE, "quantity": "9"}, {"line": "3", "item": "B", "quantity": "1"}, complete=True),
    ],
)
def test_what_has_left_may_be_said_again_or_be_more(document: OrderChange) -> None:
    check_shipped(order("1"), document)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (
            change({"line": "1", "requested": "2026-03-02"}),
            "line 1 of order t/1 has been shipped and cannot be changed",
        ),
        (change({**ONE, "item": "B"}, TWO, complete=True), "cannot be changed"),
        (change({**ONE, "quantity": "0"}, TWO, complete=True), "cannot be changed"),
        (change(TWO, complete=True), "line 1 of order t/1 has been shipped and cannot be taken off"),
    ],
)
def test_what_has_left_cannot_be_another_thing_or_taken_off(document: OrderChange, said: str) -> None:
    with pytest.raises(OrderError, match=said):
        check_shipped(order("1"), document)


def test_an_order_that_has_left_cannot_be_cancelled_once_it_is_whole() -> None:
    cancel = OrderCancel(source="t", number="1")
    check_shipped(order("1"), cancel)
    with pytest.raises(OrderError, match="nothing of it can be cancelled"):
        check_shipped(order("1", "2"), cancel)


def test_a_new_version_of_a_cancelled_order_reopens_it_as_that() -> None:
    scheduled = {"line": "3", "item": "C", "schedule": [{"quantity": "2", "requested": "2026-02-02"}]}
    new = amended(order(cancelled=True), change(ONE, scheduled, complete=True))
    assert new is not None
    assert [line.line for line in new.lines] == ["1", "3"]
    with pytest.raises(OrderError, match="quantities on its lines reopen it"):
        amended(order(cancelled=True), change({"line": "1", "requested": "2026-02-02"}))


def test_an_order_that_stands_as_it_is_known_says_nothing_new_unless_it_was_cancelled() -> None:
    standing = order().document.model_copy(update={"standing": True, "customer": "NORTH"})
    assert newer(order(), standing) is None
    again = newer(order(cancelled=True), standing)
    assert again is not None
    assert again.complete
    assert [line.line for line in again.lines] == ["1", "2"]


DELIVERIES = [{"quantity": "2", "requested": "2026-02-02"}, {"quantity": "3", "requested": "2026-03-02"}]


def in_parts(*deliveries: dict[str, str]) -> Order:
    line = {"line": "1", "item": "A", "schedule": deliveries}
    return Order(CustomerOrder.model_validate({"source": "t", "number": "1", "lines": [line]}), 1, 0, "", False)


def test_another_quantity_of_a_line_in_parts_has_to_say_which_part() -> None:
    with pytest.raises(OrderError, match="line 1 is delivered in parts: which of them changes is not said"):
        amended(in_parts(*DELIVERIES), change({"line": "1", "quantity": "6"}))


def test_the_same_quantity_or_another_price_keeps_the_parts() -> None:
    for more in ({"quantity": "5"}, {"unit_price": "9"}):
        new = amended(in_parts(*DELIVERIES), change({"line": "1", **more}))
        assert new is not None
        assert len(new.lines[0].schedule or ()) == 2


def test_another_quantity_of_a_line_in_one_part_keeps_its_date() -> None:
    new = amended(in_parts(DELIVERIES[1]), change({"line": "1", "quantity": "6"}))
    assert new is not None
    assert (str(new.lines[0].quantity), new.lines[0].requested, new.lines[0].schedule) == ("6", "2026-03-02", None)
