"""Signing in and out, the account and the audit log in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import browser as browsers
from tests.agents.api.people import PASSWORD, People, peopled
from tests.browser import look
from tests.serving import API, order


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with peopled(tmp_path_factory.mktemp("signing-in")) as found:
        yield found


@pytest.fixture
def page(browser: Browser, people: People) -> Iterator[Page]:
    with browsers.visiting(browser, str(people.url)) as found:
        yield found


def sign_in(page: Page, name: str, password: str = PASSWORD) -> None:
    """As somebody does it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_a_page_is_shown_after_signing_in_and_no_more_after_signing_out(page: Page, people: People) -> None:
    page.goto("/account")
    expect(page).to_have_title("Sign in")
    look(page, "login")
    sign_in(page, "manager")
    expect(page.locator("h1")).to_have_text("manager")
    look(page, "account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page).to_have_title("Sign in")
    page.goto("/")
    expect(page).to_have_title("Sign in")


def test_the_cookie_is_out_of_reach_of_scripts(page: Page) -> None:
    page.goto("/login")
    sign_in(page, "viewer")
    expect(page.locator("h1")).to_have_text("Today")
    assert page.evaluate("document.cookie") == ""
    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("society_session", True, "Strict")


def test_a_password_is_changed_on_the_page_and_ends_every_session(page: Page, browser: Browser, people: People) -> None:
    new = "another good password"
    with browsers.visiting(browser, str(people.url)) as other:
        for each in (page, other):
            each.goto("/account")
            sign_in(each, "engineer")
        expect(other.locator("[aria-labelledby=sessions-title] tbody tr")).to_have_count(2)
        page.get_by_label("Old password").fill(PASSWORD)
        page.get_by_label("New password", exact=True).fill(new)
        page.get_by_label("New password once more").fill(new)
        page.get_by_role("button", name="Change it").click()
        expect(page).to_have_title("Sign in")
        other.goto("/account")
        expect(other).to_have_title("Sign in")
        sign_in(other, "engineer", new)
        expect(other.locator("h1")).to_have_text("engineer")


def test_decisions_are_in_the_audit_log_which_only_some_may_read(page: Page, people: People) -> None:
    with people.browser("sales") as client:
        client.post(f"{API}/orders?wait=10", json=order("<b>logged</b>"))
    page.goto("/login?next=/audit-log")
    sign_in(page, "operator")
    expect(page.locator("tbody tr", has_text="t/<b>logged</b>")).to_contain_text("sales")
    expect(page.get_by_role("link", name="Audit log")).to_have_attribute("aria-current", "page")
    look(page, "audit-log")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login")
    sign_in(page, "sales")
    expect(page.get_by_role("link", name="Audit log")).to_have_count(0)


def test_somebody_without_a_role_is_told_so_on_a_page(browser: Browser, people: People) -> None:
    context = browser.new_context(base_url=str(people.url))
    page = context.new_page()
    page.goto("/login")
    sign_in(page, "nobody")
    expect(page.get_by_role("alert")).to_contain_text("nobody may not do this")
    context.close()
