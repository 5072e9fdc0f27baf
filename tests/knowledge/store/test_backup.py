"""A backup is one file that holds everything, made while others write; it is looked at before anything is replaced."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.errors import OwnedError, StoreError
from knowledge.store.access_tables import ApiKeyRow, SessionRow
from knowledge.store.backup import Restored, backup, restore, verified
from knowledge.store.database import Store, Write
from knowledge.store.tables import AgentStateRow, OnHandRow, WorkOrderRow
from tests.conftest import Databases
from tests.stored import rows_of

_WORK_ORDER = {
    "work_order": "WO-1",
    "item": "A",
    "status": "planned",
    "revision": "",
    "cause": "ü",
    "components": "[]",
    "start": 1,
    "finish": 2,
    "made": 0,
    "quantity": 10**15,
    "key": "",
    "drawn": True,
    "starved": False,
    "kept": 0,
    "turn": 0,
}


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    store = Store(database)
    store.write([Write(WorkOrderRow, _WORK_ORDER)])
    store.write([Write(OnHandRow, {"item": f"I{n}", "quantity": n}) for n in range(6000)])
    yield store
    store.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "backups").mkdir()
    return tmp_path / "backups" / "monday.db"


def test_a_backup_of_a_database_in_use_has_all_of_it_in_one_file(store: Store, database: str, file: Path) -> None:
    assert backup(database, file) == 6001
    assert [path.name for path in file.parent.iterdir()] == ["monday.db"]
    store.write([Write(OnHandRow, {"item": "later", "quantity": 1})])
    copy = Store(f"sqlite:///{file}", reading=True)
    assert len(rows_of(copy)["on_hand"]) == 6000
    assert copy.rows(WorkOrderRow) == [_WORK_ORDER]
    copy.close()


def test_a_backup_overwrites_nothing(store: Store, database: str, file: Path) -> None:
    file.write_text("precious")
    with pytest.raises(StoreError, match="exists already"):
        backup(database, file)
    assert file.read_text() == "precious"


def test_what_was_backed_up_is_restored_into_either_database(
    store: Store, database: str, file: Path, new_database: Databases, tmp_path: Path
) -> None:
    backup(database, file)
    for target in (new_database(), f"sqlite:///{tmp_path}/other.db"):
        assert restore(file, target) == Restored(6001, 0, ())
        restored = Store(target)
        assert rows_of(restored) == rows_of(store)
        restored.write([Write(OnHandRow, {"item": "A", "quantity": 1})])
        restored.close()


def test_what_a_database_holds_is_replaced_only_where_that_is_said(
    store: Store, database: str, file: Path, new_database: Databases
) -> None:
    backup(database, file)
    target = new_database()
    other = Store(target)
    other.write([Write(AgentStateRow, {"agent": "a", "key": "mine", "body": ""})])
    with pytest.raises(OwnedError):
        restore(file, target, replace=True)
    other.close()
    with pytest.raises(StoreError, match="--replace"):
        restore(file, target)
    assert restore(file, target, replace=True).rows == 6001
    other = Store(target, reading=True)
    assert other.rows(AgentStateRow) == []
    assert rows_of(other) == rows_of(store)
    other.close()


def test_a_restore_ends_every_session_and_keeps_keys_revoked_that_were_revoked_since(
    store: Store, database: str, file: Path
) -> None:
    keys = [{"key": name, "hash": name, "account": "ann", "label": "", "created": 1, "revoked": False} for name in "ab"]
    session = {"token": "t", "account": "ann", "created": 1, "used": 1, "address": ""}
    store.write([*(Write(ApiKeyRow, {**key, "expires": None}) for key in keys), Write(SessionRow, session)])
    backup(database, file)
    store.write([Write(ApiKeyRow, {**keys[0], "expires": None, "revoked": True})])
    store.close()
    assert restore(file, database, replace=True) == Restored(6003, 1, ("a",))
    restored = Store(database, reading=True)
    assert restored.rows(SessionRow) == []
    assert {row["key"]: row["revoked"] for row in restored.rows(ApiKeyRow)} == {"a": True, "b": False}
    restored.close()


def test_a_damaged_backup_is_refused_and_nothing_replaced(store: Store, database: str, file: Path) -> None:
    backup(database, file)
    store.close()
    before = file.read_bytes()
    for damage in (
        before[: len(before) // 2],
        before[:4096] + b"\x55" * 8192 + before[12288:],
        b"",
        b"no database" * 99,
    ):
        file.write_bytes(damage)
        with pytest.raises(StoreError):
            restore(file, database, replace=True)
    reader = Store(database, reading=True)
    assert len(reader.rows(OnHandRow)) == 6000
    reader.close()


def test_a_backup_of_another_schema_is_refused(store: Store, database: str, file: Path) -> None:
    backup(database, file)
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(StoreError, match="newer version"):
        verified(file)


def test_what_is_not_there_is_not_restored(database: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no backup"):
        restore(tmp_path / "none.db", database)
    with pytest.raises(StoreError, match="no database"):
        backup(f"sqlite:///{tmp_path}/none.db", tmp_path / "copy.db")
