"""Gathers what the gate looks at: rows as they are, and what reading the objects has shown.

The two are apart because they take different times. Reading every object of a meeting takes as long
as the recording is large, so :func:`check_segments` does it outside of any transaction. The rows
are read in a moment, by :func:`load`, inside the very transaction that acts on the decision.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault import charter as charters
from assent_vault import suite
from assent_vault import vault_key as vault_keys
from assent_vault.blobs import Blobs
from assent_vault.epoch import parse_closing
from assent_vault.errors import BlobMissing, VaultError
from assent_vault.gate import (
    AnswerEvidence,
    EpochEvidence,
    Evidence,
    LogEvidence,
    PersonEvidence,
    SegmentCheck,
)
from assent_vault.ledger import telling
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.follow import Follower
from assent_vault.models import Deletion, Epoch, Meeting, Participant, Statement, VaultKey
from assent_vault.objects import segment_key

# By the digest of the closing they were checked against.
Checks = Mapping[bytes, SegmentCheck]


async def load(
    session: AsyncSession,
    meeting_id: str,
    *,
    private: bytes | None,
    checks: Checks,
    follower: Follower,
    cooling_off_ms: int,
    now: int,
) -> Evidence | None:
    """Read a meeting's evidence; None when there is no such meeting.

    ``private`` is the private key that the keyring holds for the meeting, if it holds one. Call it
    with the meeting's row locked where the decision has an effect, and before anything is appended
    to the log in the same transaction. Raises LogError where the log is not the one it was.
    """
    # First the log, by itself, and then the rows: what is in the log by now is there to be read.
    head = await follower.follow()
    meeting = await session.get(Meeting, meeting_id, populate_existing=True)
    if meeting is None:
        return None
    key = await session.get(VaultKey, meeting_id, populate_existing=True)
    deletions = await session.scalar(
        select(func.count()).select_from(Deletion).where(Deletion.meeting_id == meeting_id)
    )
    return Evidence(
        meeting_id=meeting_id,
        charter=meeting.charter,
        ended_at=meeting.ended_at,
        retain_until=meeting.retain_until,
        destroyed_at=meeting.destroyed_at,
        deletions=deletions or 0,
        vault_key=None if key is None else key.certificate,
        vault_key_signature=None if key is None else key.signature,
        key_present=key is not None and _holds(private, key, meeting.charter),
        people=await load_people(session, meeting_id),
        epochs=await _epochs(session, meeting_id, checks),
        log=await _log(session, meeting_id, follower, head),
        cooling_off=cooling_off_ms,
        now=now,
    )


def _holds(private: bytes | None, key: VaultKey, charter: bytes) -> bool:
    """Tell whether ``private`` is the other half of the very key that people sealed to."""
    if private is None or key.destroyed_at is not None:
        return False
    try:
        vouched = vault_keys.verify(key.certificate, key.signature, charters.parse(charter).vault)
    except VaultError:
        return False
    return suite.xwing_public(private) == vouched.key


async def load_people(session: AsyncSession, meeting_id: str) -> tuple[PersonEvidence, ...]:
    """Read everyone who has enrolled in a meeting, with all that they have said since."""
    answers: dict[str, list[AnswerEvidence]] = {}
    for row in await session.scalars(
        select(Statement)
        .where(Statement.meeting_id == meeting_id)
        .order_by(Statement.person_id, Statement.sequence)
        .execution_options(populate_existing=True)
    ):
        answers.setdefault(row.person_id, []).append(
            AnswerEvidence(row.body, row.signature, row.sealed_seed, row.received_at)
        )
    rows = await session.scalars(
        select(Participant)
        .where(Participant.meeting_id == meeting_id)
        .order_by(Participant.person_id)
        .execution_options(populate_existing=True)
    )
    return tuple(
        PersonEvidence(
            row.person_id,
            row.enrolment,
            row.signature,
            row.admitted_at is not None,
            tuple(answers.get(row.person_id, ())),
        )
        for row in rows
    )


async def _epochs(
    session: AsyncSession, meeting_id: str, checks: Checks
) -> tuple[EpochEvidence, ...]:
    rows = await session.scalars(
        select(Epoch)
        .where(Epoch.meeting_id == meeting_id)
        .order_by(Epoch.number)
        .execution_options(populate_existing=True)
    )
    return tuple(
        EpochEvidence(
            row.number,
            row.header,
            row.close,
            row.close_signature,
            None if row.close is None else checks.get(suite.digest(row.close)),
        )
        for row in rows
    )


async def _log(
    session: AsyncSession, meeting_id: str, follower: Follower, head: Head
) -> LogEvidence:
    told = await follower.tell(session, meeting_id)
    return LogEvidence(head, told.whole, telling.of_server(told.records))


@dataclass(frozen=True, slots=True)
class CheckedSegments:
    """What reading an epoch's objects has shown, and whether none of them was amiss."""

    check: SegmentCheck
    whole: bool


async def check_segments(
    blobs: Blobs, meeting_id: str, epoch: int, closing: bytes
) -> CheckedSegments | None:
    """Read every object that a closing lists, one after the other, and compare it.

    None when the closing cannot be read. An object that is missing or another counts as not intact;
    raises BlobUnavailable when the store cannot be read, for then nothing is known of it.
    """
    try:
        entries = parse_closing(closing).segments
    except VaultError:
        return None
    intact = 0
    for entry in entries:
        try:
            data = await blobs.get(segment_key(meeting_id, epoch, entry.track, entry.sequence))
        except BlobMissing:
            continue
        intact += len(data) == entry.size and suite.digest(data) == entry.digest
    return CheckedSegments(SegmentCheck(suite.digest(closing), intact), intact == len(entries))
