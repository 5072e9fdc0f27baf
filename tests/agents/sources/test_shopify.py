from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from agents.sources.errors import FetchError, SourceError
from agents.sources.shopify import Shopify, ShopifyConfig
from agents.sources.shopify_records import COUNT
from agents.sources.signing import Delivery, digest
from agents.sources.source import Ignored, Record, Rejected, transactions
from knowledge.documents import CustomerOrder, OrderCancel, OrderChange
from tests.agents.sources.builders import as_json, contract_order, only, outcome, reason, shopify_line, shopify_order
from tests.agents.sources.shopify_stand_in import SCOPES, Shop
from tests.agents.sources.stand_in import Answer, stand_in

SOURCE = Shopify()
SECRET = SecretStr("s3cret")
UPDATED = {"x-shopify-topic": "orders/updated"}


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


def shop(**more: Any) -> Shopify:
    return Shopify(ShopifyConfig.model_validate({"shop": "mugs.myshopify.com", "access_token": "shpat_1", **more}))


def test_discounts_come_off_the_price_of_one() -> None:
    discounts = [{"amount": "2.00"}, {"amount": "1.00"}]
    [line] = only(SOURCE, as_json(shopify_order(shopify_line(discount_allocations=discounts)))).lines
    assert line.unit_price == Decimal("8.00")
    assert "more than it costs" in complaint(shopify_line(discount_allocations=[{"amount": "20.00"}]))


def test_a_wanted_date_comes_from_a_property_or_a_note_attribute() -> None:
    source = shop(requested_field="Deliver on")
    own = shopify_line(id=12, properties=[{"name": "Deliver on", "value": "2026-02-03"}])
    attributes = [{"name": "Deliver on", "value": "2026-02-09"}, {"name": "Ribbon", "value": "red"}]
    lines = only(source, as_json(shopify_order(shopify_line(), own, note_attributes=attributes))).lines
    assert [line.requested for line in lines] == ["2026-02-09", "2026-02-03"]
    assert [(line.configuration, line.text) for line in lines] == [(None, "Ribbon: red")] * 2


def test_variants_number_articles_where_they_are_said_to() -> None:
    body = as_json(shopify_order(shopify_line(sku="", variant_id=77)))
    assert only(shop(item_numbers=["sku", "variant_id"]), body).lines[0].item == "77"


def test_an_update_says_how_the_order_stands_with_what_is_still_wanted() -> None:
    lines = [shopify_line(current_quantity=1), shopify_line(id=12, current_quantity=0), shopify_line(id=13)]
    order = outcome(SOURCE, UPDATED, as_json(shopify_order(*lines)))
    assert isinstance(order, CustomerOrder)
    assert order.standing
    assert [line.line for line in order.lines] == ["11", "13"]
    assert [line.quantity for line in order.lines] == [1, 2]


def test_an_order_that_was_shipped_in_part_changes_only_what_is_known() -> None:
    change = outcome(SOURCE, UPDATED, as_json(shopify_order(fulfillment_status="partial")))
    assert isinstance(change, OrderChange)
    assert change.complete


@pytest.mark.parametrize(
    "more",
    [
        {"cancelled_at": "2026-01-06T00:00:00Z"},
        {"financial_status": "refunded", "fulfillment_status": "fulfilled"},
        {"line_items": [shopify_line(current_quantity=0)]},
    ],
)
def test_an_update_that_leaves_nothing_cancels(more: dict[str, Any]) -> None:
    for topic in ("orders/updated", "orders/cancelled"):
        cancel = outcome(SOURCE, {"x-shopify-topic": topic}, as_json(shopify_order(**more)))
        assert isinstance(cancel, OrderCancel)
        assert cancel.standing
        assert (cancel.source, cancel.number) == ("shopify:mugs.example.com", "#1001")


def test_tests_and_other_topics_and_other_shops_are_refused() -> None:
    assert "a test of the shop" in outcome(SOURCE, UPDATED, as_json(shopify_order(test=True)))
    assert isinstance(outcome(SOURCE, {"x-shopify-topic": "carts/update"}, b"{}"), Ignored)
    assert "names only the shop's own id" in outcome(SOURCE, {"x-shopify-topic": "orders/delete"}, b'{"id": 7}')
    assert "subscribe to orders/updated" in outcome(SOURCE, {"x-shopify-topic": "orders/edited"}, b"{}")
    other = {"x-shopify-topic": "orders/create", "x-shopify-shop-domain": "cups.myshopify.com"}
    assert "of the shop 'cups.myshopify.com'" in outcome(shop(), other, as_json(shopify_order()))
    assert outcome(SOURCE, other, as_json(shopify_order())).source == "shopify:cups.myshopify.com"


def test_a_webhook_is_authentic_by_its_secret_or_the_app_s() -> None:
    body = as_json(shopify_order())
    signed = Delivery({"x-shopify-hmac-sha256": digest(body, SECRET)}, body, 0)
    assert Shopify(ShopifyConfig(webhook_secret=SECRET)).authentic(signed)
    assert Shopify(ShopifyConfig(shop="a.b", client_id="c", client_secret=SECRET)).authentic(signed)
    assert not Shopify(ShopifyConfig(webhook_secret=SecretStr("other"), client_secret=SECRET)).authentic(signed)
    assert not SOURCE.authentic(Delivery({"x-shopify-hmac-sha256": digest(body, SecretStr(""))}, body, 0))


def test_a_delivery_is_the_same_by_its_webhook_id_or_its_event_and_topic() -> None:
    assert SOURCE.delivery_id({"x-shopify-webhook-id": "w", "x-shopify-event-id": "e"}, b"") == "w"
    assert SOURCE.delivery_id({"x-shopify-topic": "t", "x-shopify-event-id": "e"}, b"") == "t:e"
    assert SOURCE.delivery_id({}, b"a") == SOURCE.delivery_id({}, b"a") != SOURCE.delivery_id({}, b"b")


def test_news_is_read_as_the_order_stands_now_where_the_shop_can_be_asked() -> None:
    there = Shop(shopify_order(shopify_line(quantity=9), id=900))
    edited = {"x-shopify-topic": "orders/edited"}
    with stand_in(there.answer) as server:
        for headers, body in ((UPDATED, {"id": 900}), (edited, {"order_edit": {"order_id": 900}})):
            [record] = shop().complete(Record(as_json(body), headers), server.fetch)
            assert outcome(shop(), record.headers, record.body).lines[0].quantity == 9
        assert len(server.calls) == 2
        kept = Record(as_json(shopify_order()), UPDATED)
        assert list(SOURCE.complete(kept, server.fetch)) == [kept]
        shipped = Record(as_json(shopify_order(fulfillment_status="fulfilled")), UPDATED)
        assert list(SOURCE.complete(shipped, server.fetch)) == []
        assert len(server.calls) == 2
        with pytest.raises(FetchError, match="has no order 7"):
            shop().complete(Record(as_json({"id": 7}), UPDATED), server.fetch)


def test_an_order_that_was_asked_for_says_what_its_webhook_says() -> None:
    lines = [
        shopify_line(
            id=n,
            variant_id=77,
            product_id=5,
            current_quantity=2,
            properties=[{"name": "Engraving", "value": "Ann"}],
            discount_allocations=[{"amount": "2.00"}, {"amount": "1.00"}],
        )
        for n in range(1, 121)
    ]
    address = {"name": "Ann", "company": None, "address1": "1 Road", "city": "Ayr", "zip": "KA7", "country_code": "GB"}
    order = shopify_order(
        *lines,
        updated_at="2026-01-05T09:30:00+01:00",
        note="Gift",
        note_attributes=[{"name": "Ribbon", "value": "red"}],
        shipping_address={**address, "address2": None, "province": None},
    )
    source = shop(item_numbers=["sku", "variant_id", "product_id"])
    with stand_in(Shop(order, scopes=SCOPES | {"read_products"}).answer) as server:
        [record] = source.complete(Record(as_json({"id": 900}), UPDATED), server.fetch)
        assert len(server.calls) == 3  # fifty lines in each answer
    assert outcome(source, record.headers, record.body) == outcome(source, UPDATED, as_json(order))
    with stand_in(Shop(order).answer) as server:
        [record] = shop().complete(Record(as_json({"id": 900}), UPDATED), server.fetch)  # by its sku alone
        assert outcome(shop(), record.headers, record.body) == outcome(shop(), UPDATED, as_json(order))
        with pytest.raises(FetchError, match="Access denied for variant field"):
            source.complete(Record(as_json({"id": 900}), UPDATED), server.fetch)


@pytest.mark.parametrize(
    ("scopes", "query", "said"),
    [
        (frozenset[str](), COUNT, "Access denied .* give it the scopes"),
        (SCOPES, "query { orders(first: 250) { nodes { lineItems(first: 50) { nodes { id } } } } }", "max cost limit"),
        (SCOPES, "query { order(id: 5) { colour } }", "Cannot query field 'colour'"),
    ],
)
def test_what_a_shop_refuses_is_told(scopes: frozenset[str], query: str, said: str) -> None:
    with stand_in(Shop(scopes=scopes).answer) as server, pytest.raises(FetchError, match=said):
        shop()._admin.ask(server.fetch, query, {})


def numbered(number: int, minute: int, **more: Any) -> dict[str, Any]:
    return shopify_order(id=number, name=f"#{number}", updated_at=f"2026-01-05T09:{minute:02}:00+01:00", **more)


def test_polling_finds_every_order_once_and_then_what_has_changed() -> None:
    there = Shop(*(numbered(n, n // 3) for n in range(1, 8)), worn_after=3)
    source = shop(access_token="", client_id="c", client_secret="s")

    def poll(cursor: str) -> tuple[list[tuple[str, str]], str]:
        found, more = [], True
        while more:
            polled = source.poll(cursor, server.fetch)
            cursor, more = polled.cursor, polled.more
            found += [(json.loads(r.body)["name"], type(outcome(source, r.headers, r.body)).__name__)
                      for r in polled.records]  # fmt: skip
        return found, cursor

    with stand_in(there.answer) as server:
        found, cursor = poll("")
        assert sorted(number for number, _ in found) == [f"#{n}" for n in range(1, 8)]
        assert there.tokens == 2
        assert poll(cursor)[0] == []
        there.orders[:3] = [
            numbered(1, 30),
            numbered(2, 31, cancelled_at="2026-01-05T09:31:00+01:00"),
            numbered(3, 31, fulfillment_status="fulfilled"),
        ]
        found, cursor = poll(cursor)
        assert found == [("#1", "CustomerOrder"), ("#2", "OrderCancel")]
        there.orders.append(numbered(8, 30))  # shown late
        assert poll(cursor)[0] == [("#8", "CustomerOrder")]
    with pytest.raises(FetchError, match="is none of this source's"):
        source.poll("yesterday", server.fetch)


def test_check_says_what_was_reached_or_the_cure() -> None:
    with stand_in(Shop(numbered(1, 0), numbered(2, 0)).answer) as there:
        assert shop().check(there.fetch) == "mugs.myshopify.com: 2 open orders by the API of 2026-10"
        with pytest.raises(SourceError, match="neither webhook_secret nor access_token nor client_id is set"):
            SOURCE.check(there.fetch)
        assert Shopify(ShopifyConfig(webhook_secret=SECRET)).check(there.fetch) == "nothing to reach"
    with (
        stand_in(lambda call: Answer({"errors": "x"}, 403)) as there,
        pytest.raises(FetchError, match="answered 403: the app may not do this: give it the scopes"),
    ):
        shop().check(there.fetch)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"shop": "https://mugs.myshopify.com"}, "should match pattern"),
        ({"access_token": "t"}, "has to be named"),
        ({"client_id": "c"}, "no client_secret"),
        ({"api_version": "2026-11"}, "should match pattern"),
        ({"color": "red"}, "Extra inputs"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(told: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        ShopifyConfig.model_validate(told)
