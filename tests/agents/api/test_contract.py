"""Whatever is sent, the API answers as its own description says, and never with a 500."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok

from tests.effort import LONG
from tests.serving import API, served


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(tmp_path_factory.mktemp("attacked"), Path("tests/fixtures/small_plant")) as (_, client):
        yield client


def operations(client: httpx.Client) -> Iterator[Any]:
    """Every route but the stream of events, which does not end, and quotes, which take a second each."""
    schema = schemathesis.openapi.from_url(str(client.base_url.join(f"{API}/openapi.json")))
    for found in schema.exclude(path_regex="/events$|/quotes$").get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def test_nothing_that_is_sent_makes_the_service_fail(attacked: httpx.Client) -> None:
    called = 0
    for operation in operations(attacked):

        @settings(
            max_examples=200 if LONG else 12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        @given(operation.as_strategy())
        def never_fails(case: Any) -> None:
            nonlocal called
            called += 1
            response = case.call()
            case.validate_response(response, checks=[not_a_server_error])
            if response.status_code >= 400:
                assert response.headers["content-type"][0] == "application/problem+json", response.text

        never_fails()
    assert called > 200


def test_every_route_is_described_with_a_text_and_its_problems(attacked: httpx.Client) -> None:
    described = attacked.get(f"{API}/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            assert route.get("description") or route.get("summary"), (method, path)
            assert route["responses"], (method, path)
    examples = described["components"]["schemas"]["OrderSummary"]["properties"]["order"]["examples"]
    assert examples == ["manual/1"]
