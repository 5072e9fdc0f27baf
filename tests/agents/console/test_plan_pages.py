"""Availability and schedule in a real browser."""

from __future__ import annotations

import httpx
from playwright.sync_api import Page, expect

from tests.agents.api.test_documents import post
from tests.browser import look
from tests.serving import order


def drawn(page: Page, figure: str) -> None:
    """Wait until a chart is there, with something in it."""
    expect(page.locator(f"{figure} svg")).to_be_visible(timeout=20_000)


def test_an_item_is_found_and_shown_over_time_with_what_each_event_is_for(page: Page, client: httpx.Client) -> None:
    post(client, order("stools over time", quantity="30", requested="2026-03-20"))
    page.goto("/availability")
    page.get_by_label("Item or description").fill("stool")
    page.get_by_role("button", name="Find", exact=True).click()
    page.get_by_role("link", name="STOOL", exact=True).click()
    drawn(page, "#item-chart")
    row = page.locator("#item-events tr", has=page.locator("th", has_text="t/stools over time/1")).first
    expect(row).to_contain_text("ships")
    expect(row).to_contain_text("stock")
    expect(page.locator("#item-chart svg path").first).to_be_attached()
    look(page, "availability-item")


def test_items_look_well(page: Page) -> None:
    page.goto("/availability")
    expect(page.locator("#items tbody tr")).to_have_count(10)
    look(page, "availability")


def test_an_item_that_nobody_knows_is_told_with_those_near_it(page: Page, client: httpx.Client) -> None:
    answer = client.get("/availability/STOL", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "did you mean STOOL?" in answer.text


def test_the_schedule_shows_machines_in_a_window_that_can_be_moved(page: Page, client: httpx.Client) -> None:
    post(client, order("tables", item="TABLE", quantity="6", requested="2026-03-20"))
    page.goto("/schedule?days=28")
    drawn(page, "#gantt")
    row = page.locator("#operations tr", has_text="TABLE").first
    expect(row).to_contain_text("BENCH")
    page.get_by_role("link", name="Earlier").click()
    expect(page.locator("#operations")).to_contain_text("No operation runs in this time")
    page.get_by_role("link", name="Later").click()
    expect(page.locator("#operations tr", has_text="TABLE").first).to_be_visible()


def test_the_schedule_looks_well(page: Page, client: httpx.Client) -> None:
    for number in range(4):
        post(client, order(f"scheduled {number}", item="TABLE", quantity="9", requested=f"2026-03-{10 + number}"))
    page.goto("/schedule?days=14")
    drawn(page, "#gantt")
    look(page, "schedule")


def test_a_new_order_appears_in_the_schedule_without_reloading(page: Page, client: httpx.Client) -> None:
    page.goto("/schedule?days=28&work_centre=SAW")
    before = page.locator("#operations tbody tr").count()
    post(client, order("legs live", item="LEG", quantity="700", requested="2026-03-26"))
    expect(page.locator("#operations tbody tr")).not_to_have_count(before)


def test_dates_that_are_none_and_windows_too_long_are_refused(client: httpx.Client) -> None:
    for query in ("start=tomorrow", "days=0", "days=29", "start=9999-12-31", "offset=-1"):
        assert client.get(f"/schedule?{query}", headers={"accept": "text/html"}).status_code == 422, query
