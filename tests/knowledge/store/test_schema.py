"""A database has the schema that the program works with, or its owner is told what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect
from sqlmodel import SQLModel

from knowledge.errors import OwnedError, StoreError
from knowledge.store import schema
from knowledge.store.database import Store, Write
from knowledge.store.tables import OnHandRow
from knowledge.store.upgrading import upgrade_database
from tests.conftest import Databases


@contextmanager
def changing(database: str) -> Iterator[Connection]:
    engine = create_engine(database)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def old(database: str, revision: str, *, numbered: bool = True) -> None:
    """Make a database of an earlier version, with a row in it."""
    with changing(database) as connection:
        schema.migrate(connection, revision)
        connection.exec_driver_sql("INSERT INTO on_hand (item, quantity) VALUES ('A', 3)")
        if not numbered:
            connection.exec_driver_sql("DROP TABLE alembic_version")


def columns(connection: Connection) -> dict[str, list[tuple[str, str, bool, str | None]]]:
    """Every column of every table: name, type, whether it may be empty, default."""
    found = inspect(connection)
    return {
        table: sorted((c["name"], str(c["type"]), c["nullable"], c["default"]) for c in found.get_columns(table))
        for table in found.get_table_names()
    }


def test_the_migrations_end_in_the_schema_of_the_models(database: str) -> None:
    with changing(database) as connection:
        schema.migrate(connection, "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_a_database_made_whole_is_the_same_as_a_migrated_one(new_database: Databases) -> None:
    made, migrated = new_database(), new_database()
    Store(made).close()
    with changing(migrated) as connection:
        schema.migrate(connection, "head")
    with changing(made) as one, changing(migrated) as other:
        assert columns(one) == columns(other)
        keys = [
            {name: inspect(found).get_pk_constraint(name)["constrained_columns"] for name in columns(found)}
            for found in (one, other)
        ]
    assert keys[0] == keys[1]


@pytest.mark.parametrize("numbered", [True, False])
def test_an_older_database_is_refused_with_the_command_that_upgrades_it(database: str, numbered: bool) -> None:
    old(database, "0001", numbered=numbered)
    for reading in (True, False):
        with pytest.raises(StoreError, match=r"older schema .*: run python run_agents.py db upgrade --db "):
            Store(database, reading=reading)
    assert upgrade_database(database) == ("0001", schema.newest())
    store = Store(database)
    assert store.rows(OnHandRow) == [{"item": "A", "quantity": 3}]
    store.write([Write(OnHandRow, {"item": "A", "quantity": 2})])
    store.close()
    assert upgrade_database(database) == (schema.newest(), schema.newest())


def test_a_newer_database_is_refused_and_left_alone(database: str) -> None:
    Store(database).close()
    with changing(database) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    for reading in (True, False):
        with pytest.raises(StoreError, match="schema 9999, of a newer version"):
            Store(database, reading=reading)
    with pytest.raises(StoreError, match="schema 9999, of a newer version"):
        upgrade_database(database)


def test_a_database_that_no_version_made_is_not_upgraded(database: str) -> None:
    old(database, "0001", numbered=False)
    with changing(database) as connection:
        connection.exec_driver_sql("ALTER TABLE on_hand DROP COLUMN quantity")
        before = columns(connection)
    with pytest.raises(StoreError, match="no version of this program"):
        upgrade_database(database)
    with changing(database) as connection:
        assert columns(connection) == before


def test_a_database_in_use_is_not_upgraded(database: str) -> None:
    store = Store(database)
    with pytest.raises(OwnedError):
        upgrade_database(database)
    store.close()


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(database: str) -> None:
    old(database, "0001")
    with changing(database) as connection:
        connection.exec_driver_sql("CREATE TABLE writer (seat INTEGER)")
        before = columns(connection)
    with pytest.raises(StoreError, match="writer"):
        upgrade_database(database)
    with changing(database) as connection:
        assert columns(connection) == before
