"""Benchmark `console`: first paint of each page in Chromium, the service with 10,000 orders in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page
from rich.console import Console

from tests.bench.intake import served
from tests.bench.plant import generate
from tests.bench.results import Result, percentile
from tests.browser import CHROMIUM, MISSING, browsing

ORDERS, FAMILIES, LOAD = 10_000, 50, 0.7
TIMES = 5
_COMMAND = "make bench console"
_PAINT = """new Promise((done) => {
    const found = () => performance.getEntriesByName("first-contentful-paint")[0];
    const look = () => (found() ? done(found().startTime) : requestAnimationFrame(look));
    look();
})"""


def run() -> list[Result]:
    """The median and the worst of some loads of each page; nothing where there is no browser."""
    if not CHROMIUM.exists():
        Console(stderr=True).print(MISSING)
        return []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(folder, orders=ORDERS, families=FAMILIES, load=LOAD)
        book(folder)
        with served(folder) as port, browsing() as browser:
            return [result for path in _pages(folder) for result in _figures(browser, port, path)]


def book(folder: Path) -> None:
    """Bring the book into the database that the service goes on with."""
    command = [sys.executable, "run_agents.py", "process", str(folder / "orders.jsonl"), "--json"]
    command += ["--knowledge", str(folder / "knowledge"), "--out", str(folder / "out")]
    subprocess.run([*command, "--db", f"sqlite:///{folder / 'intake.db'}"], check=True, stdout=subprocess.DEVNULL)


def _pages(folder: Path) -> Iterator[str]:
    with (folder / "orders.jsonl").open(encoding="utf-8") as file:
        order = json.loads(file.readline())
    name = f"{order['source']}/{order['number']}"
    work_centre, item = "MACH0", order["lines"][0]["item"]
    yield from ("/", "/orders", "/orders?search=17", "/orders?show=late", f"/orders/{name}")
    yield from (f"/orders/{name}?tab=conversation", f"/orders/{name}?tab=history", "/approvals", "/new-order")
    yield from ("/society", "/quarantine", "/engineering", "/availability", f"/availability/{item}", "/schedule")
    yield from (f"/floor?work_centre={work_centre}", "/purchasing", "/receiving", "/shipping", "/knowledge")


def _figures(browser: Browser, port: int, path: str) -> Iterator[Result]:
    page = browser.new_context(base_url=f"http://127.0.0.1:{port}").new_page()
    milliseconds = [_painted(page, path) for _ in range(TIMES)]
    page.context.close()
    yield Result(f"console {path}, first paint, p50", percentile(milliseconds, 50), "ms", _COMMAND)
    yield Result(f"console {path}, first paint, worst", max(milliseconds), "ms", _COMMAND)


def _painted(page: Page, path: str) -> float:
    response = page.goto(path, wait_until="commit")
    assert response is not None and response.ok, f"{path}: {response and response.status}"
    return float(page.evaluate(_PAINT))
