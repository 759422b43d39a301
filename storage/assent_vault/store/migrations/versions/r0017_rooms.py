"""What the link of a meeting pins is kept beside its charter; the server knows its door alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assent_vault.store.migrations.unread import refuse_meetings

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; raises DatabaseError where there are meetings.

    Their charters are of the first version, and no browser has ever made them a room.
    """
    refuse_meetings(op.get_bind())
    op.execute("ALTER TABLE meetings RENAME COLUMN secret_hash TO door_hash")
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room", sa.LargeBinary(), nullable=False))
        batch_op.add_column(sa.Column("link_ordinal", sa.Integer(), nullable=False))
