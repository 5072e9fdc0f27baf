"""Operations keep how many good pieces of them were reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this schema."""
    op.add_column("operation", sa.Column("done", sa.BigInteger(), nullable=True))
