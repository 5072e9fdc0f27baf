"""Whatever host, seed of hashes, restart or crash: the same documents end in the same tables."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agents.opening import Host, HostMaker
from agents.runtime import dispatch
from agents.runtime.dispatch import MOST_ATTEMPTS
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from agents.sources.reading import read_paths
from knowledge.errors import StoreError
from knowledge.reading import read_folder
from knowledge.store.database import Store
from knowledge.store.export import Rows
from knowledge.store.tables import MessageRow
from protocols.envelope import Envelope
from tests import postgres
from tests.agents.runtime.town import (
    Crash,
    FailingStore,
    Nth,
    dead,
    differences,
    faulty,
    left,
    month,
    process,
    small_plant,
    society,
    tables,
)
from tests.conftest import Databases
from tests.effort import LONG, times

ROOT = Path(__file__).parents[3]
DEMO = ROOT / "simulations" / "plants" / "demo"
AGENTS = ("intake", "classifier", "engineering", "inventory", "planner", "purchasing", "shipping", "approvals")
HOSTS = (SimulatedHost, PykkaHost)


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is done between two commits, so that there are many moments at which to end."""
    monkeypatch.setattr(dispatch, "MOST_BEHIND", 25)


@cache
def undisturbed() -> tuple[dict[str, Rows], dict[str, int]]:
    """The tables of a month without disturbance, and how many messages each agent got."""
    store = Store()
    tables = process(month(), store)
    receivers = [row["receiver"] for row in store.rows(MessageRow, "receiver")]
    assert not dead(store)
    return tables, {name: receivers.count(name) for name in receivers}


def test_the_month_touches_every_table() -> None:
    assert all(undisturbed()[0].values())


def test_threads_and_virtual_time_give_the_same_tables() -> None:
    assert differences(undisturbed()[0], process(month(), Store(), make_host=PykkaHost)) == []


def test_threads_and_virtual_time_give_the_same_tables_of_a_morning_of_the_demo() -> None:
    files, reads = read_folder(DEMO / "knowledge"), read_paths([DEMO / "orders"])[:24]
    simulated, threaded = (process(reads, Store(), files=files, make_host=host) for host in HOSTS)
    assert differences(simulated, threaded) == []


def test_the_order_of_hashes_does_not_matter() -> None:
    script = (
        "import json\n"
        "from tests.agents.runtime.test_recovery import HOSTS, Store, month, process\n"
        "print(json.dumps([process(month(), Store(), make_host=host) for host in HOSTS]))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            cwd=ROOT,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]


@pytest.mark.parametrize("documents", [1, 9, 13, 23])
def test_a_restart_forgets_nothing(database: str, documents: int) -> None:
    url, reads = database, month()
    for some in (reads[:documents], reads[documents:]):
        store = Store(url)
        tables = process(some, store)
        store.close()
    assert differences(undisturbed()[0], tables) == []


def test_a_restart_may_change_the_host(database: str) -> None:
    store, reads = Store(database), month()
    process(reads[:12], store, make_host=PykkaHost)
    assert differences(undisturbed()[0], process(reads[12:], store)) == []
    store.close()


@pytest.mark.parametrize(
    ("name", "host", "new_database"),
    [
        *itertools.product([*AGENTS, "supplier:TIMBER"], HOSTS, ["sqlite"]),
        *itertools.product([*AGENTS, "supplier:TIMBER"] if LONG else ["planner", "purchasing"], HOSTS, ["postgresql"]),
    ],
    indirect=["new_database"],
)
def test_an_agent_that_crashes_loses_nothing(name: str, host: HostMaker[Host], new_database: Databases) -> None:
    expected, messages = undisturbed()
    n, store = random.Random(f"{name} {host}").randint(1, messages[name]), Store(new_database())
    with faulty(name, Nth(n)):
        tables = process(month(), store, make_host=host)
    assert (n, differences(expected, tables), dead(store)) == (n, [], [])
    store.close()


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("seed", range(times(3, 40)))
def test_a_process_that_ends_between_two_commits_loses_nothing(database: str, seed: int) -> None:
    url, dice = database, random.Random(seed)
    store: Store = FailingStore(url, dice.randrange(1, 90), before=dice.random() < 0.5)
    with pytest.raises(Crash):
        process(month(), store)
    store.close()
    store = Store(url)
    tables = process(left(month(), store), store)
    assert differences(undisturbed()[0], tables) == []
    store.close()


@pytest.mark.usefixtures("often")
def test_a_process_that_ends_while_the_society_opens_changes_nothing(tmp_path: Path) -> None:
    expected = process(month()[:8], Store())
    for commits in range(1, 10):
        url = f"sqlite:///{tmp_path}/{commits}.db"
        store: Store = FailingStore(url, commits, before=True)
        with pytest.raises(Crash):
            process(month()[:8], store)
        store.close()
        store = Store(url)
        assert (commits, differences(expected, process(left(month()[:8], store), store))) == (commits, [])
        store.close()


@pytest.mark.usefixtures("often")
def test_a_society_waits_for_a_database_server_that_is_away(postgres_server: postgres.Server) -> None:
    def wait(failures: int, error: StoreError) -> bool:
        if failures == 2:
            postgres_server.start()
        return failures < 5

    store = Store(postgres_server.url(), patience=wait)
    running = society(store, small_plant(), month())
    for done in running.run(month()):
        if done in (7, 15):
            postgres_server.control("stop", "-m", "immediate")
    running.host.stop()
    assert differences(undisturbed()[0], tables(running)) == []
    assert not dead(store)
    store.close()


@pytest.mark.usefixtures("often")
def test_a_society_waits_for_room_on_a_disk_that_is_full(tmp_path: Path) -> None:
    waited = []

    def allow(pages: int) -> None:
        with store.connected() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    def wait(failures: int, error: StoreError) -> bool:
        waited.append(str(error))
        if failures == 2:
            allow(10_000)
        return failures < 5

    store = Store(f"sqlite:///{tmp_path}/plant.db", patience=wait)
    running = society(store, small_plant(), month())
    for done in running.run(month()):
        if done == 7:
            allow(1)  # SQLite takes the size that the file has for the least
    running.host.stop()
    assert len(waited) == 2
    assert all("full" in reason for reason in waited)
    assert differences(undisturbed()[0], tables(running)) == []
    store.close()


class Always:
    """Raises whenever it comes to the n-th message."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.seen: dict[str, None] = {}

    def __call__(self, envelope: Envelope[Any]) -> bool:
        self.seen.setdefault(envelope.id)
        return list(self.seen).index(envelope.id) + 1 == self.n


@pytest.mark.parametrize("name", [*AGENTS, "supplier:TIMBER"])
def test_a_message_that_nobody_can_handle_is_a_dead_letter_and_the_rest_goes_on(name: str) -> None:
    store = Store()
    with faulty(name, Always(4)):
        tables = process(month(), store)
    (letter,) = dead(store)
    assert (letter["receiver"], letter["attempts"]) == (name, 3)
    assert f"{name} stumbles over {letter['message']}" in letter["error"]
    assert len({row["order"] for row in tables["promises"]}) >= 7


def test_an_order_that_the_planner_cannot_plan_becomes_a_question_and_the_others_are_promised() -> None:
    store, reads, asked_for, crashes = Store(), month()[:6], set[str](), 0

    def poisoned(envelope: Envelope[Any]) -> bool:
        nonlocal crashes
        kind = type(envelope.content).__name__
        if kind == "PlanOrder":
            asked_for.add(envelope.subject)
        crash = kind == "Wake" and "manual/2" in asked_for and crashes < MOST_ATTEMPTS
        crashes += crash
        return crash

    with faulty("planner", poisoned):
        tables = process(reads, store)
    asked = [row for row in tables["promises"] if row["status"] == "question"]
    assert {row["order"] for row in asked} >= {"manual/2"}
    assert all("planner failed" in row["reason"] for row in asked)
    assert "promised" in {row["status"] for row in tables["promises"]}


def test_an_order_whose_decision_cannot_be_kept_becomes_a_question_and_the_others_are_promised() -> None:
    """The planner crashes when inventory has agreed: what it decided is decided again, but not for ever."""
    store, reads = Store(), month()[:6]

    def poisoned(envelope: Envelope[Any]) -> bool:
        return type(envelope.content).__name__ == "Reserved" and envelope.subject == "manual/2"

    with faulty("planner", poisoned):
        tables = process(reads, store)
    by_order = {row["order"]: row["status"] for row in tables["promises"]}
    assert by_order["manual/2"] == "question"
    assert "promised" in {status for order, status in by_order.items() if order != "manual/2"}
    assert {row["receiver"] for row in dead(store)} <= {"planner"}


def test_the_outcome_counts_dead_letters() -> None:
    running = society(Store(), small_plant(), month())
    with faulty("classifier", Always(2)):
        unsound = society(Store(), small_plant(), month())
    for some in (running, unsound):
        for _ in some.run(month()[:5]):
            pass
    assert (running.outcome.dead, unsound.outcome.dead) == (0, 1)
