"""The database of a service: readers see one moment and hold nobody up, and there is one writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.service.database import Reading, ServedStore, refuse_served
from knowledge.errors import StoreError
from knowledge.store.copying import private_copy
from knowledge.store.database import Write
from knowledge.store.tables import OnHandRow, QuarantineRow


def on_hand(item: str, quantity: int) -> Write:
    return Write(OnHandRow, {"item": item, "quantity": quantity})


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'plant.db'}"


def test_a_snapshot_stays_as_it_was_while_the_writer_goes_on(url: str) -> None:
    store, reading = ServedStore(url), Reading(url)
    store.write([on_hand("A", 1), on_hand("B", 1)])
    with reading.snapshot() as before:
        assert [row["quantity"] for row in before.rows(OnHandRow)] == [1, 1]
        store.write([on_hand("A", 2), on_hand("B", 2)])
        assert [row["quantity"] for row in before.rows(OnHandRow)] == [1, 1]
        with reading.snapshot() as after:
            assert [row["quantity"] for row in after.rows(OnHandRow)] == [2, 2]
        with pytest.raises(StoreError, match="reading"):
            before.write([on_hand("A", 3)])
    assert [row["quantity"] for row in private_copy(reading.store()).rows(OnHandRow)] == [2, 2]
    reading.close()
    store.close()


def test_a_second_service_and_a_command_are_refused_as_long_as_the_first_runs(url: str) -> None:
    store = ServedStore(url)
    store.write([on_hand("A", 1)])
    with pytest.raises(StoreError, match="belongs to a service"):
        ServedStore(url)
    with pytest.raises(StoreError, match="belongs to a service"):
        refuse_served(url)
    store.close()
    refuse_served(url)
    ServedStore(url).close()


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(StoreError, match="disk"):
        ServedStore("sqlite://")


def test_pages_filter_search_and_count(url: str) -> None:
    store, reading = ServedStore(url), Reading(url)
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
