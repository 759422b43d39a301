"""Two of the tables (``models``): the words people agree to, and what was added to them."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assent_vault.store.base import Base


class NoticeRow(Base):
    """One text of one version of the words people agree to; never changed, found by digest.

    A version has texts in every language, for each kind of meeting by what is asked in it.
    """

    __tablename__ = "notices"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, index=True)
    language: Mapped[str] = mapped_column(String(35))  # BCP 47
    text: Mapped[str] = mapped_column(Text)
    published_at: Mapped[int] = mapped_column(BigInteger)


class NoticeWordsRow(Base):
    """What an administrator added to a version of the notice, in one language; never changed.

    Those of the newest version that has any go on being said; empty ones took back what was said.
    """

    __tablename__ = "notice_words"

    version: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    language: Mapped[str] = mapped_column(String(35), primary_key=True)  # BCP 47
    text: Mapped[str] = mapped_column(Text)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    published_at: Mapped[int] = mapped_column(BigInteger)
