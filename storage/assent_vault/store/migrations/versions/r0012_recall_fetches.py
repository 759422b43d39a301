"""When the recalls of an export were fetched, as the server notes it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of fetches."""
    op.create_table(
        "recall_fetches",
        sa.Column("export_id", sa.String(length=22), nullable=False),
        sa.Column("entries", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("export_id", "entries", name=op.f("pk_recall_fetches")),
    )
