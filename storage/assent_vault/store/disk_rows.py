"""The table of how full the disks were: a few times a day, for the console's chart."""

from __future__ import annotations

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from assent_vault.store.base import Base


class DiskSampleRow(Base):
    """How full a disk was, in bytes; ``place`` is what lies on it, with spaces between."""

    __tablename__ = "disk_samples"

    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[str] = mapped_column(String(64), primary_key=True)
    total: Mapped[int] = mapped_column(BigInteger)
    free: Mapped[int] = mapped_column(BigInteger)
