"""What was taken back after an export, as the vault publishes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of feeds."""
    op.create_table(
        "recall_feeds",
        sa.Column("export_id", sa.String(length=22), nullable=False),
        sa.Column("name", sa.String(length=22), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("export_id", name=op.f("pk_recall_feeds")),
        sa.UniqueConstraint("name", name=op.f("uq_recall_feeds_name")),
    )
