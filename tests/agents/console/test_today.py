"""Today in a real browser: what needs somebody is there, changes by itself, and nothing that is shown is executed."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.agents.api.test_documents import post
from tests.browser import look
from tests.serving import order


def test_a_question_appears_without_reloading(page: Page, client: httpx.Client) -> None:
    page.goto("/")
    page.evaluate("window.same = true")
    post(client, order("live question", item="NO-SUCH-ITEM"))
    row = page.locator("#trouble-lines tr", has_text="t/live question")
    expect(row).to_contain_text("question")
    expect(row).to_contain_text("NO-SUCH-ITEM is not known")
    assert page.evaluate("window.same")


def test_what_has_the_focus_keeps_it_while_the_page_changes(page: Page, client: httpx.Client) -> None:
    post(client, order("focus 1", item="NO-SUCH-ITEM"))
    page.goto("/")
    link = page.locator("#trouble-lines a", has_text="t/focus 1")
    link.focus()
    post(client, order("focus 2", item="NO-SUCH-ITEM"))
    expect(page.locator("#trouble-lines tr", has_text="t/focus 2")).to_be_visible()
    expect(link).to_be_focused()


def test_html_in_names_and_descriptions_is_shown_and_never_executed(page: Page, client: httpx.Client) -> None:
    harm = "<img src=x onerror=window.harmed=1><script>window.harmed=2</script>"
    line = {"line": "<b>1</b>", "description": harm, "quantity": "1", "requested": "2026-01-01"}
    post(client, order("<i>custom</i>", lines=[line]))
    post(client, order('"><script>window.harmed=3</script>', item=harm, customer="NEAR"))
    page.goto("/")
    expect(page.get_by_text("t/<i>custom</i>")).to_be_visible()
    expect(page.get_by_text(harm).first).to_be_visible()
    assert page.evaluate("window.harmed") is None
    assert page.locator("main script, main img, main i, main b:not(.figures b)").count() == 0


def test_the_page_is_used_by_keyboard(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_what_is_not_there_is_told_as_a_page_to_a_browser_and_as_a_problem_to_a_program(
    page: Page, client: httpx.Client
) -> None:
    answer = client.get("/no-such-page", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert client.get("/no-such-page").json()["status"] == 404


def test_a_page_may_load_nothing_from_elsewhere_and_run_no_script_of_its_own(client: httpx.Client) -> None:
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert "//" not in answer.text.replace("<!--", "").split("<main")[0]


def test_style_and_script_may_be_kept_for_good_and_have_another_address_once_they_change(client: httpx.Client) -> None:
    text = client.get("/").text
    address = text.split('rel="stylesheet" href="')[1].split('"')[0]
    kept = client.get(address)
    assert kept.status_code == 200
    assert "immutable" in kept.headers["cache-control"]
    assert client.get(address.replace(address.split("/")[2], "0")).headers["cache-control"] == "no-cache"
    assert client.get("/assets/0/%2e%2e%2fframe.py").status_code == 404
    plain = client.get(address, headers={"accept-encoding": "identity"})
    assert plain.text == kept.text


def test_what_a_list_has_no_room_for_is_a_click_away(page: Page, client: httpx.Client) -> None:
    post(client, [order(f"crowd {number}", item="NO-SUCH-ITEM") for number in range(12)])
    page.goto("/")
    page.get_by_role("link", name="lines", exact=False).filter(has_text="All").first.click()
    expect(page.locator("#order-list tbody tr")).not_to_have_count(0)
    expect(page.get_by_label("Show")).to_have_value("trouble")


def test_today_looks_well(page: Page, client: httpx.Client) -> None:
    post(client, order("custom", lines=[{"line": "1", "description": "Table with drawers", "quantity": "1"}]))
    line = {"line": "1", "item": "LAMP", "quantity": "90", "requested": "2026-03-03", "unit_price": "40"}
    post(client, order("late", lines=[line]))
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Today")
    look(page, "today")
