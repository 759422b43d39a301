"""The keys of new meetings where training is offered: the worker makes them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import select

from assent_vault.errors import VaultError
from assent_vault.formats import charter as charters
from assent_vault.formats import suite
from assent_vault.keys.keyring import Keyring
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import MeetingRow, VaultKeyRow


class MeetingKeys:
    """Makes the keys; ``now`` and ``surely`` as of the worker's other duties, in Unix ms."""

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        now: Callable[[], int],
        surely: Callable[[], int],
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._now = now
        self._surely = surely

    async def make(self) -> int:
        """Make the key of every meeting that waits for one; return how many."""
        async with self._database.read() as session:
            waiting = (
                await session.execute(
                    select(MeetingRow.id, MeetingRow.charter)
                    .outerjoin(VaultKeyRow, VaultKeyRow.meeting_id == MeetingRow.id)
                    .where(
                        VaultKeyRow.meeting_id.is_(None),
                        MeetingRow.ended_at.is_(None),
                        MeetingRow.destroyed_at.is_(None),
                        MeetingRow.expires_at > self._surely(),
                    )
                )
            ).all()
        made = 0
        for meeting_id, body in waiting:
            made += await self._make_key(meeting_id, body)
        return made

    async def _make_key(self, meeting_id: str, body: bytes) -> bool:
        try:
            charter = charters.parse(body)
        except VaultError:
            return False  # no meeting at all, and nobody's key would help it
        if (
            not charter.training
            or suite.encode(charter.meeting) != meeting_id
            or charter.vault != self._keyring.identity_public
        ):
            return False
        now = self._now()
        key = await asyncio.to_thread(self._keyring.make_meeting_key, charter.meeting, now)
        async with self._database.write() as session:
            meeting = await lock_meeting(session, meeting_id)
            if meeting is None or await session.get(VaultKeyRow, meeting_id) is not None:
                return False
            session.add(
                VaultKeyRow(
                    meeting_id=meeting_id,
                    certificate=key.body,
                    signature=key.signature,
                    created_at=now,
                )
            )
        return True
