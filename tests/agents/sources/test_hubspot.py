from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from agents.sources.errors import FetchError, SourceError
from agents.sources.hubspot import HubSpot, HubSpotConfig
from agents.sources.signing import Delivery, digest
from agents.sources.source import Record
from knowledge.documents import CustomerOrder, OrderCancel
from tests.agents.sources.builders import as_json, hubspot_deal, hubspot_line, only, outcome, reason
from tests.agents.sources.stand_in import Answer, Call, stand_in

SECRET = SecretStr("s3cret")
URL = "https://society.example/api/v1/sources/crm?a=1%2F2"


def crm(**more: Any) -> HubSpot:
    told = {"access_token": "pat-1", "client_secret": "s3cret", "portal": "62515", **more}
    return HubSpot(HubSpotConfig.model_validate(told))


SOURCE = crm()


def test_a_won_deal_is_an_order_with_its_lines_in_the_quote_s_order() -> None:
    second = hubspot_line("502", hs_position_on_quote="0", quantity="3", amount="20.00", description="by hand")
    order = only(SOURCE, as_json(hubspot_deal(hubspot_line("501", hs_position_on_quote="1"), second)))
    assert (order.source, order.number, order.customer, order.currency) == ("hubspot:62515", "900", "NEAR", "EUR")
    assert order.standing
    assert order.received == dt.datetime(2026, 1, 5, 8, 0, 0, 123000, dt.UTC)
    assert [line.line for line in order.lines] == ["502", "501"]
    assert [line.unit_price for line in order.lines] == [Decimal("6.667"), Decimal("9.50")]
    assert (order.lines[0].item, order.lines[0].text, order.lines[0].description) == ("MUG-1", "by hand", "Mug")


def test_options_dates_and_places_come_from_the_properties_that_are_named() -> None:
    source = crm(
        option_properties=["engraving"],
        requested_property="deliver_on",
        ship_to_property="place",
        number_property="po_number",
        company_property="domain",
    )
    line = hubspot_line(engraving="Ann", deliver_on="2026-02-03")
    more = {"deliver_on": "2026-02-09T00:00:00Z", "place": "Leith", "po_number": "PO-7"}
    order = only(source, as_json(hubspot_deal(line, hubspot_line("502"), **more)))
    assert (order.number, order.ship_to, order.customer) == ("PO-7", "Leith", "near.example")
    assert [line.requested for line in order.lines] == ["2026-02-03", "2026-02-09"]
    assert [line.configuration for line in order.lines] == [{"engraving": "Ann"}, None]


def test_the_customer_is_the_primary_company_or_the_only_contact() -> None:
    deal = hubspot_deal(hubspot_line())
    other = {"id": "8", "properties": {"name": "OTHER"}, "primary": False}
    assert only(SOURCE, as_json({**deal, "companies": [other, *deal["companies"]]})).customer == "NEAR"
    assert only(SOURCE, as_json({**deal, "companies": [other, {**other, "id": "9"}]})).customer is None
    contact = {"id": "5", "properties": {"email": "ann@example.com"}}
    assert only(SOURCE, as_json({**deal, "companies": [], "contacts": [contact]})).customer == "ann@example.com"
    assert only(SOURCE, as_json({**deal, "companies": [], "contacts": [contact, contact]})).customer is None


def test_a_lost_deal_calls_its_order_off() -> None:
    cancel = outcome(SOURCE, {}, as_json(hubspot_deal(dealstage="closedlost")))
    assert isinstance(cancel, OrderCancel)
    assert (cancel.source, cancel.number, cancel.standing) == ("hubspot:62515", "900", True)


@pytest.mark.parametrize(
    ("deal", "said"),
    [
        (hubspot_deal(hubspot_line(), dealstage="contractsent"), "in the stage 'contractsent': only closedwon make"),
        (hubspot_deal(), "no line items"),
        (hubspot_deal(hubspot_line(quantity=None)), "line '501': quantity is missing"),
        (hubspot_deal(hubspot_line(quantity="some")), "is not a number"),
        (hubspot_deal(hubspot_line(price=None, amount=None, hs_sku=None, name=None)), "neither item nor description"),
        ({"objectId": 900}, "only names a deal"),
    ],
)
def test_what_is_no_order_is_told(deal: dict[str, Any], said: str) -> None:
    assert said in reason(SOURCE, as_json(deal))


def test_a_price_that_nobody_set_is_none() -> None:
    [line] = only(SOURCE, as_json(hubspot_deal(hubspot_line(price=None, amount=None)))).lines
    assert line.unit_price is None


def delivery(body: bytes, at: int = 1_767_600_000, method: str = "POST", url: str = URL) -> Delivery:
    stamp = f"{at}000"
    signed = f"{method}{url.replace('%2F', '/')}".encode() + body + stamp.encode()
    headers = {"x-hubspot-request-timestamp": stamp, "x-hubspot-signature-v3": digest(signed, SECRET)}
    return Delivery(headers, body, 1_767_600_100, method, url)


def test_a_webhook_is_authentic_by_method_address_body_and_a_time_of_late() -> None:
    good = delivery(b"[]")
    assert SOURCE.authentic(good)
    behind = Delivery(good.headers, good.body, good.received, "POST", "http://10.0.0.1/hook")
    assert not SOURCE.authentic(behind)
    assert crm(public_url=URL).authentic(behind)
    assert not SOURCE.authentic(Delivery(good.headers, b"[] ", good.received, "POST", URL))
    assert not SOURCE.authentic(Delivery(good.headers, b"[]", good.received, "PUT", URL))
    assert not SOURCE.authentic(delivery(b"[]", at=1_767_599_799))  # five minutes and a second ago
    assert not SOURCE.authentic(Delivery({**good.headers, "x-hubspot-request-timestamp": "now"}, b"[]", 0, "POST", URL))
    assert not crm(client_secret="").authentic(good)


def event(deal: int = 900, **more: Any) -> dict[str, Any]:
    told = {"eventId": 1, "portalId": 62515, "subscriptionType": "deal.propertyChange", "attemptNumber": 0}
    return {**told, "objectId": deal, "propertyName": "dealstage", "propertyValue": "closedwon", **more}


def test_a_delivery_is_the_same_however_often_it_is_tried() -> None:
    first, again = as_json([event()]), as_json([event(attemptNumber=3)])
    assert SOURCE.delivery_id({}, first) == SOURCE.delivery_id({}, again)
    assert SOURCE.delivery_id({}, first) != SOURCE.delivery_id({}, as_json([event(propertyValue="closedlost")]))


class Account:
    """An account with deals by number: their stage, when they were changed, and their line items, two at once."""

    def __init__(self, **deals: tuple[str, int, list[dict[str, Any]]]) -> None:
        self.deals = {name.removeprefix("d"): told for name, told in deals.items()}
        self.hidden: set[str] = set()
        self.told: dict[str, dict[str, str]] = {}
        self.writable = {"promised_on": "date", "answer": "string", "shipped": "string"}

    def answer(self, call: Call) -> Answer:
        if call.headers.get("authorization") != "Bearer pat-1":
            return Answer({"message": "Authentication credentials not found"}, 401)
        match call.path.strip("/").split("/"):
            case ["crm", "v3", "pipelines", "deals"]:
                stages = [{"id": "closedwon", "label": "Won"}, {"id": "closedlost", "label": "Lost"}]
                return Answer({"results": [{"label": "Sales", "stages": stages}]})
            case ["crm", "v3", "objects", "deals", "search"]:
                return self._search(call.json())
            case ["crm", "v3", "objects", "deals", name]:
                if name not in self.deals:
                    return Answer({"message": "resource not found"}, 404)
                if call.method == "PATCH":
                    return self._write(name, call.json()["properties"])
                assert {"deal_currency_code", "shipped"} & set(call.query["properties"].split(","))
                return Answer({"id": name, "properties": self._properties(name) | self.told.get(name, {})})
            case ["crm", "v4", "objects", "deals", name, "associations", kind]:
                return self._associated(name, kind, call.query.get("after", ""))
            case ["crm", "v3", "objects", kind, "batch", "read"]:
                return self._read(kind, call.json())
        return Answer({"message": f"no such place: {call.path}"}, 404)

    def _write(self, name: str, properties: dict[str, str]) -> Answer:
        for key, value in properties.items():
            if key not in self.writable:
                return Answer({"category": "VALIDATION_ERROR", "message": f'Property "{key}" does not exist'}, 400)
            if value and self.writable[key] == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                return Answer({"category": "VALIDATION_ERROR", "message": f"{value} was not a valid date"}, 400)
        self.told[name] = {**self.told.get(name, {}), **properties}
        return Answer({"id": name, "properties": properties})

    def _properties(self, name: str) -> dict[str, Any]:
        stage, minute, _ = self.deals[name]
        changed = f"2026-01-05T08:{minute:02}:00.123Z"
        return {"dealstage": stage, "deal_currency_code": "EUR", "hs_lastmodifieddate": changed, "hs_object_id": name}

    def _search(self, asked: dict[str, Any]) -> Answer:
        [group] = asked["filterGroups"]
        stages, *since = group["filters"]
        assert asked["sorts"] == [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
        begin = dt.datetime.fromtimestamp(int(since[0]["value"]) / 1000 if since else 0, dt.UTC)
        names = sorted(self.deals, key=lambda name: (self.deals[name][1], name))
        names = [name for name in names if self.deals[name][0] in stages["values"]]
        names = [n for n in names if dt.datetime.fromisoformat(self._properties(n)["hs_lastmodifieddate"]) >= begin]
        start = int(asked.get("after", 0))
        part = [{"id": name, "properties": self._properties(name)} for name in names[start : start + 2]]
        paging = {"paging": {"next": {"after": str(start + 2)}}} if names[start + 2 :] else {}
        return Answer({"total": len(names), "results": part, **paging})

    def _associated(self, name: str, kind: str, after: str) -> Answer:
        lines = [line["id"] for line in self.deals[name][2]]
        ids = {"line_items": lines, "companies": ["7"], "contacts": []}[kind]
        start = int(after or 0)
        label = [{"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"}]
        part = [{"toObjectId": int(each), "associationTypes": label} for each in ids[start : start + 2]]
        paging = {"paging": {"next": {"after": str(start + 2)}}} if ids[start + 2 :] else {}
        return Answer({"results": part, **paging})

    def _read(self, kind: str, asked: dict[str, Any]) -> Answer:
        known = {line["id"]: line for _, _, lines in self.deals.values() for line in lines}
        known["7"] = {"id": "7", "properties": {"name": "NEAR"}}
        wanted = [each["id"] for each in asked["inputs"] if each["id"] not in self.hidden]
        assert kind != "line_items" or {"quantity", "price", "amount", "hs_sku"} <= set(asked["properties"])
        return Answer({"status": "COMPLETE", "results": [known[name] for name in wanted]})


def lines(*ids: str) -> list[dict[str, Any]]:
    return [hubspot_line(name) for name in ids]


def test_a_webhook_brings_the_deals_that_it_names_with_all_their_lines() -> None:
    account = Account(
        d900=("closedwon", 0, lines("1", "2", "3", "4", "5")),
        d901=("contractsent", 0, lines("6")),
        d902=("closedlost", 0, []),
    )
    told = [
        event(900),
        event(900, propertyName="amount"),
        event(901),
        event(902),
        event(903),  # it is gone
        event(subscriptionType="object.propertyChange", objectTypeId="0-1"),  # a contact
        event(portalId=1),
    ]
    with stand_in(account.answer) as there:
        records = list(SOURCE.complete(Record(as_json(told)), there.fetch))
    order, cancel = (outcome(SOURCE, each.headers, each.body) for each in records)
    assert isinstance(order, CustomerOrder)
    assert [line.line for line in order.lines] == ["1", "2", "3", "4", "5"]
    assert order.customer == "NEAR"
    assert isinstance(cancel, OrderCancel)


def test_a_deal_of_which_a_line_cannot_be_read_is_tried_again_and_never_half_an_order() -> None:
    account = Account(d900=("closedwon", 0, lines("1", "2")))
    account.hidden.add("2")
    with stand_in(account.answer) as there, pytest.raises(FetchError, match="line_items 2 of deal 900 cannot be read"):
        list(SOURCE.complete(Record(as_json([event()])), there.fetch))


def test_a_webhook_that_nothing_can_be_asked_for_is_quarantined_with_the_cure() -> None:
    source = crm(access_token="")
    with stand_in(lambda call: Answer()) as there:
        [record] = source.complete(Record(as_json([event()])), there.fetch)
    assert "give an access_token" in outcome(source, record.headers, record.body)


def test_polling_finds_every_won_deal_once_and_then_what_has_changed() -> None:
    account = Account(**{f"d{n}": ("closedwon", n // 3, lines(str(100 + n))) for n in range(1, 8)})
    account.deals["9"] = ("closedlost", 0, [])

    def poll(cursor: str) -> tuple[list[tuple[str, str]], str]:
        found, more = [], True
        while more:
            polled = SOURCE.poll(cursor, there.fetch)
            cursor, more = polled.cursor, polled.more
            found += [(json.loads(r.body)["hubspot_deal"]["id"], type(outcome(SOURCE, {}, r.body)).__name__)
                      for r in polled.records]  # fmt: skip
        return found, cursor

    with stand_in(account.answer) as there:
        found, cursor = poll("")
        assert sorted(name for name, _ in found) == ["1", "2", "3", "4", "5", "6", "7", "9"]
        assert poll(cursor)[0] == []
        account.deals |= {"1": ("closedwon", 30, lines("101")), "2": ("closedlost", 31, []), "3": ("open", 31, [])}
        found, cursor = poll(cursor)
        assert found == [("1", "CustomerOrder"), ("2", "OrderCancel")]
        account.deals["8"] = ("closedwon", 31, lines("108"))  # found by the search only later
        assert poll(cursor)[0] == [("8", "CustomerOrder")]


def test_check_says_which_deals_are_orders_or_the_cure() -> None:
    account = Account()
    with stand_in(account.answer) as there:
        assert SOURCE.check(there.fetch) == "HubSpot: deals in Won are orders"
        with pytest.raises(SourceError, match=r"no stage 'won'; there are closedwon \(Won\), closedlost \(Lost\)"):
            crm(won_stages=["won"]).check(there.fetch)
        with pytest.raises(FetchError, match="answered 401: the access token is refused"):
            crm(access_token="pat-2").check(there.fetch)
        with pytest.raises(SourceError, match="webhooks only name deals: give an access_token"):
            crm(access_token="").check(there.fetch)
        with pytest.raises(SourceError, match="access_token is not set"):
            HubSpot().check(there.fetch)


def test_a_configuration_that_cannot_work_is_refused() -> None:
    with pytest.raises(ValidationError, match="https address is wanted"):
        crm(url="http://crm.example.com")
    with pytest.raises(ValidationError, match="should match pattern"):
        crm(number_property="po number")
