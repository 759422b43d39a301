"""Exports are approved by a second administrator; releases say how much they are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    with op.batch_alter_table("exports") as exports:
        for who in ("approved", "closed"):
            exports.add_column(sa.Column(f"{who}_by", sa.String(length=22), nullable=True))
            exports.add_column(sa.Column(f"{who}_at", sa.BigInteger(), nullable=True))
            exports.create_foreign_key(
                op.f(f"fk_exports_{who}_by_accounts"), "accounts", [f"{who}_by"], ["id"]
            )
            exports.create_index(op.f(f"ix_exports_{who}_at"), [f"{who}_at"])
    with op.batch_alter_table("releases") as releases:
        for column in ("duration", "octets", "octets_of_sound"):
            releases.add_column(sa.Column(column, sa.BigInteger(), nullable=True))
