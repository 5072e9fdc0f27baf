"""What has left of an order is looked up, for releases to be numbered on from it."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.create_index("ix_shipping_order_order", "shipping_order", ["order"])
