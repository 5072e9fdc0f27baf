"""Orders in a real browser: found, and each with its lines, pegs, reasons, conversation and history."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.agents.api.test_documents import post
from tests.browser import faults, look
from tests.serving import order


@pytest.fixture(scope="module", autouse=True)
def orders(shop: tuple[object, httpx.Client]) -> None:
    """An order through all levels, a late one, one with a question, and one that is cancelled."""
    client = shop[1]
    post(client, order("levels a/b", item="TABLE", quantity="3"))
    for number, quantity in (("too late", "30"), ("very late", "60")):
        line = {"line": "1", "item": "LAMP", "quantity": quantity, "requested": "2026-03-03", "unit_price": "40"}
        post(client, order(number, lines=[line], customer="CAFE"))
    post(client, order("asked", item="NO-SUCH-ITEM"))
    post(client, order("gone"))
    post(client, {"source": "t", "number": "gone"}, path="order-cancels")


def found(page: Page) -> list[str]:
    return page.locator("#order-list tbody th").all_inner_texts()


def test_orders_are_found_by_words_of_their_name_and_customer_from_any_page(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("cafe late")
    page.keyboard.press("Enter")
    expect(page.locator("caption")).to_contain_text("with “cafe late”")
    assert found(page) == ["t/very late", "t/too late"]
    page.get_by_label("Search", exact=True).fill("'; DROP TABLE customer_order; --%")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_text("No order is like that.")).to_be_visible()


@pytest.mark.parametrize(
    ("show", "number"), [("in trouble", "t/asked"), ("promised late", "t/very late"), ("cancelled", "t/gone")]
)
def test_orders_are_shown_by_how_they_stand(page: Page, show: str, number: str) -> None:
    page.goto("/orders")
    page.get_by_label("Show").select_option(label=show)
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_role("link", name=number)).to_be_visible()
    assert "t/levels a/b" not in found(page)


def test_a_long_list_is_paged(page: Page, client: httpx.Client) -> None:
    post(client, [order(f"many {number}") for number in range(55)])
    page.goto("/orders?search=many")
    assert len(found(page)) == 50
    page.get_by_role("link", name="Next").click()
    expect(page.locator(".pager p")).to_have_text("51–55 of 55")
    assert found(page) == [f"t/many {number}" for number in (4, 3, 2, 1, 0)]


def test_an_order_shows_its_lines_and_releases_and_changes_by_itself(page: Page, client: httpx.Client) -> None:
    post(client, order("changing", quantity="2"))
    page.goto("/orders?search=changing")
    page.get_by_role("link", name="t/changing").click()
    expect(page.locator("h1")).to_have_text("t/changing")
    row = page.locator("#lines table").first.locator("tbody tr")
    expect(row).to_contain_text("promised")
    expect(page.get_by_role("table", name="Releases").locator("tbody tr")).to_have_count(1)
    body = {"source": "t", "number": "changing", "lines": [{"line": "1", "quantity": "7"}]}
    post(client, body, path="order-changes")
    expect(row.locator("[data-label=Quantity]")).to_have_text("7")


def test_an_order_shows_what_it_waits_for_and_each_document_what_it_is_for(page: Page) -> None:
    page.goto("/orders?search=levels")
    page.get_by_role("link", name="t/levels a/b").click()
    page.get_by_role("link", name="Pegs and reasons").click()
    tree = page.locator("#why .tree").first
    expect(tree).to_be_visible(timeout=30_000)
    expect(tree).to_contain_text("3 TABLE")
    faults(page)
    tree.get_by_role("link", name="WO-").first.click()
    expect(page.get_by_role("heading", name="What it is for")).to_be_visible(timeout=30_000)
    expect(page.locator("#why")).to_contain_text("t/levels a/b/1")


def test_why_a_promise_is_late_is_said_with_what_would_cure_it(page: Page) -> None:
    page.goto("/orders/t/very late?tab=why")
    expect(page.locator("#why .causes li").first).to_contain_text("LAMP", timeout=30_000)
    expect(page.locator("#why .cures li").first).to_be_visible()
    look(page, "order-why")


def test_the_conversation_is_a_diagram_and_a_table(page: Page) -> None:
    page.goto("/orders/t/levels a/b?tab=conversation")
    expect(page.locator("svg.sequence")).to_contain_text("request · ClassifyOrder")
    page.locator("details summary").first.click()
    expect(page.locator("details pre").first).to_contain_text('"number": "levels a/b"')
    look(page, "order-conversation")


def test_the_history_tells_what_came_in_and_what_became_of_it(page: Page) -> None:
    page.goto("/orders/t/gone?tab=history")
    events = page.locator("#history [data-label=What]").all_inner_texts()
    assert events[:2] == ["customer order", "planned"]
    assert "order cancel" in events
    look(page, "order-history")


@pytest.mark.parametrize("address", ["/orders/none", "/orders/none?tab=why&part=true", "/orders/t/none?tab=history"])
def test_an_order_that_does_not_exist_is_told_so(client: httpx.Client, address: str) -> None:
    answer = client.get(address, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "there is no order" in answer.text


def test_the_list_and_an_order_look_well(page: Page) -> None:
    page.goto("/orders")
    look(page, "orders")
    page.goto("/orders/t/levels a/b")
    look(page, "order")
