"""The releases of an order are looked up: what is closed does not stay in memory."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.create_index("ix_demand_order", "demand", ["order"])
