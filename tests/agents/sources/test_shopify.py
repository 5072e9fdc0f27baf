from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from agents.sources.shopify import Shopify
from agents.sources.source import Rejected, transactions
from knowledge.documents import CustomerOrder
from tests.agents.sources.builders import as_json, contract_order, only, reason, shopify_line, shopify_order

SOURCE = Shopify()


def complaint(*lines: dict[str, Any], **more: Any) -> str:
    return reason(SOURCE, as_json(shopify_order(*lines, **more)))


def test_an_order_is_read_with_its_shop_number_and_time() -> None:
    order = only(SOURCE, as_json(shopify_order()))
    assert (order.source, order.number, order.customer) == ("shopify:mugs.example.com", "#1001", "ann@example.com")
    assert order.received is not None
    assert order.received.isoformat() == "2026-01-05T09:00:00+01:00"
    [line] = order.lines
    assert (line.line, line.item, line.quantity, line.unit_price) == ("11", "MUG-1", Decimal(2), Decimal("9.50"))
    assert (line.description, line.requested, line.uom) == ("Mug - blue", None, None)


@pytest.mark.parametrize("shape", ["bare", "order", "orders", "array", "lines"])
def test_every_shape_of_body_is_read(shape: str) -> None:
    one, two = shopify_order(), shopify_order(name="#1002")
    body = {
        "bare": as_json(one),
        "order": as_json({"order": one}),
        "orders": as_json({"orders": [one, two]}),
        "array": as_json([one, {"order": two}]),
        "lines": as_json(one) + b"\n" + as_json(two),
    }[shape]
    assert SOURCE.recognises(body, "webhook")
    found = transactions(SOURCE, {}, body)
    positions = {"orders": ["0", "1"], "array": ["0", "1"], "lines": ["1", "2"]}.get(shape, [""])
    assert [each.position for each in found] == positions
    assert all(isinstance(each.outcome, CustomerOrder) for each in found)


def test_a_bad_order_in_a_list_stops_no_other() -> None:
    found = transactions(SOURCE, {}, as_json({"orders": [shopify_order(), {"name": "#2"}, shopify_order(name="#3")]}))
    assert [isinstance(each.outcome, Rejected) for each in found] == [False, True, False]
    assert "the list of orders is empty" in reason(SOURCE, as_json({"orders": []}))


def test_properties_become_configuration_and_notes_reach_every_line() -> None:
    properties = [{"name": "Engraving", "value": "Ann"}, {"name": "_id", "value": 5}]
    order = only(SOURCE, as_json(shopify_order(
        shopify_line(properties=properties), shopify_line(id=12),
        note="Gift", note_attributes=[{"name": "Ribbon", "value": "red"}],
    )))  # fmt: skip
    assert [line.configuration for line in order.lines] == [{"Engraving": "Ann", "_id": 5}, None]
    assert [line.text for line in order.lines] == ["Gift\nRibbon: red"] * 2


def test_the_shipping_address_is_where_it_goes() -> None:
    address = {"name": "Ann", "company": None, "address1": "1 Road", "city": "Ayr", "zip": "KA7", "country_code": "GB"}
    assert only(SOURCE, as_json(shopify_order(shipping_address=address))).ship_to == "Ann, 1 Road, KA7 Ayr, GB"
    assert only(SOURCE, as_json(shopify_order(shipping_address=None))).ship_to is None


def test_a_guest_is_known_by_the_order_s_own_address_or_not_at_all() -> None:
    assert only(SOURCE, as_json(shopify_order(customer=None, email="bo@example.com"))).customer == "bo@example.com"
    assert only(SOURCE, as_json(shopify_order(customer={"id": 5}))).customer == "5"
    assert only(SOURCE, as_json(shopify_order(customer=None))).customer is None


@pytest.mark.parametrize("url", [None, "", "https://[broken", "not a url"])
def test_a_shop_that_does_not_tell_its_name_is_a_shop(url: str | None) -> None:
    assert only(SOURCE, as_json(shopify_order(order_status_url=url))).source == "shopify:shop"


def test_an_empty_sku_leaves_the_title_as_a_custom_line() -> None:
    [line] = only(SOURCE, as_json(shopify_order(shopify_line(sku="", variant_title="Default Title")))).lines
    assert (line.item, line.description) == (None, "Mug")


def test_a_price_of_zero_is_a_price_and_a_missing_one_is_none() -> None:
    order = only(SOURCE, as_json(shopify_order(shopify_line(price="0.00"), shopify_line(id=12, price=None))))
    assert [line.unit_price for line in order.lines] == [0, None]


def test_a_price_given_as_a_number_keeps_its_digits() -> None:
    [line] = only(SOURCE, as_json(shopify_order()).replace(b'"9.50"', b"9.50")).lines
    assert str(line.unit_price) == "9.50"


def test_a_total_that_agrees_is_let_pass() -> None:
    assert only(SOURCE, as_json(shopify_order(total_line_items_price="19.00", total_price="25.00")))


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"cancelled_at": "2026-01-06T00:00:00Z"}, "was cancelled at 2026-01-06T00:00:00Z"),
        ({"test": True}, "a test of the shop"),
        ({"financial_status": "refunded"}, "payment was refunded"),
        ({"financial_status": "voided"}, "payment was voided"),
        ({"fulfillment_status": "fulfilled"}, "was shipped by the shop"),
        ({"fulfillment_status": "partial"}, "was shipped in part"),
        ({"total_line_items_price": "18.00"}, "is 18.00, but quantity × price of the lines comes to 19.00"),
        ({"total_line_items_price": "many"}, "is not a number"),
        ({"line_items": []}, "line_items is empty"),
        ({"line_items": {}}, "a list of line_items"),
        ({"line_items": [5]}, "line_items[0] is not an object"),
        ({"name": None, "id": None}, "the order has no number"),
        ({"note_attributes": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]}, "'a' has several values"),
    ],
)
def test_what_is_no_open_order_or_does_not_hold_is_told(more: dict[str, Any], said: str) -> None:
    assert said in complaint(**more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"current_quantity": 1}, "1 of 2 is still wanted"),
        ({"quantity": 0}, "should be greater than 0"),
        ({"quantity": "two"}, "quantity 'two' is not a number"),
        ({"quantity": True}, "is not a number"),
        ({"price": "free"}, "price 'free' is not a number"),
        ({"sku": None, "title": None, "variant_title": None}, "neither item nor description"),
    ],
)
def test_a_line_that_cannot_be_ordered_is_told(more: dict[str, Any], said: str) -> None:
    assert said in complaint(shopify_line(**more))


def test_a_document_of_the_contract_is_not_taken_for_a_shop_s() -> None:
    body = as_json(contract_order(lines=[{"line": "1", "item": "A", "configuration": {"line_items": []}}]))
    assert not SOURCE.recognises(body, "order.json")
