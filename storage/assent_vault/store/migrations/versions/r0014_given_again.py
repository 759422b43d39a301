"""A meeting can be in several data sets."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a meeting stand in more than one data set, and find those that it is in."""
    with op.batch_alter_table("export_items") as table:
        table.drop_constraint("uq_export_items_meeting_id", type_="unique")
        table.create_index(table.f("ix_export_items_meeting_id"), ["meeting_id"])
