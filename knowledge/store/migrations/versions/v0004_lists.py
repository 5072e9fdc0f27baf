"""Indexes for lists: orders from the latest on, and messages that were given up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DEAD = sa.text("status = 'dead'")


def upgrade() -> None:
    """To this schema."""
    op.create_index("ix_customer_order_sequence", "customer_order", ["sequence"])
    op.create_index("ix_message_dead", "message", ["sequence"], sqlite_where=_DEAD, postgresql_where=_DEAD)
