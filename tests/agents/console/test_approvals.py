"""Approvals in a real browser: alternatives side by side, answers one by one and several at once, and never twice."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.agents.api.test_approvals import answer, asked
from tests.browser import look, visiting
from tests.serving import API, PLANT, served

RULE = """
[[approvals]]
decision = "promise"
action = "ask"
role = "manager"
deadline_hours = 8
on_silence = "escalate"
escalate_to = "director"
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("approvals")
    knowledge = Path(shutil.copytree(PLANT, folder / "knowledge"))
    with (knowledge / "plant.toml").open("a") as file:
        file.write(RULE)
    with served(folder, knowledge) as (_, client):
        yield client


@pytest.fixture
def page(browser: Browser, client: httpx.Client) -> Iterator[Page]:
    with visiting(browser, str(client.base_url)) as found:
        yield found


@pytest.fixture
def lenient(browser: Browser, client: httpx.Client) -> Iterator[Page]:
    """A page that is told of problems, which a browser writes into its console."""
    with visiting(browser, str(client.base_url), told="Failed to load resource") as found:
        yield found


def status(client: httpx.Client, approval: str) -> str:
    return str(client.get(f"{API}/approvals/{approval}").json()["status"])


def test_what_is_asked_appears_by_itself_with_its_deadline_and_what_silence_means(
    page: Page, client: httpx.Client
) -> None:
    page.goto("/approvals")
    approval = asked(client, "appears")
    row = page.locator(f"#row-{approval}")
    expect(row).to_contain_text("in 8 h")
    expect(row).to_contain_text("then director is asked")
    page.goto("/")
    expect(page.locator("#decisions")).to_contain_text(approval)


def test_an_alternative_is_compared_and_chosen(page: Page, client: httpx.Client) -> None:
    approval = asked(client, "compared", quantity="40", requested="2026-03-04")
    page.goto(f"/approvals/{approval}")
    cards = page.locator(".alternative")
    assert cards.count() >= 2
    for wanted in ("There by", "In all", "Bought for it", "Lateness", "Moves", "Releases"):
        expect(cards.last).to_contain_text(wanted)
    tops = [box["y"] for fact in cards.last.locator("dl > div").all() if (box := fact.bounding_box())]
    assert len(set(tops)) == len(tops), "facts stand on each other"
    look(page, "approval")
    chosen = client.get(f"{API}/approvals/{approval}").json()["alternatives"][-1]
    cards.last.get_by_role("radio").check()
    page.get_by_label("Your name").fill("M. Weber")
    page.get_by_label("A note with the answer").fill("the customer agrees")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#state")).to_contain_text("Approved by M. Weber")
    expect(page.locator("#state")).to_contain_text("the customer agrees")
    parts = client.get(f"{API}/orders/t/compared").json()["lines"]
    assert max(part["promised"] for part in parts) == chosen["delivery"]


def test_a_second_answer_is_told_what_the_first_was(lenient: Page, client: httpx.Client) -> None:
    approval = asked(client, "second")
    lenient.route("**/api/v1/events*", lambda route: route.abort())  # what it shows is old
    lenient.goto(f"/approvals/{approval}")
    assert answer(client, approval, decision="reject", by="A. Other").status_code == 200
    lenient.get_by_role("button", name="Approve").click()
    expect(lenient.get_by_role("alert")).to_contain_text("has already been rejected by A. Other")
    assert lenient.get_by_role("button", name="Approve").count() == 0
    assert status(client, approval) == "rejected"


def test_an_answer_of_somebody_else_shows_while_a_note_is_being_written(page: Page, client: httpx.Client) -> None:
    approval = asked(client, "meanwhile")
    page.goto(f"/approvals/{approval}")
    note = page.get_by_label("A note with the answer")
    note.fill("still writing")
    answer(client, approval, decision="approve", by="A. Other")
    expect(page.locator("#state")).to_contain_text("Approved by A. Other")
    expect(note).to_be_focused()
    expect(note).to_have_value("still writing")


def test_several_are_answered_at_once_and_each_outcome_is_told(page: Page, client: httpx.Client) -> None:
    first, second, third = (asked(client, f"bulk {number}") for number in range(3))
    page.goto("/approvals")
    for approval in (first, second, third):
        page.get_by_label(f"Choose {approval}").check()
    answer(client, third, decision="approve", by="A. Other")
    page.get_by_role("button", name="Reject chosen").click()
    told = page.get_by_role("status").filter(has=page.get_by_role("list"))
    expect(told).to_contain_text(f"{first}: rejected")
    expect(told).to_contain_text(f"{second}: rejected")
    assert [status(client, each) for each in (first, second, third)] == ["rejected", "rejected", "approved"]


def test_an_order_is_amended_instead_and_asked_anew(page: Page, client: httpx.Client) -> None:
    approval = asked(client, "amend me")
    page.goto(f"/approvals/{approval}")
    page.get_by_text("Amend the order instead").click()
    page.get_by_label("Quantity of line 1").fill("9")
    page.get_by_role("button", name="Amend the order").click()
    expect(page.locator("h1")).to_contain_text("t/amend me")
    expect(page.locator("#lines [data-label=Quantity]").first).to_have_text("9")
    assert status(client, approval) == "superseded"


def test_an_amendment_that_changes_nothing_or_makes_no_sense_is_told_so(lenient: Page, client: httpx.Client) -> None:
    approval = asked(client, "amend badly")
    for quantity, problem in (("4", "nothing of the order was changed"), ("many", "line 1 quantity")):
        lenient.goto(f"/approvals/{approval}")
        lenient.get_by_text("Amend the order instead").click()
        lenient.get_by_label("Quantity of line 1").fill(quantity)
        lenient.get_by_role("button", name="Amend the order").click()
        expect(lenient.get_by_role("alert")).to_contain_text(problem)
    assert status(client, approval) == "pending"


def test_a_role_is_handed_over_for_a_time(page: Page, client: httpx.Client) -> None:
    page.goto("/approvals")
    page.get_by_text("Hand a role over").click()
    page.get_by_label("Role").select_option("director")
    page.get_by_label("To whom").fill("A. Stand-in")
    page.get_by_label("Until").fill("2026-03-20")
    page.get_by_role("button", name="Hand over").click()
    expect(page.locator("#delegations")).to_contain_text("A. Stand-in")
    look(page, "approvals")
