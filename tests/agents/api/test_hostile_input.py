"""What is typed in to do harm: SQL in search fields, paths in names, HTML and formulas in descriptions."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import func, select

from agents.service.running import Service
from knowledge.store.copying import contents
from knowledge.store.export import export, write_tables
from tests.agents.api.test_documents import post
from tests.serving import API, order, served

SQL = (
    "' OR '1'='1",
    "'; DROP TABLE account; --",
    '" OR ""="',
    "%",
    "_",
    "\\",
    "a' UNION SELECT name, password FROM account --",
    "x'); DELETE FROM audit_record; --",
)
PATHS = ("../../etc/passwd", "..\\..\\x", "/etc/passwd", "%2e%2e%2f", "a/../../b", "con", "~root", "a\u2044b")


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, httpx.Client]]:
    with served(tmp_path_factory.mktemp("hostile")) as (service, client):
        post(client, order("sound"))
        yield service, client


@pytest.fixture
def client(attacked: tuple[Service, httpx.Client]) -> httpx.Client:
    return attacked[1]


@pytest.fixture
def service(attacked: tuple[Service, httpx.Client]) -> Service:
    return attacked[0]


def rows_of(service: Service) -> dict[str, int]:
    """How many rows each table has, but those that asking itself may add to."""
    with service.access.reading() as connection:
        return {t.name: connection.execute(select(func.count()).select_from(t)).scalar_one() for t in contents()}


def text_parameters(client: httpx.Client) -> list[tuple[str, str]]:
    """Every query parameter of a reading route that takes a text, with its path, from the API's own description."""
    found = []
    for path, methods in client.get(f"{API}/openapi.json").json()["paths"].items():
        for parameter in methods.get("get", {}).get("parameters", ()):
            kinds = [parameter["schema"], *parameter["schema"].get("anyOf", ())]
            if parameter["in"] == "query" and "{" not in path and any(kind.get("type") == "string" for kind in kinds):
                found.append((path, parameter["name"]))
    return found


def test_sql_in_any_search_field_finds_nothing_and_changes_nothing(client: httpx.Client, service: Service) -> None:
    fields = [field for field in text_parameters(client) if not field[0].endswith("/events")]
    assert len(fields) > 15
    before = rows_of(service)
    for path, name in fields:
        for text in SQL:
            response = client.get(path, params={name: text})
            assert response.status_code in (200, 422), (path, name, text, response.text)
            if response.status_code == 200 and isinstance(response.json(), dict):
                assert response.json().get("rows", []) == [], (path, name, text)
    assert rows_of(service) == before


@pytest.mark.parametrize("text", [*SQL, *PATHS])
def test_sql_and_paths_in_an_address_are_names_that_nobody_has(client: httpx.Client, text: str) -> None:
    for place in ("orders/t", "items", "why", "approvals", "submissions", "dead-letters"):
        end = "/availability" if place == "items" else ""
        response = client.get(f"{API}/{place}/{quote(text, safe='')}{end}")
        assert response.status_code in (404, 405, 422), (place, text, response.text)
        assert "root:" not in response.text
    assert client.get(f"/assets/{quote(text, safe='')}/{quote(text, safe='')}").status_code == 404


def test_names_that_look_like_paths_or_sql_are_names(client: httpx.Client, service: Service, tmp_path: Path) -> None:
    here = sorted(path.name for path in Path(service.settings.db.removeprefix("sqlite:///")).parent.iterdir())
    for number in (*PATHS, *SQL):
        told = post(client, order(number)).json()["documents"][0]
        assert told["outcome"] == "accepted", told
        found = client.get(told["order_url"]).json()
        assert found["number"] == number
    named = client.post(f"{API}/documents?wait=10", params={"file": "../../x.json"}, content=b"{")
    assert named.json()["documents"][0]["document"].endswith("/../../x.json")
    assert sorted(path.name for path in Path(service.settings.db.removeprefix("sqlite:///")).parent.iterdir()) == here


HARM = "<img src=x onerror=alert(1)>"
FORMULAS = ("=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1")


def test_html_is_answered_as_data_and_never_as_a_page(client: httpx.Client) -> None:
    post(client, order("html", item=HARM))
    for path in ("orders/t/html", "orders", "quarantine", f"orders/none/{quote(HARM)}"):
        response = client.get(f"{API}/{path}", headers={"Accept": "application/json"})
        assert "json" in response.headers["content-type"]
        assert response.headers["x-content-type-options"] == "nosniff"
        page = client.get(f"{API}/{path}", headers={"Accept": "text/html"})
        assert "json" in page.headers["content-type"] or HARM not in page.text


def test_tables_are_for_programs_and_hold_every_value_as_it_is(
    client: httpx.Client, service: Service, tmp_path: Path
) -> None:
    for number, formula in enumerate(FORMULAS):
        post(client, order(f"formula {number}", item=formula))
    with service.snapshot() as (snapshot, plant):
        write_tables(export(snapshot, plant, service.now), tmp_path)
    with (tmp_path / "promises.csv").open(encoding="utf-8", newline="") as file:
        items = {row["order"]: row["item"] for row in csv.DictReader(file)}
    said = [value for order_name, value in sorted(items.items()) if "formula" in order_name]
    assert said == list(FORMULAS)


DEEP: tuple[Any, ...] = (b"[" * 100_000, b'{"a":' * 50_000, b"9" * 50_000, b'"' + b"\\ud800" * 10 + b'"')


@pytest.mark.parametrize("body", DEEP, ids=["brackets", "braces", "digits", "surrogates"])
def test_a_body_that_is_deep_or_strange_is_no_fault_of_the_service(client: httpx.Client, body: bytes) -> None:
    for path in ("documents", "orders", "stock-counts", "quotes"):
        response = client.post(f"{API}/{path}", content=body, headers={"Content-Type": "application/json"})
        assert response.status_code < 500, (path, response.text)
