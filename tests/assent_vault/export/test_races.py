"""A withdrawal that was acknowledged before the commit wins, wherever in the export it comes.

At each point a withdrawal is stored as the server stores it, in a transaction of its own with the
meeting's row locked; then the export goes on. And both at once, again and again, at the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from assent_vault.export import Outcome
from assent_vault.formats.statement import Will
from assent_vault.release import queue
from assent_vault.store.models import ExportItemRow, ReleaseRow
from support.given_again import Taken
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def withdraw(meeting: StagedMeeting, purpose: Taken = "own") -> None:
    """Take something back: the person themself, or somebody for them, or the whole meeting."""
    person = meeting.people[0]
    if purpose == "own":
        await meeting.says(person, Will.YES, Will.WITHDRAWN)
    else:
        await meeting.is_acted_for(None if purpose == "meeting" else person, purpose)


async def exported(stage: VaultScene) -> set[str]:
    async with stage.database.read() as session:
        return set((await session.scalars(select(ExportItemRow.meeting_id))).all())


async def export(stage: VaultScene, name: str = "x") -> Outcome:
    return await stage.worker.export_to(stage.exports / name, None)


def also(
    monkeypatch: pytest.MonkeyPatch,
    owner: Any,
    name: str,
    *,
    before: Callable[[], Awaitable[None]] | None = None,
    after: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Have something happen, once, right before or after a step of the export."""
    real = getattr(owner, name)
    todo = [before, after]

    async def step(*arguments: Any, **more: Any) -> Any:
        if todo[0] is not None:
            now, todo[0] = todo[0], None
            await now()
        result = await real(*arguments, **more)
        if todo[1] is not None:
            now, todo[1] = todo[1], None
            await now()
        return result

    monkeypatch.setattr(owner, name, step)


PURPOSES = ["own", "training", "recording", "meeting"]


@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("_claim", "before"),
        ("_claim", "after"),
        ("_count", "before"),
        ("_count", "after"),
        ("_write_manifest", "before"),
        ("_write_manifest", "after"),
    ],
)
@pytest.mark.parametrize(
    ("others", "purpose"), [(0, "own"), *((1, purpose) for purpose in PURPOSES)]
)
async def test_a_withdrawal_before_the_commit_wins(
    stage: VaultScene,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
    when: str,
    others: int,
    purpose: Taken,
) -> None:
    meeting = await stage.released(2, **SOUND)
    more = [await stage.released(1, **SOUND) for _ in range(others)]
    await stage.cool_off()

    async def now() -> None:
        await withdraw(meeting, purpose)

    hook: dict[str, Any] = {when: now}
    also(monkeypatch, stage.worker.exports, step, **hook)
    outcome = await export(stage)
    assert meeting.id not in await exported(stage)
    assert await exported(stage) == {each.id for each in more}
    assert await stage.state(meeting) == "dropped"
    folder = stage.exports / "x"
    assert folder.exists() == bool(others)
    assert outcome.meetings == others
    assert not [path for path in stage.exports.rglob("*") if path.name == meeting.id]
    if others:
        assert meeting.id not in (folder / "MANIFEST.json").read_text()
    await stage.worker.watch()
    keyring = stage.worker._keyring
    assert keyring.meeting_private(meeting.charter.meeting) is None


async def test_a_withdrawal_after_the_commit_finds_it_exported(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()

    async def now() -> None:
        await withdraw(meeting)

    also(monkeypatch, stage.worker.exports, "_commit", after=now)
    assert (await export(stage)).meetings == 1
    await stage.worker.watch()
    assert await stage.state(meeting) == "exported"
    assert stage.worker._keyring.meeting_private(meeting.charter.meeting) is None


@pytest.mark.parametrize("purpose", ["own", "meeting"])
@pytest.mark.parametrize("delay", [0, 1, 2, 4, 8, 16])
async def test_both_at_once(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, delay: int, purpose: Taken
) -> None:
    """Whichever transaction the database puts first: acknowledged first means not exported."""
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    order: list[str] = []
    written = asyncio.Event()

    async def now() -> None:
        written.set()

    async def person() -> None:
        await written.wait()
        await asyncio.sleep(delay / 1000)
        await withdraw(meeting, purpose)
        order.append("acknowledged")

    async def commit() -> None:
        order.append("committed")

    also(monkeypatch, stage.worker.exports, "_write_manifest", after=now)
    also(monkeypatch, stage.worker.exports, "_commit", after=commit)
    async with asyncio.timeout(60):
        outcome, _ = await asyncio.gather(export(stage), person())
    if outcome.meetings:
        assert await exported(stage) == {meeting.id}
    else:
        assert order == ["acknowledged"]
        assert await exported(stage) == set()
        assert not (stage.exports / "x").exists()


async def test_new_evidence_is_not_exported_on_the_strength_of_the_old(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody grants again meanwhile: still released, but it cools off anew, and so it waits."""
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()

    async def now() -> None:
        await meeting.says(meeting.people[0], Will.YES, Will.YES)

    also(monkeypatch, stage.worker.exports, "_write_manifest", after=now)
    assert (await export(stage)).error == "nothing-to-export"
    assert await exported(stage) == set()
    assert (await export(stage, "again")).error == "nothing-to-export"
    await stage.cool_off()
    assert (await export(stage, "later")).meetings == 1


async def test_a_lost_lease_ends_the_work_of_that_meeting(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, kept = await stage.released(1, **SOUND), await stage.released(1, **SOUND)
    await stage.cool_off()

    async def now() -> None:
        async with stage.database.write() as session:
            await session.execute(
                update(ReleaseRow)
                .where(ReleaseRow.meeting_id == lost.id)
                .values(lease_token="another", lease_until=10**15)
            )

    also(monkeypatch, stage.worker.exports, "_write_manifest", before=now)
    outcome = await export(stage)
    assert outcome.meetings == 1
    assert await exported(stage) == {kept.id}
    assert not [path for path in stage.exports.rglob("*") if path.name == lost.id]
    # Whoever took it over has it still.
    assert await stage.state(lost) == "claimed"


async def test_leases_are_renewed_while_the_work_goes_on(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await stage.released(1, **SOUND)
    await stage.cool_off()
    monkeypatch.setattr(queue, "LEASE_MS", 40)
    real = stage.blobs.get
    looked: list[bool] = []
    turn = asyncio.Lock()

    async def slow(key: str) -> bytes:
        async with turn:  # several are asked for at once, and time passes for each
            await asyncio.sleep(0.1)
            stage.clock.pass_(20)
            async with stage.database.read() as session:
                row = await session.get(ReleaseRow, meeting.id)
                assert row is not None
                looked.append((row.lease_until or 0) >= stage.clock.now())
        return await real(key)

    monkeypatch.setattr(stage.blobs, "get", slow)
    assert (await export(stage)).meetings == 1
    assert len(looked) > 2
    assert all(looked)


async def test_a_release_that_is_dropped_while_it_is_written_is_noticed(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker's other duties go on during an export; the writing stops at the next segment."""
    meeting = await stage.released(1, microphone=tone(440, 60_000))
    await stage.cool_off()
    monkeypatch.setattr(queue, "LEASE_MS", 40)
    real = stage.blobs.get
    read = 0

    async def slow(key: str) -> bytes:
        nonlocal read
        read += 1
        if read == 3:
            await withdraw(meeting)
            await stage.worker.watch()
        await asyncio.sleep(0.05)
        return await real(key)

    monkeypatch.setattr(stage.blobs, "get", slow)
    assert (await export(stage)).error == "nothing-to-export"
    assert read < 25  # of 32
    assert await exported(stage) == set()
