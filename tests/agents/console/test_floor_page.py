"""Floor, purchasing, receiving and shipping in a real browser: what is done there goes the way of every document."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from agents.service.running import Service
from tests.agents.api.test_documents import post
from tests.browser import look, visiting
from tests.serving import API, order, served


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, httpx.Client]]:
    """A service of its own: what is reported here changes what there is to do."""
    with served(tmp_path_factory.mktemp("floor")) as found:
        post(found[1], order("ships soon", quantity="4", requested="2026-03-05"))
        post(found[1], order("tables", item="TABLE", quantity="3", requested="2026-03-31"))
        post(found[1], order("lamps", item="LAMP", quantity="9", requested="2026-03-31"))
        yield found


@pytest.fixture
def at(browser: Browser, plant: tuple[Service, httpx.Client]) -> Iterator[Page]:
    """A visitor's page of it."""
    with visiting(browser, str(plant[1].base_url), told="with a status of 422") as found:
        yield found


def test_an_operation_is_reported_and_its_pieces_are_in_stock(at: Page) -> None:
    at.goto("/floor")
    expect(at.locator("h1")).to_have_text("Floor")
    at.get_by_role("link", name="Without a route").click()
    expect(at.locator("#dispatch")).to_contain_text("Nothing is to be done without a route")
    at.get_by_role("link", name="SAW").click()
    row = at.locator("tr", has_text="WO-901")
    expect(row).to_contain_text("LEG")
    row.get_by_role("button", name="Start WO-901").click()
    expect(at.get_by_role("status").filter(has_text="carried through")).to_be_visible()
    expect(row).to_contain_text("begun")
    expect(row.get_by_role("button", name="Start")).to_have_count(0)
    row.locator("summary").click()
    row.get_by_label("Good").fill("38")
    row.get_by_label("Scrap").fill("2")
    row.get_by_label("nothing more comes").check()
    look(at, "floor")
    row.get_by_role("button", name="Report").click()
    expect(at.get_by_role("status").filter(has_text="carried through")).to_be_visible()
    expect(at.locator("#dispatch")).not_to_contain_text("WO-901")
    at.goto("/availability/LEG")
    expect(at.locator("#item-now")).to_contain_text("68 EA")


def test_a_report_that_makes_no_sense_is_told_and_changes_nothing(at: Page) -> None:
    at.goto("/receiving")
    row = at.locator("tr", has_text="PO-901")
    row.get_by_role("textbox").fill("many")
    row.get_by_role("button", name="Receive").click()
    expect(at.get_by_role("alert")).to_contain_text("PO-901: quantity")
    expect(at.locator("tr", has_text="PO-901")).to_contain_text("20 EA")


def test_a_supplier_confirms_another_date_and_is_late(at: Page) -> None:
    at.goto("/purchasing?show=open")
    row = at.locator("tr", has_text="PO-901")
    look(at, "purchasing-open")
    row.locator("summary").click()
    row.get_by_label("Due").fill("2026-03-12T08:00")
    row.get_by_role("button", name="Enter").click()
    expect(at.get_by_role("status").filter(has_text="carried through")).to_be_visible()
    expect(at.locator("tr", has_text="PO-901")).to_contain_text("2026-03-12 08:00")


def test_what_is_to_be_ordered_says_why_of_whom(at: Page) -> None:
    at.goto("/purchasing?show=planned")
    expect(at.locator("#purchases tbody tr").first).to_contain_text(re.compile("only offer|cheapest"))
    look(at, "purchasing")


def test_goods_are_received_in_part_and_then_whole(at: Page) -> None:
    at.goto("/receiving")
    look(at, "receiving")
    at.locator("tr", has_text="PO-901").get_by_role("textbox").fill("12")
    at.locator("tr", has_text="PO-901").get_by_role("button", name="Receive").click()
    expect(at.locator("tr", has_text="PO-901")).to_contain_text("12 received")
    expect(at.locator("tr", has_text="PO-901").get_by_role("textbox")).to_have_value("8")
    at.locator("tr", has_text="PO-901").get_by_role("button", name="Receive").click()
    expect(at.locator("#arrivals")).not_to_contain_text("PO-901")


def test_a_count_of_an_unknown_item_is_refused_with_its_reason(at: Page) -> None:
    at.goto("/receiving")
    at.get_by_label("Item", exact=True).fill("NO-SUCH")
    at.get_by_label("Counted").fill("7")
    at.get_by_role("button", name="Enter the count").click()
    expect(at.locator(".problem")).to_contain_text("item NO-SUCH is not known")


def test_a_shipping_order_is_picked_and_has_left(at: Page, plant: tuple[Service, httpx.Client]) -> None:
    at.goto("/shipping?days=90&search=t/ships soon")
    box = at.locator(".pick", has_text="t/ships soon")
    expect(box).to_contain_text("to be picked")
    look(at, "shipping")
    box.get_by_role("button", name=re.compile("has left")).click()
    expect(at.get_by_role("status").filter(has_text="carried through")).to_be_visible()
    expect(at.locator(".pick")).to_have_count(0)
    releases = plant[1].get(f"{API}/orders/t/ships soon").json()["releases"]
    assert {row["status"] for row in releases} == {"done"}


def test_a_machine_that_stands_pushes_the_work_back(at: Page, plant: tuple[Service, httpx.Client]) -> None:
    at.goto("/floor?work_centre=BENCH")
    at.get_by_label("BENCH stands from").fill("2026-03-02T08:00")
    at.get_by_label("to", exact=True).fill("2026-03-02T07:00")
    at.get_by_role("button", name="Report").last.click()
    expect(at.locator(".problem")).to_contain_text("ends before it begins")


def test_a_page_entered_by_address_with_harm_in_it_shows_it_as_text(at: Page) -> None:
    at.goto("/floor?work_centre=" + "%3Cscript%3Ewindow.harmed%3D1%3C/script%3E")
    expect(at.locator("main")).to_contain_text("<script>window.harmed=1</script>")
    assert at.evaluate("window.harmed") is None


def test_bad_questions_are_answered_with_a_page(plant: tuple[Service, httpx.Client]) -> None:
    client = plant[1]
    for path in ("/purchasing?show=all", "/shipping?days=0", "/floor?offset=x", "/receiving?told=%00"):
        answer = client.get(path, headers={"accept": "text/html"})
        assert (answer.status_code, "<h1>" in answer.text) == (422, True), path
    for path in ("/purchasing?search=%25'%3B--", "/receiving?search=%27%20OR%201=1", "/shipping?search=%5C"):
        assert client.get(path).status_code == 200
