"""What the link of a meeting pins is kept beside its charter; the server knows its door alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from assent_vault.errors import DatabaseError

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; raises DatabaseError where there are meetings that nothing reads any more.

    Their charters are of the first version, and no browser has ever made them a room. Reading on
    would keep them from being watched, released, and destroyed when their time is over.
    """
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM meetings")):
        raise DatabaseError(
            "database-first-format",
            "This database has meetings of the first format, which this version cannot read."
            " Nothing of it was changed. Go on with the version that has made them until they are"
            " destroyed, or begin with a data folder of its own.",
        )
    op.execute("ALTER TABLE meetings RENAME COLUMN secret_hash TO door_hash")
    with op.batch_alter_table("meetings", schema=None) as batch_op:
        batch_op.add_column(sa.Column("room", sa.LargeBinary(), nullable=False))
        batch_op.add_column(sa.Column("link_ordinal", sa.Integer(), nullable=False))
