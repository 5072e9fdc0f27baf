"""Every route × every role, really asked for: what a route declares that it needs is what decides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import Depends, FastAPI

from agents.api.access import Declared, declarations, install, needs
from agents.api.app import create_app
from agents.service.running import Service
from knowledge.access import PERMISSIONS, Permission, Role
from run_agents import VIEWS
from tests.agents.api.people import People, peopled

ROLES = (*Role, None)
OPEN_TO_ANYBODY = {
    "GET /assets/{digest}/{name}",
    "GET /health/live",
    "GET /health/ready",
    "GET /login",
    "GET /login/oidc",
    "GET /login/oidc/callback",
    "POST /login",
    "POST /logout",
    "POST /api/v1/sources/{name}",  # its signature says who calls
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with peopled(tmp_path_factory.mktemp("every-route"), Path("tests/fixtures/small_plant")) as found:
        yield found


def routes(service: Service) -> list[tuple[str, str, Declared | None]]:
    """Every route with each of its methods."""
    return [
        (method, path, declared)
        for methods, path, declared in declarations(create_app(service, VIEWS))
        for method in methods.split()
        if method != "HEAD"
    ]


def allowed(role: Role | None, declared: Declared) -> bool:
    """What a route's own words mean for a role; None is a person who has none."""
    permissions = PERMISSIONS[role] if role is not None else frozenset[Permission]()
    return all(permissions & needed for needed in declared)


def ask(client: httpx.Client, method: str, path: str, headers: dict[str, str]) -> int:
    """The status of an answer; a stream that does not end is not read."""
    place = re.sub(r"\{[^}]*\}", "none", path)
    with client.stream(method, place, headers=headers, json=None if method == "GET" else {}) as response:
        return response.status_code


def test_every_route_says_what_it_needs_and_only_these_are_for_anybody(people: People) -> None:
    found = routes(people.service)
    assert len(found) > 40
    assert {f"{method} {path}" for method, path, declared in found if declared == ()} == OPEN_TO_ANYBODY
    assert [path for _, path, declared in found if declared is None] == []


def test_every_route_takes_requests_of_the_roles_that_it_names_and_of_no_others(people: People) -> None:
    wrong, asked = [], 0
    for method, path, declared in routes(people.service):
        for role in ROLES:
            name = role.value if role is not None else "nobody"
            status = ask(people.anonymous, method, path, people.by_key(name))
            expected = allowed(role, declared or ())
            asked += 1
            if expected == (status in (401, 403)) or status >= 500:
                wrong.append((method, path, name, status, expected))
    assert wrong == []
    assert asked > 400


def test_no_route_is_for_a_stranger_but_those_for_anybody(people: People) -> None:
    for method, path, declared in routes(people.service):
        status = ask(people.anonymous, method, path, {})
        assert (status == 401) == bool(declared), (method, path, status)
        page = ask(people.anonymous, method, path, {"Accept": "text/html"})
        assert not declared or page == 303, (method, path, page)


def test_every_change_made_with_a_session_needs_the_csrf_token(people: People) -> None:
    with people.browser("manager") as client:
        del client.headers["X-CSRF-Token"]
        for method, path, declared in routes(people.service):
            if method != "GET" and declared:
                assert ask(client, method, path, {}) == 403, (method, path)


def test_an_application_with_a_route_that_says_nothing_does_not_start() -> None:
    app = FastAPI(openapi_url=None)
    app.get("/said", dependencies=[needs(Permission.READ)])(lambda: None)
    install(app)
    app.get("/silent", dependencies=[Depends(lambda: None)])(lambda: None)
    with pytest.raises(LookupError, match="GET /silent"):
        install(app)
