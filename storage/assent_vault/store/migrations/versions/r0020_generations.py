"""A recording is made of generations: headers are signed, and their boxes are what was logged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assent_vault.store.migrations.unread import refuse_meetings

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table in the place of epochs; raises DatabaseError where there are meetings.

    Nothing reads what was recorded in epochs any more.
    """
    refuse_meetings(op.get_bind())
    op.drop_table("epochs")
    op.create_table(
        "generations",
        sa.Column("meeting_id", sa.String(length=22), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("header", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("boxes", sa.LargeBinary(length=32), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("close", sa.LargeBinary(), nullable=True),
        sa.Column("close_signature", sa.LargeBinary(length=64), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_generations_meeting_id_meetings")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "number", name=op.f("pk_generations")),
    )
    op.create_index(op.f("ix_generations_opened_at"), "generations", ["opened_at"], unique=False)
    with op.batch_alter_table("deletions", schema=None) as batch_op:
        batch_op.alter_column("through_epoch", new_column_name="through_generation")
