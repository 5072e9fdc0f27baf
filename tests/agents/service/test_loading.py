"""A running service goes on with another version of its knowledge folder, also after it was started again."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from agents.service.desk import DeskClosedError
from knowledge.errors import KnowledgeError
from knowledge.reading import read_folder
from tests.agents.api.test_documents import post
from tests.serving import API, PLANT, order, served


def status(client: httpx.Client, document: dict[str, Any]) -> str:
    """What becomes of an order's line."""
    found: str = post(client, document).json()["documents"][0]["lines"][0]["status"]
    return found


def changed() -> dict[str, str]:
    """The small plant with another price, and a customer who was not there."""
    files = read_folder(PLANT)
    files["customers.csv"] = files["customers.csv"].rstrip("\n") + "\nLATECOMER,Latecomer,,,,,,\n"
    return files


def test_a_new_version_is_planned_with_at_once_and_after_a_restart(tmp_path: Path) -> None:
    with served(tmp_path) as (service, client):
        assert status(client, order("1", customer="LATECOMER")) == "question"
        load = service.load(changed())
        assert [str(change) for change in load.changes] == ["customer LATECOMER"]
        lines = client.get(f"{API}/orders/t/1").json()["lines"]
        assert [line["status"] for line in lines] == ["promised"]
        assert status(client, order("2", customer="LATECOMER")) == "promised"
    with served(tmp_path, knowledge=_written(tmp_path / "plant", changed())) as (service, client):
        assert service.load(changed()).writes == ()
        assert client.get(f"{API}/orders/t/2").json()["lines"][0]["status"] == "promised"


def _written(folder: Path, files: dict[str, str]) -> Path:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_what_is_refused_leaves_the_service_as_it_was(tmp_path: Path) -> None:
    with served(tmp_path) as (service, client):
        post(client, order("1"))
        files = changed()
        files["plant.toml"] = files["plant.toml"].replace('timezone = "UTC"', 'timezone = "Asia/Tokyo"')
        with pytest.raises(KnowledgeError, match="the zone stays what it was"):
            service.load(files)
        assert status(client, order("2")) == "promised"
        assert service.desk.failed is None


def test_orders_that_come_meanwhile_are_all_promised(tmp_path: Path) -> None:
    with served(tmp_path) as (service, client):
        answers: list[str] = []

        def bring() -> None:
            answers.extend(status(client, order(str(number))) for number in range(20))

        bringing = Thread(target=bring)
        bringing.start()
        for _ in range(3):
            service.load(changed())
            service.load(read_folder(PLANT))
        bringing.join()
        assert answers == ["promised"] * 20


def test_a_service_that_has_stopped_loads_nothing(tmp_path: Path) -> None:
    with served(tmp_path) as (service, _):
        pass
    with pytest.raises(DeskClosedError):
        service.load(changed())
