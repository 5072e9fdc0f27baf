"""Deliveries with which there was nothing to do say why."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.add_column("source_delivery", sa.Column("ignored", sa.Text(), nullable=True))
