"""Runs migrations on the connection that `knowledge.store.schema` gives, in its transaction."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

from knowledge.store.schema import MODULES

assert MODULES  # imported so that the metadata knows them

context.configure(connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata)
context.run_migrations()
