"""What the vault itself has done, written into the log in the transaction that does it.

Each record is signed by the vault identity. As with every entry: append last (``ledger.rows``).
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy.ext.asyncio import AsyncSession

from assent_vault import suite
from assent_vault.gate import Release
from assent_vault.ledger import entry as entries
from assent_vault.ledger import rows
from assent_vault.ledger.entry import (
    Destroyed,
    Erased,
    Exported,
    Record,
    Released,
    Withdrawn,
)
from assent_vault.ledger.follow import Follower
from assent_vault.statement import Answer


class Scribe:
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

    async def exported(
        self,
        session: AsyncSession,
        meeting_id: str,
        export_id: str,
        manifest: bytes,
        decision: Release,
    ) -> None:
        """A release is committed to a data set, whose manifest has this digest."""
        await self._append(
            session,
            Exported(
                meeting=_meeting(meeting_id),
                export=suite.decode(export_id, entries.EXPORT_BYTES),
                manifest=manifest,
                evidence=decision.evidence_digest,
                size=decision.head.size,
                root=decision.head.root,
                at=self._now(),
            ),
        )

    async def withdrawn(self, session: AsyncSession, answer: Answer) -> None:
        """What an answer takes back was carried out; written once for each answer."""
        for row in await rows.of_meeting(session, suite.encode(answer.meeting)):
            body = row.record or b""
            if entries.type_of(body) == Withdrawn.TYPE:
                written = entries.parse(body)
                assert isinstance(written, Withdrawn), "told by its type"
                if (written.person, written.answer) == (answer.person, answer.digest):
                    return
        await self._append(
            session,
            Withdrawn(
                meeting=answer.meeting,
                person=answer.person,
                sequence=answer.sequence,
                answer=answer.digest,
                at=self._now(),
            ),
        )

    async def erased(self, session: AsyncSession, meeting_id: str, person_id: str | None) -> None:
        """What was recorded of a person, or of everyone, was seen to be gone."""
        person = None if person_id is None else suite.decode(person_id, suite.DIGEST_BYTES)
        await self._append(
            session, Erased(meeting=_meeting(meeting_id), person=person, at=self._now())
        )

    async def destroyed(
        self,
        session: AsyncSession,
        meeting_id: str,
        reason: str,
        follower: Follower,
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
            await rows.erase(session, settled.numbers)

    async def _append(self, session: AsyncSession, record: Record) -> None:
        await rows.append(session, record, self._identity)


def _meeting(meeting_id: str) -> bytes:
    return suite.decode(meeting_id, suite.MEETING_BYTES)
