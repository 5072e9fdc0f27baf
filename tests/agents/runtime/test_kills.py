"""Killed at any moment (SIGKILL), a society goes on where it was: nothing is lost, and nothing happens twice."""

from __future__ import annotations

import itertools
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

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
from tests.effort import LONG, times

KILLS = times(20, 200)
DOCUMENTS = times(40, 500)
LONGEST_S = times(2, 8)
TOGETHER = 5

_NUMBERED = re.compile(r"\b(WO|PO|SH|AP)-\d+\b")


@cache
def undisturbed(seed: int, together: int) -> dict[str, Rows]:
    """The tables of a stream that nothing happened to."""
    return process(stream(seed, DOCUMENTS, together), Store())


def last(seed: int, together: int) -> Instant:
    """When the last document of a stream is received."""
    times = [read.document.received for read in stream(seed, DOCUMENTS, together) if read.document is not None]
    return max(from_datetime(time) for time in times if time is not None)


HOSTS = [
    pytest.param(database, threads, id=f"{database}-{'pykka' if threads else 'simulated'}")
    for database, threads in itertools.product(("sqlite", "postgresql"), (False, True))
    if LONG or threads == (database == "postgresql")
]
"""Each kind of database and of host; each with each other in the long run."""

Compare = Callable[[dict[str, Rows], dict[str, Rows]], Iterable[Any]]


def disturb(new_database: Databases, folder: Path, kills: int, together: int, threads: bool, differ: Compare) -> None:
    """Kill societies again and again while they take streams, until all is taken; then look at what is there."""
    dice, done, seed = random.Random(f"kills {threads}"), 0, 0
    while done < kills:
        seed += 1
        url, diary = new_database(), Diary(folder / f"diary{seed}")
        given = url, diary.path, seed, DOCUMENTS, together, threads
        for _ in killed(dice, LONGEST_S, *given):
            done += 1
            if done == kills:
                finished(*given)
                break
        check(url, diary, seed, together, differ)


@pytest.mark.parametrize(("new_database", "threads"), HOSTS, indirect=["new_database"])
def test_a_society_killed_again_and_again_ends_as_if_nothing_had_happened(
    new_database: Databases, tmp_path: Path, threads: bool
) -> None:
    disturb(new_database, tmp_path, KILLS // 2, 1, threads, differences)


@pytest.mark.parametrize(("new_database", "threads"), HOSTS, indirect=["new_database"])
def test_of_documents_admitted_together_a_killed_society_makes_the_same_under_other_numbers(
    new_database: Databases, tmp_path: Path, threads: bool
) -> None:
    disturb(new_database, tmp_path, KILLS // 4, TOGETHER, threads, unlike)


def unlike(expected: dict[str, Rows], found: dict[str, Rows]) -> list[tuple[str, Any]]:
    """Rows that one has more often than the other, whatever their order and the numbers that the society gave."""
    told: list[tuple[str, Any]] = []
    for name in expected:
        one, other = Counter(map(_unnumbered, expected[name])), Counter(map(_unnumbered, found[name]))
        told += [(f"{name}: expected", row) for row in one - other] + [(f"{name}: found", row) for row in other - one]
    return told


def _unnumbered(row: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """A row without numbers that depend on what was made first; pegs in any order."""
    told = {name: _NUMBERED.sub(r"\1", str(value)) for name, value in row.items()}
    if "pegged_to" in told:
        told["pegged_to"] = " ".join(sorted(told["pegged_to"].split()))
    return tuple(told.items())


def check(url: str, diary: Diary, seed: int, together: int, differ: Compare) -> None:
    """The tables are as undisturbed, every law holds, and the world was told each outcome under one key."""
    store = Store(url, reading=True)
    plant, now = stored_plant(store), last(seed, together)
    assert (seed, differ(undisturbed(seed, together), export(store, plant, now))) == (seed, [])
    assert (dead(store), audit(books_of(store, plant, now))) == ([], [])
    said = store.rows(MessageRow, "message", "kind", "subject", "status", receiver="door")
    assert {row["status"] for row in said} == {"handled"}
    outcomes = Counter(row["subject"] for row in said if row["kind"] == "Acknowledged")
    assert outcomes == Counter(read.name for read in stream(seed, DOCUMENTS, together))
    keys: dict[str, set[str]] = {}
    for key, message, _, _ in diary.told():
        keys.setdefault(message, set()).add(key)
    assert set(keys) == {row["message"] for row in said}
    assert all(len(found) == 1 for found in keys.values())
    assert len(set.union(*keys.values())) == len(keys)
    store.close()
