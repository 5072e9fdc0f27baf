"""Documents over HTTP: every one has an outcome, and bad ones a reason."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from tests.serving import API, order, served

DEMO = Path(__file__).parents[3] / "simulations" / "plants" / "demo" / "orders"


def post(client: httpx.Client, body: object, wait: int = 30, path: str = "documents") -> httpx.Response:
    content = body if isinstance(body, (bytes, str)) else json.dumps(body)
    return client.post(f"{API}/{path}?wait={wait}", content=content, headers={"Content-Type": "application/json"})


def test_an_order_is_promised_and_found_again(client: httpx.Client) -> None:
    response = post(client, order("promised"))
    assert response.status_code == 200
    (told,) = response.json()["documents"]
    assert (told["outcome"], told["order"]) == ("accepted", "t/promised")
    assert [(line["status"], line["quantity"]) for line in told["lines"]] == [("promised", "2")]
    assert client.get(told["status_url"]).json() == told
    assert client.get(told["order_url"]).json()["lines"] == told["lines"]


def test_without_waiting_the_answer_says_at_least_what_intake_says(client: httpx.Client) -> None:
    response = post(client, order("quick"), wait=0)
    assert response.status_code in (200, 202)
    assert response.json()["documents"][0]["outcome"] == "accepted"


def test_the_same_document_again_is_a_duplicate(client: httpx.Client) -> None:
    body = order("twice", received="2026-03-02T08:00:00Z")
    assert post(client, body).json()["documents"][0]["outcome"] == "accepted"
    again = post(client, body)
    assert again.status_code == 200
    assert again.json()["documents"][0]["outcome"] == "duplicate"


def test_one_bad_document_of_several_is_quarantined_and_stops_no_other(client: httpx.Client) -> None:
    body = "\n".join([json.dumps(order("good")), '{"type": "customer_order"}', json.dumps(order("better"))])
    documents = post(client, body).json()["documents"]
    assert [each["outcome"] for each in documents] == ["accepted", "quarantined", "accepted"]
    assert "source: is missing" in documents[1]["reason"]
    kept = client.get(f"{API}/quarantine", params={"search": documents[1]["document"]}).json()
    assert [row["reason"] for row in kept["rows"]] == [documents[1]["reason"]]


@pytest.mark.parametrize("file", ["06-0815-x12-4471209.edi", "07-0830-ubl-VS-26-0114.xml", "02-0738-shopify-5041.json"])
def test_foreign_formats_are_read(client: httpx.Client, file: str) -> None:
    response = client.post(f"{API}/documents", content=(DEMO / file).read_bytes(), params={"wait": 30, "file": file})
    assert response.status_code == 200
    assert all(each["outcome"] == "accepted" for each in response.json()["documents"])
    assert file in response.json()["documents"][0]["document"]


@pytest.mark.parametrize("body", [b"hello", b"{", b"\xff\xfe\x00", b"[[[[", b'{"a":1e999}', b"\x00\x01", b"<x/>"])
def test_what_cannot_be_read_is_quarantined_with_a_reason(client: httpx.Client, body: bytes) -> None:
    response = client.post(f"{API}/documents?wait=10", content=body)
    assert response.status_code == 200
    (told,) = response.json()["documents"]
    assert told["outcome"] == "quarantined"
    assert told["reason"]


def test_a_report_that_is_refused_after_intake_took_it_says_so(client: httpx.Client) -> None:
    response = post(client, {"purchase_order": "PO-999999", "quantity": 5}, path="receipts")
    (told,) = response.json()["documents"]
    assert told["outcome"] == "quarantined"
    assert "PO-999999" in told["reason"]
    assert client.get(told["status_url"]).json()["outcome"] == "quarantined"


def test_a_count_comes_onto_the_shelf(client: httpx.Client) -> None:
    assert post(client, {"item": "LACQUER", "quantity": "41.5"}, path="stock-counts").status_code == 200
    assert client.get(f"{API}/items/LACQUER/availability").json()["on_hand"] == "41.5"


def test_a_typed_route_names_every_mistake_in_a_problem(client: httpx.Client) -> None:
    response = post(client, {"purchase_order": "", "quantity": -1, "more": 1}, path="receipts")
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert {fault["place"] for fault in response.json()["errors"]} == {
        "body.purchase_order",
        "body.quantity",
        "body.more",
    }


def test_an_empty_body_and_one_too_large_are_refused(client: httpx.Client, tmp_path: Path) -> None:
    assert post(client, "  ").status_code == 400
    with served(tmp_path, body_limit=2000) as (_, small):
        assert post(small, " " * 2001).status_code == 413
        chunks = small.post(f"{API}/documents", content=(b" " * 500 for _ in range(9)))
        assert chunks.status_code == 413


def test_beyond_the_limit_comes_429_and_a_client_that_waits_loses_nothing(tmp_path: Path) -> None:
    with served(tmp_path, intake_limit=3) as (_, client):
        bodies = ["\n".join(json.dumps(order(f"{n}-{m}")) for m in range(2)) for n in range(6)]
        refused = 0
        waiting = list(bodies)
        while waiting:
            response = post(client, waiting[0], wait=0)
            if response.status_code == 429:
                refused += 1
                assert int(response.headers["Retry-After"]) >= 1
            else:
                waiting.pop(0)
        assert post(client, "\n".join(json.dumps(order(f"x{n}")) for n in range(4))).status_code == 413
        assert client.get(f"{API}/orders", params={"search": "t"}).json()["total"] == 12
        assert f"society_documents_refused_total {2.0 * refused}" in client.get("/metrics").text
