"""Whatever is sent, by whomever, the service answers as its own description says, and never with a 500."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import schemathesis
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok

from agents.api.app import create_app
from agents.service.running import Service
from run_agents import VIEWS
from tests.agents.api.people import People, peopled
from tests.effort import LONG
from tests.serving import API


@schemathesis.serializer("application/zip")
def zipped(context: Any, value: Any) -> Any:
    """What is made for a zip file goes as it is, or as text."""
    return value if isinstance(value, bytes) else str(value).encode()


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with peopled(tmp_path_factory.mktemp("attacked")) as found:
        yield found


@pytest.fixture
def attacked(people: People) -> httpx.Client:
    return people.anonymous


QUIETLY: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}


def operations(client: httpx.Client) -> Iterator[Any]:
    """Every route but the stream of events, which does not end, and quotes, which take a second each."""
    schema = schemathesis.openapi.from_url(str(client.base_url.join(f"{API}/openapi.json")))
    for found in schema.exclude(path_regex="/events$|/quotes$").get_all_operations():
        assert isinstance(found, Ok)
        yield found.ok()


def test_nothing_that_somebody_sends_makes_the_service_fail(people: People, attacked: httpx.Client) -> None:
    called = 0
    for operation in operations(attacked):

        @settings(max_examples=200 if LONG else 8, **QUIETLY)
        @given(operation.as_strategy())
        def never_fails(case: Any) -> None:
            nonlocal called
            called += 1
            response = case.call(headers=people.by_key("all"), timeout=90)
            case.validate_response(response, checks=[not_a_server_error])
            if response.status_code >= 400:
                assert response.headers["content-type"][0] == "application/problem+json", response.text

        never_fails()
    assert called > 200


def test_nothing_that_a_stranger_sends_gets_anything(attacked: httpx.Client) -> None:
    called = 0
    for operation in operations(attacked):
        if operation.path.startswith("/health/"):
            continue

        @settings(max_examples=50 if LONG else 3, **QUIETLY)
        @given(operation.as_strategy())
        def gets_nothing(case: Any) -> None:
            nonlocal called
            called += 1
            assert 400 <= case.call(timeout=90).status_code < 500

        gets_nothing()
    assert called > 60


STRANGE = ("", "-1", "1e999", "9" * 40, "NaN", "\0", "<b>", "2026-02-30", "%", "\ud7ff\U0010ffff")
ODD = st.one_of(st.text(max_size=40), st.sampled_from(STRANGE))


@dataclass(frozen=True)
class Asked:
    """A route of a page, and the names that it reads."""

    method: str
    path: str
    parameters: list[str]
    fields: list[str]


def pages(service: Service) -> Iterator[Asked]:
    """Every route that the description leaves out, but those that end the session."""
    app = create_app(service, VIEWS)
    described = app.openapi()["paths"]
    for route in iter_route_contexts(app.routes):
        dependant: Dependant | None = getattr(route, "dependant", None)
        if dependant is None or route.path in {*described, "/logout", "/account/sign-out"}:
            continue
        parameters = sorted({"search", "offset", *(field.alias for field in dependant.query_params)})
        fields = sorted({"csrf", *(field.alias for field in dependant.body_params)})
        for method in sorted(set(route.methods or ()) - {"HEAD"}):
            yield Asked(method, route.path or "", parameters, fields)


def attack(client: httpx.Client, asked: Asked) -> None:
    """Odd values in the address, as parameters and in the form."""
    named = st.dictionaries(st.sampled_from(asked.parameters), ODD, max_size=4)
    form = st.dictionaries(st.sampled_from(asked.fields), ODD, max_size=6)

    @settings(max_examples=60 if LONG else 4, **QUIETLY)
    @given(name=ODD, parameters=named, data=form)
    def never_fails(name: str, parameters: dict[str, str], data: dict[str, str]) -> None:
        place = re.sub(r"\{[^}]*\}", lambda _: quote(name, safe="") or "x", asked.path)
        sent = data if asked.method != "GET" else None
        response = client.request(asked.method, place, params=parameters, data=sent)
        assert response.status_code < 500, (asked, response.text)

    never_fails()


def test_nothing_that_is_typed_into_a_page_makes_it_fail(people: People) -> None:
    with people.browser("all") as client:
        found = list(pages(people.service))
        for asked in found:
            attack(client, asked)
    assert len(found) > 8


def test_every_route_is_described_with_a_text_and_its_problems(attacked: httpx.Client) -> None:
    described = attacked.get(f"{API}/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, route in methods.items():
            assert route.get("description") or route.get("summary"), (method, path)
            assert route["responses"], (method, path)
    examples = described["components"]["schemas"]["OrderSummary"]["properties"]["order"]["examples"]
    assert examples == ["manual/1"]
