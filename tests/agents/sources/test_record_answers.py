"""Answers written into shops and CRMs: what is promised, and what has left, each once however often it comes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from agents.sources.errors import FetchError, SourceError
from agents.sources.fetching import Fetch
from agents.sources.hubspot import HubSpot, HubSpotConfig
from agents.sources.record_answers import read_answer
from agents.sources.salesforce import Salesforce, SalesforceConfig
from agents.sources.shopify import Shopify, ShopifyConfig
from agents.sources.source import Source
from agents.sources.woocommerce import WooCommerce, WooCommerceConfig
from protocols.publishing import News, OrderNews, PartNews, ShippingLineNews, ShippingOrderNews
from tests.agents.sources.builders import (
    hubspot_line,
    part,
    shopify_line,
    shopify_order,
    woocommerce_line,
    woocommerce_order,
)
from tests.agents.sources.shopify_stand_in import SCOPES, Shop
from tests.agents.sources.stand_in import stand_in
from tests.agents.sources.test_hubspot import Account
from tests.agents.sources.test_salesforce import Org
from tests.agents.sources.test_woocommerce import Shop as Store

WANTED, LATER = "2026-02-03T00:00:00+01:00", "2026-02-20T00:00:00+01:00"


def promised(*parts: PartNews, reference: str = "900", lines: Iterable[str] = ("11",)) -> OrderNews:
    """News of an order of lines of four pieces each."""
    document = {"number": "7", "reference": reference, "lines": [{"line": name, "quantity": "4"} for name in lines]}
    return OrderNews(at=WANTED, source="shop", number="7", customer="N", status="open", lines=parts, document=document)


def left(name: str, reference: str = "900", status: str = "done", **lines: str) -> ShippingOrderNews:
    """News of a shipping order of lines, whose names begin with a letter, that has left."""
    gone = [
        ShippingLineNews(line=line[1:], item="MUG", description="", quantity="9", uom="EA", ordered=quantity)
        for line, quantity in lines.items()
    ]
    fields: dict[str, Any] = {"shipping_order": name, "source": "shop", "number": "7", "customer": "N", "ship_to": ""}
    return ShippingOrderNews(**fields, reference=reference, ship=LATER, status=status, lines=tuple(gone))


def tell(source: Source[Any], fetch: Fetch, *news: News) -> None:
    """Hand over what is answered to news, twice each, as after an answer that was lost."""
    for each in news:
        for parcel in source.answers(each, 0):
            source.hand_over(parcel, fetch)
            source.hand_over(parcel, fetch)


def test_an_answer_says_in_words_what_becomes_of_every_line_and_when_all_is_there() -> None:
    parts = (
        part("3", WANTED, WANTED, line="11"),
        part("1", WANTED, LATER, line="11", reason="no steel"),
        part("4", WANTED, None, line="12", status="question"),
        part("4", WANTED, None, line="13", status="infeasible"),
        part("4", WANTED, None, line="14", status="cancelled"),
    )
    [parcel] = Shopify().answers(promised(*parts, lines=("11", "12", "13", "14")), 0)
    answer = read_answer(parcel)
    assert (parcel.name, answer.reference, str(answer.promised)) == ("answer-7.json", "900", "2026-02-19")
    assert answer.text.splitlines() == [
        "line 11: 3 by 2026-02-02, 1 by 2026-02-19 (no steel)",
        "line 12: 4 is being looked at",
        "line 13: 4 cannot be delivered",
        "line 14: 4 is cancelled",
    ]


def test_what_has_not_left_is_no_answer() -> None:
    assert list(Shopify().answers(left("SH-1", status="released", l11="2"), 0)) == []


def shopify(**more: Any) -> Shopify:
    return Shopify(ShopifyConfig.model_validate({"shop": "a.myshopify.com", "access_token": "shpat_1", **more}))


def test_a_shopify_order_shows_what_is_promised_and_then_what_is_promised_anew() -> None:
    there = Shop(shopify_order(shopify_line(quantity=4)))
    with stand_in(there.answer) as server:
        tell(shopify(), server.fetch, promised(part("4", WANTED, WANTED, line="11")))
        [(owner, *_)] = there.metafields
        assert owner == "gid://shopify/Order/900"
        assert [*there.metafields.values()] == ["line 11: 4 by 2026-02-02"]
        tell(shopify(), server.fetch, promised(part("4", WANTED, LATER, line="11")))
        assert [*there.metafields.values()] == ["line 11: 4 by 2026-02-19"]


def test_what_leaves_is_fulfilled_once_in_every_place_of_a_shopify_shop() -> None:
    lines = [shopify_line(id=n, quantity=4) for n in (11, 12, 13)]
    there = Shop(shopify_order(*lines), places=2)
    with stand_in(there.answer) as server:
        tell(shopify(notify_customer=True), server.fetch, left("SH-1", l11="3", l12="4"))
        made = [(each["lines"], each["number"], each["notified"]) for each in there.fulfilments]
        assert made == [({11: 3}, "SH-1", True), ({12: 4}, "SH-1", True)]
        tell(shopify(), server.fetch, left("SH-2", l11="1", l13="4"))
        assert [each["lines"] for each in there.fulfilments[2:]] == [{11: 1, 13: 4}]


def test_a_fulfilment_that_broke_off_between_two_places_is_finished() -> None:
    there = Shop(shopify_order(shopify_line(id=11), shopify_line(id=12)), places=2)
    with stand_in(there.answer) as server:
        [parcel] = shopify().answers(left("SH-1", l11="2", l12="2"), 0)
        shopify().hand_over(parcel, server.fetch)
        del there.fulfilments[1]
        shopify().hand_over(parcel, server.fetch)
        assert [each["lines"] for each in there.fulfilments] == [{11: 2}, {12: 2}]


def test_a_shop_that_has_shipped_it_already_makes_no_second_fulfilment_but_one_that_was_called_off_is_made_anew() -> (
    None
):
    there = Shop(shopify_order(shopify_line(quantity=4)))
    with stand_in(there.answer) as server:
        tell(shopify(), server.fetch, left("SH-1", l11="4"))
        tell(shopify(), server.fetch, left("SH-2", l11="4"))
        assert [each["number"] for each in there.fulfilments] == ["SH-1"]
        there.fulfilments[0]["status"] = "CANCELLED"
        tell(shopify(), server.fetch, left("SH-1", l11="4"))
        assert [each["status"] for each in there.fulfilments] == ["CANCELLED", "SUCCESS"]


@pytest.mark.parametrize(
    ("news", "scopes", "said"),
    [
        (left("SH-1", reference="", l11="1"), SCOPES, "came without the shop's own id"),
        (left("SH-1", reference="901", l11="1"), SCOPES, "the shop has no order 901"),
        (left("SH-1", l11="0.5"), SCOPES, "line '11' of order 7: a shop has whole pieces only, not 0.5"),
        (left("SH-1", l11="1"), SCOPES - {"write_merchant_managed_fulfillment_orders"}, "Access denied .* scopes"),
        (promised(part("4", WANTED, WANTED, line="11"), reference="901"), SCOPES, "Owner does not exist"),
    ],
)
def test_what_cannot_be_told_to_a_shopify_shop_is_an_error(news: News, scopes: frozenset[str], said: str) -> None:
    there = Shop(shopify_order(shopify_line(quantity=4)), scopes=scopes)
    with stand_in(there.answer) as server, pytest.raises(SourceError, match=said):
        tell(shopify(), server.fetch, news)
    assert there.fulfilments == []


def store(**more: Any) -> WooCommerce:
    told = {"url": "https://shop.example.com", "consumer_key": "ck", "consumer_secret": "cs", **more}
    return WooCommerce(WooCommerceConfig.model_validate(told))


def test_a_woocommerce_order_gets_a_note_for_each_answer_and_is_completed_when_all_has_left() -> None:
    lines = [woocommerce_line(id=21, quantity=4), woocommerce_line(id=22, quantity=1)]
    there = Store(woocommerce_order(*lines))
    [order] = there.orders
    with stand_in(there.answer) as server:
        tell(store(), server.fetch, promised(part("4", WANTED, WANTED, line="21"), reference="700", lines=("21",)))
        tell(store(notify_customer=True), server.fetch, left("SH-1", reference="700", l21="3", l22="1"))
        assert order["status"] == "processing"
        tell(store(), server.fetch, left("SH-2", reference="700", l21="1"))
        assert order["status"] == "completed"
    assert [(each["note"], each["customer_note"]) for each in there.notes["700"]] == [
        ("line 21: 4 by 2026-02-02", False),
        ("SH-1 has left on 2026-02-20: line 21: 3; line 22: 1", True),
        ("SH-2 has left on 2026-02-20: line 21: 1", False),
    ]
    assert [each["key"] for each in order["meta_data"]] == ["_society_promised", "_society_left"]
    assert order["meta_data"][0]["value"] == "2026-02-02"


def test_what_a_woocommerce_shop_is_set_to_is_a_setting() -> None:
    there = Store(woocommerce_order())
    with stand_in(there.answer) as server:
        tell(store(shipped_status=""), server.fetch, left("SH-1", reference="700", l21="2"))
        assert there.orders[0]["status"] == "processing"
        with pytest.raises(FetchError, match=r"answered 400: .*Invalid parameter"):
            tell(store(shipped_status="gone"), server.fetch, left("SH-1", reference="700", l21="2"))
        there.may_write = False
        with pytest.raises(FetchError, match=r"the key may not read \(answers: read and write\)"):
            tell(store(), server.fetch, left("SH-1", reference="700", l21="2"))
    with pytest.raises(SourceError, match="without the shop's own id"):
        tell(store(), server.fetch, left("SH-1", reference="", l21="2"))


CRM = {"promised_property": "promised_on", "answer_property": "answer", "shipped_property": "shipped"}


def test_a_deal_of_hubspot_s_says_what_is_promised_and_what_has_left() -> None:
    account = Account(d900=("closedwon", 0, [hubspot_line("501")]))
    source = HubSpot(HubSpotConfig.model_validate({"access_token": "pat-1", **CRM}))
    with stand_in(account.answer) as server:
        tell(source, server.fetch, promised(part("4", WANTED, WANTED, line="11")))
        assert account.told["900"] == {"promised_on": "2026-02-02", "answer": "line 11: 4 by 2026-02-02"}
        tell(source, server.fetch, left("SH-1", l11="3"), left("SH-2", l11="1"))
        assert account.told["900"]["shipped"].splitlines() == [
            "SH-1 has left on 2026-02-20: line 11: 3",
            "SH-2 has left on 2026-02-20: line 11: 1",
        ]
        tell(source, server.fetch, promised(part("4", WANTED, None, line="11", status="infeasible")))
        assert account.told["900"]["promised_on"] == ""
        wrong = HubSpot(HubSpotConfig.model_validate({"access_token": "pat-1", "answer_property": "colour"}))
        with pytest.raises(FetchError, match="does not exist"):
            tell(wrong, server.fetch, promised())
    with pytest.raises(SourceError, match="set promised_property, answer_property or shipped_property"):
        tell(HubSpot(), server.fetch, promised())


ORG = {"promised_field": "Promised__c", "answer_field": "Answer__c", "shipped_field": "Shipped__c"}


def test_an_order_of_salesforce_s_says_what_is_promised_and_what_has_left() -> None:
    there, name = Org(o1=("Activated", 0, 1)), "801000000000001"
    told = {"url": "https://acme.my.salesforce.com", "client_id": "c", "client_secret": "s"}
    source = Salesforce(SalesforceConfig.model_validate({**told, **ORG}))
    with stand_in(there.answer) as server:
        tell(source, server.fetch, promised(part("4", WANTED, WANTED, line="11"), reference=name))
        tell(source, server.fetch, left("SH-1", reference=name, l11="3"), left("SH-2", reference=name, l11="1"))
        assert there.told[name] == {
            "Promised__c": "2026-02-02",
            "Answer__c": "line 11: 4 by 2026-02-02",
            "Shipped__c": "SH-1 has left on 2026-02-20: line 11: 3\nSH-2 has left on 2026-02-20: line 11: 1",
        }
        tell(source, server.fetch, promised(reference=name))
        assert there.told[name]["Promised__c"] is None
        wrong = Salesforce(SalesforceConfig.model_validate({**told, "answer_field": "Colour__c"}))
        with pytest.raises(FetchError, match="answered 400: it is not understood: are all fields there"):
            tell(wrong, server.fetch, promised(reference=name))
        with pytest.raises(SourceError, match="without the org's own id"):
            tell(source, server.fetch, promised(reference="0001"))
    with pytest.raises(SourceError, match="set promised_field, answer_field or shipped_field"):
        tell(Salesforce(), server.fetch, promised(reference=name))
