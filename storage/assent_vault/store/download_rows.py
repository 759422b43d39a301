"""The table of downloads: a data set on its way to the page of an administrator, sealed to its key.

As in ``models``, which is where the others find it: nothing in it is a permission.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from assent_vault.store.base import Base


class DownloadRow(Base):
    """A data set that a page asks for; ``download`` has the rule, and what the states are.

    ``public_key`` is the page's, whose private half never leaves it. ``octets`` and ``chunks`` are
    of the whole, None until the vault has looked. Of the chunks, numbered from 0, those below
    ``sealed`` were put into the store by the vault, and those below ``taken`` were written down by
    the page, and are gone again. ``error`` is a stable code: why it failed, or what it waits for.
    """

    __tablename__ = "export_downloads"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    export_id: Mapped[str] = mapped_column(ForeignKey("exports.id"), index=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16), index=True)
    requested_by: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    requested_at: Mapped[int] = mapped_column(BigInteger, index=True)
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    approved_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    closed_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    closed_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    seen_at: Mapped[int] = mapped_column(BigInteger)
    finished_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    error: Mapped[str | None] = mapped_column(String(64))
    octets: Mapped[int | None] = mapped_column(BigInteger)
    chunks: Mapped[int | None] = mapped_column(Integer)
    sealed: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    taken: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
