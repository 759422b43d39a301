"""What the console reads by time is found by time; and exports that failed can be tried again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_BY_TIME = (
    ("invitations", "created_at"),
    ("meetings", "created_at"),
    ("meetings", "ended_at"),
    ("meetings", "destroyed_at"),
    ("statements", "received_at"),
    ("revocations", "at"),
    ("epochs", "opened_at"),
    ("releases", "created_at"),
    ("releases", "updated_at"),
    ("exports", "requested_at"),
    ("exports", "finished_at"),
    ("export_items", "committed_at"),
    ("deletions", "requested_at"),
    ("deletions", "confirmed_at"),
)


def upgrade() -> None:
    """Make the table of retries, and the indexes."""
    op.create_table(
        "release_retries",
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("meeting_id", sa.String(length=22), nullable=False),
        sa.Column("account_id", sa.String(length=22), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_release_retries_account_id_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["meeting_id"], ["meetings.id"], name=op.f("fk_release_retries_meeting_id_meetings")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_retries")),
    )
    for column in ("meeting_id", "asked_at", "done_at"):
        op.create_index(op.f(f"ix_release_retries_{column}"), "release_retries", [column])
    for table, column in _BY_TIME:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
