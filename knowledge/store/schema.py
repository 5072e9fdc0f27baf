"""The schema: made whole for a new database, checked when one is opened, brought up to date by migrations.

`tables` says what the schema is; `migrations` how a database of an earlier version becomes it. Both give the same.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect
from sqlmodel import SQLModel

from knowledge.errors import StoreError
from knowledge.store import access_tables, source_tables, tables
from knowledge.store.engines import told

MODULES: Final = (tables, access_tables, source_tables)
"""Where the tables are described; imported, so that the metadata knows all of them."""

_FIRST: Final = "0001"
"""The schema of databases made before schemas were numbered."""


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


@cache
def newest() -> str:
    """The number of the schema that this program works with."""
    head = _scripts().get_current_head()
    assert head is not None
    return head


@cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


def create(connection: Connection) -> None:
    """Every table of a new database, and its schema's number."""
    SQLModel.metadata.create_all(connection)
    MigrationContext.configure(connection).stamp(_scripts(), "head")


def is_new(connection: Connection) -> bool:
    """Whether there is nothing in the database yet; `StoreError` where there is, but of something else."""
    names = set(inspect(connection).get_table_names())
    if names and not names & set(SQLModel.metadata.tables):
        some = ", ".join(sorted(names)[:3])
        raise StoreError(f"database {told(connection.engine.url)} holds tables of something else: {some}")
    return not names


def check(connection: Connection) -> None:
    """Raise `StoreError` unless a database has the newest schema; of an older one it says what to do."""
    found = _number(connection)
    url = told(connection.engine.url)
    if found is None or (found in _known() and found != newest()):
        upgrade = f"python run_agents.py db upgrade --db {url}"
        raise StoreError(f"database {url} has an older schema ({found or 'without a number'}): run {upgrade}")
    if found not in _known():
        raise StoreError(f"database {url} has schema {found}, of a newer version of this program: use that one")


def upgrade(connection: Connection) -> tuple[str, str]:
    """Bring a database to the newest schema within the caller's transaction; the numbers before and after."""
    found = _number(connection)
    if found is None:
        if _columns(connection) != _columns_of_first():
            raise StoreError(f"database {told(connection.engine.url)} has a schema that no version of this program had")
        found = _FIRST
        MigrationContext.configure(connection).stamp(_scripts(), found)
    elif found not in _known():
        check(connection)
    migrate(connection, "head")
    return found, newest()


def migrate(connection: Connection, number: str) -> None:
    """Run the migrations that lead to a schema, within the caller's transaction."""
    command.upgrade(_config(connection), number)


def _number(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _columns(connection: Connection) -> dict[str, Collection[str]]:
    found = inspect(connection)
    return {name: {column["name"] for column in found.get_columns(name)} for name in found.get_table_names()}


@cache
def _columns_of_first() -> dict[str, Collection[str]]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        migrate(connection, _FIRST)
        columns = _columns(connection)
    engine.dispose()
    return {name: found for name, found in columns.items() if name != "alembic_version"}
