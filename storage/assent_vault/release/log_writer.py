"""What the vault itself has done, written into the log in the transaction that does it.

Each record is signed by the vault identity. As with every entry: append last (``ledger.rows``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault.formats import suite
from assent_vault.formats.statement import Answer
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import (
    Adopted,
    Destroyed,
    Erased,
    ExportedFor,
    Record,
    Released,
    Revoked,
    SlotsLost,
    Withdrawn,
)
from assent_vault.release.decision import Release
from assent_vault.release.monitor import Monitor
from assent_vault.store import log_rows


class LogWriter:
    """Writes as the vault. ``now`` gives Unix milliseconds."""

    def __init__(self, identity: Ed25519PrivateKey, now: Callable[[], int]) -> None:
        self._identity = identity
        self._now = now

    async def released(self, session: AsyncSession, meeting_id: str, decision: Release) -> None:
        """The gate has opened, and a release begins to cool off."""
        await self._append(
            session,
            Released(
                meeting=_meeting(meeting_id),
                evidence=decision.evidence_digest,
                ready_at=decision.ready_at,
                size=decision.head.size,
                root=decision.head.root,
                at=self._now(),
            ),
        )

    async def has_released(self, session: AsyncSession, meeting_id: str, decision: Release) -> bool:
        """Tell whether the last release that was logged of a meeting is on this evidence."""
        found = await log_rows.records_of_type(session, [meeting_id], Released.TYPE)
        last = [entries.parse(body) for body in found[meeting_id][-1:]]
        return any(
            isinstance(each, Released) and each.evidence == decision.evidence_digest
            for each in last
        )

    async def exported(
        self,
        session: AsyncSession,
        meeting_id: str,
        export_id: str,
        manifest: bytes,
        decision: Release,
        recipient: str | None,
        purpose: str | None,
    ) -> None:
        """A release is committed to a data set, whose manifest has this digest."""
        # It has surely cooled off; a clock that is set back in between is not heeded any more.
        now = max(self._now(), decision.ready_at)
        await self._append(
            session,
            ExportedFor(
                meeting=_meeting(meeting_id),
                export=suite.decode(export_id, entries.EXPORT_BYTES),
                manifest=manifest,
                evidence=decision.evidence_digest,
                size=decision.head.size,
                root=decision.head.root,
                recipient=recipient,
                purpose=purpose,
                at=now,
            ),
        )

    async def slots_lost(
        self,
        session: AsyncSession,
        meeting_id: str,
        header: bytes,
        slots: Sequence[tuple[int, int]],
    ) -> None:
        """Slots do not open that everyone has granted; written once for each generation."""
        found = await log_rows.records_of_type(session, [meeting_id], SlotsLost.TYPE)
        for body in found[meeting_id]:
            written = entries.parse(body)
            assert isinstance(written, SlotsLost), "told by its type"
            if written.header == header:
                return
        await self._append(
            session,
            SlotsLost(
                meeting=_meeting(meeting_id),
                header=header,
                slots=tuple(slots),
                at=self._now(),
            ),
        )

    async def withdrawn(self, session: AsyncSession, answer: Answer) -> None:
        """What an answer takes back was carried out; written once for each answer."""
        await self._withdrawn(
            session, answer.meeting, answer.person, answer.sequence, answer.digest
        )

    async def revoked(self, session: AsyncSession, act: Revoked) -> None:
        """What was taken back for a person was carried out; written once for each act."""
        assert act.person is not None, "a whole meeting is destroyed, and that is another record"
        digest = suite.digest(entries.write(act))
        await self._withdrawn(session, act.meeting, act.person, act.sequence, digest)

    async def _withdrawn(
        self, session: AsyncSession, meeting: bytes, person: bytes, sequence: int, digest: bytes
    ) -> None:
        for row in await log_rows.of_meeting(session, suite.encode(meeting)):
            body = row.record or b""
            if entries.type_of(body) == Withdrawn.TYPE:
                written = entries.parse(body)
                assert isinstance(written, Withdrawn), "told by its type"
                if (written.person, written.answer) == (person, digest):
                    return
        await self._append(
            session,
            Withdrawn(
                meeting=meeting,
                person=person,
                sequence=sequence,
                answer=digest,
                at=self._now(),
            ),
        )

    async def erased(self, session: AsyncSession, meeting_id: str, person_id: str | None) -> None:
        """What was recorded of a person, or of everyone, was seen to be gone."""
        person = None if person_id is None else suite.decode(person_id, suite.DIGEST_BYTES)
        await self._append(
            session, Erased(meeting=_meeting(meeting_id), person=person, at=self._now())
        )

    async def adopted(self, session: AsyncSession, meeting_id: str) -> None:
        """This vault takes over a meeting that it can never release."""
        await self._append(
            session,
            Adopted(
                meeting=_meeting(meeting_id),
                vault=suite.sign_public(self._identity),
                at=self._now(),
            ),
        )

    async def destroyed(
        self,
        session: AsyncSession,
        meeting_id: str,
        reason: str,
        follower: Monitor,
        *,
        keep_records: bool = False,
    ) -> None:
        """A meeting is destroyed; what the log's entries about it commit to goes with it.

        Unless it is kept as proof of what is in somebody's hands.
        """
        settled = await follower.settle(session, meeting_id)
        await self._append(
            session,
            Destroyed(
                meeting=_meeting(meeting_id),
                reason=reason,
                entries=settled.entries,
                digest=settled.digest,
                at=self._now(),
            ),
        )
        if not keep_records:
            await log_rows.erase(session, settled.numbers)

    async def _append(self, session: AsyncSession, record: Record) -> None:
        await log_rows.append(session, record, self._identity)


def _meeting(meeting_id: str) -> bytes:
    return suite.decode(meeting_id, suite.MEETING_BYTES)
