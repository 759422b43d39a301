"""Gathers what the gate looks at: rows as they are, and what reading the objects has shown.

The two are apart because they take different times. Reading every object of a meeting takes as long
as the recording is large, so :func:`check_segments` does it outside of any transaction. The rows
are read in a moment, by :func:`load`, inside the very transaction that acts on the decision.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.errors import BlobMissing, FormatError, VaultError
from assent_vault.formats import charter as charters
from assent_vault.formats import suite
from assent_vault.formats import vault_key as vault_keys
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.objects import generation_boxes_key, generation_segment_key
from assent_vault.ledger import meeting_history
from assent_vault.release.evidence import (
    AnswerEvidence,
    Evidence,
    GenerationEvidence,
    LogEvidence,
    PersonEvidence,
    SegmentCheck,
    SignedEvidence,
)
from assent_vault.release.monitor import Monitor
from assent_vault.store import meeting_rows
from assent_vault.store.blobs import Blobs
from assent_vault.store.models import (
    DeletionRow,
    GenerationRow,
    HostActRow,
    HostCertificateRow,
    MeetingRow,
    ParticipantRow,
    StatementRow,
    VaultKeyRow,
)

KeyHere = Callable[[vault_keys.VaultKey], bool]
"""Whether the private half of this very key is in the vault's folder. It reads the folder."""

# By the digest of the closing they were checked against.
Checks = Mapping[bytes, SegmentCheck]


async def load(
    session: AsyncSession,
    meeting_id: str,
    *,
    key_here: KeyHere,
    checks: Checks,
    follower: Monitor,
    cooling_off_ms: int,
    retention_days: int | None,
    now: int,
    owed: int,
) -> Evidence | None:
    """Read a meeting's evidence; None when there is no such meeting.

    ``key_here`` tells whether the private half of a key is in the vault's folder. ``owed`` counts
    answers that the server could not store, read in this transaction. Call it with the meeting's
    row locked where the decision has an effect, and before anything is appended to the log in the
    same transaction. Raises LogError where the log is not the one it was.
    """
    # First the log, by itself, and then the rows: what is in the log by now is there to be read.
    head = await follower.follow()
    meeting = await session.get(MeetingRow, meeting_id, populate_existing=True)
    if meeting is None:
        return None
    key = await session.get(VaultKeyRow, meeting_id, populate_existing=True)
    told = await follower.tell(session, meeting_id)
    deletions = await session.scalar(
        select(func.count()).select_from(DeletionRow).where(DeletionRow.meeting_id == meeting_id)
    )
    return Evidence(
        meeting_id=meeting_id,
        charter=meeting.charter,
        room=meeting.room,
        ended_at=meeting.ended_at,
        retain_until=meeting.retain_until,
        destroyed_at=meeting.destroyed_at,
        deletions=deletions or 0,
        revocations=tuple(act.body for act in await meeting_rows.load_acts(session, meeting_id)),
        vault_key=None if key is None else key.certificate,
        vault_key_signature=None if key is None else key.signature,
        key_present=key is not None
        and not told.adopted
        and await _key_here(key_here, meeting, key, follower.identity),
        people=await load_people(session, meeting_id),
        certificates=await _signed(
            session,
            select(HostCertificateRow)
            .where(HostCertificateRow.meeting_id == meeting_id)
            .order_by(HostCertificateRow.received_at, HostCertificateRow.person_id),
        ),
        acts=await _signed(
            session,
            select(HostActRow)
            .where(HostActRow.meeting_id == meeting_id)
            .order_by(HostActRow.sequence),
        ),
        generations=await _generations(session, meeting_id, checks),
        log=LogEvidence(head, told.whole, meeting_history.of_server(told.records)),
        cooling_off=cooling_off_ms,
        retention_days=retention_days,
        now=now,
        owed=owed,
    )


async def _key_here(
    key_here: KeyHere, meeting: MeetingRow, key: VaultKeyRow, identity: bytes
) -> bool:
    """Tell whether the vault has the other half of the very key that people sealed to.

    And whether the meeting is this vault's: of one that it has adopted it releases nothing.
    """
    if key.destroyed_at is not None:
        return False
    try:
        vault = charters.parse(meeting.charter).vault
        vouched = vault_keys.verify(key.certificate, key.signature, vault)
    except VaultError:
        return False
    if vault != identity or suite.encode(vouched.meeting) != meeting.id:
        return False
    return await asyncio.to_thread(key_here, vouched)


async def load_people(session: AsyncSession, meeting_id: str) -> tuple[PersonEvidence, ...]:
    """Read everyone who has enrolled in a meeting, with all that they have said since."""
    answers: dict[str, list[AnswerEvidence]] = {}
    for row in await session.scalars(
        select(StatementRow)
        .where(StatementRow.meeting_id == meeting_id)
        .order_by(StatementRow.person_id, StatementRow.sequence)
        .execution_options(populate_existing=True)
    ):
        answers.setdefault(row.person_id, []).append(
            AnswerEvidence(row.body, row.signature, row.sealed_seed, row.received_at)
        )
    rows = await session.scalars(
        select(ParticipantRow)
        .where(ParticipantRow.meeting_id == meeting_id)
        .order_by(ParticipantRow.person_id)
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


async def _signed(
    session: AsyncSession, rows: Select[HostCertificateRow] | Select[HostActRow]
) -> tuple[SignedEvidence, ...]:
    found = await session.scalars(rows.execution_options(populate_existing=True))
    return tuple(SignedEvidence(row.body, row.signature) for row in found)


async def _generations(
    session: AsyncSession, meeting_id: str, checks: Checks
) -> tuple[GenerationEvidence, ...]:
    rows = await session.scalars(
        select(GenerationRow)
        .where(GenerationRow.meeting_id == meeting_id)
        .order_by(GenerationRow.number)
        .execution_options(populate_existing=True)
    )
    return tuple(
        GenerationEvidence(
            row.number,
            row.header,
            row.signature,
            row.close,
            row.close_signature,
            None if row.close is None else checks.get(suite.digest(row.close)),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class CheckedSegments:
    """What reading a generation's objects has shown, and whether none of them was amiss."""

    check: SegmentCheck
    whole: bool


async def check_segments(
    blobs: Blobs, meeting_id: str, number: int, closing: bytes
) -> CheckedSegments | None:
    """Read the boxes and every object that a closing lists, one after the other, and compare it.

    None when the closing cannot be read. An object that is missing or another counts as not intact;
    raises BlobUnavailable when the store cannot be read, for then nothing is known of it.
    """
    try:
        entries = parse_generation_closing(closing).segments
    except VaultError:
        return None
    boxes: bytes | None = None
    with suppress(BlobMissing, FormatError):  # a number that is none has no objects either
        boxes = suite.digest(await blobs.get(generation_boxes_key(meeting_id, number)))
    intact = 0
    for entry in entries:
        try:
            data = await blobs.get(
                generation_segment_key(meeting_id, number, entry.track, entry.sequence)
            )
        except (BlobMissing, FormatError):
            continue
        intact += len(data) == entry.size and suite.digest(data) == entry.digest
    whole = intact == len(entries) and boxes is not None
    return CheckedSegments(SegmentCheck(suite.digest(closing), intact, boxes), whole)
