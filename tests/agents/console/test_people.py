"""Operators look after accounts in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as browsers
from tests.agents.api.people import PASSWORD, People, peopled, sign_in
from tests.browser import look
from tests.serving import API, served


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with peopled(tmp_path_factory.mktemp("people-pages")) as found:
        yield found


@pytest.fixture
def page(browser: Browser, people: People) -> Iterator[Page]:
    """An operator's."""
    with browsers.visiting(browser, str(people.url)) as found:
        found.goto("/login?next=/people")
        found.get_by_label("Name").fill("operator")
        found.get_by_label("Password").fill(PASSWORD)
        found.get_by_role("button", name="Sign in").click()
        yield found


def test_somebody_is_added_given_roles_and_locked_out(page: Page, people: People) -> None:
    look(page, "people")
    page.get_by_label("Name", exact=True).fill("Greta")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("sales").check()
    page.get_by_role("button", name="Add").click()
    expect(page.locator("h1")).to_have_text("greta")
    with people.client() as client:
        assert sign_in(client, "greta").status_code == 303
        assert client.get(f"{API}/me").json()["roles"] == ["sales"]
        page.get_by_label("manager").check()
        page.get_by_label("Answers approvals as, too").fill("director")
        page.get_by_label("Approves up to").fill("5000")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("manager")).to_be_checked()
        me = client.get(f"{API}/me").json()
        assert (me["roles"], me["titles"], me["approves_up_to"]) == (["manager", "sales"], ["director"], "5000")
        page.get_by_role("button", name="Let them in no more").click()
        expect(page.locator("h1")).to_contain_text("disabled")
        assert client.get(f"{API}/me").status_code == 401
        page.get_by_role("button", name="Let them in again").click()
        page.get_by_label("New password").fill("yet another password")
        page.get_by_role("button", name="Set it and sign them out").click()
        expect(page.get_by_role("button", name="Let them in no more")).to_be_visible()
        assert sign_in(client, "greta", "yet another password").status_code == 303


def test_a_key_is_made_shown_once_used_and_revoked(page: Page, people: People) -> None:
    page.goto("/people/integrator")
    page.get_by_label("For", exact=True).fill("web shop")
    page.get_by_label("Valid for days").fill("30")
    page.get_by_role("button", name="Make a key").click()
    secret = page.locator(".done code").inner_text()
    look(page, "person")
    headers = {"Authorization": f"Bearer {secret}"}
    assert people.anonymous.get(f"{API}/me", headers=headers).json()["name"] == "integrator"
    row = page.locator("tbody tr", has_text="web shop")
    row.get_by_role("button").click()
    expect(page.locator("tbody tr", has_text="web shop")).to_contain_text("revoked")
    assert secret not in page.content()
    assert people.anonymous.get(f"{API}/me", headers=headers).status_code == 401


@pytest.fixture
def operator(people: People) -> Iterator[httpx.Client]:
    with people.browser("operator") as client:
        yield client


@pytest.mark.parametrize(
    ("place", "form", "reason"),
    [
        ("/people", {"name": "sales", "roles": "sales"}, "there is an account sales already"),
        ("/people", {"name": "<b>", "roles": "sales"}, "&lt;b&gt;"),
        ("/people", {"name": "x", "roles": "boss"}, "roles are viewer"),
        ("/people", {"name": "x", "password": "short", "roles": "sales"}, "12"),
        ("/people", {"name": "x", "limit": "much"}, "no amount of money"),
        ("/people/operator/roles", {"roles": "viewer"}, "another operator"),
        ("/people/operator/disable", {"disabled": "true"}, "another operator"),
        ("/people/sales/password", {"password": "short"}, "12"),
        ("/people/sales/keys", {"days": "0"}, "1 to 3650 days"),
        ("/people/sales/revoke", {"key": "none"}, "no valid key"),
    ],
)
def test_what_cannot_be_is_told_and_changes_nothing(
    operator: httpx.Client, people: People, place: str, form: dict[str, str], reason: str
) -> None:
    before = people.service.gate.accounts.all()
    response = operator.post(place, data=form)
    assert (response.status_code, reason in response.text) == (422, True), response.text
    assert people.service.gate.accounts.all() == before


def test_somebody_who_is_not_there_is_not_found(operator: httpx.Client) -> None:
    assert operator.get("/people/none").status_code == 404
    for action in ("roles", "password", "keys", "disable"):
        form = {"roles": "sales", "password": PASSWORD, "disabled": "true"}
        assert operator.post(f"/people/none/{action}", data=form).status_code == 404


def test_every_change_is_in_the_audit_log(operator: httpx.Client, people: People) -> None:
    operator.post("/people", data={"name": "logged.in", "password": PASSWORD, "roles": ["sales", "buyer"]})
    operator.post("/people/logged.in/disable", data={"disabled": "true"})
    rows = people.call("operator", "GET", f"{API}/audit-log", params={"search": "logged.in"}).json()["rows"]
    assert [(row["person"], row["action"]) for row in rows] == [
        ("operator", "user disabled"),
        ("operator", "user added"),
    ]
    assert rows[1]["detail"] == {"roles": ["buyer", "sales"]}


def test_the_first_account_is_added_in_the_browser_and_shuts_the_service(tmp_path: Path) -> None:
    with served(tmp_path) as (_, client):
        assert "/people" in client.get("/").text
        made = client.post("/people", data={"name": "first", "password": PASSWORD, "roles": "operator"})
        assert made.status_code == 303, made.text
        assert client.get(f"{API}/me").status_code == 401
        assert sign_in(client, "first").status_code == 303
