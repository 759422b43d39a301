"""The server forgets whom it never let in; the vault worker takes their rows away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add when somebody was forgotten."""
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("forgotten_at", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_participants_forgotten_at"), ["forgotten_at"], unique=False
        )
