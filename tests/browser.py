"""A real browser for tests: Debian's Chromium, driven by playwright; and what is looked at on every page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
MISSING = "Chromium is not installed here (Debian: apt-get install chromium)"
SCREENSHOTS = Path(__file__).parent.parent / ".artifacts" / "screenshots"
WIDE, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
PATIENCE_MS = 20_000
"""How long anything is waited for: a machine may be busy."""

expect.set_options(timeout=PATIENCE_MS)

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser that is closed afterwards."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def visiting(browser: Browser, base: str, *, told: str = "\0", **options: Any) -> Iterator[Page]:
    """A page of a new visitor. What it complains of or cannot load fails the test at the end, unless that is `told`."""
    context = browser.new_context(base_url=base, viewport=WIDE, **options)
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.set_default_timeout(PATIENCE_MS)
    try:
        yield page
    finally:
        context.close()
    strange = [each for each in complaints if told not in each]
    assert not strange, strange


def look(page: Page, name: str) -> None:
    """Keep a picture of a page, wide and on a phone. It must not spill over, nor have faults that axe finds serious."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    for suffix, size in (("wide", WIDE), ("phone", PHONE)):
        page.set_viewport_size(size)
        page.screenshot(path=SCREENSHOTS / f"{name}-{suffix}.png", full_page=True)
        spilt = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert spilt <= 0, f"{name} is {spilt} pixels too wide at {size['width']}"
        faults(page)
    page.set_viewport_size(WIDE)


def faults(page: Page) -> None:
    """Fail on what axe finds serious or critical."""
    found = Axe().run(page).response["violations"]
    grave = [each for each in found if each["impact"] in ("serious", "critical")]
    told = [f"{each['id']}: {node['html'][:200]}" for each in grave for node in each["nodes"]]
    assert not told, "\n".join(told)
