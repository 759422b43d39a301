"""Data sets are handed to the pages of administrators, sealed to keys that these have drawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLE = "export_downloads"
_INDEXED = ("export_id", "state", "requested_at", "approved_at", "closed_at", "finished_at")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        _TABLE,
        sa.Column("id", sa.String(length=22), nullable=False),
        sa.Column("export_id", sa.String(length=22), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_by", sa.String(length=22), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.String(length=22), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.String(length=22), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("error", sa.String(length=64), nullable=True),
        sa.Column("octets", sa.BigInteger(), nullable=True),
        sa.Column("chunks", sa.Integer(), nullable=True),
        sa.Column("sealed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("taken", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["export_id"], ["exports.id"], name=op.f("fk_export_downloads_export_id_exports")
        ),
        *(
            sa.ForeignKeyConstraint(
                [each], ["accounts.id"], name=op.f(f"fk_export_downloads_{each}_accounts")
            )
            for each in ("requested_by", "approved_by", "closed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export_downloads")),
    )
    for each in _INDEXED:
        op.create_index(op.f(f"ix_export_downloads_{each}"), _TABLE, [each])
