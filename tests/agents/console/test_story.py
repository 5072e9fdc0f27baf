"""The whole story in a real browser: an order with a custom line until it ships, each step by whose work it is."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agents.api.people import PASSWORD, People, peopled
from tests.browser import visiting
from tests.serving import PLANT

POLICY = """
[[approvals]]
decision = "purchase"
when = { supplier = "HARDWARE", value_over = 100 }
action = "ask"
role = "manager"
deadline_hours = 8
on_silence = "reject"
"""
"""The hardware store delivers the next day, and is dear: a manager is asked."""

QUOTE_MS = 30_000


@pytest.fixture
def people(tmp_path: Path) -> Iterator[People]:
    knowledge = Path(shutil.copytree(PLANT, tmp_path / "knowledge"))
    plant = knowledge / "plant.toml"
    head, _, rest = plant.read_text().partition("[[approvals]]")
    plant.write_text(f"release_horizon_days = 30\n{head}{POLICY}\n[[approvals]]{rest}")
    with peopled(tmp_path, knowledge) as found:
        yield found


@contextmanager
def at_work(browser: Browser, people: People, name: str) -> Iterator[Page]:
    """A browser of somebody who has signed in."""
    with visiting(browser, str(people.url)) as page:
        page.goto("/login")
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("h1")).to_have_text("Today")
        yield page


def test_an_order_with_a_custom_line_goes_from_sales_to_the_customer(browser: Browser, people: People) -> None:
    with at_work(browser, people, "sales") as page:
        order = enter_order(page)
    with at_work(browser, people, "engineer") as page:
        release_design(page, order)
    with at_work(browser, people, "manager") as page:
        approve_purchase(page)
    with at_work(browser, people, "warehouse") as page:
        receive(page)
    with at_work(browser, people, "floor") as page:
        make(page)
    with at_work(browser, people, "warehouse") as page:
        ship(page, order)
    with at_work(browser, people, "sales") as page:
        page.goto(f"/orders/{order}")
        statuses = page.get_by_role("table", name="Releases").locator("tr:not(.off) [data-label=Status]")
        expect(statuses).to_have_text(["done", "done"])
        page.get_by_role("link", name="History").click()
        for event in ("customer order", "designed", "approved"):
            expect(page.locator("#history [data-label=What]").get_by_text(event, exact=True).first).to_be_visible()


def go(page: Page, title: str) -> None:
    """To a page, by the navigation."""
    page.locator("#pages").get_by_role("link", name=title, exact=True).click()
    expect(page.locator("h1")).to_have_text(title)


def enter_order(page: Page) -> str:
    """Sales sees what is promised, and enters the order."""
    go(page, "New order")
    page.get_by_label("Customer").fill("NEAR")
    for line, fields in enumerate(
        (
            {"item": "STOOL", "quantity": "2", "unit_price": "75"},
            {"description": "Table with drawers", "quantity": "1", "unit_price": "2900"},
        )
    ):
        for name, text in fields.items():
            page.locator(f"[name=line-{line}-{name}]").fill(text)
        page.locator(f"[name=line-{line}-requested]").fill("2026-03-05")
    page.get_by_role("button", name="Show the promise").click()
    expect(page.locator("#promise tbody tr").last).to_contain_text("awaiting engineering", timeout=QUOTE_MS)
    page.get_by_role("button", name="Enter the order").click()
    expect(page.locator("#lines tbody tr").first).to_contain_text("promised")
    return page.locator("h1").inner_text().strip()


def release_design(page: Page, order: str) -> None:
    """Engineering gives the line a BOM and a route."""
    go(page, "Engineering desk")
    row = page.locator("#queue tbody tr").filter(has_text=order)
    expect(row).to_contain_text("Table with drawers")
    row.get_by_role("link", name="Release").click()
    page.get_by_label("Item", exact=True).fill("TABLE-DRAWERS")
    page.get_by_label("Drawings").fill("DR-4711")
    for row_number, (component, quantity) in enumerate((("LEG", "4"), ("BOARD", "12")), 1):
        page.get_by_label(f"Component, row {row_number}").fill(component)
        page.get_by_label(f"Quantity for one, row {row_number}").fill(quantity)
    page.get_by_label("Step, row 1").fill("10")
    page.get_by_label("Work centre, row 1").fill("BENCH")
    page.get_by_label("Run min for one, row 1").fill("60")
    page.get_by_role("button", name="Release").click()
    expect(page.locator("#queue")).not_to_contain_text(order)


def approve_purchase(page: Page) -> None:
    """The manager is asked for the dear supplier, and sees it today."""
    row = page.locator("#decisions tbody tr").filter(has_text="HARDWARE")
    row.get_by_role("link").first.click()
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#state")).to_contain_text("Approved by manager")


def receive(page: Page) -> None:
    """The boards come from the hardware store."""
    go(page, "Receiving")
    row = page.locator("main tbody tr").filter(has_text="HARDWARE").filter(has_text="BOARD")
    row.get_by_role("button", name="Receive").click()
    expect(page.get_by_role("status").filter(has_text="taken")).to_be_visible()


def make(page: Page) -> None:
    """The shop reports that the table is finished."""
    go(page, "Floor")
    page.locator("#centres").get_by_role("link", name="BENCH").click()
    row = page.locator("#dispatch tbody tr").filter(has_text="TABLE-DRAWERS")
    row.get_by_text("Finish").click()
    row.get_by_role("button", name="Report").click()
    expect(row).to_have_count(0)


def ship(page: Page, order: str) -> None:
    """Both lines leave together."""
    go(page, "Shipping")
    page.get_by_label("Shipping order, order, item or customer").fill(order.partition("/")[2])
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="has left").click()
    expect(page.get_by_role("button", name="has left")).to_have_count(0)
