"""Killed at any moment (SIGKILL), a society goes on where it was: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from agents.society import stored_plant
from knowledge.auditor import audit
from knowledge.instants import Instant, from_datetime
from knowledge.store.books import books_of
from knowledge.store.database import Store
from knowledge.store.export import Rows, export
from knowledge.store.tables import MessageRow
from tests.agents.runtime.killing import Diary, finished, killed, stream
from tests.agents.runtime.town import dead, differences, process
from tests.conftest import Databases
from tests.effort import times

KILLS = times(20, 200)
DOCUMENTS = times(40, 500)
LONGEST_S = times(2, 8)


@cache
def undisturbed(seed: int) -> dict[str, Rows]:
    """The tables of a stream that nothing happened to."""
    return process(stream(seed, DOCUMENTS), Store())


def last(seed: int) -> Instant:
    """When the last document of a stream is received."""
    times = [read.document.received for read in stream(seed, DOCUMENTS) if read.document is not None]
    return max(from_datetime(time) for time in times if time is not None)


@pytest.mark.parametrize("threads", [False, True], ids=["simulated", "pykka"])
def test_a_society_killed_again_and_again_ends_as_if_nothing_had_happened(
    new_database: Databases, tmp_path: Path, threads: bool
) -> None:
    dice, kills, seed = random.Random(f"kills {threads}"), 0, 0
    while kills < KILLS // 2:
        seed += 1
        url, diary = new_database(), Diary(tmp_path / f"diary{seed}")
        for _ in killed(dice, LONGEST_S, url, diary.path, seed, DOCUMENTS, threads):
            kills += 1
            if kills == KILLS // 2:
                finished(url, diary.path, seed, DOCUMENTS, threads)
                break
        check(url, diary, seed)


def check(url: str, diary: Diary, seed: int) -> None:
    """The tables are as undisturbed, every law holds, and the world was told each outcome under one key."""
    store = Store(url, reading=True)
    plant, now = stored_plant(store), last(seed)
    assert (seed, differences(undisturbed(seed), export(store, plant, now))) == (seed, [])
    assert (dead(store), audit(books_of(store, plant, now))) == ([], [])
    said = store.rows(MessageRow, "message", "kind", "subject", "status", receiver="door")
    assert {row["status"] for row in said} == {"handled"}
    outcomes = Counter(row["subject"] for row in said if row["kind"] == "Acknowledged")
    assert outcomes == Counter(read.name for read in stream(seed, DOCUMENTS))
    keys: dict[str, set[str]] = {}
    for key, message, _, _ in diary.told():
        keys.setdefault(message, set()).add(key)
    assert set(keys) == {row["message"] for row in said}
    assert all(len(found) == 1 for found in keys.values())
    assert len(set.union(*keys.values())) == len(keys)
    store.close()
