from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from agents.sources.errors import FetchError, SourceError
from agents.sources.salesforce import Salesforce, SalesforceConfig
from agents.sources.signing import Delivery, digest
from agents.sources.source import Record
from knowledge.documents import CustomerOrder, OrderCancel
from tests.agents.sources.builders import as_json, only, outcome, reason, salesforce_item, salesforce_order
from tests.agents.sources.stand_in import Answer, Call, stand_in


def org(**more: Any) -> Salesforce:
    told = {"url": "https://acme.my.salesforce.com", "client_id": "c", "client_secret": "s", "webhook_secret": "s3cret"}
    return Salesforce(SalesforceConfig.model_validate({**told, **more}))


SOURCE = org()
ID = "801000000000001AAA"


def complaint(*items: dict[str, Any], **more: Any) -> str:
    return reason(SOURCE, as_json(salesforce_order(*items, **more)))


def test_an_activated_order_is_an_order() -> None:
    order = only(SOURCE, as_json(salesforce_order(ShippingStreet="1 Road\nBack door", ShippingCity="Ayr")))
    assert (order.source, order.number) == ("salesforce:acme.my.salesforce.com", "00000100")
    assert (order.customer, order.currency, order.ship_to) == ("NEAR", "EUR", "1 Road, Back door, Ayr")
    assert order.standing
    assert order.received == dt.datetime(2026, 1, 5, 8, 0, tzinfo=dt.UTC)
    [line] = order.lines
    assert (line.line, line.item, line.other_items) == ("0000000001", "MUG-1", ("SKU-1",))
    assert (line.quantity, line.unit_price, line.description) == (Decimal(2), Decimal("9.50"), "Mug")


def test_options_and_dates_come_from_the_fields_that_are_named() -> None:
    source = org(option_fields=["Engraving__c"], requested_field="ServiceDate", number_field="PoNumber", currency="USD")
    item = salesforce_item(Engraving__c="Ann", ServiceDate="2026-02-03")
    order = only(source, as_json(salesforce_order(item, PoNumber="PO-7", CurrencyIsoCode=None)))
    assert (order.number, order.currency) == ("PO-7", "USD")
    assert order.lines[0].configuration == {"Engraving__c": "Ann"}
    assert order.lines[0].requested == "2026-02-03"


@pytest.mark.parametrize("code", ["Canceled", "Expired"])
def test_an_order_that_is_off_is_called_off(code: str) -> None:
    cancel = outcome(SOURCE, {}, as_json(salesforce_order(StatusCode=code)))
    assert isinstance(cancel, OrderCancel)
    assert cancel.standing


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"StatusCode": "Draft", "Status": "In review"}, "status is 'In review' (Draft): it is not activated"),
        ({"IsReductionOrder": True}, "a reduction of another one"),
        ({"OrderNumber": None}, "OrderNumber is empty"),
        ({"OrderItems": None}, "no items"),
        ({"OrderItems": {"done": False, "records": [salesforce_item()]}}, "not all of the order's items"),
        ({"TotalAmount": 18}, "TotalAmount is 18, but the items come to 19.00"),
    ],
)
def test_what_is_no_order_or_does_not_add_up_is_told(more: dict[str, Any], said: str) -> None:
    assert said in complaint(**more)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"Quantity": None}, "line '0000000001': Quantity is missing"),
        ({"TotalPrice": 18}, "TotalPrice is 18, but 2.0 × 9.5 is 19.00"),
        ({"Quantity": -1, "TotalPrice": None}, "greater than 0"),
    ],
)
def test_an_item_that_cannot_be_ordered_is_told(more: dict[str, Any], said: str) -> None:
    assert said in complaint(salesforce_item(**more), TotalAmount=None)


def test_a_call_is_authentic_by_its_secret_or_by_what_it_is_signed_with() -> None:
    body = as_json({"id": ID})
    for told in ("s3cret", digest(body, SecretStr("s3cret"))):
        assert SOURCE.authentic(Delivery({"x-webhook-secret": told}, body, 0))
        assert org(webhook_header="X-Key").authentic(Delivery({"x-key": told}, body, 0))
    assert not SOURCE.authentic(Delivery({"x-webhook-secret": digest(b"", SecretStr("s3cret"))}, body, 0))
    assert not SOURCE.authentic(Delivery({}, body, 0))
    assert not org(webhook_secret="").authentic(Delivery({"x-webhook-secret": ""}, body, 0))


class Org:
    """An org with orders by number: their code, when they were changed, and how many items they have; two at once."""

    def __init__(self, secret: str = "s", **orders: tuple[str, int, int]) -> None:
        self.secret, self.article = secret, {"Name": "", "ProductCode": "MUG-1"}
        self.orders = {f"801{name.removeprefix('o'):0>12}": told for name, told in orders.items()}
        self.token = ""
        self.told: dict[str, dict[str, Any]] = {}
        self.writable = {"Promised__c": 10, "Answer__c": 131_072, "Shipped__c": 131_072}

    def answer(self, call: Call) -> Answer:
        if call.path == "/services/oauth2/token":
            if call.form() != {"grant_type": "client_credentials", "client_id": "c", "client_secret": self.secret}:
                return Answer({"error": "invalid_client_id"}, 400)
            self.token = f"token {len(self.token)}"
            return Answer({"access_token": self.token, "instance_url": "https://acme.my.salesforce.com"})
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return Answer([{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}], 401)
        if call.path.startswith("/services/data/v65.0/query/items-"):
            name, start = call.path.removeprefix("/services/data/v65.0/query/items-").split("-")
            return Answer(self._items(name, int(start)))
        if call.path.startswith("/services/data/v65.0/sobjects/Order/"):
            return self._record(call.path.rpartition("/")[2], call)
        assert call.path == "/services/data/v65.0/query"
        return Answer(self._query(call.query["q"]))

    def _record(self, name: str, call: Call) -> Answer:
        if name not in self.orders:
            return Answer([{"errorCode": "NOT_FOUND"}], 404)
        if call.method == "GET":
            return Answer({key: self.told.get(name, {}).get(key) for key in call.query["fields"].split(",")})
        for key, value in call.json().items():
            if key not in self.writable:
                return Answer([{"errorCode": "INVALID_FIELD", "message": f"No such column '{key}'"}], 400)
            if len(value or "") > self.writable[key]:
                return Answer([{"errorCode": "STRING_TOO_LONG", "fields": [key]}], 400)
        self.told[name] = {**self.told.get(name, {}), **call.json()}
        return Answer(status=204)

    def _query(self, query: str) -> dict[str, Any]:
        codes = re.findall(r"'(\w+)'", query) if "StatusCode IN" in query or "StatusCode =" in query else None
        named = re.findall(r"'(801\w+)'", query) if "Id IN" in query else list(self.orders)
        since = re.search(r"SystemModstamp >= ([\dT:-]+Z)", query)
        begin = dt.datetime.fromisoformat(since.group(1)) if since else dt.datetime.min.replace(tzinfo=dt.UTC)
        names = sorted((n for n in named if n in self.orders), key=lambda name: (self.orders[name][1], name))
        names = [name for name in names if codes is None or self.orders[name][0] in codes]
        names = [name for name in names if dt.datetime.fromisoformat(self._stamp(name)) >= begin]
        limit, offset = re.search(r"LIMIT (\d+)", query), re.search(r"OFFSET (\d+)", query)
        start = int(offset.group(1)) if offset else 0
        names = names[start : start + int(limit.group(1))] if limit else names
        rows = [self._row(name) if "OrderItems" in query else {"Id": name, "SystemModstamp": self._stamp(name)}
                for name in names]  # fmt: skip
        return {"totalSize": len(rows), "done": True, "records": rows}

    def _stamp(self, name: str) -> str:
        return f"2026-01-05T08:{self.orders[name][1]:02}:00.000+0000"

    def _row(self, name: str) -> dict[str, Any]:
        code, _, count = self.orders[name]
        more = {"Id": name, "OrderNumber": name[-4:], "StatusCode": code, "SystemModstamp": self._stamp(name)}
        row = salesforce_order(**more, TotalAmount=19.0 * count, OrderItems=self._items(name, 0))["salesforce_order"]
        return dict(row)

    def _items(self, name: str, start: int) -> dict[str, Any]:
        count = self.orders[name][2]
        numbers = range(start + 1, min(count, start + 2) + 1)
        records = [salesforce_item(OrderItemNumber=f"{n:010}", Product2=self.article) for n in numbers]
        if count <= start + 2:
            return {"totalSize": count, "done": True, "records": records}
        place = f"/services/data/v65.0/query/items-{name}-{start + 2}"
        return {"totalSize": count, "done": False, "records": records, "nextRecordsUrl": place}


def test_a_call_brings_the_orders_that_it_names_with_all_their_items() -> None:
    there = Org(o1=("Activated", 0, 5), o2=("Draft", 0, 1), o3=("Canceled", 0, 1))
    ids = [*there.orders, "801000000000009", "'); DELETE", 7]
    with stand_in(there.answer) as server:
        records = list(SOURCE.complete(Record(as_json({"ids": ids})), server.fetch))
        assert [call.path for call in server.calls].count("/services/oauth2/token") == 1
    order, cancel = (outcome(SOURCE, each.headers, each.body) for each in records)
    assert isinstance(order, CustomerOrder)
    assert len(order.lines) == 5
    assert isinstance(cancel, OrderCancel)


def test_a_token_that_has_run_out_is_asked_for_again() -> None:
    there, source = Org(o1=("Activated", 0, 1)), org()
    with stand_in(there.answer) as server:
        for _ in range(2):
            assert len(list(source.complete(Record(as_json({"id": "801000000000001"})), server.fetch))) == 1
            there.token = "another"


def test_a_call_that_names_nothing_is_quarantined_with_what_is_wanted() -> None:
    with stand_in(lambda call: Answer()) as server:
        for source, body in ((SOURCE, {"id": "001000000000001"}), (Salesforce(), {"id": ID})):
            [record] = source.complete(Record(as_json(body)), server.fetch)
            assert "only names an order" in outcome(source, record.headers, record.body)


def test_polling_finds_every_activated_order_once_and_then_what_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.sources.salesforce._AT_ONCE", 2)
    there = Org("s", **{f"o{n}": ("Activated", n // 3, 1) for n in range(1, 8)})

    def poll(cursor: str) -> tuple[list[tuple[str, str]], str]:
        found, more = [], True
        while more:
            polled = SOURCE.poll(cursor, server.fetch)
            cursor, more = polled.cursor, polled.more
            found += [(json.loads(r.body)["salesforce_order"]["Id"][-1], type(outcome(SOURCE, {}, r.body)).__name__)
                      for r in polled.records]  # fmt: skip
        return found, cursor

    with stand_in(there.answer) as server:
        found, cursor = poll("")
        assert sorted(name for name, _ in found) == ["1", "2", "3", "4", "5", "6", "7"]
        assert poll(cursor)[0] == []
        one, two, three = list(there.orders)[:3]
        there.orders |= {one: ("Activated", 30, 1), two: ("Canceled", 31, 1), three: ("Draft", 31, 1)}
        found, cursor = poll(cursor)
        assert found == [("1", "CustomerOrder"), ("2", "OrderCancel")]
        there.orders["801000000000008"] = ("Activated", 30, 1)  # committed late
        assert poll(cursor)[0] == [("8", "CustomerOrder")]


def test_check_says_what_was_reached_or_the_cure() -> None:
    there = Org(o1=("Activated", 0, 1))
    with stand_in(there.answer) as server:
        assert org().check(server.fetch) == "acme.my.salesforce.com: orders can be read"
        there.orders.clear()
        assert org().check(server.fetch).endswith("though none is activated")
        with pytest.raises(FetchError, match="answered 400: client_id or client_secret is wrong"):
            org(client_secret="t").check(server.fetch)
        with pytest.raises(SourceError, match="client_id is not set"):
            Salesforce().check(server.fetch)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"client_id": "c"}, "go together"),
        ({"url": "http://acme.example.com"}, "https address is wanted"),
        ({"option_fields": ["a b"]}, "no name of a field"),
        ({"number_field": "Id FROM User"}, "should match pattern"),
        ({"currency": "euro"}, "should match pattern"),
    ],
)
def test_a_configuration_that_cannot_work_is_refused(told: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SalesforceConfig.model_validate(told)
