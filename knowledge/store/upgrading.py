"""Brings a database of an earlier version to the schema that this program works with."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

from knowledge.errors import StoreError
from knowledge.store.engines import begin, engine_of, look_for, short, told, url_of
from knowledge.store.ownership import Ownership
from knowledge.store.schema import is_new, upgrade


def upgrade_database(url: str) -> tuple[str, str]:
    """The numbers of the schema before and after. All of it happens or nothing, and nobody else may write meanwhile."""
    place = url_of(url)
    look_for(place)
    engine = engine_of(place, reading=False)
    ownership = None
    try:
        with engine.connect() as connection:
            if is_new(connection):
                raise StoreError(f"database {told(place)} holds nothing to upgrade")
        ownership = Ownership(place, engine)
        with engine.begin() as connection:
            begin(connection)
            return upgrade(connection)
    except (DBAPIError, sqlite3.Error) as error:
        raise StoreError(f"database {told(place)}: {short(error)}") from error
    finally:
        engine.dispose()
        if ownership is not None:
            ownership.release()
