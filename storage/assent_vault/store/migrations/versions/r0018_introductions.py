"""With a name goes the salt of its digest, and what shows that the invitation brought somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assent_vault.store.migrations.unread import refuse_meetings

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; raises DatabaseError where there are meetings.

    Their people have signed no digest of a name, and their keys are of other labels.
    """
    refuse_meetings(op.get_bind())
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("salt", sa.LargeBinary(length=32), nullable=False))
        batch_op.add_column(sa.Column("link_ordinal", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("brought", sa.LargeBinary(length=32), nullable=True))
