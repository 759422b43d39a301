"""Goes on after a loss: a vault takes over meetings that it can never release.

What is lost is the vault's identity, or what it had seen of the log, or the newest database. In
each of these cases nobody can know any more that everyone agrees, and until somebody says so, no
worker works: neither are withdrawals carried out, nor does retention end. Adopting says so. Every
meeting there is gives up its key, leaves the queue, and gets a record in the log; from then on this
vault does for it what takes something away. Meetings that are created later are its own.

All of it can be repeated: the keys go first, and what is written is one transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import exists, or_, select, update

from assent_vault.config import VaultSettings
from assent_vault.errors import AdoptError, LogError
from assent_vault.files import small_file
from assent_vault.keys.keyring import Keyring
from assent_vault.release import monitor, queue
from assent_vault.release.log_writer import LogWriter
from assent_vault.release.monitor import Monitor
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.identities import all_identities
from assent_vault.store.models import DeletionRow, MeetingRow, VaultIdentityRow, VaultKeyRow

REASON = "vault-lost"


@dataclass(frozen=True, slots=True)
class Adoption:
    """What was, or would be, taken over: from which vaults, by which, how many meetings."""

    former: tuple[bytes, ...]
    vault: bytes
    meetings: int
    reason: str


async def adopt(
    settings: VaultSettings, now: Callable[[], int], agreed: Callable[[Adoption], bool]
) -> Adoption | None:
    """Take over every meeting of which anything is left; None where ``agreed`` says no.

    No worker may run. Raises AdoptError where there is nothing lost, KeyringError, DatabaseError.
    """
    database = Database(settings.database_url)
    try:
        await database.require_current()
        reason = await _what_is_lost(settings, database)
        if reason is None:
            raise AdoptError(
                "nothing-lost",
                "The vault knows its database: there is nothing to take over. A worker can start.",
            )
        async with database.read() as session:
            former = tuple(row.public_key for row in await all_identities(session))
            count = len((await session.scalars(_MEETINGS)).all())
        if not agreed(Adoption(former, b"", count, reason)):
            return None
        keyring = await asyncio.to_thread(Keyring, settings.vault_dir, adopts=True)
        try:
            return await _take_over(settings, database, keyring, now, former, reason)
        finally:
            await asyncio.to_thread(keyring.close)
    finally:
        await database.close()


# All of which the vault may still write something, for it must be known by whom: one that was
# destroyed is among them until the last of it was seen gone.
_MEETINGS = (
    select(MeetingRow.id)
    .where(
        or_(
            MeetingRow.destroyed_at.is_(None),
            exists().where(
                DeletionRow.meeting_id == MeetingRow.id, DeletionRow.confirmed_at.is_(None)
            ),
        )
    )
    .order_by(MeetingRow.id)
)


async def _what_is_lost(settings: VaultSettings, database: Database) -> str | None:
    """Return the code that keeps a worker from starting, None where nothing does."""
    async with database.read() as session:
        known = [row.public_key for row in await all_identities(session)]
    if not known:
        raise AdoptError("nothing-lost", "The database belongs to no vault yet.")
    identity = settings.vault_dir / "identity.key"
    if not await asyncio.to_thread(identity.exists):
        return "vault-identity-missing"
    keyring = await asyncio.to_thread(Keyring, settings.vault_dir)
    try:
        if keyring.identity_public != known[-1]:
            return "vault-other-identity"
        follower = Monitor(database, settings.vault_dir, keyring.identity_public, keyring.former)
        try:
            await follower.start(known=True)
        except LogError as error:
            return error.code
    finally:
        await asyncio.to_thread(keyring.close)
    return None


async def _take_over(
    settings: VaultSettings,
    database: Database,
    keyring: Keyring,
    now: Callable[[], int],
    former: tuple[bytes, ...],
    reason: str,
) -> Adoption:
    for meeting in await asyncio.to_thread(keyring.meetings):
        await asyncio.to_thread(keyring.destroy, meeting)
    await asyncio.to_thread(keyring.take_over, former)
    # It may be evidence.
    await asyncio.to_thread(small_file.put_aside, settings.vault_dir / monitor.NAME, now())
    scribe = LogWriter(keyring.identity, now)
    mine = keyring.identity_public
    async with database.write() as session:
        rows = await all_identities(session)
        if rows[-1].public_key != mine:
            latest = max(row.created_at for row in rows) + 1
            row = await session.get(VaultIdentityRow, mine)
            if row is None:
                session.add(VaultIdentityRow(public_key=mine, created_at=max(now(), latest)))
            else:
                row.created_at = max(now(), latest)
        meetings = (await session.scalars(_MEETINGS)).all()
        for meeting_id in meetings:
            await lock_meeting(session, meeting_id)
        for meeting_id in meetings:
            await session.execute(
                update(VaultKeyRow)
                .where(VaultKeyRow.meeting_id == meeting_id, VaultKeyRow.destroyed_at.is_(None))
                .values(destroyed_at=now())
            )
            await queue.drop(session, meeting_id, REASON, now())
            await scribe.adopted(session, meeting_id)
    follower = Monitor(database, settings.vault_dir, mine, keyring.former)
    await follower.start()
    return Adoption(tuple(key for key in former if key != mine), mine, len(meetings), reason)
