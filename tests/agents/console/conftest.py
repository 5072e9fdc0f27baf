"""One browser, and one service of the bundled plant and its day of orders, for all tests that only look or add."""

from __future__ import annotations

import os
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from agents.console import assets
from agents.service.running import Service
from tests import browser as browsers
from tests.serving import served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium. Where it is missing the tests are skipped, or fail if nothing may be left out (`SOCIETY_NO_SKIPS`)."""
    if not browsers.CHROMIUM.exists():
        (pytest.fail if os.environ.get("SOCIETY_NO_SKIPS") else pytest.skip)(browsers.MISSING)
    assets.charts()  # made once for all pages; the first of them is not to wait for it
    with browsers.browsing() as found:
        yield found


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, httpx.Client]]:
    """A service of the small plant and a client of it."""
    with served(tmp_path_factory.mktemp("console")) as found:
        yield found


@pytest.fixture
def client(shop: tuple[Service, httpx.Client]) -> httpx.Client:
    return shop[1]


@pytest.fixture
def page(browser: Browser, shop: tuple[Service, httpx.Client]) -> Iterator[Page]:
    """A visitor's page, which must not complain of anything."""
    with browsers.visiting(browser, str(shop[1].base_url)) as found:
        yield found


@pytest.fixture
def lenient(browser: Browser, shop: tuple[Service, httpx.Client]) -> Iterator[Page]:
    """A page that is told of problems, which a browser writes into its console."""
    with browsers.visiting(browser, str(shop[1].base_url), told="Failed to load resource") as found:
        yield found
