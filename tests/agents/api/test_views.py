"""What the API shows: orders and their reasons, the plan, and the society itself."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from agents.service.running import Service
from tests.agents.api.test_documents import post
from tests.serving import API, eventually, order


@pytest.fixture(scope="module", autouse=True)
def orders(running: tuple[Service, httpx.Client]) -> None:
    _, client = running
    post(client, order("view a/b", item="TABLE", quantity="3"))
    post(client, order("question", item="NO-SUCH-ITEM"))
    post(client, order("gone"))
    post(client, {"source": "t", "number": "gone"}, path="order-cancels")


def rows(client: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    response = client.get(f"{API}/{path}", params=params)
    assert response.status_code == 200, response.text
    found: list[dict[str, Any]] = response.json()["rows"]
    return found


def test_orders_are_searched_filtered_and_paged(client: httpx.Client) -> None:
    assert [row["order"] for row in rows(client, "orders", search="VIEW a")] == ["t/view a/b"]
    assert {row["number"] for row in rows(client, "orders", status="cancelled")} == {"gone"}
    assert "question" in {row["number"] for row in rows(client, "orders", line_status="question", limit=500)}
    everything = rows(client, "orders", limit=500)
    assert rows(client, "orders", limit=2, offset=1) == everything[1:3]
    assert rows(client, "orders", search="%") == []
    assert rows(client, "orders", search="'; DROP TABLE customer_order; --") == []


def test_an_order_whose_number_holds_a_slash_is_shown_with_all_about_it(client: httpx.Client) -> None:
    found = client.get(f"{API}/orders/t/view a/b").json()
    assert found["document"]["lines"][0]["item"] == "TABLE"
    assert [part["status"] for part in found["lines"]] == ["promised"]
    assert [release["quantity"] for release in found["releases"]] == ["3"]
    encoded = client.get(f"{API}/orders/t/view%20a%2Fb").json()
    assert encoded == found
    why = client.get(f"{API}/orders/t/view a/b/why").json()
    assert why["lines"][0]["parts"][0]["waits_for"]
    said = client.get(f"{API}/orders/t/view a/b/conversation").json()["rows"]
    assert [message["kind"] for message in said[:2]] == ["ClassifyOrder", "Classified"]
    assert said[0]["content"]["order"]["number"] == "view a/b"


def test_the_history_tells_of_documents_and_plans_in_order(client: httpx.Client) -> None:
    events = [entry["event"] for entry in client.get(f"{API}/orders/t/gone/history").json()]
    assert events[:2] == ["customer_order", "planned"]
    assert "order_cancel" in events


@pytest.mark.parametrize("path", ["orders/t/none", "orders/none", "items/NONE/availability", "why/WO-999999"])
def test_what_is_not_there_is_a_problem_404(client: httpx.Client, path: str) -> None:
    response = client.get(f"{API}/{path}")
    assert response.status_code == 404
    assert response.json()["status"] == 404


def test_the_plan_is_shown_in_the_items_units_and_the_plants_zone(client: httpx.Client) -> None:
    work = rows(client, "work-orders", item="TABLE")
    assert work and {row["quantity"] for row in work} >= {"3"}
    operations = rows(client, "schedule", work_order=work[0]["work_order"])
    assert operations
    at = operations[0]["start"]
    assert operations[0] in rows(client, "schedule", work_centre=operations[0]["work_centre"], start=at)
    assert rows(client, "schedule", end="2020-01-01T00:00:00Z") == []
    assert all(row["supplier"] == "TIMBER" for row in rows(client, "purchase-orders", supplier="TIMBER"))
    assert any(row["order"] == "t/view a/b" for row in rows(client, "shipments", search="view", limit=500))
    supply = client.get(f"{API}/why/{work[0]['work_order']}").json()
    assert supply["supplies"][0]["is_for"]
    assert client.get(f"{API}/action-messages").status_code == 200


def test_a_quote_tells_the_promise_and_keeps_nothing(client: httpx.Client) -> None:
    before = client.get(f"{API}/orders").json()["total"]
    response = client.post(f"{API}/quotes", content=json.dumps(order("quoted", quantity="4")))
    assert response.status_code == 200, response.text
    (line,) = response.json()["promises"]
    assert (line["line"], line["effect"]) == ("t/quoted/1", "new")
    assert client.get(f"{API}/orders").json()["total"] == before
    really = post(client, order("quoted", quantity="4")).json()["documents"][0]["lines"]
    assert [part["promised"] for part in really] == [part["promised"] for part in line["after"]]


def test_a_quote_of_one_order_offers_other_answers_where_they_are_asked_for(client: httpx.Client) -> None:
    dear = order("dear", quantity="40", requested="2026-03-04")
    found = client.post(f"{API}/quotes", params={"alternatives": True}, json=dear).json()
    planned, *others = found["alternatives"]
    assert planned["labels"][0] == "as planned"
    assert {"cheapest"} <= {label for each in (planned, *others) for label in each["labels"]}
    assert all(each["delivery"] and each["purchases"] for each in others)
    assert client.post(f"{API}/quotes", json=dear).json() == {**found, "alternatives": []}
    for params, body in (({}, [dear, order("second")]), ({"everything": True}, dear)):
        refused = client.post(f"{API}/quotes", params={"alternatives": True, **params}, json=body)
        assert (refused.status_code, "one new order at a time" in refused.text) == (422, True)


def test_health_agents_and_metrics(client: httpx.Client) -> None:
    assert client.get("/health/live").json()["status"] == "live"
    assert client.get("/health/ready").json()["status"] == "ready"
    agents = {agent["agent"] for agent in client.get(f"{API}/agents").json()}
    assert agents >= {"intake", "planner", "supplier:TIMBER", "writer"}
    text = client.get("/metrics").text
    for name in (
        "documents_total",
        "promise_seconds_count",
        "commit_seconds_count",
        "inbox_depth",
        "approvals_waiting",
    ):
        assert f"society_{name}" in text
    assert client.get(f"{API}/dead-letters").json() == {"rows": [], "total": 0}


def test_changes_are_told_as_they_happen_and_a_stream_goes_on_where_it_was_cut(client: httpx.Client) -> None:
    with client.stream("GET", f"{API}/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": on"
        post(client, order("told"))
        told = next(line for line in lines if line.startswith("data: ") and "t/told" in line)
        body = json.loads(told.removeprefix("data: "))
        assert (body["line"], body["status"]) == ("1", "promised")
    post(client, order("told later"))
    service_epoch = None
    with client.stream("GET", f"{API}/events", headers={"Last-Event-ID": "no-such"}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "event: reset"
        service_epoch, _, number = next(lines).removeprefix("id: ").partition("-")
    last = f"{service_epoch}-{int(number) - 1}"
    with client.stream("GET", f"{API}/events", headers={"Last-Event-ID": last}) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": on again"
        assert next(line for line in lines if line.startswith("id: ")) == f"id: {service_epoch}-{number}"


def test_a_request_keeps_its_id_and_strange_ones_get_another(client: httpx.Client) -> None:
    assert client.get("/health/live", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    assert client.get("/health/live", headers={"X-Request-ID": "a b\tc"}).headers["X-Request-ID"] != "a b\tc"


def test_a_browser_cannot_be_led_to_the_service_by_another_site(client: httpx.Client) -> None:
    count = {"item": "LEG", "quantity": 1}
    assert client.get("/health/live", headers={"Host": "evil.example"}).status_code == 421
    evil = client.post(f"{API}/stock-counts", json=count, headers={"Origin": "https://evil.example"})
    assert evil.status_code == 403
    assert evil.headers["content-type"] == "application/problem+json"


def test_a_service_that_is_closing_takes_nothing_but_still_answers(client: httpx.Client, service: Service) -> None:
    assert eventually(lambda: service.desk.under_way == 0)
    assert service.desk.open
