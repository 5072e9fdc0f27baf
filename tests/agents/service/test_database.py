"""The database of a service: readers see one moment and hold nobody up, and there is one writer."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agents.service.database import Reading, ServedStore
from knowledge.errors import OwnedError, StoreError
from knowledge.store.database import Store, Write
from knowledge.store.tables import OnHandRow, QuarantineRow


def on_hand(item: str, quantity: int) -> Write:
    return Write(OnHandRow, {"item": item, "quantity": quantity})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'plant.db'}"


def test_a_snapshot_stays_as_it_was_while_the_writer_goes_on(database: str) -> None:
    store, reading = ServedStore(database), Reading(database)
    store.write([on_hand("A", 1), on_hand("B", 1)])
    with reading.snapshot() as before:
        assert [row["quantity"] for row in before.rows(OnHandRow)] == [1, 1]
        store.write([on_hand("A", 2), on_hand("B", 2)])
        assert [row["quantity"] for row in before.rows(OnHandRow)] == [1, 1]
        with reading.snapshot() as after:
            assert [row["quantity"] for row in after.rows(OnHandRow)] == [2, 2]
        with pytest.raises(StoreError, match="read only"):
            before.write([on_hand("A", 3)])
    reading.close()
    store.close()


def test_a_second_service_and_a_command_that_writes_are_refused_as_long_as_the_first_runs(database: str) -> None:
    store = ServedStore(database)
    for open_store in (ServedStore, Store):
        with pytest.raises(OwnedError, match=f"process {os.getpid()} on "):
            open_store(database)
    Store(database, reading=True).close()
    store.close()
    ServedStore(database).close()


def test_every_commit_is_told_once_it_is_made_and_is_in_the_log_until_it_is_in_the_file(url: str) -> None:
    store = ServedStore(url)
    assert store.log is not None
    told: list[int] = []
    store.heard = lambda writes, seconds: told.append(Path(store.log or "").stat().st_size)
    store.write([])
    store.write([on_hand("A", 1)])
    assert len(told) == 1
    kept = Path(store.log)
    with kept.open("rb") as file:
        for n in range(2_000):  # far more than SQLite keeps in the log before it writes it into the file
            store.write([on_hand(f"I{n}", n)])
        assert os.fstat(file.fileno()).st_ino == kept.stat().st_ino
    with store.connected() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(StoreError, match="disk"):
        ServedStore("sqlite://")


def test_pages_filter_search_and_count(database: str) -> None:
    store, reading = ServedStore(database), Reading(database)
    rows = [{"sequence": n, "document": f"d{n % 3}", "reason": f"100% of {n}_", "text": ""} for n in range(30)]
    store.write([Write(QuarantineRow, row) for row in rows])
    with reading.snapshot() as snapshot:
        found, total = snapshot.page(QuarantineRow, {"document": "d1"}, order=("-sequence",), limit=3, offset=2)
        assert ([row["sequence"] for row in found], total) == ([22, 19, 16], 10)
        assert snapshot.page(QuarantineRow, {}, ("0% OF 2", ("reason", "document")))[1] == 11
        assert snapshot.page(QuarantineRow, {}, ("%", ("document",)))[1] == 0
        assert snapshot.page(QuarantineRow, {}, ("' OR 1=1 --", ("document",)))[1] == 0
        between = [("sequence", ">", 4), ("sequence", "<", 7)]
        assert [row["sequence"] for row in snapshot.page(QuarantineRow, {}, between=between)[0]] == [5, 6]
    reading.close()
    store.close()
