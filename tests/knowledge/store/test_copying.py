"""A copy of a database has all of its rows, and what is done to it stays in it."""

from __future__ import annotations

from pathlib import Path

from knowledge.store.copying import contents, private_copy
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, OnHandRow
from tests.stored import rows_of


def _on_hand(item: str, quantity: int) -> Write:
    return Write(OnHandRow, {"item": item, "quantity": quantity})


def test_a_copy_has_every_row_of_every_table(database: str) -> None:
    store = Store(database)
    many = [_on_hand(f"I{number:05d}", number - 6000) for number in range(12_001)]  # more than are copied at once
    store.write([*many, Write(AgentStateRow, {"agent": "a", "key": "order", "body": '{"a": "ü"}'})])
    copied = rows_of(private_copy(store))
    assert copied == rows_of(store)
    assert set(copied) == {table.name for table in contents()}
    assert len(copied["on_hand"]) == 12_001
    store.close()


def test_what_is_done_to_a_copy_stays_in_it() -> None:
    store = Store()
    store.write([_on_hand("A", 1)])
    copy = private_copy(store)
    copy.write([_on_hand("A", 2), _on_hand("B", 3)])
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 1}]
    assert copy.rows(OnHandRow) == [{"item": "A", "quantity": 2}, {"item": "B", "quantity": 3}]


def test_a_copy_outlives_the_database_that_it_was_made_of(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path}/plant.db")
    store.write([_on_hand("A", 1)])
    copy = private_copy(store)
    store.close()
    (tmp_path / "plant.db").unlink()
    assert copy.rows(OnHandRow) == [{"item": "A", "quantity": 1}]
