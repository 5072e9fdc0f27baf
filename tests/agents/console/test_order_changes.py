"""An order is changed and cancelled in a real browser, and what that would do is seen before."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.agents.api.test_documents import post
from tests.browser import look
from tests.serving import API, order


def test_what_a_change_would_do_is_shown_before_it_is_made(lenient: Page, client: httpx.Client) -> None:
    post(client, order("to change", item="TABLE", quantity="3", requested="2026-04-20"))
    lenient.goto("/orders/t/to change")
    lenient.get_by_role("link", name="Change").click()
    lenient.get_by_role("button", name="Show what it would do").click()
    expect(lenient.get_by_role("alert")).to_contain_text("nothing is changed")
    lenient.get_by_label("Quantity, line 1").fill("5")
    lenient.get_by_label("Item, new line").fill("LAMP")
    lenient.get_by_label("Quantity, new line").fill("2")
    lenient.get_by_label("Unit price, new line").fill("40")
    lenient.get_by_role("button", name="Show what it would do").click()
    effect = lenient.locator("#effect tbody tr")
    expect(effect.first.locator("[data-label='As it stands']")).to_contain_text("3 by")
    expect(effect.first.locator("[data-label='As it would stand']")).to_contain_text("5 by")
    expect(effect.last.locator("[data-label='As it stands']")).to_have_text("nothing")
    look(lenient, "order-change")
    lenient.get_by_label("Quantity, line 1").fill("6")
    lenient.get_by_role("button", name="Change the order").click()
    expect(lenient.get_by_role("alert")).to_contain_text("not the one that was shown")
    lenient.get_by_role("button", name="Change the order").click()
    expect(lenient.get_by_role("status").filter(has_text="carried through")).to_be_visible()
    expect(lenient.locator("#lines [data-label=Quantity]").first).to_have_text("6")
    lines = client.get(f"{API}/orders/t/to change").json()["lines"]
    assert [(line["line"], line["item"], line["quantity"]) for line in lines] == [
        ("1", "TABLE", "6"),
        ("2", "LAMP", "2"),
    ]


def test_what_would_be_lost_is_shown_before_an_order_is_cancelled(page: Page, client: httpx.Client) -> None:
    post(client, order("to cancel", item="TABLE", quantity="2", requested="2026-04-20"))
    page.goto("/orders/t/to cancel")
    page.get_by_role("link", name="Cancel").click()
    row = page.locator("#effect tbody tr")
    expect(row.locator("[data-label='As it stands']")).to_contain_text("2 by")
    expect(row.locator("[data-label='As it would stand']")).to_have_text("nothing")
    look(page, "order-cancel")
    page.get_by_label("All of order t/to cancel").check()
    page.get_by_role("button", name="Cancel the order").click()
    expect(page.locator("h1")).to_contain_text("cancelled")
    expect(page.get_by_role("link", name="Cancel")).to_have_count(0)
    assert client.get(f"{API}/orders/t/to cancel").json()["status"] == "cancelled"
