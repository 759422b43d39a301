"""The queue of releases, on both databases: every step, every wrong step, every step twice."""

from __future__ import annotations

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from assent_vault.errors import LeaseLost
from assent_vault.ledger.checkpoint import Head
from assent_vault.ledger.entry import Released
from assent_vault.release import queue
from assent_vault.release.decision import Blocked, Code, Reason, Release
from assent_vault.release.log_writer import LogWriter
from assent_vault.release.queue import LEASE_MS, QueueState
from assent_vault.store.database import Database, lock_meeting
from assent_vault.store.models import AccountRow, ExportItemRow, ExportRow, MeetingRow, ReleaseRow
from support.logs import records

READY_AT = 1000
KEPT_UNTIL = 10**12
HEAD = Head(5, bytes(32))
RELEASE = Release(b"1" * 32, READY_AT, KEPT_UNTIL, HEAD)
OTHER = Release(b"2" * 32, READY_AT, KEPT_UNTIL, HEAD)
SCRIBE = LogWriter(Ed25519PrivateKey.generate(), lambda: 7)
WITHDRAWN = Blocked((Reason(Code.NOT_OVER, 0), Reason(Code.WITHDRAWN, 1)))
IDS = ["A" * 22, "Q" * 22, "g" * 22]
MEETING = IDS[0]


@pytest.fixture
async def filled(database: Database) -> Database:
    """A database with three meetings and two exports."""
    async with database.write() as session:
        session.add(
            AccountRow(id="a", name="", login="a", role="host", password_hash="", created_at=1)
        )
        await session.flush()
        for meeting_id in IDS:
            session.add(
                MeetingRow(
                    id=meeting_id,
                    title="",
                    host_account="a",
                    charter=b"",
                    room=b"",
                    door_hash=b"",
                    created_at=1,
                    expires_at=1,
                    retain_until=1,
                )
            )
        for export_id in ("first", "second"):
            session.add(ExportRow(id=export_id, state="running", requested_at=1))
    return database


async def consider(
    database: Database, decision: Release | Blocked, now: int = 0, meeting_id: str = MEETING
) -> QueueState | None:
    async with database.write() as session:
        await lock_meeting(session, meeting_id)
        return await queue.consider(session, meeting_id, decision, now, SCRIBE)


async def promote(database: Database, now: int = READY_AT) -> int:
    async with database.write() as session:
        return await queue.promote(session, now)


async def claim(
    database: Database,
    token: str,
    now: int = READY_AT,
    decision: Release | Blocked = RELEASE,
    meeting_id: str = MEETING,
) -> bool:
    async with database.write() as session:
        if await lock_meeting(session, meeting_id) is None:
            return False
        return await queue.claim(session, meeting_id, decision, token, now, SCRIBE)


async def commit(
    database: Database,
    token: str,
    export_id: str = "first",
    decision: Release | Blocked = RELEASE,
    now: int = READY_AT,
) -> bool:
    async with database.write() as session:
        await lock_meeting(session, MEETING)
        return await queue.commit(session, export_id, MEETING, decision, token, now)


async def row(database: Database, meeting_id: str = MEETING) -> ReleaseRow:
    async with database.read() as session:
        found = await session.get(ReleaseRow, meeting_id)
        assert found is not None
        return found


async def items(database: Database) -> list[tuple[str, str]]:
    async with database.read() as session:
        rows = await session.scalars(select(ExportItemRow))
        return [(item.export_id, item.meeting_id) for item in rows]


async def ready(database: Database) -> None:
    await consider(database, RELEASE)
    await promote(database)


async def claimable(database: Database) -> list[str]:
    async with database.read() as session:
        found = select(ReleaseRow.meeting_id).where(queue.is_claimable(READY_AT))
        return list(await session.scalars(found.order_by(ReleaseRow.meeting_id)))


async def test_a_release_cools_off_is_claimed_and_exported(filled: Database) -> None:
    assert await consider(filled, RELEASE) is QueueState.COOLING
    assert await promote(filled, READY_AT - 1) == 0
    assert not await claim(filled, "t", READY_AT - 1)
    assert await promote(filled) == 1
    assert await claimable(filled) == [MEETING]
    assert await claim(filled, "t")
    assert await commit(filled, "t")
    assert (await row(filled)).state == QueueState.EXPORTED
    assert await items(filled) == [("first", MEETING)]


async def test_what_is_blocked_never_enters(filled: Database) -> None:
    assert await consider(filled, WITHDRAWN) is None
    async with filled.read() as session:
        assert await session.get(ReleaseRow, MEETING) is None


async def test_every_state_but_exported_is_dropped_for_the_weightiest_reason(
    filled: Database,
) -> None:
    await consider(filled, RELEASE)
    assert await consider(filled, WITHDRAWN) is QueueState.DROPPED
    assert (await row(filled)).reason == "withdrawn"
    await consider(filled, OTHER)
    await promote(filled)
    assert await consider(filled, WITHDRAWN) is QueueState.DROPPED
    await consider(filled, RELEASE)
    await promote(filled)
    assert await claim(filled, "t")
    assert await consider(filled, WITHDRAWN) is QueueState.DROPPED
    with pytest.raises(LeaseLost):
        await commit(filled, "t")
    assert await items(filled) == []


async def test_what_is_exported_stays_so(filled: Database) -> None:
    await ready(filled)
    assert await claim(filled, "t")
    assert await commit(filled, "t")
    for decision in (WITHDRAWN, RELEASE, OTHER):
        assert await consider(filled, decision) is QueueState.EXPORTED
    async with filled.write() as session:
        await queue.drop(session, MEETING, "anything", 5)
    assert (await row(filled)).state == QueueState.EXPORTED


async def test_new_evidence_cools_off_anew_and_the_same_does_not(filled: Database) -> None:
    await ready(filled)
    assert await consider(filled, RELEASE) is QueueState.READY
    assert await consider(filled, Release(b"2" * 32, 5000, KEPT_UNTIL, HEAD)) is QueueState.COOLING
    assert await promote(filled, 4999) == 0
    assert await promote(filled, 5000) == 1


async def test_what_could_not_be_exported_waits_for_other_evidence(filled: Database) -> None:
    await ready(filled)
    async with filled.write() as session:
        await queue.drop(session, MEETING, "export-segments-damaged", 5)
    assert await consider(filled, RELEASE) is QueueState.DROPPED
    assert await consider(filled, OTHER) is QueueState.COOLING


async def test_a_row_written_by_hand_gets_no_further_than_the_gate(filled: Database) -> None:
    async with filled.write() as session:
        session.add(
            ReleaseRow(
                meeting_id=MEETING,
                state="ready",
                evidence=b"1" * 32,
                created_at=0,
                ready_at=0,
                updated_at=0,
            )
        )
    # The gate says that it has not cooled off.
    assert not await claim(filled, "t", now=READY_AT - 1)
    assert (await row(filled)).state == QueueState.COOLING
    await promote(filled)
    # The gate says no.
    assert not await claim(filled, "t", decision=WITHDRAWN)
    assert (await row(filled)).state == QueueState.DROPPED


async def released(database: Database) -> list[bytes]:
    """Return the evidence of every release that was logged, in order."""
    found = [each for each in await records(database, MEETING) if isinstance(each, Released)]
    return [each.evidence for each in found]


async def test_nothing_is_claimed_of_which_no_release_is_logged(filled: Database) -> None:
    await ready(filled)
    assert await claim(filled, "t")
    assert await released(filled) == [RELEASE.evidence_digest]
    # The evidence has changed, and nobody has looked at the meeting since.
    assert await claim(filled, "other", READY_AT + LEASE_MS + 1, OTHER)
    assert await released(filled) == [RELEASE.evidence_digest, OTHER.evidence_digest]
    assert await commit(filled, "other", decision=OTHER)


async def test_a_release_written_by_hand_is_logged_when_it_is_claimed(filled: Database) -> None:
    async with filled.write() as session:
        session.add(
            ReleaseRow(
                meeting_id=MEETING,
                state="ready",
                evidence=RELEASE.evidence_digest,
                created_at=0,
                ready_at=0,
                updated_at=0,
            )
        )
    assert await claim(filled, "t")
    assert await released(filled) == [RELEASE.evidence_digest]


async def test_a_claim_written_by_hand_is_not_committed(filled: Database) -> None:
    async with filled.write() as session:
        session.add(
            ReleaseRow(
                meeting_id=MEETING,
                state="claimed",
                evidence=b"1" * 32,
                created_at=0,
                ready_at=0,
                lease_token="t",
                lease_until=10**12,
                updated_at=0,
            )
        )
    assert not await commit(filled, "t", decision=WITHDRAWN)
    assert await items(filled) == []


async def test_a_state_that_nobody_knows_is_as_good_as_none(filled: Database) -> None:
    await consider(filled, RELEASE)
    async with filled.write() as session:
        found = await session.get(ReleaseRow, MEETING)
        assert found is not None
        found.state = "exportable!"
    assert not await claim(filled, "t")
    assert await consider(filled, RELEASE) is QueueState.COOLING


async def test_a_lease_that_is_not_renewed_is_taken_over(filled: Database) -> None:
    await ready(filled)
    assert await claim(filled, "lost")
    assert not await claim(filled, "other")
    assert not await claim(filled, "other", READY_AT + LEASE_MS)
    async with filled.write() as session:
        assert await queue.renew(session, "lost", READY_AT + LEASE_MS) == {MEETING}
    later = READY_AT + LEASE_MS + 1
    assert not await claim(filled, "other", later)
    assert await claim(filled, "other", later + LEASE_MS)
    async with filled.write() as session:
        assert await queue.renew(session, "lost", later) == frozenset()
    with pytest.raises(LeaseLost):
        await commit(filled, "lost")
    assert await commit(filled, "other", "second")
    assert await items(filled) == [("second", MEETING)]


async def test_a_claim_is_given_back(filled: Database) -> None:
    await ready(filled)
    assert await claim(filled, "t")
    async with filled.write() as session:
        await queue.give_back(session, "somebody else's", 5)
        assert await queue.is_held(session, MEETING, "t")
        await queue.give_back(session, "t", 5)
        assert not await queue.is_held(session, MEETING, "t")
    with pytest.raises(LeaseLost):
        await commit(filled, "t")
    assert await claim(filled, "again")


async def test_a_commit_delivered_many_times_has_one_effect(filled: Database) -> None:
    await ready(filled)
    assert await claim(filled, "t")
    for _ in range(3):
        assert await commit(filled, "t")
    with pytest.raises(LeaseLost):
        await commit(filled, "t", "second")
    assert await items(filled) == [("first", MEETING)]


async def test_of_many_who_claim_at_once_one_succeeds(filled: Database) -> None:
    await ready(filled)
    async with asyncio.timeout(60):
        taken = await asyncio.gather(*(claim(filled, f"t{number}") for number in range(8)))
    assert sum(taken) <= 1
    if not any(taken):  # everybody passed over a row that somebody else had locked
        assert await claim(filled, "last")


async def test_many_workers_share_the_queue(filled: Database) -> None:
    for meeting_id in IDS:
        await consider(filled, RELEASE, meeting_id=meeting_id)
    await promote(filled)
    claimed: dict[str, str] = {}

    async def work(token: str) -> None:
        for found in await claimable(filled):
            if await claim(filled, token, meeting_id=found):
                assert found not in claimed
                claimed[found] = token

    async with asyncio.timeout(60):
        await asyncio.gather(*(work(f"t{number}") for number in range(4)))
        await work("the last")
    assert set(claimed) == set(IDS)


@pytest.mark.parametrize("first", ["withdrawal", "export"])
async def test_of_a_withdrawal_and_a_commit_the_first_to_lock_wins(
    filled: Database, first: str
) -> None:
    """Both lock the meeting's row; whoever comes second sees what the first has done."""
    await ready(filled)
    assert await claim(filled, "t")
    withdrawn = False
    holds = asyncio.Event()

    async def withdraw(begin: asyncio.Event | None) -> None:
        nonlocal withdrawn
        if begin is not None:
            await begin.wait()
        async with filled.write() as session:
            meeting = await lock_meeting(session, MEETING)
            assert meeting is not None
            holds.set()
            await asyncio.sleep(0.1)
            meeting.locked = True  # stands for the statement
        withdrawn = True

    async def export(begin: asyncio.Event | None) -> bool:
        if begin is not None:
            await begin.wait()
        async with filled.write() as session:
            meeting = await lock_meeting(session, MEETING)
            assert meeting is not None
            holds.set()
            await asyncio.sleep(0.1)
            decision = WITHDRAWN if meeting.locked else RELEASE
            return await queue.commit(session, "first", MEETING, decision, "t", READY_AT)

    async with asyncio.timeout(60):
        if first == "withdrawal":
            _, exported = await asyncio.gather(withdraw(None), export(holds))
        else:
            exported, _ = await asyncio.gather(export(None), withdraw(holds))
    assert withdrawn
    assert exported == (first == "export")
    assert bool(await items(filled)) == exported
