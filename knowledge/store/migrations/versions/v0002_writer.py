"""One writer: its epoch. Numbers that grow for ever are wide in PostgreSQL, as they always were in SQLite."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_WIDENED = (
    ("action_message", "sequence"),
    ("customer_order", "sequence"),
    ("message", "sequence"),
    ("operation", "minutes"),
    ("operation", "sequence"),
    ("promise", "sequence"),
    ("quarantine", "sequence"),
)


def upgrade() -> None:
    """To this schema."""
    wide = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "writer",
        sa.Column("seat", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", wide, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seat"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for table, column in _WIDENED:
            op.alter_column(table, column, type_=sa.BigInteger(), existing_nullable=False)
