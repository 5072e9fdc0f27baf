from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.errors import UnreadableError
from agents.sources.order_draft import DraftLine, OrderDraft
from knowledge.documents import CustomerOrder, OrderCancel, OrderChange


def draft(**more: Any) -> OrderDraft:
    fields: dict[str, Any] = {"number": "7", "lines": [{"line": "1", "items": ["A"], "quantity": "3"}]}
    return OrderDraft.model_validate({**fields, **more})


def test_the_first_number_of_an_article_is_its_item_and_the_others_stand_by() -> None:
    line = {"line": "1", "items": ["OURS", "THEIRS", "4012345678901"], "quantity": 3}
    order = draft(lines=[line]).document("shop")
    assert isinstance(order, CustomerOrder)
    assert (order.lines[0].item, order.lines[0].other_items) == ("OURS", ("THEIRS", "4012345678901"))


def test_a_price_for_a_hundred_is_a_price_of_one() -> None:
    line = {"line": "1", "items": ["A"], "quantity": 3, "price": "12.50", "price_base": 100}
    order = draft(lines=[line]).document("shop")
    assert isinstance(order, CustomerOrder)
    assert order.lines[0].unit_price == Decimal("0.125")


def test_a_price_that_no_decimal_can_express_is_refused_with_its_line() -> None:
    line = {"line": "1", "items": ["A"], "quantity": 3, "price": 1, "price_base": 3}
    with pytest.raises(UnreadableError, match="line '1': price: a price of 1 for 3 is no exact price of one"):
        draft(lines=[line]).document("shop")


def test_a_missing_price_stays_missing() -> None:
    order = draft().document("shop")
    assert isinstance(order, CustomerOrder)
    assert order.lines[0].unit_price is None


@pytest.mark.parametrize(
    ("said", "configured", "source"),
    [("", "", "shop"), ("a.example", "", "shop:a.example"), ("a.example", "B", "shop:B"), ("", "B", "shop:B")],
)
def test_orders_are_of_the_partner_who_is_configured_or_who_says_so(said: str, configured: str, source: str) -> None:
    assert draft(partner=said).document("shop", configured).source == source


def test_a_change_names_what_is_new_and_what_is_gone() -> None:
    lines = (DraftLine(line="1", quantity=Decimal(5)), DraftLine(line="2", removed=True))
    change = OrderDraft(kind="change", number="7", lines=lines).document("shop")
    assert isinstance(change, OrderChange)
    assert [(line.line, f"{line.quantity}", line.item) for line in change.lines] == [("1", "5", None), ("2", "0", None)]


def test_a_whole_new_version_says_so_with_its_place_and_currency() -> None:
    lines = (DraftLine(line="1", items=("A",), quantity=Decimal(5)),)
    fields = {"number": "7", "lines": lines, "currency": "EUR", "ship_to": "Ayr", "customer": "NORTH"}
    change = OrderDraft(kind="change", complete=True, **fields).document("shop")
    assert isinstance(change, OrderChange)
    assert (change.complete, change.currency, change.ship_to) == (True, "EUR", "Ayr")


def test_a_cancellation_needs_no_lines() -> None:
    assert isinstance(draft(kind="cancel", lines=()).document("shop"), OrderCancel)


def test_an_order_without_lines_is_refused() -> None:
    with pytest.raises(UnreadableError, match="lines: is empty"):
        draft(lines=()).document("shop")
