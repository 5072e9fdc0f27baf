"""The society in a real browser: what it could not take is mended and sent again, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page, expect

from protocols.envelope import Envelope
from protocols.orders import SubmitDocument
from tests.agents.api.test_documents import post
from tests.agents.runtime.town import faulty
from tests.browser import look, visiting
from tests.serving import API, order, served


def kept(client: httpx.Client, search: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{API}/quarantine", params={"search": search}).json()["rows"]
    return found


def test_a_document_is_mended_and_taken_and_leaves_the_quarantine(page: Page, client: httpx.Client) -> None:
    body = order("mended")
    body["lines"][0]["quantity"] = "two"
    post(client, json.dumps(body), path="documents")
    page.goto("/quarantine")
    page.locator("#quarantined a").first.click()
    text = page.get_by_label("The document, to be mended")
    text.fill(text.input_value().replace('"two"', '"2"'))
    look(page, "quarantined")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("h1")).to_contain_text("t/mended")
    expect(page.locator("#lines")).to_contain_text("promised")
    assert kept(client, "mended") == []


def test_what_still_cannot_be_read_stays_and_what_was_written_is_not_lost(lenient: Page, client: httpx.Client) -> None:
    post(client, "{not json", path="documents")
    lenient.goto("/quarantine")
    lenient.locator("#quarantined a").first.click()
    lenient.get_by_label("The document, to be mended").fill("{still not")
    lenient.get_by_role("button", name="Send again").click()
    expect(lenient.get_by_role("alert")).to_be_visible()
    expect(lenient.get_by_label("The document, to be mended")).to_have_value("{still not")
    lenient.get_by_text("It is of no use to anybody").click()
    lenient.get_by_role("button", name="Drop it for good").click()
    expect(lenient.locator("h1")).to_have_text("Quarantine")
    assert not any(row["text"].startswith("{not json") for row in kept(client, ""))


def test_what_was_too_early_is_taken_once_it_is_not_and_only_once(client: httpx.Client) -> None:
    change = {"source": "t", "number": "early", "lines": [{"line": "1", "quantity": "5"}]}
    post(client, change, path="order-changes")
    (row,) = kept(client, "t/early")
    post(client, order("early"))
    address = f"{API}/quarantine/{row['sequence']}/resend"
    assert client.post(address).json()["outcome"] == "accepted"
    assert client.get(f"{API}/orders/t/early").json()["lines"][0]["quantity"] == "5"
    assert client.post(address).status_code == 404
    assert kept(client, "t/early") == []


def test_what_is_refused_again_comes_back_with_its_reason(client: httpx.Client) -> None:
    post(client, {"work_order": "WO-999999", "step": "10", "good": 1}, path="operation-reports")
    (row,) = kept(client, "WO-999999")
    client.post(f"{API}/quarantine/{row['sequence']}/resend")
    (again,) = kept(client, "WO-999999")
    assert again["sequence"] > row["sequence"]
    assert client.post(f"{API}/quarantine/{again['sequence']}/drop").status_code == 200
    assert kept(client, "WO-999999") == []


def test_a_dead_letter_is_mended_and_sent_again(browser: Browser, tmp_path: Path) -> None:
    def raises(envelope: Envelope[Any]) -> bool:
        content = envelope.content
        return isinstance(content, SubmitDocument) and getattr(content.document, "number", "") == "fragile"

    with faulty("intake", raises), served(tmp_path) as (_, client):
        post(client, order("fragile"), wait=1)
        with visiting(browser, str(client.base_url), told="Failed to load resource") as page:
            mend_dead_letter(page)


def mend_dead_letter(page: Page) -> None:
    page.goto("/society")
    row = page.locator("#dead-letters tbody tr").first
    expect(row).to_contain_text("stumbles")
    look(page, "society")
    row.get_by_role("link").click()
    expect(page.locator("pre").first).to_contain_text("Traceback")
    body = page.get_by_label("What it says")
    said = json.loads(body.input_value())
    body.fill("{")
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("alert")).to_contain_text("not JSON")
    said["document"]["number"] = "sturdy"
    body.fill(json.dumps(said))
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("It has been sent again.")).to_be_visible()
    page.goto("/orders?search=sturdy")
    expect(page.get_by_role("link", name="t/sturdy")).to_be_visible()
