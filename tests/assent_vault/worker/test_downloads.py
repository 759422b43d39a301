"""A data set reaches the page that may have it, whole and sealed, and nothing else does."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from assent_vault.dataset import applying
from assent_vault.dataset.check import check
from assent_vault.errors import BlobUnavailable, SealError, SignatureError
from assent_vault.export import new_id
from assent_vault.formats import download as formats
from assent_vault.formats import suite
from assent_vault.formats.objects import chunk_key
from assent_vault.formats.statement import Will
from assent_vault.store import download
from assent_vault.store.models import AccountRow, ExportRow, RecallFeedRow
from support.downloads import DownloadingPage, account, content, open_chunk, unpack
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have so small a data set be of many chunks."""
    monkeypatch.setattr(formats, "CHUNK_BYTES", 5_000)


async def with_settings(stage: VaultScene, **settings: Any) -> None:
    stage.settings = dataclasses.replace(stage.settings, **settings)
    await stage.restart()


async def exported(stage: VaultScene, count: int = 1) -> tuple[str, list[StagedMeeting]]:
    """Have a worker hand out one at a time, and write a data set that a page can ask for."""
    await with_settings(stage, export_downloads=1)
    meetings = [await stage.released(1, microphone=tone(440, 200)) for _ in range(count)]
    await stage.cool_off()
    export = new_id()
    async with stage.database.write() as session:
        session.add(ExportRow(id=export, state="requested", requested_at=1))
    assert await stage.worker.export_requested() == 1
    return export, meetings


async def page(stage: VaultScene, export: str, **more: Any) -> DownloadingPage:
    """Return a page of an administrator that has asked."""
    found = DownloadingPage(stage, export, await account(stage))
    await found.ask(**more)
    return found


async def ended(found: DownloadingPage) -> tuple[str, str | None]:
    """Let the worker do a round; return how the download stands, of which nothing is left."""
    await found.stage.worker.downloads.carry_out()
    row = await found.row()
    assert row.finished_at is not None
    assert await found.objects() == []
    return row.state, row.error


async def test_it_has_the_very_bytes_of_the_folder(stage: VaultScene, tmp_path: Path) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await found.run()
    row = await found.row()
    assert (row.state, row.taken, row.octets) == ("done", row.chunks, len(found.tar))
    assert row.chunks is not None
    assert row.chunks > 2 * download.AHEAD
    unpacked = unpack(found.tar, tmp_path / "unpacked")
    assert unpacked.name == f"data-set-{export}"
    assert content(unpacked) == content(stage.exports / export)
    identity = stage.worker._keyring.identity_public
    assert not check(unpacked, [identity]).faults
    await stage.worker.downloads.carry_out()
    assert await found.objects() == []
    again = await page(stage, export)
    await again.run()
    assert again.tar == found.tar, "the same each time"


async def test_no_more_lies_in_the_store_than_is_said(stage: VaultScene) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    await stage.worker.downloads.carry_out()
    assert len(await found.objects()) == (await found.row()).sealed == download.AHEAD
    await found.change(taken=1)
    await stage.worker.downloads.carry_out()
    await stage.worker.downloads.sweep()
    assert await found.objects() == [
        chunk_key(found.id, number) for number in range(1, 1 + download.AHEAD)
    ]


async def test_nothing_of_it_is_in_the_store_in_the_clear(stage: VaultScene) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    data = b"".join([await stage.blobs.get(key) for key in await found.objects()])
    manifest = (stage.exports / export / "MANIFEST.json").read_bytes()
    assert b'"type": "assent/manifest' in manifest
    assert b"assent/manifest" not in data
    await found.take()
    assert manifest[:2000] in found.tar


async def test_a_chunk_opens_in_its_place_alone(stage: VaultScene) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    identity = stage.worker._keyring.identity_public
    first, second = [await stage.blobs.get(chunk_key(found.id, number)) for number in (0, 1)]
    with pytest.raises(SealError):
        open_chunk(bytes(32), identity, first)
    with pytest.raises(SignatureError):
        open_chunk(found.private, suite.sign_public(stage.server), first)
    head, signature, _ = formats.split_chunk(first)
    swapped = len(head).to_bytes(4) + head + signature + formats.split_chunk(second)[2]
    with pytest.raises(SealError):
        open_chunk(found.private, identity, swapped)
    with pytest.raises(SealError):
        open_chunk(found.private, identity, first[:-1])


@pytest.mark.parametrize("where", ["before its row", "after it"])
async def test_a_worker_that_was_killed_goes_on(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str
) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)

    class Killed(BaseException):
        """Ends a run as a killed process would."""

    puts = 0
    put = stage.blobs.put

    async def dying(key: str, data: bytes) -> None:
        nonlocal puts
        puts += 1
        if puts == 3 and where == "after it":
            raise Killed
        await put(key, data)
        if puts == 3:
            raise Killed

    monkeypatch.setattr(stage.blobs, "put", dying)
    with pytest.raises(Killed):
        await stage.worker.downloads.carry_out()
    monkeypatch.undo()
    monkeypatch.setattr(formats, "CHUNK_BYTES", 5_000)
    assert (await found.row()).sealed == 2
    await found.take()
    await stage.restart()
    await found.run()
    assert (await found.row()).state == "done"
    assert content(unpack(found.tar, tmp_path / "set")) == content(stage.exports / export)


async def test_a_folder_that_is_gone_is_told(stage: VaultScene) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    shutil.rmtree(stage.exports / export)
    await found.take()
    assert await ended(found) == ("failed", "data-set-missing")
    later = await page(stage, export)
    assert await ended(later) == ("failed", "data-set-missing")


def _of_a_byte(folder: Path) -> None:
    victim = max(folder.rglob("*.opus"))
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(data)


def _shorter(folder: Path) -> None:
    victim = max(folder.rglob("*.opus"))
    victim.write_bytes(victim.read_bytes()[:-1])


def _link(folder: Path) -> None:
    victim = max(folder.rglob("*.opus"))
    victim.rename(folder.parent / "elsewhere")
    victim.symlink_to(folder.parent / "elsewhere")


def _unsigned(folder: Path) -> None:
    (folder / "MANIFEST.jws").unlink()


def _another_manifest(folder: Path) -> None:
    path = folder / "MANIFEST.json"
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (_of_a_byte, "data-set-changed"),
        (_shorter, "data-set-changed"),
        (_link, "data-set-unreadable"),
        (_unsigned, "data-set-changed"),
        (_another_manifest, "data-set-changed"),
    ],
)
async def test_what_is_not_as_it_was_signed_does_not_come_to_its_end(
    stage: VaultScene, change: Callable[[Path], None], code: str
) -> None:
    export, _ = await exported(stage)
    change(stage.exports / export)
    found = await page(stage, export)
    await found.run()
    row = await found.row()
    assert (row.state, row.error) == ("failed", code)
    assert row.chunks is None or found.number < row.chunks


async def test_what_was_taken_back_is_not_handed_out(stage: VaultScene, tmp_path: Path) -> None:
    export, (meeting, other) = await exported(stage, 2)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    assert len(await found.objects()) == download.AHEAD
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    # While it runs, with chunks that nobody has fetched; and whoever asks later.
    assert await ended(found) == ("failed", "data-set-recalled")
    again = await page(stage, export)
    assert await ended(again) == ("failed", "data-set-recalled")
    # Once it was taken out of the folder, what is left is handed out.
    async with stage.database.read() as session:
        feed = await session.scalar(select(RecallFeedRow.body))
    assert feed is not None
    identity = stage.worker._keyring.identity_public
    assert not applying.apply(
        stage.exports / export, check(stage.exports / export, [identity], feed)
    )
    last = await page(stage, export)
    await last.run()
    assert (await last.row()).state == "done"
    unpacked = unpack(last.tar, tmp_path / "left")
    left = content(unpacked)
    assert left == content(stage.exports / export)
    assert not check(unpacked, [identity], feed).faults
    assert not any(meeting.id in path for path in left)
    assert any(other.id in path for path in left)


async def test_it_waits_while_the_store_is_full(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)

    async def full(key: str, data: bytes) -> None:
        del key, data
        raise BlobUnavailable("The object store cannot be used (ENOSPC).")

    with monkeypatch.context() as patch:
        patch.setattr(stage.blobs, "put", full)
        await stage.worker.downloads.carry_out()
        row = await found.row()
        assert (row.state, row.error, row.sealed) == ("running", "store-unavailable", 0)
    with monkeypatch.context() as patch:
        patch.setattr(stage.worker.downloads._space, "look", lambda: "space-low")
        await stage.worker.downloads.carry_out()
        assert (await found.row()).error == "space-low"
    await found.run()
    row = await found.row()
    assert (row.state, row.error) == ("done", None)


@pytest.mark.parametrize(
    ("life", "passed"), [("asked", download.LIFE_MS), ("seen", download.IDLE_MS)]
)
async def test_its_time_is_over(stage: VaultScene, life: str, passed: int) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    stage.clock.pass_(passed - 1)
    if life == "asked":
        await found.change(seen_at=stage.clock.now())
    await stage.worker.downloads.carry_out()
    assert (await found.row()).state == "running"
    stage.clock.pass_(1)
    assert await ended(found) == ("lapsed", None)


async def test_one_is_handed_out_at_a_time(stage: VaultScene) -> None:
    export, _ = await exported(stage)
    first, second = await page(stage, export), await page(stage, export)
    await stage.worker.downloads.carry_out()
    states = sorted([(await each.row()).state for each in (first, second)])
    assert states == ["requested", "running"]
    await first.change(state="taken-back") if (await first.row()).state == "running" else (
        await second.change(state="taken-back")
    )
    await stage.worker.downloads.carry_out()
    assert sorted([(await each.row()).state for each in (first, second)]) == [
        "running",
        "taken-back",
    ]


async def test_switched_off_none_is(stage: VaultScene) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    await with_settings(stage, export_downloads=0)
    await stage.worker.downloads.carry_out()
    await stage.worker.downloads.sweep()
    assert await ended(found) == ("failed", "downloads-off")


@pytest.mark.parametrize("who", ["a host", "shut out"])
async def test_only_an_administrator_gets_it(stage: VaultScene, who: str) -> None:
    export, _ = await exported(stage)
    mine = await account(stage, "host" if who == "a host" else "administrator")
    found = DownloadingPage(stage, export, mine)
    await found.ask()
    if who == "shut out":
        await stage.worker.downloads.carry_out()
        assert (await found.row()).state == "running"
        async with stage.database.write() as session:
            await session.execute(
                update(AccountRow).where(AccountRow.id == mine).values(disabled_at=2)
            )
    assert await ended(found) == ("failed", "approval-void")


async def test_where_exports_are_approved_so_is_each_download(stage: VaultScene) -> None:
    """Whatever state the row is in: the worker looks at who asked and who approved."""
    export, _ = await exported(stage)
    await with_settings(stage, export_approvals=1)
    now = stage.clock.now()
    ada, ben = await account(stage), await account(stage)
    proposed = DownloadingPage(stage, export, ada)
    await proposed.ask(state="proposed")
    await stage.worker.downloads.carry_out()
    assert (await proposed.row()).state == "proposed"
    for more in ({}, {"approved_by": ada, "approved_at": now}):
        found = DownloadingPage(stage, export, ada)
        await found.ask(**more)
        assert await ended(found) == ("failed", "not-approved")
    await proposed.change(state="requested", approved_by=ben, approved_at=now)
    await proposed.run()
    assert (await proposed.row()).state == "done"


async def test_a_row_leads_to_no_other_folder(stage: VaultScene) -> None:
    """Nor does it make anything of a folder that the vault has not signed."""
    export, _ = await exported(stage)
    async with stage.database.write() as session:
        await session.execute(update(ExportRow).values(folder=str(stage.settings.vault_dir)))
    found = await page(stage, export)
    assert await ended(found) == ("failed", "data-set-elsewhere")
    async with stage.database.write() as session:
        await session.execute(update(ExportRow).values(folder=None))
        session.add(ExportRow(id="../../vault", state="done", requested_at=1, manifest_digest=b""))
    with pytest.raises(AssertionError):
        assert await ended(await page(stage, "../../vault")) == ("done", None)
    assert await ended(await page(stage, export, public_key=bytes(1216)[:-1])) == (
        "failed",
        "bad-key",
    )


async def test_chunks_that_no_row_knows_go(stage: VaultScene) -> None:
    export, _ = await exported(stage)
    found = await page(stage, export)
    await stage.worker.downloads.carry_out()
    await stage.blobs.put(chunk_key(new_id(), 3), b"of a database that was lost")
    await stage.blobs.put("downloads/not-ours", b"nobody's")
    assert await stage.worker.downloads.sweep() == 1
    assert len(await found.objects()) == download.AHEAD
    assert [key async for key, _ in stage.blobs.list("downloads/") if found.id not in key] == [
        "downloads/not-ours"
    ]
    # Also those of one that ended while no worker ran.
    await stage.close()
    await stage.open()
    await found.change(state="taken-back")
    assert await stage.worker.downloads.sweep() == download.AHEAD
    assert await found.objects() == []


async def test_two_who_ask_what_was_taken_back_fork_no_feed(stage: VaultScene) -> None:
    export, (meeting,) = await exported(stage)
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    feeds = await asyncio.gather(*(stage.worker.recalls.of(export) for _ in range(5)))
    assert len({feed.body for feed in feeds}) == 1
