"""Signing in by an OpenID provider: what it signed is believed, and nothing else."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey

from agents.service.oidc import PATIENCE, mapped
from agents.service.settings import OpenIdProvider, ServiceError, settings
from tests.agents.api.people import People, sign_in
from tests.openid_provider import CLIENT, SECRET, Provider, confused, providing
from tests.serving import API, eventually, served

ROLES = {"planners": ["manager", "sales"], "board": ["director"], "shop": ["floor"]}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with providing() as found:
        yield found


@pytest.fixture(scope="module")
def people(provider: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    oidc = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "roles": ROLES}
    folder = tmp_path_factory.mktemp("oidc")
    with served(folder, oidc=oidc, allowed_hosts=("plant.example",)) as (service, client):
        yield People(service, client, {})


@pytest.fixture(autouse=True)
def honest(provider: Provider, request: pytest.FixtureRequest) -> Iterator[None]:
    """Each test has somebody of its own, and the provider says the truth again afterwards."""
    name = f"p{zlib.crc32(request.node.name.encode())}"
    provider.person = {"sub": name, "preferred_username": name, "groups": ["planners"]}
    yield
    provider.claims, provider.metadata, provider.refuses = {}, {}, False
    provider.signs_with = None


def go(client: httpx.Client, place: str = "/login/oidc") -> httpx.Response:
    """As far as a browser goes by itself: to the provider and back."""
    response = client.get(place)
    while response.status_code in (302, 303):
        response = client.get(response.headers["location"])
    return response


def test_somebody_whom_the_provider_signs_in_has_the_roles_that_the_claims_give(
    people: People, provider: Provider
) -> None:
    provider.person |= {"preferred_username": "Mira.Weber", "groups": ["planners", "board", "unknown"]}
    with people.client() as client:
        response = go(client, "/login/oidc?next=/account")
        assert (response.status_code, 'content="0; url=/account"' in response.text) == (200, True)
        cookie = next(c for c in response.headers.get_list("set-cookie") if c.startswith("society_session"))
        assert "HttpOnly" in cookie and "SameSite=strict" in cookie
        me = client.get(f"{API}/me").json()
        assert (me["name"], me["roles"], me["titles"]) == ("mira.weber", ["manager", "sales"], ["director"])


def test_roles_follow_the_claims_at_the_next_sign_in(people: People, provider: Provider) -> None:
    with people.client() as client:
        go(client)
        assert client.get(f"{API}/me").json()["roles"] == ["manager", "sales"]
        provider.person["groups"] = ["shop"]
        go(client)
        assert client.get(f"{API}/me").json()["roles"] == ["floor"]


def test_without_any_account_a_service_with_a_provider_is_not_open(people: People) -> None:
    assert people.anonymous.get(f"{API}/me").status_code == 401
    page = people.anonymous.get("/login?next=/orders").text
    assert 'href="/login/oidc?next=/orders"' in page
    with people.client() as client:
        assert sign_in(client, "local", "x" * 12).status_code == 401


def refused(people: People, reason: str) -> None:
    with people.client() as client:
        response = go(client)
        assert (response.status_code, reason in response.text) == (401, True), response.text
        assert not any("society_session" in c for c in response.headers.get_list("set-cookie"))
        assert client.get(f"{API}/me").status_code == 401


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "forged"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another client"},
    "no audience": {"aud": None},
    "another audience as well, for which it is": {"aud": [CLIENT, "other"], "azp": "other"},
    "several audiences and nobody named": {"aud": [CLIENT, "other"]},
    "another issuer": {"iss": "https://evil.example"},
    "expired": {"exp": int(time.time()) - 120},
    "without an end": {"exp": None},
    "not yet": {"nbf": int(time.time()) + 3600},
    "from the future": {"iat": int(time.time()) + 3600},
    "of nobody": {"sub": None},
    "of no text": {"sub": 7},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_whose_claims_are_wrong_lets_nobody_in(people: People, provider: Provider, lie: str) -> None:
    provider.claims = LIES[lie]
    refused(people, "cannot be believed")


def test_a_token_signed_by_somebody_else_lets_nobody_in(people: People, provider: Provider) -> None:
    provider.signs_with = RSAKey.generate_key(2048, {"kid": str(provider.key.kid)})
    refused(people, "cannot be believed")


def test_a_token_signed_with_the_public_key_as_a_secret_lets_nobody_in(
    people: People, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "sign", partial(confused, provider))
    refused(people, "cannot be believed")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiI3NyJ9.", "{}"])
def test_what_is_no_signed_token_lets_nobody_in(
    people: People, provider: Provider, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "sign", lambda claims: token)
    refused(people, "cannot be believed")


def test_a_provider_that_turns_its_key_is_asked_for_the_new_one(
    people: People, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with people.client() as client:
        go(client)
        provider.turn_key()
        later = people.service.people_clock() + 120
        monkeypatch.setattr(people.service, "people_clock", lambda: later)
        asked = provider.keys_asked
        go(client)
        assert client.get(f"{API}/me").status_code == 200
        assert provider.keys_asked == asked + 1


def begun(client: httpx.Client) -> httpx.URL:
    """Where the provider would send the browser back to."""
    return httpx.URL(client.get(client.get("/login/oidc").headers["location"]).headers["location"])


def test_a_state_is_good_in_the_browser_that_began_it_once_and_for_a_while(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(client: httpx.Client, place: httpx.URL) -> int:
        return client.get(str(place)).status_code

    with people.client() as client, people.client() as other:
        place = begun(client)
        assert tried(other, place) == 401, "a link that somebody else sent"
        assert tried(client, place.copy_set_param("state", "forged")) == 401
        place = begun(client)
        assert tried(client, place) == 200
        assert tried(client, place) == 401, "once more"
        place = begun(client)
        later = people.service.people_clock() + PATIENCE + 1
        monkeypatch.setattr(people.service, "people_clock", lambda: later)
        assert tried(client, place) == 401, "too late"
        assert tried(client, httpx.URL("/login/oidc/callback")) == 401


def test_a_code_that_was_used_or_made_up_is_refused_by_the_provider(people: People) -> None:
    with people.client() as client:
        place = begun(client)
        response = client.get(str(place.copy_set_param("code", "made-up")))
        assert (response.status_code, "gives no token" in response.text) == (503, True)


def test_a_provider_that_refuses_leads_back_to_the_login_with_its_reason(people: People, provider: Provider) -> None:
    provider.refuses = True
    with people.client() as client:
        response = go(client, "/login/oidc?next=/orders")
        assert (response.status_code, "access_denied" in response.text) == (401, True)
        assert 'value="/orders"' in response.text


def test_who_has_no_role_here_or_another_ones_name_is_not_let_in(people: People, provider: Provider) -> None:
    provider.person["groups"] = ["unknown"]
    refused(people, "none of the roles")
    provider.person |= {"groups": ["shop"], "preferred_username": "taken"}
    with people.client() as client:
        go(client)
    provider.person["sub"] = "somebody else"
    refused(people, "another account taken")
    provider.person |= {"sub": "third", "preferred_username": "local"}
    refused(people, "take another")


def test_a_disabled_account_stays_out(people: People, provider: Provider) -> None:
    from dataclasses import replace

    accounts = people.service.gate.accounts
    with people.client() as client:
        go(client)
        account = accounts.find(provider.person["preferred_username"])
        assert account is not None
        accounts.change(replace(account, disabled=True), None, sign_out=True)
        refused(people, "disabled")
        assert eventually(lambda: client.get(f"{API}/me").status_code == 401)


@pytest.mark.parametrize("place", ["https://evil.example", "//evil.example", "javascript:alert(1)"])
def test_the_way_back_never_leads_to_another_site(people: People, place: str) -> None:
    with people.client() as client:
        assert 'content="0; url=/"' in go(client, str(httpx.URL("/login/oidc", params={"next": place}))).text


@pytest.mark.parametrize("lie", [{"issuer": "https://evil.example"}, {"token_endpoint": None}])
def test_a_provider_that_says_something_else_of_itself_is_not_used(
    provider: Provider, tmp_path: Any, lie: dict[str, Any]
) -> None:
    provider.metadata = lie if "issuer" in lie else {"token_endpoint": "http://127.0.0.1:1/none"}
    oidc = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, "roles": ROLES}
    with served(tmp_path, oidc=oidc) as (_, client):
        response = go(client)
        assert (response.status_code, "provider" in response.text) == (503, True)


def test_a_provider_that_is_away_is_told_and_the_password_still_works(tmp_path: Any) -> None:
    from tests.agents.api.people import add_people

    oidc = {"issuer": "http://127.0.0.1:1", "client_id": CLIENT, "roles": ROLES}
    add_people(f"sqlite:///{tmp_path}/plant.db")
    with served(tmp_path, oidc=oidc) as (_, client):
        assert go(client).status_code == 503
        assert sign_in(client, "viewer").status_code == 303


def test_without_a_provider_there_is_no_such_page(client: httpx.Client) -> None:
    assert client.get("/login/oidc").status_code == 404
    assert client.get("/login/oidc/callback").status_code == 404


def test_roles_are_found_by_a_path_and_strange_claims_give_none() -> None:
    provider = OpenIdProvider(
        issuer="https://id.example", client_id="x", roles_claim="realm_access.roles", roles={"a": ("buyer", "boss")}
    )
    roles, titles = mapped({"realm_access": {"roles": ["a", "b"]}}, provider)
    assert (sorted(roles), sorted(titles)) == (["buyer"], ["boss"])
    for claims in (
        {},
        {"realm_access": 7},
        {"realm_access": {"roles": {"a": 1}}},
        {"realm_access": {"roles": [["a"]]}},
    ):
        assert mapped(claims, provider) == (frozenset(), frozenset())
    assert mapped({"realm_access": {"roles": "a"}}, provider)[0] == roles


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ({"issuer": "http://id.example"}, "https"),
        ({"scope": "profile"}, "openid"),
        ({"roles": {}}, "roles"),
        ({"roles": {"a": ["two words"]}}, "roles"),
        ({"client": "x"}, "client"),
    ],
)
def test_a_provider_is_described_soundly(said: dict[str, Any], reason: str) -> None:
    oidc = {"issuer": "https://id.example", "client_id": "x", "roles": ROLES, **said}
    with pytest.raises(ServiceError, match=reason):
        settings(None, knowledge="k", db="sqlite:///x.db", oidc=oidc)


def test_the_client_secret_comes_from_the_environment_and_is_not_shown(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "society.toml"
    file.write_text('[oidc]\nissuer = "https://id.example"\nclient_id = "x"\n[oidc.roles]\nplanners = ["manager"]\n')
    monkeypatch.setenv("SOCIETY_OIDC__CLIENT_SECRET", "very secret")
    found = settings(file, knowledge="k", db="sqlite:///x.db", host="0.0.0.0")
    assert found.oidc is not None and found.oidc.client_secret is not None
    assert found.oidc.client_secret.get_secret_value() == "very secret"
    assert "very secret" not in repr(found)
