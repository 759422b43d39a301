"""The tables of data sets: asked for, written, given, and what was recalled of them since.

As in ``models``, which is where the others find them: nothing in them is a permission.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assent_vault.store.base import Base


class ExportRow(Base):
    """A data set that was asked for, is being written, or stands written.

    ``state``: requested → running → done | failed; ``approval`` has what may come before.
    ``error`` is a stable code. A run is a lease, the same one that its claims in the queue have.
    ``manifest_digest`` is set by the commit, before the folder gets its name: a run that died
    between the two is carried to its end, not repeated. ``options`` are what is asked for, as
    ``export_order`` writes it. ``closed_by`` has declined it, or taken it back.
    """

    __tablename__ = "exports"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    requested_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    requested_at: Mapped[int] = mapped_column(BigInteger, index=True)
    finished_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    folder: Mapped[str | None] = mapped_column(Text)
    manifest_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    meetings_done: Mapped[int] = mapped_column(Integer, default=0)
    meetings_total: Mapped[int] = mapped_column(Integer, default=0)
    octets_done: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    octets_total: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    recipient: Mapped[str | None] = mapped_column(Text)
    purpose: Mapped[str | None] = mapped_column(Text)
    options: Mapped[str | None] = mapped_column(Text)
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    approved_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    closed_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    error: Mapped[str | None] = mapped_column(String(64))
    lease_token: Mapped[str | None] = mapped_column(String(22))
    lease_until: Mapped[int | None] = mapped_column(BigInteger)


class ExportItemRow(Base):
    """A meeting that an export contains; written in the transaction that re-checked the gate."""

    __tablename__ = "export_items"

    export_id: Mapped[str] = mapped_column(ForeignKey("exports.id"), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True, index=True)
    committed_at: Mapped[int] = mapped_column(BigInteger, index=True)


class RecallFeedRow(Base):
    """The recalls of one export, as the vault has published them (FORMAT.md section 15.6).

    ``name`` is what the feed is asked for by, and nobody guesses; ``body`` is all of it, signed.
    """

    __tablename__ = "recall_feeds"

    export_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    name: Mapped[str] = mapped_column(String(22), unique=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    entries: Mapped[int] = mapped_column(Integer)  # recalls in it, for whoever counts
    updated_at: Mapped[int] = mapped_column(BigInteger)


class RecallFetchRow(Base):
    """A fetch of a feed with so many recalls: when first, and to the hour when last."""

    __tablename__ = "recall_fetches"

    export_id: Mapped[str] = mapped_column(String(22), primary_key=True)
    entries: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    first_at: Mapped[int] = mapped_column(BigInteger)
    last_at: Mapped[int] = mapped_column(BigInteger)
