"""Nothing is told before what it rests on is on the disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from agents.service.durable import Durable


@pytest.fixture
def path(tmp_path: Path) -> str:
    (tmp_path / "log").write_text("x")
    return str(tmp_path / "log")


def test_what_is_told_waits_for_the_disk_and_keeps_its_order(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    happened: list[str] = []
    slow = threading.Event()

    def sync(file: int) -> None:
        slow.wait(10)
        happened.append("disk")

    monkeypatch.setattr(os, "fsync", sync)
    durable = Durable(path)
    durable.committed()
    for name in "abc":
        durable.then(lambda name=name: happened.append(name))  # type: ignore[misc]
    assert happened == []
    slow.set()
    durable.close()
    assert happened[0] == "disk"
    assert [each for each in happened if each != "disk"] == ["a", "b", "c"]


def test_many_tellings_share_one_wait_for_the_disk(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []
    entered, free = threading.Event(), threading.Event()

    def sync(file: int) -> None:
        syncs.append(file)
        entered.set()
        free.wait(10)

    monkeypatch.setattr(os, "fsync", sync)
    durable, told = Durable(path), []
    durable.committed()
    durable.then(lambda: told.append(0))
    assert entered.wait(10)
    for number in range(1, 50):
        durable.committed()
        durable.then(lambda number=number: told.append(number))  # type: ignore[misc]
    free.set()
    durable.close()
    assert told == list(range(50))
    assert len(syncs) == 2


def test_a_disk_that_fails_silences_everything_and_is_reported(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def sync(file: int) -> None:
        raise OSError("no space")

    monkeypatch.setattr(os, "fsync", sync)
    failures: list[Exception] = []
    durable, told = Durable(path, failures.append), []
    durable.committed()
    durable.then(lambda: told.append("told"))
    durable.close()
    assert told == []
    assert [str(failure) for failure in failures] == ["no space"]


def test_who_reads_waits_for_what_was_committed_before(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []
    monkeypatch.setattr(os, "fsync", syncs.append)
    durable = Durable(path)
    durable.wait()
    assert not syncs  # nothing was committed
    durable.committed()
    durable.wait()
    assert len(syncs) == 1
    durable.wait()
    assert len(syncs) == 1
    durable.close()
