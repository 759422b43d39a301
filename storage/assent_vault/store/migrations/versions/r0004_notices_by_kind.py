"""Notices: a version has texts for each kind of meeting, in every language."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let a language stand more than once in a version; a text is found by its digest."""
    with op.batch_alter_table("notices") as table:
        table.drop_constraint("uq_notices_version", type_="unique")
