"""Whole stories of shops and CRMs: from their webhook or list, by the service that asks them, to a promise."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import SecretStr

from agents.service.connectors.configured import connector, connectors
from agents.service.connectors.telling import answers_way
from agents.service.settings import ServiceError
from agents.sources.signing import digest
from tests.agents.service.connectors.test_receiving import eventually, rows
from tests.agents.sources.builders import (
    as_json,
    hubspot_line,
    shopify_line,
    shopify_order,
    woocommerce_line,
    woocommerce_order,
)
from tests.agents.sources.shopify_stand_in import Shop as Mall
from tests.agents.sources.stand_in import stand_in
from tests.agents.sources.test_hubspot import Account
from tests.agents.sources.test_hubspot import event as deal_event
from tests.agents.sources.test_salesforce import Org
from tests.agents.sources.test_woocommerce import Shop
from tests.serving import API, served

SECRET = SecretStr("only-a-test")


def lines(client: httpx.Client, order: str) -> list[tuple[str, str]]:
    """Quantity and status of an order's lines; nothing while there is no such order."""
    answer = client.get(f"{API}/orders/{quote(order)}")
    return [(each["quantity"], each["status"]) for each in answer.json()["lines"]] if answer.is_success else []


def until(client: httpx.Client, order: str, wanted: list[tuple[str, str]]) -> None:
    """Wait for the lines of an order to stand so."""
    assert eventually(lambda: lines(client, order) == wanted), lines(client, order)


def test_a_shop_s_webhooks_order_change_and_cancel(tmp_path: Path) -> None:
    line = shopify_line(sku="STOOL", price="75.00")
    told = {"kind": "shopify", "webhook_secret": SECRET.get_secret_value(), "shop": "mugs.myshopify.com"}

    def call(client: httpx.Client, topic: str, **more: Any) -> int:
        body = as_json(shopify_order(**{"customer": {"email": "NEAR"}, "name": "1001", "line_items": [line], **more}))
        headers = {"x-shopify-hmac-sha256": digest(body, SECRET), "x-shopify-topic": topic}
        return client.post(f"{API}/sources/shop", content=body, headers=headers).status_code

    order = "shopify:mugs.myshopify.com/1001"
    with served(tmp_path, sources={"shop": told}) as (_, client):
        assert call(client, "orders/create") == 202
        until(client, order, [("2", "promised")])
        assert call(client, "orders/updated", line_items=[{**line, "current_quantity": 1}]) == 202
        until(client, order, [("1", "promised")])
        assert call(client, "orders/updated", name="1002", updated_at="2026-01-05T09:00:00Z") == 202  # the first of it
        until(client, "shopify:mugs.myshopify.com/1002", [("2", "promised")])
        assert call(client, "orders/cancelled", cancelled_at="2026-01-06T09:00:00Z") == 202
        until(client, order, [("1", "cancelled")])
        assert rows(client, "quarantine") == []


def test_crms_and_shops_are_asked_for_what_counts_and_told_what_is_promised_and_what_has_left(tmp_path: Path) -> None:
    deal = ("closedwon", 0, [hubspot_line(hs_sku="STOOL", price="75.00", amount="150.00")])
    account, org = Account(), Org()
    org.article["ProductCode"] = "STOOL"
    stool = woocommerce_line(sku="STOOL", total="150.00")
    shop = Shop(woocommerce_order(stool, billing={"email": "NEAR"}, number="7"))
    seat = shopify_line(sku="STOOL", price="75.00")
    mall = Mall(shopify_order(seat, customer={"email": "NEAR"}, updated_at="2026-03-01T09:00:00Z"))
    with (
        stand_in(account.answer) as crm,
        stand_in(org.answer) as force,
        stand_in(shop.answer) as store,
        stand_in(mall.answer) as mugs,
    ):
        told = {
            "crm": {"kind": "hubspot", "access_token": "pat-1", "client_secret": "only-a-test", "url": crm.url,
                    "answers": "system", "promised_property": "promised_on", "shipped_property": "shipped"},
            "force": {"kind": "salesforce", "url": force.url, "client_id": "c", "client_secret": "s",
                      "webhook_secret": "only-a-test", "answers": "system", "promised_field": "Promised__c",
                      "shipped_field": "Shipped__c"},
            "store": {"kind": "woocommerce", "url": store.url, "consumer_key": "ck", "consumer_secret": "cs",
                      "every_seconds": 1, "answers": "system"},
            "mall": {"kind": "shopify", "shop": "a.myshopify.com", "url": mugs.url, "access_token": "shpat_1",
                     "every_seconds": 1, "answers": "system"},
        }  # fmt: skip
        with served(tmp_path, sources=told) as (service, client):
            eventually(lambda: all(each["asked_at"] for each in client.get(f"{API}/sources").json()))
            account.deals["900"] = deal
            org.orders["801000000000001"] = ("Activated", 0, 1)
            body, stamp = as_json([deal_event()]), f"{service.people_clock()}000"
            signed = f"POST{client.base_url}{API}/sources/crm".replace("//api", "/api").encode() + body + stamp.encode()
            headers = {"x-hubspot-signature-v3": digest(signed, SECRET), "x-hubspot-request-timestamp": stamp}
            assert client.post(f"{API}/sources/crm", content=body, headers=headers).status_code == 202
            body, headers = as_json({"id": "801000000000001"}), {"x-webhook-secret": "only-a-test"}
            assert client.post(f"{API}/sources/force", content=body, headers=headers).status_code == 202
            until(client, "hubspot/900", [("2", "promised")])
            until(client, f"salesforce:{force.url.removeprefix('http://')}/0001", [("2", "promised")])
            until(client, f"woocommerce:{store.url.removeprefix('http://')}/7", [("2", "promised")])
            until(client, "shopify:a.myshopify.com/#1001", [("2", "promised")])
            eventually(lambda: account.told and org.told and shop.notes and mall.metafields)
            for shipment in rows(client, "shipments"):
                report = {"type": "shipment_report", "shipping_order": shipment["shipping_order"]}
                client.post(f"{API}/shipment-reports", json=report, params={"wait": 10}).raise_for_status()
            eventually(lambda: "shipped" in account.told["900"] and "Shipped__c" in org.told["801000000000001"])
            eventually(lambda: shop.orders[0]["status"] == "completed" and mall.fulfilments)
            assert account.told["900"]["promised_on"] == org.told["801000000000001"]["Promised__c"] == "2026-03-02"
            assert [each["lines"] for each in mall.fulfilments] == [{11: 2}]
            assert rows(client, "quarantine") == []


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"kind": "ubl", "folder": "."}, "ubl has no system that takes answers: name a folder"),
        ({"kind": "shopify", "webhook_secret": "s"}, "the system cannot be reached: give what it is asked with"),
    ],
)
def test_answers_go_into_no_system_that_is_not_there(table: dict[str, Any], problem: str) -> None:
    made = connector("shop", {**table, "answers": "system"})
    with pytest.raises(ServiceError, match=problem):
        answers_way(made)


def test_a_shop_without_a_token_is_not_asked() -> None:
    assert connector("shop", {"kind": "shopify", "webhook_secret": "s"}).way == "is called"
    asked = {"kind": "shopify", "shop": "a.myshopify.com", "access_token": "t", "every_seconds": 30}
    assert connector("shop", asked).way == "is called, is asked every 30 s"


def test_the_settings_that_are_shown_are_sound() -> None:
    text = (Path(__file__).parents[4] / "docs" / "shops-and-crms.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    found = {name: made for block in blocks for name, made in connectors(tomllib.loads(block)["sources"]).items()}
    assert [made.source.kind for made in found.values()] == ["shopify", "woocommerce", "hubspot", "salesforce"]
