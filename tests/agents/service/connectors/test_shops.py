"""Whole stories of shops and CRMs: from their webhook or list, by the service that asks them, to a promise."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from agents.service.connectors.configured import connectors
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
from tests.agents.sources.stand_in import stand_in
from tests.agents.sources.test_hubspot import Account
from tests.agents.sources.test_hubspot import event as deal_event
from tests.agents.sources.test_salesforce import Org
from tests.agents.sources.test_woocommerce import Shop
from tests.serving import API, served

SECRET = SecretStr("only-a-test")


def lines(client: httpx.Client, order: str) -> list[tuple[str, str]]:
    """Quantity and status of an order's lines; nothing while there is no such order."""
    answer = client.get(f"{API}/orders/{order}")
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


def test_crms_and_shops_are_asked_for_what_counts(tmp_path: Path) -> None:
    deal = ("closedwon", 0, [hubspot_line(hs_sku="STOOL", price="75.00", amount="150.00")])
    account, org = Account(), Org()
    mug = woocommerce_line(sku="STOOL", total="150.00")
    shop = Shop(woocommerce_order(mug, billing={"email": "NEAR"}, number="7"))
    with stand_in(account.answer) as crm, stand_in(org.answer) as force, stand_in(shop.answer) as store:
        told = {
            "crm": {"kind": "hubspot", "access_token": "pat-1", "client_secret": "only-a-test", "url": crm.url},
            "force": {"kind": "salesforce", "url": force.url, "client_id": "c", "client_secret": "s",
                      "webhook_secret": "only-a-test"},
            "store": {"kind": "woocommerce", "url": store.url, "consumer_key": "ck", "consumer_secret": "cs",
                      "every_seconds": 1},
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
            until(client, f"salesforce:{force.url.removeprefix('http://')}/0001", [("2.0", "question")])
            until(client, f"woocommerce:{store.url.removeprefix('http://')}/7", [("2", "promised")])
            assert rows(client, "quarantine") == []


def test_the_settings_that_are_shown_are_sound() -> None:
    text = (Path(__file__).parents[4] / "docs" / "shops-and-crms.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    found = {name: made for block in blocks for name, made in connectors(tomllib.loads(block)["sources"]).items()}
    assert [made.source.kind for made in found.values()] == ["shopify", "woocommerce", "hubspot", "salesforce"]
