"""Another version of the knowledge folder by HTTP: its difference, its loading, and what is said against it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from knowledge.reading import read_folder
from tests.agents.api.test_documents import post
from tests.knowledge.test_reading_archive import zipped
from tests.serving import API, PLANT, order, served


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a service of its own."""
    with served(tmp_path_factory.mktemp("knowledge")) as (_, client):
        yield client


def folder(name: str = "", old: str = "", new: str = "") -> bytes:
    """The small plant's folder as a zip file, with a text of a file replaced."""
    files: dict[str, str | bytes] = dict(read_folder(PLANT))
    if name:
        text = str(files[name])
        assert old in text
        files[name] = text.replace(old, new)
    return zipped(files)


def send(client: httpx.Client, body: bytes, query: str = "") -> httpx.Response:
    return client.post(f"{API}/knowledge{query}", content=body, headers={"Content-Type": "application/zip"})


def test_a_difference_is_shown_without_loading_and_then_loaded(plant: httpx.Client) -> None:
    body = folder("offers.csv", "HARDWARE,LAMP,0,31.00", "HARDWARE,LAMP,0,33.50")
    price = {"name": "price", "before": "31", "after": "33.5"}
    change = {"kind": "offer", "name": "HARDWARE of LAMP", "what": "changed", "fields": [price]}
    shown = send(plant, body, "?dry_run=true").json()
    assert shown == {"loaded": False, "changes": [change], "superseded": []}
    assert send(plant, body).json() == {"loaded": True, "changes": [change], "superseded": []}
    assert send(plant, body).json() == {"loaded": False, "changes": [], "superseded": []}


def test_everything_against_a_folder_is_told_by_place_and_nothing_is_done(plant: httpx.Client) -> None:
    post(plant, order("open"))
    answer = send(plant, folder("plant.toml", 'timezone = "UTC"', 'timezone = "Asia/Tokyo"'))
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["place"] == "plant.toml:timezone"
    assert send(plant, folder("items.csv", "LAMP,", "LAMPE,"), "?dry_run=true").status_code == 422


@pytest.mark.parametrize("body", [b"", b"no archive", zipped({"../items.csv": "item\nX\n"})])
def test_what_is_no_folder_is_refused(plant: httpx.Client, body: bytes) -> None:
    assert send(plant, body).status_code in (400, 422)
