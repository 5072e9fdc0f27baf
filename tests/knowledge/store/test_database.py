"""The database takes all of a transaction or nothing, and says in a sentence what it cannot do."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.errors import FencedError, OwnedError, StoreError
from knowledge.store.database import Store, Write
from knowledge.store.tables import (
    AgentStateRow,
    DeliveryRow,
    KnowledgeFile,
    OnHandRow,
    PurchaseOrderRow,
    WorkOrderRow,
)
from tests import postgres


def _on_hand(item: str, quantity: int | None) -> Write:
    return Write(OnHandRow, {"item": item, "quantity": quantity})


def _state(key: str, body: str = "", *, remove: bool = False) -> Write:
    row = {"agent": "a", "key": key}
    return Write(AgentStateRow, row if remove else {**row, "body": body}, remove)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


def test_rows_come_back_as_they_were_stored_in_the_order_of_their_key(store: Store) -> None:
    store.write([_on_hand("B", 2), _on_hand("A", 10**15)])
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 10**15}, {"item": "B", "quantity": 2}]


def test_yes_and_no_come_back_as_yes_and_no(store: Store) -> None:
    times = {"start": 1, "finish": 2, "made": 0, "quantity": 3}
    texts = {"work_order": "WO-1", "item": "A", "status": "planned", "revision": "", "cause": "", "components": "[]"}
    texts |= {"key": ""}
    store.write([Write(WorkOrderRow, {**times, **texts, "drawn": True, "starved": False, "kept": 0, "turn": 0})])
    (row,) = store.rows(WorkOrderRow)
    assert (row["drawn"], row["starved"]) == (True, False)


def test_a_row_of_the_same_key_is_replaced(store: Store) -> None:
    store.write([_on_hand("A", 1)])
    store.write([_on_hand("A", 2), _on_hand("A", 3)])
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 3}]


def test_the_last_that_is_said_of_a_row_holds(store: Store) -> None:
    store.write([_state("kept"), _state("kept", remove=True), _state("kept", "again")])
    store.write([_state("gone"), _state("gone", remove=True)])
    store.write([_state("never there", remove=True)])
    assert [(row["key"], row["body"]) for row in store.rows(AgentStateRow)] == [("kept", "again")]


def test_many_rows_of_many_tables_go_in_one_transaction(store: Store) -> None:
    store.write([*(_on_hand(str(n), n) for n in range(1000)), *(_state(str(n)) for n in range(1000))])
    store.write([*(_state(str(n), remove=True) for n in range(999)), _on_hand("0", 7)])
    assert [row["key"] for row in store.rows(AgentStateRow)] == ["999"]
    assert store.rows(OnHandRow, item="0") == [{"item": "0", "quantity": 7}]


def test_nothing_of_a_transaction_is_kept_when_a_part_of_it_fails(store: Store) -> None:
    store.write([_on_hand("A", 1)])
    with pytest.raises(StoreError, match=r"(?i)not.null"):
        store.write([_state("a"), _on_hand("A", 2), _on_hand("B", None)])
    assert store.rows(AgentStateRow) == []
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 1}]


def test_nothing_is_lost_while_others_read(store: Store) -> None:
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            store.rows(OnHandRow, item="I0")

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in range(200):
            store.write([_on_hand(f"I{number}", number), _state(f"S{number}")])
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert (len(list(store.rows(OnHandRow))), len(list(store.rows(AgentStateRow)))) == (200, 200)


def test_nothing_to_write_is_no_transaction(store: Store) -> None:
    store.write([])
    assert store.rows(OnHandRow) == []


def test_rows_can_be_asked_for_by_their_columns_and_in_part(store: Store) -> None:
    store.write([_state("a", "1"), _state("b", "2"), _state("c", "1")])
    assert store.rows(AgentStateRow, "key", body="1") == [{"key": "a"}, {"key": "c"}]


def test_rows_are_found_by_one_of_several_values_by_nothing_and_by_how_they_begin(store: Store) -> None:
    bodies = {"a:1": "1", "a:2": "2", "b:1": "3"}
    store.write([Write(AgentStateRow, {"agent": "x", "key": key, "body": body}) for key, body in bodies.items()])
    delivery = {"purchase_order": "PO-1", "supplier": "S", "item": "I", "asked": 1, "confirmed": None}
    store.write([Write(DeliveryRow, {**delivery, "row": n, "came": came}) for n, came in ((1, None), (2, 5))])
    assert [row["key"] for row in store.rows(AgentStateRow, body=("3", "1"))] == ["a:1", "b:1"]
    assert [row["row"] for row in store.rows(DeliveryRow, came=None)] == [1]
    assert [row["row"] for row in store.rows(DeliveryRow, came=5)] == [2]
    assert [row["key"] for row in store.starting(AgentStateRow, "key", "a:", agent="x")] == ["a:1", "a:2"]
    assert store.starting(AgentStateRow, "key", "a:", agent="y") == []
    assert sorted(store.different(DeliveryRow, "item", supplier="S")) == ["I"]


def test_rows_are_found_that_belong_to_rows_of_another_table(store: Store) -> None:
    row = {"purchase_order": "PO-1", "supplier": "S", "item": "I", "quantity": 1, "unit_price": "1", "currency": "EUR"}
    row |= {"order_by": 0, "due": 1, "status": "planned", "cause": "", "received": 0}
    others = [{**row, "row": 1}, {**row, "row": 2, "status": "done"}, {**row, "purchase_order": "PO-2", "row": 1}]
    others[2]["status"] = "done"
    store.write([Write(PurchaseOrderRow, other) for other in others])
    found = store.of(PurchaseOrderRow, "purchase_order", PurchaseOrderRow, {"status": "planned"}, status=("done",))
    assert [(row["purchase_order"], row["row"]) for row in found] == [("PO-1", 2)]


def test_the_highest_of_no_row_is_nothing(store: Store) -> None:
    assert store.highest(OnHandRow, "quantity") == 0
    store.write([_on_hand("A", 3), _on_hand("B", 9)])
    assert store.highest(OnHandRow, "quantity") == 9


def test_the_last_of_names_that_count_up_is_the_longest(store: Store) -> None:
    assert store.last_named(OnHandRow, "item") == ""
    store.write([_on_hand("AP-999998", 1), _on_hand("AP-1000000", 1), _on_hand("AP-999999", 1)])
    assert store.last_named(OnHandRow, "item") == "AP-1000000"


def test_a_database_is_empty_until_it_knows_a_plant(store: Store) -> None:
    store.write([_on_hand("A", 3)])
    assert store.empty
    store.write([Write(KnowledgeFile, {"name": "items.csv", "text": "item"})])
    assert not store.empty


def test_what_was_written_is_kept_when_the_database_is_closed(database: str) -> None:
    store = Store(database)
    store.write([_on_hand("A", 3)])
    store.close()
    store = Store(database, create=False)
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 3}]
    store.close()


@pytest.mark.parametrize("url", ["plant.db", "", "nosuch:///plant.db", "sqlite+nosuch:///plant.db"])
def test_what_is_no_database_url_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(StoreError, match=r"sqlite:///plant\.db"):
        Store(url)


def test_a_driver_that_is_not_installed_is_named() -> None:
    with pytest.raises(StoreError, match=r"not installed.*MySQLdb"):
        Store("mysql://localhost/plant")


def test_a_folder_that_does_not_exist_holds_no_database(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="unable to open"):
        Store(f"sqlite:///{tmp_path}/nowhere/plant.db")


def test_a_database_that_has_to_be_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no database"):
        Store(f"sqlite:///{tmp_path}/plant.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "music.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE song (title TEXT)")
    connection.close()
    with pytest.raises(StoreError, match="something else: song"):
        Store(f"sqlite:///{path}")
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("song",)]
    connection.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, but long enough to be looked into. " * 100)
    with pytest.raises(StoreError, match="not a database"):
        Store(f"sqlite:///{path}")


def test_only_one_at_a_time_may_write_a_database(database: str) -> None:
    first = Store(database)
    first.write([_on_hand("A", 1)])
    with pytest.raises(OwnedError, match=rf"in use by process {os.getpid()} on "):
        Store(database)
    first.write([_on_hand("A", 2)])
    first.close()
    second = Store(database)
    assert second.rows(OnHandRow) == [{"item": "A", "quantity": 2}]
    second.close()


def test_who_reads_sees_one_moment_while_another_writes(database: str) -> None:
    writer = Store(database)
    writer.write([_on_hand("A", 1)])
    reader = Store(database, reading=True)
    writer.write([_on_hand("A", 2), _state("later")])
    assert (reader.rows(OnHandRow), reader.rows(AgentStateRow)) == ([{"item": "A", "quantity": 1}], [])
    assert reader.highest(OnHandRow, "quantity") == 1
    reader.close()
    later = Store(database, reading=True)
    assert later.rows(OnHandRow) == [{"item": "A", "quantity": 2}]
    later.close()
    writer.close()


def test_who_reads_cannot_write(database: str) -> None:
    Store(database).close()
    reader = Store(database, reading=True)
    with pytest.raises(StoreError, match="read only"):
        reader.write([_on_hand("A", 1)])
    reader.close()


def test_a_writer_whose_database_was_taken_over_commits_nothing_any_more(database: str) -> None:
    """It was thought dead, and its lock lost; what it had under way comes too late."""
    late = Store(database)
    late.write([_on_hand("A", 1)])
    assert late._ownership is not None
    late._ownership.release()
    heir = Store(database)
    with pytest.raises(FencedError, match="taken over"):
        late.write([_on_hand("A", 2)])
    assert heir.rows(OnHandRow) == [{"item": "A", "quantity": 1}]
    heir.write([_on_hand("A", 3)])
    heir.close()
    late.close()


def test_a_commit_that_fails_for_a_while_is_tried_again_as_long_as_there_is_patience(tmp_path: Path) -> None:
    told: list[str] = []

    def wait(failures: int, error: StoreError) -> bool:
        told.append(str(error))
        if failures == 3:
            _limit(full, 100_000)
        return True

    full = Store(f"sqlite:///{tmp_path}/plant.db", patience=wait)
    _limit(full, 40)
    full.write([_state(str(n), "x" * 1000) for n in range(500)])
    assert len(full.rows(AgentStateRow)) == 500
    assert len(told) == 3
    assert all("full" in reason for reason in told)
    full.close()


def test_a_full_disk_keeps_nothing_of_a_commit_and_the_next_one_may_fit(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/plant.db")
    store.write([_state("kept")])
    _limit(store, 40)
    with pytest.raises(StoreError, match="full"):
        store.write([_state(str(n), "x" * 1000) for n in range(500)])
    assert [row["key"] for row in store.rows(AgentStateRow)] == ["kept"]
    store.write([_state("small")])
    assert [row["key"] for row in store.rows(AgentStateRow)] == ["kept", "small"]
    store.close()


def _limit(store: Store, pages: int) -> None:
    with store.connected() as connection:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")


def test_a_commit_outlasts_a_server_that_is_away(postgres_server: postgres.Server) -> None:
    def wait(failures: int, error: StoreError) -> bool:
        if failures == 2:
            postgres_server.start()
        return failures < 5

    store = Store(postgres_server.url(), patience=wait)
    store.write([_on_hand("A", 1)])
    postgres_server.control("stop", "-m", "immediate")
    store.write([_on_hand("A", 2)])
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 2}]
    store.close()


def test_without_patience_a_server_that_is_away_is_an_error_in_a_sentence(postgres_server: postgres.Server) -> None:
    store = Store(postgres_server.url())
    postgres_server.control("stop", "-m", "immediate")
    try:
        with pytest.raises(StoreError, match="database postgresql"):
            store.write([_on_hand("A", 2)])
    finally:
        postgres_server.start()
    store.close()


def test_texts_are_in_the_order_of_their_characters(store: Store) -> None:
    names = ["b", "A", "a", "B", "ä", "A-1", "A1", "_", "a b"]
    store.write([_on_hand(name, 1) for name in names])
    assert [row["item"] for row in store.rows(OnHandRow)] == sorted(names)


def test_a_null_character_does_not_stop_a_database_that_has_none(store: Store) -> None:
    store.write([_state("a", "x\0y%sz%(q)s:p")])
    (row,) = store.rows(AgentStateRow)
    assert row["body"].replace("\0", "\ufffd") == "x\ufffdy%sz%(q)s:p"
