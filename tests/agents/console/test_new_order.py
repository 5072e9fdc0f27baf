"""A new order in a real browser: its promise is seen before it is entered, and what is entered is what was seen."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.browser import look
from tests.serving import API

QUOTE_MS = 30_000


def fill(page: Page, line: int, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"[name=line-{line - 1}-{name}]").fill(text)


def entered(client: httpx.Client, number: str) -> int:
    return client.get(f"{API}/orders/console/{number}").status_code


def test_an_order_with_a_custom_line_is_promised_and_entered(page: Page, client: httpx.Client) -> None:
    page.goto("/new-order")
    number = page.get_by_label("Number").input_value()
    page.get_by_label("Customer").fill("CAFE")
    fill(page, 1, item="STOOL", quantity="3", requested="2026-04-20", unit_price="75")
    fill(page, 3, description="Table with <b>drawers</b>", quantity="1", requested="2026-05-20", unit_price="900")
    page.get_by_role("button", name="Show the promise").click()
    promise = page.locator("#promise tbody tr")
    expect(promise.first).to_contain_text("promised", timeout=QUOTE_MS)
    expect(promise.last).to_contain_text("awaiting engineering")
    assert entered(client, number) == 404
    look(page, "new-order")
    page.get_by_role("button", name="Enter the order").click()
    expect(page.locator("h1")).to_contain_text(f"console/{number}")
    rows = page.locator("#lines table").first.locator("tbody tr")
    expect(rows.first).to_contain_text("promised")
    expect(rows.last).to_contain_text("awaiting engineering")
    expect(rows.last).to_contain_text("Table with <b>drawers</b>")


def test_what_is_changed_after_the_promise_is_promised_anew_first(page: Page, client: httpx.Client) -> None:
    page.goto("/new-order")
    number = page.get_by_label("Number").input_value()
    page.get_by_label("Customer").fill("NEAR")
    fill(page, 1, item="LAMP", quantity="1", requested="2026-04-20", unit_price="40")
    page.get_by_role("button", name="Show the promise").click()
    expect(page.locator("#promise")).to_be_visible(timeout=QUOTE_MS)
    fill(page, 1, quantity="2")
    page.get_by_role("button", name="Enter the order").click()
    expect(page.get_by_role("alert")).to_contain_text("not what was promised", timeout=QUOTE_MS)
    expect(page.locator("#promise [data-label=Quantity]")).to_have_text("2")
    assert entered(client, number) == 404
    page.get_by_role("button", name="Enter the order").click()
    expect(page.locator("#lines [data-label=Quantity]").first).to_have_text("2")


def test_mistakes_are_told_where_they_are_and_nothing_written_is_lost(lenient: Page) -> None:
    lenient.goto("/new-order")
    fill(lenient, 2, item="STOOL", quantity="a few")
    lenient.get_by_role("button", name="Show the promise").click()
    expect(lenient.get_by_role("alert")).to_contain_text("1 mistake")
    quantity = lenient.locator("[name=line-1-quantity]")
    expect(quantity).to_have_attribute("aria-invalid", "true")
    expect(quantity).to_have_value("a few")
    lenient.get_by_role("button", name="More lines").click()
    expect(lenient.locator(".entry tbody tr")).to_have_count(6)
    expect(quantity).to_have_value("a few")


def test_an_empty_order_is_refused(lenient: Page) -> None:
    lenient.goto("/new-order")
    lenient.get_by_role("button", name="Show the promise").click()
    expect(lenient.get_by_role("alert")).to_contain_text("the order has no lines")


def test_items_are_suggested_by_code_and_description(page: Page, client: httpx.Client) -> None:
    page.goto("/new-order")
    page.locator("[name=line-0-item]").press_sequentially("lam")
    expect(page.locator("#items option")).to_have_attribute("value", "LAMP")
    assert [each["value"] for each in client.get("/new-order/items?search=TAB").json()] == ["TABLE", "LAMP", "TOP"]


def test_other_answers_are_shown_with_what_each_costs_and_the_promise_stays(page: Page, client: httpx.Client) -> None:
    page.goto("/new-order")
    page.get_by_label("Customer").fill("NEAR")
    fill(page, 1, item="STOOL", quantity="40", requested="2026-03-04", unit_price="75")
    page.get_by_role("button", name="Show the promise").click()
    page.get_by_role("button", name="Show other answers").click(timeout=QUOTE_MS)
    answers = page.locator("#promise .alternative")
    expect(answers.first).to_contain_text("as planned", ignore_case=True, timeout=QUOTE_MS)
    expect(answers.filter(has_text="Cheapest").first).to_contain_text("In all")
    look(page, "new-order-answers")
    expect(page.get_by_role("button", name="Enter the order")).to_be_enabled()
