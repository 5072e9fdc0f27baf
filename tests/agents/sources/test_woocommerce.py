from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from agents.sources.errors import FetchError, SourceError
from agents.sources.signing import Delivery, digest
from agents.sources.source import Ignored, Record, transactions
from agents.sources.woocommerce import WooCommerce, WooCommerceConfig
from knowledge.documents import CustomerOrder, OrderCancel
from tests.agents.sources.builders import as_json, only, outcome, reason, woocommerce_line, woocommerce_order
from tests.agents.sources.stand_in import Answer, Call, stand_in

SOURCE = WooCommerce()
SECRET = SecretStr("s3cret")
UPDATED = {"x-wc-webhook-topic": "order.updated"}
CREATED = {"x-wc-webhook-topic": "order.created"}


def shop(**more: Any) -> WooCommerce:
    told = {"url": "https://shop.example.com/", "consumer_key": "ck_1", "consumer_secret": "cs_1", **more}
    return WooCommerce(WooCommerceConfig.model_validate(told))


def complaint(*lines: dict[str, Any], **more: Any) -> str:
    return reason(SOURCE, as_json(woocommerce_order(*lines, **more)))


def test_an_order_is_read_with_its_number_customer_and_time_in_utc() -> None:
    order = only(SOURCE, as_json(woocommerce_order()))
    assert (order.source, order.number, order.customer) == ("woocommerce:shop", "700", "ann@example.com")
    assert order.received is not None
    assert order.received.isoformat() == "2026-01-05T08:00:00+00:00"
    assert (order.currency, order.ship_to) == ("EUR", "Ann Lee, 1 Road")
    [line] = order.lines
    assert (line.line, line.item, line.quantity, line.unit_price) == ("21", "MUG-1", Decimal(2), Decimal("9.50"))


def test_the_shop_that_is_set_is_whose_numbers_they_are() -> None:
    source = shop(url="https://shop.example.com/de")
    assert only(source, as_json(woocommerce_order())).source == "woocommerce:shop.example.com/de"


def test_metadata_is_configuration_but_for_the_shop_s_private_keys() -> None:
    meta = [{"id": 1, "key": "pa_color", "value": "black"}, {"id": 2, "key": "_reduced_stock", "value": "2"}]
    [line] = only(SOURCE, as_json(woocommerce_order(woocommerce_line(meta_data=meta)))).lines
    assert line.configuration == {"pa_color": "black"}


def test_the_price_is_what_is_paid_for_one_after_discounts() -> None:
    discounted = woocommerce_line(quantity=3, subtotal="30.00", total="20.00", price=6.666666666666667)
    [line] = only(SOURCE, as_json(woocommerce_order(discounted))).lines
    assert line.unit_price == Decimal("6.667")  # the shortest that comes to 20.00


def test_children_of_a_bundle_cost_nothing_and_say_what_they_are_part_of() -> None:
    child = woocommerce_line(id=22, bundled_by="21", subtotal="0.00", total="0.00", price=0)
    first, second = only(SOURCE, as_json(woocommerce_order(woocommerce_line(), child))).lines
    assert (second.unit_price, second.text, first.text) == (Decimal(0), "part of line 21", None)


def test_an_article_without_sku_is_described_unless_its_variation_is_said_to_number_it() -> None:
    body = as_json(woocommerce_order(woocommerce_line(sku="", variation_id=23, name="Ship &ndash; Black")))
    [line] = only(SOURCE, body).lines
    assert (line.item, line.description) == (None, "Ship – Black")
    [line] = only(shop(item_numbers=["sku", "variation_id", "product_id"]), body).lines
    assert (line.item, line.other_items) == ("23", ("5",))


def test_a_wanted_date_comes_from_metadata_of_the_line_or_the_order() -> None:
    source = shop(requested_field="delivery", requested_format="%d.%m.%Y")
    dated = woocommerce_line(id=22, meta_data=[{"key": "delivery", "value": "03.02.2026"}])
    meta = [{"key": "delivery", "value": "09.02.2026"}]
    lines = only(source, as_json(woocommerce_order(woocommerce_line(), dated, meta_data=meta))).lines
    assert [line.requested for line in lines] == ["2026-02-09", "2026-02-03"]
    assert [line.configuration for line in lines] == [None, None]
    wrong = as_json(woocommerce_order(meta_data=[{"key": "delivery", "value": "soon"}]))
    assert "delivery 'soon' is not a date as '%d.%m.%Y' writes it" in reason(source, wrong)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"status": "pending"}, "'pending': it waits for payment; add it to statuses (processing)"),
        ({"status": "on-hold"}, "its payment is awaited"),
        ({"status": "completed"}, "completed it already"),
        ({"status": "cancelled"}, "was cancelled"),
        ({"status": "engraving"}, "none of the statuses that count"),
        ({"status": None}, "status is empty"),
        ({"parent_id": 5}, "belongs to order 5"),
        ({"refunds": [{"id": 1, "total": "-5.00"}]}, "paid back in part"),
        ({"line_items": []}, "line_items is empty"),
        ({"line_items": [5]}, "line_items[0] is not an object"),
        ({"line_items": {}}, "a list of line_items"),
        ({"number": "", "id": None}, "the order has no number"),
        ({"total": "25.00", "total_tax": "0.00"}, "total is 25.00, but the lines, shipping, fees and taxes come to 19"),
        ({"total_line_items_quantity": 3}, "total_line_items_quantity is 3, but the lines come to 2"),
    ],
)
def test_what_is_no_demand_or_does_not_add_up_is_told(more: dict[str, Any], said: str) -> None:
    assert said in complaint(**more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"quantity": None}, "line '21': quantity is missing"),
        ({"quantity": 0}, "greater than 0"),
        ({"quantity": "two"}, "quantity 'two' is not a number"),
        ({"total": "-1.00"}, "less than nothing"),
        ({"sku": "", "name": ""}, "neither item nor description"),
        ({"meta_data": [{"key": "a", "value": 1}, {"key": "a", "value": 2}]}, "'a' has several values"),
    ],
)
def test_a_line_that_cannot_be_ordered_is_told(more: dict[str, Any], said: str) -> None:
    assert said in complaint(woocommerce_line(**more))


def test_statuses_that_count_can_be_chosen() -> None:
    body = as_json(woocommerce_order(status="wc-engraving"))
    assert only(shop(statuses=["processing", "engraving"]), body).number == "700"


def test_news_of_an_order_says_how_it_stands_or_that_it_is_off() -> None:
    assert not outcome(SOURCE, CREATED, as_json(woocommerce_order())).standing
    order = outcome(SOURCE, UPDATED, as_json(woocommerce_order()))
    assert isinstance(order, CustomerOrder)
    assert order.standing
    assert order.received is not None
    assert order.received.isoformat() == "2026-01-05T08:30:00+00:00"
    cancel = outcome(SOURCE, UPDATED, as_json(woocommerce_order(status="refunded")))
    assert isinstance(cancel, OrderCancel)
    assert cancel.standing


def test_webhooks_of_other_topics_are_no_news_but_an_order_that_is_deleted_is_for_a_person() -> None:
    gone = outcome(SOURCE, {"x-wc-webhook-topic": "order.deleted"}, b'{"id":7}')
    assert "order.deleted names only the shop's own id" in gone
    coupon = outcome(SOURCE, {"x-wc-webhook-topic": "coupon.created"}, b"{}")
    assert isinstance(coupon, Ignored)
    assert "'coupon.created' are not read: order.created" in coupon.reason


def test_a_webhook_is_authentic_by_the_signature_of_its_body() -> None:
    source = WooCommerce(WooCommerceConfig(webhook_secret=SECRET))
    body = as_json(woocommerce_order())
    signed = {"x-wc-webhook-signature": digest(body, SECRET)}
    assert source.authentic(Delivery(signed, body, 0))
    assert not source.authentic(Delivery(signed, body + b" ", 0))
    assert not SOURCE.authentic(Delivery({"x-wc-webhook-signature": digest(body, SecretStr(""))}, body, 0))


def test_a_delivery_has_the_number_that_the_shop_gives_it() -> None:
    assert SOURCE.delivery_id({"x-wc-webhook-delivery-id": "d7"}, b"") == "d7"
    assert SOURCE.delivery_id({}, b"a") != SOURCE.delivery_id({}, b"b")


def test_a_ping_and_what_nobody_waits_for_make_no_record() -> None:
    with stand_in(lambda call: Answer()) as there:
        for headers, body in [
            ({}, b"webhook_id=7"),
            (CREATED, as_json(woocommerce_order(status="pending"))),
            (CREATED, as_json(woocommerce_order(status="cancelled"))),
            (UPDATED, as_json(woocommerce_order(status="completed"))),
        ]:
            assert list(SOURCE.complete(Record(body, headers), there.fetch)) == []
        kept = Record(as_json(woocommerce_order()), CREATED)
        assert list(SOURCE.complete(kept, there.fetch)) == [kept]
        assert there.calls == []


def test_an_update_is_read_as_the_order_stands_now() -> None:
    now = woocommerce_order(woocommerce_line(quantity=5, total="47.50"), status="processing")
    with stand_in(lambda call: Answer(now)) as there:
        [record] = shop().complete(Record(as_json(woocommerce_order(status="on-hold")), UPDATED), there.fetch)
    assert there.calls[0].path == "/wp-json/wc/v3/orders/700"
    assert there.calls[0].headers["authorization"] == "Basic Y2tfMTpjc18x"
    change = outcome(shop(), record.headers, record.body)
    assert [line.quantity for line in change.lines] == [5]


class Shop:
    """A shop's list of orders, by the time of their last change, and the notes of each; a key may read only."""

    def __init__(self, *orders: dict[str, Any], at_once: int = 2, may_write: bool = True) -> None:
        self.orders, self.at_once, self.may_write = list(orders), at_once, may_write
        self.notes: dict[str, list[dict[str, Any]]] = {}

    def answer(self, call: Call) -> Answer:
        if call.method != "GET" and not self.may_write:
            return Answer({"code": "woocommerce_rest_authentication_error"}, 401)
        match call.path.removeprefix("/wp-json/wc/v3/").split("/"):
            case ["orders"]:
                return self._listed(call)
            case ["orders", name, *place]:
                order = next((order for order in self.orders if str(order["id"]) == name), None)
                if order is None:
                    return Answer({"code": "woocommerce_rest_shop_order_invalid_id"}, 404)
                if place == ["notes"]:
                    return self._note(name, call)
                return self._change(order, call.json()) if call.method == "PUT" else Answer(order)
        return Answer({"code": "rest_no_route"}, 404)

    def _note(self, name: str, call: Call) -> Answer:
        notes = self.notes.setdefault(name, [])
        if call.method == "GET":
            return Answer(notes)
        if not call.json().get("note"):
            return Answer({"code": "rest_missing_callback_param"}, 400)
        notes.append({"id": len(notes) + 1, **call.json()})
        return Answer(notes[-1], 201)

    def _change(self, order: dict[str, Any], change: dict[str, Any]) -> Answer:
        if change.get("status", "completed") not in ("completed", "processing", "on-hold", "wc-packed"):
            return Answer({"code": "rest_invalid_param", "message": "Invalid parameter(s): status"}, 400)
        meta = {each["key"]: each for each in order["meta_data"]}
        meta |= {each["key"]: {"id": len(meta) + 1, **each} for each in change.pop("meta_data", ())}
        order.update(change, meta_data=list(meta.values()))
        return Answer(order)

    def _listed(self, call: Call) -> Answer:
        after = call.query.get("modified_after", "").removesuffix("Z")
        listed = sorted(self.orders, key=lambda order: (order["date_modified_gmt"], order["id"]))
        listed = [order for order in listed if order["date_modified_gmt"] > after]
        if "status" in call.query:
            listed = [order for order in listed if order["status"] in call.query["status"].split(",")]
        page = int(call.query["page"])
        part = listed[(page - 1) * self.at_once : page * self.at_once]
        url = f"https://shop.example.com/wp-json/wc/v3/orders?orderby=modified&page={page + 1}"
        more = (
            {"link": f'<https://x/?page=1>; rel="prev", <{url}>; rel="next"'} if listed[page * self.at_once :] else {}
        )
        return Answer(part, headers=more)


def numbered(number: int, minute: int, **more: Any) -> dict[str, Any]:
    return woocommerce_order(id=number, number=str(number), date_modified_gmt=f"2026-01-05T08:{minute:02}:00", **more)


def test_polling_finds_every_order_once_and_then_what_has_changed() -> None:
    there = Shop(*(numbered(n, n // 3) for n in range(1, 8)), numbered(99, 2, status="pending"))
    source = shop()

    def poll(cursor: str) -> tuple[list[tuple[str, str]], str]:
        found, more = [], True
        while more:
            polled = source.poll(cursor, server.fetch)
            cursor, more = polled.cursor, polled.more
            found += [(json.loads(r.body)["number"], type(outcome(source, r.headers, r.body)).__name__)
                      for r in polled.records]  # fmt: skip
        return found, cursor

    with stand_in(there.answer) as server:
        found, cursor = poll("")
        assert sorted(number for number, _ in found) == ["1", "2", "3", "4", "5", "6", "7"]
        assert poll(cursor)[0] == []
        there.orders[:3] = [
            numbered(1, 30),
            numbered(2, 31, status="cancelled"),
            numbered(3, 31, status="completed"),
        ]
        found, cursor = poll(cursor)
        assert found == [("1", "CustomerOrder"), ("2", "OrderCancel")]
        there.orders.append(numbered(8, 31))  # shown late
        assert poll(cursor)[0] == [("8", "CustomerOrder")]


def test_check_says_what_was_reached_or_the_cure() -> None:
    with stand_in(lambda call: Answer([], headers={"x-wp-total": "12"})) as there:
        assert shop().check(there.fetch) == "shop.example.com: 12 orders by wc/v3"
    with stand_in(lambda call: Answer({"code": "no"}, 401)) as there:
        with pytest.raises(FetchError, match="answered 401: consumer_key or consumer_secret is wrong"):
            shop().check(there.fetch)
        with pytest.raises(SourceError, match="neither webhook_secret nor consumer_key is set"):
            SOURCE.check(there.fetch)
        assert WooCommerce(WooCommerceConfig(webhook_secret=SECRET)).check(there.fetch) == "nothing to reach"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"url": "http://shop.example.com"}, "https address is wanted"),
        ({"url": "shop"}, "an address such as"),
        ({"consumer_key": "ck"}, "go together"),
        ({"consumer_key": "ck", "consumer_secret": "cs"}, "needs its url"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(told: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        WooCommerceConfig.model_validate(told)


def test_secrets_are_not_shown() -> None:
    assert "cs_1" not in repr(shop().config)
    assert "cs_1" not in shop().config.model_dump_json()


def test_several_orders_in_one_body_stand_by_themselves() -> None:
    body = as_json([woocommerce_order(), woocommerce_order(status="pending"), {"line_items": []}])
    assert [type(each.outcome).__name__ for each in transactions(SOURCE, {}, body)] == [
        "CustomerOrder",
        "Rejected",
        "Rejected",
    ]
