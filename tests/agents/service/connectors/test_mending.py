"""What was quarantined is mended and sent again by its own connector; what is no news is in no quarantine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from agents.sources.signing import digest
from tests.agents.service.connectors.test_receiving import eventually, rows
from tests.agents.service.connectors.test_shops import until
from tests.agents.sources.builders import as_json, shopify_line, shopify_order, x12_order
from tests.serving import API, served

SHOP = {"kind": "shopify", "webhook_secret": "only-a-test", "shop": "mugs.myshopify.com"}
TABLE = {
    "kind": "table",
    "partner": "WEEK",
    "columns": {"number": "Nr.", "item": "Artikel", "quantity": "Menge", "unit_price": "Preis"},
    "constants": {"customer": "NEAR", "currency": "EUR"},
    "decimal": ",",
    "thousands": ".",
}
LINE = shopify_line(sku="STOOL", price="75.00")


def call(client: httpx.Client, topic: str, **more: Any) -> None:
    body = as_json(shopify_order(**{"customer": {"email": "NEAR"}, "name": "1001", "line_items": [LINE], **more}))
    headers = {"x-shopify-hmac-sha256": digest(body, SecretStr("only-a-test")), "x-shopify-topic": topic}
    assert client.post(f"{API}/sources/shop", content=body, headers=headers).status_code == 202


def mend(client: httpx.Client, begin: str, old: str, new: str) -> dict[str, Any]:
    """Send what a connector brought again, mended; how it was taken."""
    [row] = eventually(lambda: [row for row in rows(client, "quarantine") if begin in row["document"]])
    assert old in row["text"]
    mended = {"text": row["text"].replace(old, new)}
    answer = client.post(f"{API}/quarantine/{row['sequence']}/resend", json=mended)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_what_is_mended_goes_through_its_own_connector_again(tmp_path: Path) -> None:
    edi, tables = tmp_path / "edi", tmp_path / "tables"
    edi.mkdir()
    tables.mkdir()
    sources = {
        "shop": SHOP,
        "edi": {"kind": "x12", "folder": str(edi), "partner": "MAIN", "own_id": "MAKER", "every_seconds": 1},
        "week": {**TABLE, "folder": str(tables), "every_seconds": 1},
    }
    with served(tmp_path, sources=sources) as (_, client):
        wrong = x12_order(lines=("PO1*1*many*EA*75.00**VP*STOOL",), summary=("CTT*1",))
        (edi / "order.x12").write_bytes(wrong.replace(b"NORTHBUY", b"NEAR    "))
        (tables / "week.csv").write_text("Nr.;Artikel;Menge;Preis\n77;STOOL;viele;1.149,50\n")
        call(client, "orders/create", updated_at="2026-01-05T09:00:00Z")
        shopped = "shopify:mugs.myshopify.com/1001"
        until(client, shopped, [("2", "promised")])
        changed = {**LINE, "quantity": "four", "current_quantity": "four"}
        call(client, "orders/updated", updated_at="2026-01-06T09:00:00Z", line_items=[changed])
        mend(client, "shop/", '"four"', "4")
        until(client, shopped, [("4", "promised")])  # a change, as its webhook said, and no second order
        mend(client, "edi/", "many", "3")
        until(client, "x12:MAIN/45001", [("3", "promised")])
        mend(client, "week/", "viele", "5")
        until(client, "table:WEEK/77", [("5", "promised")])
        [line] = client.get(f"{API}/orders/table:WEEK/77").json()["document"]["lines"]
        assert line["unit_price"] == "1149.50"
        assert rows(client, "quarantine") == []


def test_what_is_mended_wrongly_stays_with_its_source_s_reason(tmp_path: Path) -> None:
    with served(tmp_path, sources={"shop": SHOP}) as (_, client):
        call(client, "orders/create", line_items=[{**LINE, "quantity": "two"}])
        [row] = eventually(lambda: rows(client, "quarantine"))
        answer = client.post(f"{API}/quarantine/{row['sequence']}/resend", json={"text": '{"id": 5, "line_items": []}'})
        assert (answer.status_code, "line_items is empty" in answer.text) == (422, True)
        assert len(rows(client, "quarantine")) == 1


def test_news_of_what_is_no_order_is_counted_and_kept_and_in_no_quarantine(tmp_path: Path) -> None:
    with served(tmp_path, sources={"shop": SHOP}) as (_, client):
        call(client, "carts/update")
        call(client, "orders/updated", fulfillment_status="fulfilled")
        eventually(lambda: client.get(f"{API}/sources").json()[0]["ignored"] == 2)
        shipped, cart = client.get(f"{API}/sources/shop/ignored").json()
        assert cart["reason"] == (
            "webhooks of 'carts/update' are not read: orders/create, orders/updated, orders/cancelled are"
        )
        assert "neither an order that counts" in shipped["reason"]
        assert '"fulfillment_status": "fulfilled"' in shipped["text"]
        assert rows(client, "quarantine") == rows(client, "orders") == []
        assert client.get(f"{API}/sources/shop/ignored", params={"limit": 1}).json() == [shipped]
        assert client.get(f"{API}/sources/nobody/ignored").status_code == 404
        assert '<td data-label="Nothing to do">2</td>' in client.get("/society").text
