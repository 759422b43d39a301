"""Who is a host, by the host key of the room, and what hosts have signed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables. What goes on without a row is not armed: nobody has signed that it is."""
    op.create_table(
        "host_certificates",
        sa.Column("meeting_id", sa.String(length=22), nullable=False),
        sa.Column("person_id", sa.String(length=43), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_host_certificates_meeting_id_meetings")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "person_id", name=op.f("pk_host_certificates")),
    )
    op.create_table(
        "host_acts",
        sa.Column("meeting_id", sa.String(length=22), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_host_acts_meeting_id_meetings")
        ),
        sa.PrimaryKeyConstraint("meeting_id", "sequence", name=op.f("pk_host_acts")),
    )
