"""The tables both processes share: what the server writes down and what the vault worker reads.

Nothing in these tables is a permission. Consent is in ``StatementRow`` rows, which are only the
signed bytes a browser sent; the gate believes the signatures and the sealed keys, never a column.
Identifiers are unpadded base64url text, digests are raw bytes, times are Unix milliseconds.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
)
from sqlalchemy.orm import Mapped, mapped_column

from assent_vault.store.base import Base as Base
from assent_vault.store.disk_rows import DiskSampleRow as DiskSampleRow
from assent_vault.store.download_rows import DownloadRow as DownloadRow
from assent_vault.store.export_rows import ExportItemRow as ExportItemRow
from assent_vault.store.export_rows import ExportRow as ExportRow
from assent_vault.store.export_rows import RecallFeedRow as RecallFeedRow
from assent_vault.store.export_rows import RecallFetchRow as RecallFetchRow
from assent_vault.store.notice_rows import NoticeRow as NoticeRow
from assent_vault.store.notice_rows import NoticeWordsRow as NoticeWordsRow


class AccountRow(Base):
    """A person with a password: an administrator or a host. Guests have no account."""

    __tablename__ = "accounts"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    name: Mapped[str] = mapped_column(String(256))
    login: Mapped[str] = mapped_column(String(256), unique=True)
    role: Mapped[str] = mapped_column(String(16))  # "administrator" | "host"
    password_hash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[int] = mapped_column(BigInteger)
    disabled_at: Mapped[int | None] = mapped_column(BigInteger)
    # Links made before, that set its password, are good no more; None: all are.
    links_from: Mapped[int | None] = mapped_column(BigInteger)


class InvitationRow(Base):
    """A one-time link that makes an account; the secret itself is never stored."""

    __tablename__ = "invitations"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    used_at: Mapped[int | None] = mapped_column(BigInteger)


class LoginSessionRow(Base):
    """A signed-in browser of an account; the cookie holds the secret, this its SHA-256."""

    __tablename__ = "login_sessions"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)


class MeetingRow(Base):
    """A meeting; what may be asked in it is in ``charter``, whose bytes never change.

    ``room`` is the document that its links pin, ``door_hash`` the SHA-256 of what browsers derive
    from the newest of them, which is the ``link_ordinal``-th.
    """

    __tablename__ = "meetings"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    title: Mapped[str] = mapped_column(String(256))
    host_account: Mapped[str] = mapped_column(ForeignKey("accounts.id"), index=True)
    charter: Mapped[bytes] = mapped_column(LargeBinary)
    room: Mapped[bytes] = mapped_column(LargeBinary)
    door_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    link_ordinal: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    started_at: Mapped[int | None] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    locked: Mapped[bool] = mapped_column(Boolean, default=False)
    armed: Mapped[bool] = mapped_column(Boolean, default=False)  # the host's wish, not a permission
    retain_until: Mapped[int] = mapped_column(BigInteger)
    destroyed_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class VaultIdentityRow(Base):
    """The vault's public long-term key, written by the worker when it first starts (one row)."""

    __tablename__ = "vault_identity"

    public_key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    created_at: Mapped[int] = mapped_column(BigInteger)


class VaultKeyRow(Base):
    """The public half of a meeting's own key, certified by the vault identity.

    ``certificate`` is the exact signed document; the server seals to the key it names.
    """

    __tablename__ = "vault_keys"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    created_at: Mapped[int] = mapped_column(BigInteger)
    destroyed_at: Mapped[int | None] = mapped_column(BigInteger)


class ParticipantRow(Base):
    """A person in a meeting: their enrolment, verbatim, and when they were let in.

    ``forgotten_at`` is when the server forgot somebody whom it had never let in; it treats the row
    as none from then on, and the vault worker takes it away (``strangers``). ``salt`` belongs to
    the name, of which the enrolment has a digest; ``brought`` is what shows other browsers that the
    ``link_ordinal``-th link brought them, null where none did.
    """

    __tablename__ = "participants"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(43), primary_key=True)
    name: Mapped[str] = mapped_column(String(512))
    salt: Mapped[bytes] = mapped_column(LargeBinary(32), default=b"")
    link_ordinal: Mapped[int | None] = mapped_column(Integer)
    brought: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    is_host: Mapped[bool] = mapped_column(Boolean, default=False)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    enrolment: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    enrolled_at: Mapped[int] = mapped_column(BigInteger)
    admitted_at: Mapped[int | None] = mapped_column(BigInteger)
    left_at: Mapped[int | None] = mapped_column(BigInteger)
    removed_at: Mapped[int | None] = mapped_column(BigInteger)
    forgotten_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class JoinTokenRow(Base):
    """A seat handed out at the door, before anybody has enrolled in it."""

    __tablename__ = "join_tokens"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), index=True)
    is_host: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)


class StatementRow(Base):
    """One signed answer, exactly as it arrived, with the sealed training seed if it grants."""

    __tablename__ = "statements"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(43), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    sealed_seed: Mapped[bytes | None] = mapped_column(LargeBinary)
    received_at: Mapped[int] = mapped_column(BigInteger, index=True)


class HostCertificateRow(Base):
    """By the host key of the room, a person is a host (FORMAT.md section 6), exactly as signed."""

    __tablename__ = "host_certificates"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(String(43), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    received_at: Mapped[int] = mapped_column(BigInteger)


class HostActRow(Base):
    """An act of a host, exactly as it was signed."""

    __tablename__ = "host_acts"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    received_at: Mapped[int] = mapped_column(BigInteger)


class RevocationRow(Base):
    """What host, administrator or operator took back for others: a signed record of the log.

    ``body`` says for whom, what, and in which role; ``account_id`` is whose hand it was, null for
    the operator's command. ``person_id`` repeats what is in ``body``, for finding rows.
    """

    __tablename__ = "revocations"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(String(43))  # None: the whole meeting
    body: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    account_id: Mapped[str | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[int] = mapped_column(BigInteger, index=True)


class GenerationRow(Base):
    """A stretch of recording: its signed header, and its closing once there is one.

    ``boxes`` is the digest of the document of its boxes, as it was logged.
    """

    __tablename__ = "generations"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    header: Mapped[bytes] = mapped_column(LargeBinary)
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    boxes: Mapped[bytes] = mapped_column(LargeBinary(32))
    opened_at: Mapped[int] = mapped_column(BigInteger, index=True)
    close: Mapped[bytes | None] = mapped_column(LargeBinary)
    close_signature: Mapped[bytes | None] = mapped_column(LargeBinary(64))
    closed_at: Mapped[int | None] = mapped_column(BigInteger)


class ReleaseRow(Base):
    """The training-export queue: one row per meeting whose gate has opened.

    ``state``: cooling → ready → claimed → exported, or dropped (with ``reason``).
    A claim is a lease: ``lease_token`` is held by one worker until ``lease_until``. ``duration``
    (ms) and octets are of what is kept, None until the vault has measured it.
    """

    __tablename__ = "releases"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    evidence: Mapped[bytes] = mapped_column(LargeBinary(32))  # digest the gate decided on
    created_at: Mapped[int] = mapped_column(BigInteger, index=True)
    ready_at: Mapped[int] = mapped_column(BigInteger)
    lease_token: Mapped[str | None] = mapped_column(String(22))
    lease_until: Mapped[int | None] = mapped_column(BigInteger)
    reason: Mapped[str | None] = mapped_column(String(64))
    updated_at: Mapped[int] = mapped_column(BigInteger, index=True)
    duration: Mapped[int | None] = mapped_column(BigInteger)
    octets: Mapped[int | None] = mapped_column(BigInteger)
    octets_of_sound: Mapped[int | None] = mapped_column(BigInteger)


class ReleaseRetryRow(Base):
    """That an administrator asks for a release that could not be exported to be tried once more.

    It decides nothing: the vault has the gate look at the meeting again, and says that it has.
    """

    __tablename__ = "release_retries"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[int] = mapped_column(BigInteger, index=True)
    done_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class DeletionRow(Base):
    """Objects that must go; stays until their absence has been seen.

    ``through_generation`` spares what a person agreed to anew after withdrawing: those above it
    stay.
    """

    __tablename__ = "deletions"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(String(43))  # None: the whole meeting
    through_generation: Mapped[int | None] = mapped_column(Integer)  # None: every one
    reason: Mapped[str] = mapped_column(String(32))
    requested_at: Mapped[int] = mapped_column(BigInteger, index=True)
    confirmed_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class LogEntryRow(Base):
    """One entry of the log, and, until they are erased, what it commits to (FORMAT.md section 11).

    Numbers run from 0 without a gap. ``entry`` never changes. ``meeting_id`` is for finding rows
    again; whose they are is told by ``record``. It is no foreign key: the log outlives meetings.
    """

    __tablename__ = "log_entries"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry: Mapped[bytes] = mapped_column(LargeBinary(32))
    meeting_id: Mapped[str | None] = mapped_column(String(22), index=True)
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    record: Mapped[bytes | None] = mapped_column(LargeBinary)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary(64))  # of the vault's own records


class LogTileRow(Base):
    """A whole tile of the log's tree: 256 hashes, and the one over them. Never changes."""

    __tablename__ = "log_tiles"

    level: Mapped[int] = mapped_column(Integer, primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    hashes: Mapped[bytes] = mapped_column(LargeBinary)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))


class GateReportRow(Base):
    """What the gate last said of a meeting, for the administrator's page only.

    The worker writes it; nothing reads it to decide anything.
    """

    __tablename__ = "gate_reports"

    meeting_id: Mapped[str] = mapped_column(ForeignKey("meetings.id"), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16))  # "release" | "blocked"
    reasons: Mapped[str] = mapped_column(Text)  # JSON: [{"code", "count"}]
    decided_at: Mapped[int] = mapped_column(BigInteger)


class WorkerHeartbeatRow(Base):
    """A sign of life of the vault worker, for readiness only (one row, ``"vault"``).

    ``problem`` is the stable code of what keeps the worker from its work, if anything does.
    """

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    started_at: Mapped[int] = mapped_column(BigInteger)
    beat_at: Mapped[int] = mapped_column(BigInteger)
    problem: Mapped[str | None] = mapped_column(String(64))


class ClockConfirmationRow(Base):
    """That a person has said, when the clock said ``at``, that it is right.

    It is believed for minutes, by a process whose clock says the same (``timekeeper``).
    """

    __tablename__ = "clock_confirmations"

    at: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
