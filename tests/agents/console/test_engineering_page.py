"""The engineering desk and knowledge in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from agents.console.entering import EntryError
from agents.console.pages import knowledge as knowledge_page
from agents.console.pages.engineering import BOM, rows_of
from agents.service.running import Service
from knowledge.reading import read_folder
from tests.agents.api.test_documents import post
from tests.browser import look, visiting
from tests.knowledge.test_reading_archive import zipped
from tests.serving import API, PLANT, order, served


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Service, httpx.Client]]:
    """A service of its own: what is released and loaded here changes it."""
    with served(tmp_path_factory.mktemp("desk")) as found:
        yield found


@pytest.fixture
def at(browser: Browser, plant: tuple[Service, httpx.Client]) -> Iterator[Page]:
    """A visitor's page of it."""
    with visiting(browser, str(plant[1].base_url), told="with a status of 422") as found:
        yield found


def custom(client: httpx.Client, number: str) -> None:
    """An order of one custom line."""
    line = {"line": "1", "description": "Table, round, 140 cm", "quantity": "2", "requested": "2026-05-04"}
    post(client, order(number, lines=[{**line, "unit_price": "900"}]))


def test_a_custom_line_is_released_and_promised(at: Page, plant: tuple[Service, httpx.Client]) -> None:
    custom(plant[1], "round")
    at.goto("/engineering")
    row = at.locator("#queue tr", has_text="t/round")
    expect(row).to_contain_text("Table, round, 140 cm")
    look(at, "engineering")
    row.get_by_role("link", name="Release").click()
    at.get_by_label("Item", exact=True).fill("ROUND-140")
    at.get_by_label("Revision").fill("A")
    at.get_by_label("Drawings, one reference a line").fill("DWG-77 sheet 1\nDWG-77 sheet 2")
    at.get_by_label("Component, row 1").fill("BOARD")
    at.get_by_label("Quantity for one, row 1").fill("2")
    at.get_by_label("Component, row 2").fill("LEG")
    at.get_by_label("Quantity for one, row 2").fill("4")
    at.get_by_label("Step, row 1").fill("10")
    at.get_by_label("Work centre, row 1").fill("BENCH")
    at.get_by_label("Run min for one, row 1").fill("90")
    look(at, "engineering-release")
    at.get_by_role("button", name="Release").click()
    expect(at.get_by_role("status").filter(has_text="carried through")).to_be_visible()
    expect(at.locator("#queue")).not_to_contain_text("t/round")
    lines = plant[1].get(f"{API}/orders/t/round").json()["lines"]
    assert [(line["item"], line["status"]) for line in lines] == [("ROUND-140", "promised")]


def test_a_release_that_cannot_be_keeps_what_was_written(at: Page, plant: tuple[Service, httpx.Client]) -> None:
    custom(plant[1], "wrong")
    at.goto("/engineering/release?source=t&number=wrong&line=1")
    at.get_by_label("Item", exact=True).fill("WRONG-1")
    at.get_by_label("Component, row 1").fill("BOARD")
    at.get_by_label("Quantity for one, row 1").fill("none")
    at.get_by_role("button", name="Release").click()
    expect(at.get_by_role("alert")).to_contain_text("quantity")
    expect(at.get_by_label("Component, row 1")).to_have_value("BOARD")
    expect(at.get_by_label("Item", exact=True)).to_have_value("WRONG-1")
    at.get_by_label("Component, row 1").fill("NO-SUCH")
    at.get_by_label("Quantity for one, row 1").fill("1")
    at.get_by_role("button", name="Release").click()
    expect(at.locator(".problem")).to_contain_text("component NO-SUCH is not a known item")


def test_an_item_is_revised_with_a_file(at: Page, plant: tuple[Service, httpx.Client]) -> None:
    at.goto("/engineering")
    at.get_by_label("Item", exact=True).fill("STOOL")
    at.get_by_role("button", name="Revise").click()
    expect(at.get_by_label("Component, row 1")).to_have_value("LEG")
    at.get_by_label("Revision").fill("B")
    bom = "component,quantity\nLEG,4\nBOARD,0.25\nSCREW,8\n"
    at.get_by_label("or a CSV file with the columns component").set_input_files(
        {"name": "bom.csv", "mimeType": "text/csv", "buffer": bom.encode()}
    )
    at.get_by_role("button", name="Release").click()
    expect(at.get_by_role("status").filter(has_text="carried through")).to_be_visible()
    at.goto("/knowledge?topic=boms&search=STOOL")
    expect(at.locator("#things dl div", has_text="LEG").locator("dd")).to_have_text("4")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xff", "not UTF-8 at byte 0"),
        (b"part,quantity\nLEG,1\n", "unknown column part; the columns are component, quantity, scrap_percent"),
        (b"component,quantity\n", "no rows; the columns are"),
        (b"component,quantity\nLEG,1,2,3\n", "row 2 has 4 cells where the header has 2"),
        (b"", "no rows"),
        (b"component,quantity\n" + b"LEG,1\n" * 2001, "2001 rows; at most 2000"),
    ],
)
def test_a_file_of_rows_that_cannot_be_read_is_told(data: bytes, told: str) -> None:
    with pytest.raises(EntryError, match=told):
        rows_of("bom.csv", data, BOM)


def test_a_file_of_rows_may_be_separated_by_semicolons_and_have_other_columns_in_any_order() -> None:
    found = rows_of("bom.csv", b"\xef\xbb\xbfquantity;component;parent\n2;LEG;STOOL\n;;\n", BOM)
    assert found == [{"quantity": "2", "component": "LEG"}]


# -- knowledge


def packed(**changed: tuple[str, str]) -> bytes:
    """The small plant's folder as a zip file, with a text replaced in some of its files."""
    files: dict[str, str | bytes] = dict(read_folder(PLANT))
    for name, (old, new) in changed.items():
        text = str(files[f"{name}.csv"])
        assert old in text
        files[f"{name}.csv"] = text.replace(old, new)
    return zipped({f"plant/{name}": text for name, text in files.items()})


def upload(at: Page, data: bytes) -> None:
    """Choose a folder on the page of knowledge and ask what it changes."""
    at.goto("/knowledge")
    folder: FilePayload = {"name": "plant.zip", "mimeType": "application/zip", "buffer": data}
    at.get_by_label("A new version of the knowledge folder").set_input_files(folder)
    at.get_by_role("button", name="Show what it changes").click()


def test_a_new_version_is_shown_as_a_difference_and_then_loaded(at: Page, plant: tuple[Service, httpx.Client]) -> None:
    upload(at, packed(offers=("HARDWARE,LAMP,0,31.00", "HARDWARE,LAMP,0,33.50"), customers=("NEAR,Shop", "NEAR,Store")))
    expect(at.locator("h1")).to_have_text("What plant.zip changes")
    expect(at.locator("tr", has_text="HARDWARE of LAMP")).to_contain_text("31 → 33.5")
    look(at, "knowledge-check")
    at.get_by_role("button", name="Load it").click()
    expect(at.get_by_role("status").filter(has_text="2 changes carried through")).to_be_visible()
    at.goto("/knowledge?topic=offers&search=LAMP")
    expect(at.locator("#things")).to_contain_text("33.5")
    upload(at, packed(offers=("HARDWARE,LAMP,0,31.00", "HARDWARE,LAMP,0,33.50"), customers=("NEAR,Shop", "NEAR,Store")))
    expect(at.get_by_role("status").filter(has_text="knows this very folder")).to_be_visible()


def test_what_may_not_change_is_told_all_at_once_and_nothing_is_loaded(at: Page) -> None:
    upload(at, packed(items=('BEAM,"Beam 60 x 60 mm, beech",M,2', "BEAM,Beam,M,3"), stock=("BEAM,60.5", "BEAM,60.5")))
    expect(at.get_by_role("alert")).to_contain_text("BEAM cannot change from 2 to 3")
    expect(at.get_by_role("alert")).to_contain_text("Nothing was loaded")


def test_archives_that_mean_harm_are_refused(at: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    upload(at, zipped({"../../etc/items.csv": "item\nX\n"}))
    expect(at.get_by_role("alert")).to_contain_text("leads out of the folder")
    upload(at, b"this is no archive")
    expect(at.get_by_role("alert")).to_contain_text("is no zip file that can be read")
    monkeypatch.setattr(knowledge_page, "MOST_BYTES", 100)
    upload(at, packed())
    expect(at.get_by_role("alert")).to_contain_text("larger than")


def test_an_upload_is_loaded_once_and_by_nobody_else(plant: tuple[Service, httpx.Client]) -> None:
    answer = plant[1].post("/knowledge/load", data={"token": "made-up"}, headers={"accept": "text/html"})
    assert answer.status_code == 422
    assert "upload again" in answer.text


def test_what_is_known_looks_well(at: Page, tmp_path: Path) -> None:
    for topic in ("items", "routes", "calendars", "customers", "offers"):
        at.goto(f"/knowledge?topic={topic}")
        expect(at.locator("#things tbody tr").first).to_be_visible()
    at.goto("/knowledge?topic=items")
    look(at, "knowledge")
