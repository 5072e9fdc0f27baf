"""Sources deliver: what is not taken yet waits, and what comes twice is known. Sinks are told what is new only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "source_delivery",
        sa.Column("sequence", number, primary_key=True, autoincrement=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.UniqueConstraint("source", "delivery"),
    )
    op.create_index("ix_source_delivery_waiting", "source_delivery", ["source", "due"])
    op.create_table(
        "source_cursor",
        sa.Column("source", sa.String(), primary_key=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "sink_told",
        sa.Column("sink", sa.String(), primary_key=True),
        sa.Column("document", sa.String(), primary_key=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
    )
