"""Signing in, sessions and keys over HTTP: who is let in, who is not, and what a browser is protected from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from agents.api import society
from tests import postgres
from tests.agents.api.people import PASSWORD, PEOPLE, People, peopled, sign_in
from tests.serving import API, order, served

COUNT = {"item": "LEG", "quantity": 1}
PAGE = {"Accept": "text/html"}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with peopled(tmp_path_factory.mktemp("people")) as found:
        yield found


def test_without_accounts_whoever_reaches_the_loopback_has_every_role(client: httpx.Client) -> None:
    me = client.get(f"{API}/me").json()
    assert (me["name"], me["known_by"], len(me["roles"])) == ("local", "open", 9)


def test_with_accounts_nobody_is_let_in_without_a_session_or_key(people: People) -> None:
    for path in (f"{API}/orders", f"{API}/me", "/metrics", f"{API}/events"):
        response = people.anonymous.get(path)
        assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer"), path
    assert people.anonymous.post(f"{API}/orders", json=order("anonymous")).status_code == 401
    assert people.anonymous.get("/health/live").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer sk_0000000000_x", "Basic YW5uYTp4", "bearer null", "Bearer \u00e9", "x" * 5000],
)
def test_what_is_no_key_lets_nobody_in(people: People, header: str) -> None:
    response = people.anonymous.get(f"{API}/me", headers=[(b"Authorization", header.encode())])
    assert response.status_code == 401


def test_a_key_of_somebody_with_a_bit_changed_lets_nobody_in(people: People) -> None:
    key = people.keys["manager"]
    for forged in (key[:-1], key + "A", key.swapcase(), key.replace("sk_", "", 1)):
        assert people.anonymous.get(f"{API}/me", headers={"Authorization": f"Bearer {forged}"}).status_code == 401


def test_a_key_acts_as_its_account(people: People) -> None:
    me = people.call("small", "GET", f"{API}/me").json()
    assert (me["name"], me["known_by"], me["approves_up_to"]) == ("small", "key", "500")
    assert people.call("sales", "POST", f"{API}/orders?wait=10", json=order("by key")).status_code == 200


def test_signing_in_gives_a_cookie_that_no_script_reads_and_no_other_site_sends(people: People) -> None:
    with people.client() as client:
        response = sign_in(client, "Sales", next="/api/v1/me")
        assert (response.status_code, response.headers["location"]) == (303, "/api/v1/me")
        cookie = response.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
        assert client.get(f"{API}/me").json()["name"] == "sales"
        assert client.get("/login", params={"next": "/x"}).headers["location"] == "/x"


@pytest.mark.parametrize(
    "place", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "x", "/a\r\nb: c"]
)
def test_signing_in_never_leads_to_another_site(people: People, place: str) -> None:
    with people.client() as client:
        assert sign_in(client, "sales", next=place).headers["location"] == "/"


def test_a_wrong_password_is_told_on_the_page_without_saying_whether_the_name_is_known(people: People) -> None:
    with people.client() as client:
        pages = [sign_in(client, name, "wrong", next="/orders") for name in ("floor", "nobody-at-all")]
        assert [page.status_code for page in pages] == [401, 401]
        assert pages[0].text.replace("floor", "nobody-at-all") == pages[1].text
        assert 'value="/orders"' in pages[0].text
        assert "set-cookie" not in pages[0].headers


def test_what_is_typed_into_the_login_is_shown_and_never_executed(people: People) -> None:
    with people.client() as client:
        page = sign_in(client, '"><script>alert(1)</script>', "wrong", next='/"><script>').text
    assert "<script>alert" not in page and '"><script>' not in page


def test_a_browser_without_a_session_is_led_to_the_login_and_back(people: People) -> None:
    response = people.anonymous.get(f"{API}/orders?search=a%26b", headers=PAGE)
    assert (response.status_code, response.headers["location"]) == (
        303,
        "/login?next=/api/v1/orders%3Fsearch%3Da%2526b",
    )
    with people.client(follow_redirects=False) as client:
        place = httpx.URL(response.headers["location"]).params["next"]
        assert sign_in(client, "viewer", next=place).headers["location"] == "/api/v1/orders?search=a%26b"


def test_a_change_with_a_session_needs_its_csrf_token(people: People) -> None:
    with people.client() as client, people.browser("sales") as other:
        sign_in(client, "warehouse")
        csrf = client.get(f"{API}/me").json()["csrf"]
        wrong: list[dict[str, Any]] = [
            {},
            {"X-CSRF-Token": ""},
            {"X-CSRF-Token": other.headers["X-CSRF-Token"]},
            {"X-CSRF-Token": csrf[:-1]},
        ]
        for headers in wrong:
            refused = client.post(f"{API}/stock-counts", json=COUNT, headers=headers)
            assert (refused.status_code, "CSRF" in refused.json()["detail"]) == (403, True)
        form = client.post(f"{API}/documents", content=b"a=b", headers={"Content-Type": "text/plain"})
        assert form.status_code == 403
        right = client.post(f"{API}/stock-counts", json=COUNT, headers={"X-CSRF-Token": csrf})
        assert right.status_code in (200, 202), right.text
        for content_type in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            odd = client.post(f"{API}/documents", content=f"csrf={csrf}", headers={"Content-Type": content_type})
            assert odd.status_code in (200, 202, 400, 403), odd.text


def test_another_sites_page_cannot_make_a_change_even_with_the_token(people: People) -> None:
    with people.browser("warehouse") as client:
        for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            assert client.post(f"{API}/stock-counts", json=COUNT, headers=headers).status_code == 403


def test_a_session_that_was_ended_cannot_be_replayed(people: People) -> None:
    with people.browser("floor") as client:
        stolen = dict(client.cookies)
        assert client.get(f"{API}/me").status_code == 200
        out = client.post("/logout")
        assert (out.status_code, out.headers["location"]) == (303, "/login")
        assert 'society_session=""' in out.headers["set-cookie"]
    with people.client(cookies=stolen) as thief:
        assert thief.get(f"{API}/me").status_code == 401


def test_a_stream_of_events_ends_with_its_session(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(society, "CHECK_SECONDS", 0.2)
    with people.browser("viewer") as client, client.stream("GET", f"{API}/events") as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": on"
        people.service.gate.sign_out_everywhere("viewer")
        assert "still here" not in "".join(lines), "it ended by itself"


@pytest.mark.parametrize("token", ["", "x", "null", "0" * 64, "a" * 4000, '"quoted"', "é"])
def test_a_forged_session_lets_nobody_in(people: People, token: str) -> None:
    response = people.anonymous.get(f"{API}/me", headers=[(b"Cookie", f"society_session={token}".encode())])
    assert response.status_code == 401


def test_a_session_expires(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    with people.browser("engineer") as client:
        ahead = people.service.people_clock() + 3600
        monkeypatch.setattr(people.service, "people_clock", lambda: ahead)
        assert client.get(f"{API}/me").status_code == 401


def test_guessing_is_slowed_down_with_429_and_retry_after(tmp_path: Any) -> None:
    with peopled(tmp_path) as people, people.client() as client:
        for _ in range(4):
            assert sign_in(client, "viewer", "wrong").status_code == 401
        slowed = sign_in(client, "viewer", PASSWORD)
        assert slowed.status_code == 429
        assert int(slowed.headers["Retry-After"]) > 0
        assert sign_in(client, "sales").status_code == 303


def test_the_first_account_shuts_an_open_service(tmp_path: Any) -> None:
    from tests.agents.api.people import add_people
    from tests.serving import eventually

    with served(tmp_path) as (service, client):
        assert client.get(f"{API}/me").status_code == 200
        add_people(service.settings.db)
        assert eventually(lambda: client.get(f"{API}/me").status_code == 401)


def test_every_answer_has_the_headers_that_keep_a_browser_from_harm(people: People) -> None:
    for path in ("/login", f"{API}/me", "/health/live", "/nowhere"):
        headers = people.anonymous.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"].replace("style-src-attr 'unsafe-inline'", "")
        assert headers["cache-control"] == "no-store"
        assert "strict-transport-security" not in headers, "this is no https"


def test_the_door_is_the_same_with_postgresql(tmp_path: Any, postgres_server: postgres.Server) -> None:
    with peopled(tmp_path, db=postgres_server.url()) as people:
        assert people.anonymous.get(f"{API}/me").status_code == 401
        assert people.call("viewer", "GET", f"{API}/me").json()["name"] == "viewer"
        with people.client() as client:
            assert sign_in(client, "sales", "wrong").status_code == 401
        with people.browser("sales") as client:
            assert client.post(f"{API}/orders", json=order("pg\0 €"), params={"wait": 20}).status_code == 200
            assert client.post("/logout").status_code == 303
            assert client.get(f"{API}/me").status_code == 401
        check = people.call("operator", "GET", f"{API}/audit-log/check").json()
        assert (check["sound"], check["records"]) == (True, 2 * len(PEOPLE) + 1)
