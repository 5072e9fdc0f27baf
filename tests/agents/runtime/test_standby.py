"""The second of two on one database waits, and takes over when the first one dies; never do both write."""

from __future__ import annotations

import time
from itertools import count

import pykka
import pytest

from agents.runtime.ledger import Ledger
from agents.runtime.pykka_host import PykkaHost
from agents.runtime.simulated import SimulatedHost
from agents.runtime.standby import patient, stand_by
from knowledge.errors import AwayError, FencedError, OwnedError, StoreError
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, MessageRow, WriterRow
from protocols.supplying import Wake
from tests import postgres
from tests.agents.runtime.chat import NOW, Echo, request
from tests.agents.runtime.killing import FORKED


def _row(key: str) -> Write:
    return Write(AgentStateRow, {"agent": "a", "key": key, "body": ""})


def write_for_ever(url: str) -> None:
    """Own a database, and commit until killed."""
    store = Store(url)
    for n in count():
        store.write([_row(f"{n:06d}")])


def test_the_second_takes_over_within_seconds_when_the_first_is_killed(database: str) -> None:
    Store(database).close()
    first = FORKED.Process(target=write_for_ever, args=(database,))
    first.start()
    while not _rows(database):
        time.sleep(0.05)
    with pytest.raises(OwnedError, match=f"process {first.pid} on "):
        Store(database)
    asked = count()
    assert stand_by(lambda: Store(database), stopped=lambda: next(asked) >= 3) is None
    first.kill()
    first.join()
    began = time.monotonic()
    second = stand_by(lambda: Store(database))
    assert second is not None
    assert time.monotonic() - began < 5
    written = len(second.rows(AgentStateRow))
    second.write([_row("mine")])
    assert len(second.rows(AgentStateRow)) == written + 1
    assert second.rows(WriterRow, "epoch") == [{"epoch": 3}]
    second.close()


def _rows(database: str) -> int:
    reader = Store(database, reading=True)
    found = len(reader.rows(AgentStateRow))
    reader.close()
    return found


def test_a_writer_whose_session_was_ended_goes_on_unless_another_took_over(postgres_server: postgres.Server) -> None:
    url = postgres_server.url()
    store = Store(url, patience=lambda failures, error: failures < 5)
    end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'society' AND pid <> pg_backend_pid()"
    postgres_server.run(f"{end} AND datname = '{url.split('@/')[1].split('?')[0]}'")
    store.write([_row("a")])
    with pytest.raises(OwnedError):
        Store(url)
    postgres_server.run(f"{end} AND datname = '{url.split('@/')[1].split('?')[0]}'")
    heir = Store(url)
    with pytest.raises(StoreError, match=r"in use|taken over"):
        store.write([_row("b")])
    heir.write([_row("c")])
    assert [row["key"] for row in heir.rows(AgentStateRow)] == ["a", "c"]
    heir.close()
    store.close()


def test_a_database_that_was_closed_can_be_opened_at_once(database: str) -> None:
    for epoch in range(1, 51):
        store = Store(database)
        assert store.rows(WriterRow, "epoch") == [{"epoch": epoch}]
        store.close()


def test_a_late_commit_stops_the_threads_of_its_host(database: str) -> None:
    store = Store(database)
    host = PykkaHost({"echo": Echo}, Ledger(store), NOW)
    host.run_until(NOW)
    assert store._ownership is not None
    store._ownership.release()
    heir = Store(database)
    host.post([request("echo", Wake(what="late"))], "door")
    with pytest.raises((FencedError, pykka.ActorDeadError)):
        host.run_until(NOW + 1)
    host.stop()
    assert heir.rows(MessageRow) == []
    heir.close()
    store.close()


def test_patience_waits_longer_each_time_and_ends() -> None:
    waits: list[float] = []
    patience = patient(10, waits.append)
    failures = 0
    while patience(failures := failures + 1, StoreError("away")):
        pass
    assert waits == sorted(waits)
    assert 10 <= sum(waits) <= 11
    assert patience(1, StoreError("away again"))


@pytest.mark.parametrize("host", [SimulatedHost, PykkaHost])
def test_a_clock_that_is_stepped_back_takes_nothing_back(
    host: type[SimulatedHost] | type[PykkaHost], database: str
) -> None:
    store = Store(database)
    for clock in (NOW, NOW - 3600):
        running = host({"echo": Echo}, Ledger(store), max(clock, store.clock()))
        running.run_until(NOW + 10)
        running.post([request("echo", Wake(what="a"), conversation=f"{clock}")], "door")
        running.run_until(NOW + 10)
        running.run_until(NOW - 3600)
        running.post([request("echo", Wake(what="b"), conversation=f"{clock}b")], "door")
        running.run_until(NOW - 3600)
        running.run_until(NOW + 10)
        running.stop()
    rows = store.rows(MessageRow)
    assert [row["sent"] for row in rows] == sorted(row["sent"] for row in rows)
    assert {row["status"] for row in rows} == {"handled"}
    assert len(rows) == 8
    store.close()


def test_who_stands_by_waits_for_a_server_that_goes_away_but_not_for_one_that_was_never_there(
    postgres_server: postgres.Server,
) -> None:
    url = postgres_server.url()
    Store(url).close()
    seen: list[StoreError] = [OwnedError("in use")]

    def open_store() -> Store:
        if len(seen) == 1:
            postgres_server.control("stop", "-m", "immediate")
            raise seen[0]
        return Store(url)

    def waiting(error: StoreError) -> None:
        seen.append(error)
        if isinstance(error, AwayError):
            postgres_server.start()

    heir = stand_by(open_store, waiting=waiting)
    assert heir is not None
    heir.close()
    assert [type(error) for error in seen] == [OwnedError, OwnedError, AwayError]
    with pytest.raises(AwayError):
        stand_by(lambda: Store(url.replace("host=", "host=/nowhere")))
