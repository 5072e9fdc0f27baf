"""The host with threads: the very same agents, everything by tell, and nothing left when it stops."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pykka
import pytest

from agents.runtime.agent import Agent, Effects, Turn, handles
from agents.runtime.dispatch import Maker
from agents.runtime.ledger import Ledger
from agents.runtime.pykka_host import PykkaHost
from knowledge.errors import StoreError
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, MessageRow
from protocols.orders import Acknowledged
from protocols.supplying import Wake
from tests.agents.runtime.chat import NOW, Echo, Hearing, timer

pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")


class Stage(Hearing):
    """A host with threads and small agents, and what they tell the world."""

    host: PykkaHost

    def __init__(self, store: Store | None = None, more: dict[str, Maker] | None = None, **echo: Any) -> None:
        super().__init__(store)
        self.host = PykkaHost(self.makers(**echo) | (more or {}), Ledger(self.store), NOW, self.hear)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.host.stop()


def _threads() -> set[threading.Thread]:
    """Those of agents and of who writes for them."""
    return {thread for thread in threading.enumerate() if thread.name.startswith(("Hosted", "Writer"))}


@pytest.fixture(autouse=True)
def others() -> Iterator[set[threading.Thread]]:
    """The threads of services that other tests have running. A test leaves nothing of its own behind."""
    actors, threads = set(pykka.ActorRegistry.get_all()), _threads()
    yield threads
    assert set(pykka.ActorRegistry.get_all()) <= actors
    for thread in _threads() - threads:
        thread.join(2)
        assert not thread.is_alive()


def test_answers_find_their_way_back_through_several_agents(stage: Stage) -> None:
    stage.ask("relay", "a", "b")
    stage.host.run_until(NOW)
    assert stage.told == ["a: 1 at 0", "b: 2 at 0"]
    assert {row["status"] for row in stage.store.rows(MessageRow)} == {"handled"}


def test_time_moves_to_each_timer_in_order_and_stops_where_it_is_told_to(stage: Stage) -> None:
    stage.ask("sleeper", "late", key="30")
    stage.ask("sleeper", "soon", key="10")
    stage.host.run_until(NOW + 20)
    assert stage.sleeper.order == ["late 0", "soon 0", "soon 10"]
    stage.host.run_until(NOW + 30)
    assert stage.sleeper.order[-1] == "late 30"


def test_all_messages_of_an_instant_come_before_its_timers(stage: Stage) -> None:
    stage.ask("sleeper", "a", key="0")
    stage.ask("relay", "b")
    stage.host.run_until(NOW)
    assert stage.sleeper.order == ["a 0", "a 0"]
    assert stage.told == ["b: 1 at 0"]


@pytest.mark.parametrize("stumble", [1, 2, 25, 49, 50])
def test_a_handler_that_raises_once_loses_nothing(stumble: int) -> None:
    stage = Stage(stumbles=[stumble])
    words = [f"{number:02d}" for number in range(50)]
    stage.ask("echo", *words)
    stage.host.run_until(NOW)
    stage.host.stop()
    assert stage.told == [f"{word}: {number} at 0" for number, word in enumerate(words, 1)]
    assert [row["body"] for row in stage.store.rows(AgentStateRow)] == ["50"]


def test_an_agent_that_never_stops_raising_is_given_up_message_by_message() -> None:
    stage = Stage(stumbles=[1, 1, 1])
    stage.ask("echo", "a", "b")
    stage.host.run_until(NOW)
    stage.host.stop()
    assert stage.told == ["b: 1 at 0"]
    assert [row["status"] for row in stage.store.rows(MessageRow, receiver="echo")] == ["dead", "handled"]


def test_agents_live_on_daemon_threads_of_their_own(others: set[threading.Thread], stage: Stage) -> None:
    stage.host.run_until(NOW)
    threads = _threads() - others
    assert len(threads) == 4
    assert all(thread.daemon for thread in threads)


def test_many_may_post_at_once_and_wait_at_once(stage: Stage) -> None:
    def customer(number: int) -> None:
        for order in range(20):
            stage.ask("relay", f"{number}.{order}")
            stage.host.run_until(NOW)

    customers = [threading.Thread(target=customer, args=(number,)) for number in range(4)]
    for thread in customers:
        thread.start()
    for thread in customers:
        thread.join(20)
    assert len(stage.told) == 80
    assert [row["body"] for row in stage.store.rows(AgentStateRow)] == ["80"]


class Slow(Agent):
    """Takes its time."""

    name = "slow"

    @handles(Wake)
    def work(self, turn: Turn[Wake]) -> Effects:
        time.sleep(0.05)
        yield turn.inform(Acknowledged(name=turn.content.what, outcome="done"))


def test_what_comes_from_outside_is_durable_at_once_and_waits_for_the_society_to_rest() -> None:
    stage = Stage(more={"slow": Slow})
    stage.ask("slow", "a")
    stage.ask("echo", "b")
    stage.host.stop()
    rows = {row["receiver"]: row["status"] for row in stage.store.rows(MessageRow) if row["sender"] == "door"}
    assert rows["echo"] in ("waiting", "handled")
    assert set(rows) == {"slow", "echo"}


def test_what_waits_when_it_stops_is_done_by_the_next_one() -> None:
    first = Stage(more={"slow": Slow})
    first.ask("slow", *"abcdef")
    first.ask("sleeper", "late", key="30")
    first.host.stop()
    second = Stage(first.store, more={"slow": Slow})
    second.host.run_until(NOW + 30)
    second.host.stop()
    assert sorted(first.told + second.told) == [f"{word}: done" for word in "abcdef"]
    assert second.sleeper.order[-1] == "late 30"


def test_the_same_message_delivered_twice_is_handled_once() -> None:
    store = Store()
    ledger = Ledger(store)
    ledger.post([timer("echo", NOW + 1), timer("echo", NOW + 1)], "echo", NOW)
    ledger.commit()
    ledger.waiting = lambda: 2 * Ledger.waiting(ledger)  # type: ignore[method-assign]
    host = PykkaHost({"echo": Echo}, ledger, NOW)
    host.run_until(NOW + 1)
    host.stop()
    assert [row["body"] for row in store.rows(AgentStateRow)] == ["2"]


class Counting(Store):
    """A database that counts its transactions, each of which takes a while."""

    commits = 0

    def write(self, writes: Sequence[Write]) -> None:
        self.commits += bool(writes)
        time.sleep(0.005)
        super().write(writes)


def test_under_load_many_handlers_share_a_transaction() -> None:
    store = Counting()
    stage = Stage(store)
    for n in range(300):
        stage.ask("echo", str(n))
    stage.host.run_until(NOW)
    stage.host.stop()
    assert len(stage.told) == 300
    assert store.commits < 60  # 300 requests, 300 handled, 300 answers


def test_an_agent_that_cannot_be_made_is_told_to_whoever_starts_the_host() -> None:
    def unmade() -> Agent:
        raise ValueError("no plant")

    with pytest.raises(ValueError, match="no plant"):
        Stage(more={"unmade": unmade})


class FullDisk(Store):
    """A database that can be read, but not written any more."""

    full = False

    def write(self, writes: Sequence[Write]) -> None:
        if self.full and writes:
            raise StoreError("the disk is full")
        super().write(writes)


def test_a_ledger_that_fails_is_told_to_whoever_waits_and_everything_stops() -> None:
    store = FullDisk()
    stage = Stage(store)
    store.full = True
    stage.ask("echo", "a")
    with pytest.raises((StoreError, pykka.ActorDeadError)):
        stage.host.run_until(NOW)
    stage.host.stop()
    assert stage.told == []
