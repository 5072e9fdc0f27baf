"""The messages that wait have an index of their own, so that a start finds them among millions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    few = sa.text("status = 'waiting'")
    op.create_index("ix_message_waiting", "message", ["sequence"], sqlite_where=few, postgresql_where=few)
