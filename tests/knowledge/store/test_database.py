"""The database takes all of a transaction or nothing, and says in a sentence what it cannot do."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from knowledge.errors import StoreError
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, KnowledgeFile, OnHandRow, WorkOrderRow


def _on_hand(item: str, quantity: int | None) -> Write:
    return Write(OnHandRow, {"item": item, "quantity": quantity})


def _state(key: str, body: str = "", *, remove: bool = False) -> Write:
    row = {"agent": "a", "key": key}
    return Write(AgentStateRow, row if remove else {**row, "body": body}, remove)


def test_rows_come_back_as_they_were_stored_in_the_order_of_their_key() -> None:
    store = Store()
    store.write([_on_hand("B", 2), _on_hand("A", 10**15)])
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 10**15}, {"item": "B", "quantity": 2}]


def test_yes_and_no_come_back_as_yes_and_no() -> None:
    store = Store()
    times = {"start": 1, "finish": 2, "made": 0, "quantity": 3}
    texts = {"work_order": "WO-1", "item": "A", "status": "planned", "revision": "", "cause": "", "components": "[]"}
    texts |= {"key": ""}
    store.write([Write(WorkOrderRow, {**times, **texts, "drawn": True, "starved": False, "kept": 0, "turn": 0})])
    (row,) = store.rows(WorkOrderRow)
    assert (row["drawn"], row["starved"]) == (True, False)


def test_a_row_of_the_same_key_is_replaced() -> None:
    store = Store()
    store.write([_on_hand("A", 1)])
    store.write([_on_hand("A", 2), _on_hand("A", 3)])
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 3}]


def test_the_last_that_is_said_of_a_row_holds() -> None:
    store = Store()
    store.write([_state("kept"), _state("kept", remove=True), _state("kept", "again")])
    store.write([_state("gone"), _state("gone", remove=True)])
    store.write([_state("never there", remove=True)])
    assert [(row["key"], row["body"]) for row in store.rows(AgentStateRow)] == [("kept", "again")]


def test_many_rows_of_many_tables_go_in_one_transaction() -> None:
    store = Store()
    store.write([*(_on_hand(str(n), n) for n in range(1000)), *(_state(str(n)) for n in range(1000))])
    store.write([*(_state(str(n), remove=True) for n in range(999)), _on_hand("0", 7)])
    assert [row["key"] for row in store.rows(AgentStateRow)] == ["999"]
    assert store.rows(OnHandRow, item="0") == [{"item": "0", "quantity": 7}]


def test_nothing_of_a_transaction_is_kept_when_a_part_of_it_fails() -> None:
    store = Store()
    store.write([_on_hand("A", 1)])
    with pytest.raises(StoreError, match="NOT NULL"):
        store.write([_state("a"), _on_hand("A", 2), _on_hand("B", None)])
    assert store.rows(AgentStateRow) == []
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 1}]


def test_nothing_to_write_is_no_transaction() -> None:
    Store().write([])


def test_rows_can_be_asked_for_by_their_columns_and_in_part() -> None:
    store = Store()
    store.write([_state("a", "1"), _state("b", "2"), _state("c", "1")])
    assert store.rows(AgentStateRow, "key", body="1") == [{"key": "a"}, {"key": "c"}]


def test_the_highest_of_no_row_is_nothing() -> None:
    store = Store()
    assert store.highest(OnHandRow, "quantity") == 0
    store.write([_on_hand("A", 3), _on_hand("B", 9)])
    assert store.highest(OnHandRow, "quantity") == 9


def test_a_database_is_empty_until_it_knows_a_plant() -> None:
    store = Store()
    store.write([_on_hand("A", 3)])
    assert store.empty
    store.write([Write(KnowledgeFile, {"name": "items.csv", "text": "item"})])
    assert not store.empty


def test_a_file_is_kept_when_it_is_closed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/plant.db"
    store = Store(url)
    store.write([_on_hand("A", 3)])
    store.close()
    store = Store(url, create=False)
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


def test_a_database_that_another_one_has_open_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/plant.db"
    first = Store(url)
    first.write([_on_hand("A", 1)])
    with pytest.raises(StoreError, match="locked"):
        Store(url)
    first.write([_on_hand("A", 2)])
    first.close()
    second = Store(url)
    assert second.rows(OnHandRow) == [{"item": "A", "quantity": 2}]
    second.close()
