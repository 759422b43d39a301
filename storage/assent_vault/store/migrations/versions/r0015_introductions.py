"""With a name goes the salt of its digest, and what shows that the invitation brought somebody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; nobody is in the table, for there are no meetings (0014)."""
    with op.batch_alter_table("participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("salt", sa.LargeBinary(length=32), nullable=False))
        batch_op.add_column(sa.Column("link_ordinal", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("brought", sa.LargeBinary(length=32), nullable=True))
