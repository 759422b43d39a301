"""Any byte changed, any object put in the place of another: noticed before anything gets out.

A small recording of two meetings, everyone agreeing, on real objects. What is changed here is what
lies in the object store; headers, closings and statements in the database are for ``test_attack``,
and every byte of each kind of document for ``test_opening``.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from assent_vault.errors import VaultError
from assent_vault.export import Outcome, new_id
from assent_vault.formats import objects
from assent_vault.formats.generation_boxes import parse_outer
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.statement import Will
from assent_vault.release import evidence_reader
from assent_vault.release.decision import Blocked, Release
from assent_vault.store.models import ExportItemRow, ExportRow, GenerationRow, ReleaseRow
from support import migrated
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 60)}


@pytest.fixture
def migrated_url(migrated_file: Path, tmp_path: Path) -> str:
    """Run on one kind of database; this is about what is not in it."""
    return migrated.copy_sqlite(migrated_file, tmp_path / "assent.db")


async def recorded(stage: VaultScene) -> StagedMeeting:
    """Return a meeting of two, recorded in two generations, that may be released."""
    meeting = await stage.meeting()
    people = [await meeting.comes(), await meeting.comes()]
    for person in people:
        await meeting.says(person, Will.YES, Will.YES)
    for number in (1, 2):
        await meeting.record([(person, SOUND) for person in people], offset=10_000 * number)
    await meeting.end()
    return meeting


async def all_objects(stage: VaultScene, *meetings: StagedMeeting) -> dict[str, bytes]:
    found = {}
    for meeting in meetings:
        async for key, _ in stage.blobs.list(objects.meeting_prefix(meeting.id)):
            found[key] = await stage.blobs.get(key)
    return found


async def replace(stage: VaultScene, key: str, data: bytes | None) -> None:
    await stage.blobs.delete(key)
    if data is not None:
        await stage.blobs.put(key, data)


async def export(stage: VaultScene) -> Outcome:
    """Export what there is, whatever was found before; and have it ready again for the next."""
    stage.worker.judge._whole.clear()  # what was seen whole has been changed since
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(ExportRow(id=export_id, state="requested", requested_at=1))
    outcome = await stage.worker.exports.run(export_id, stage.exports / export_id)
    async with stage.database.write() as session:
        await session.execute(delete(ExportItemRow))
        await session.execute(
            update(ReleaseRow).values(state="ready", reason=None, lease_token=None)
        )
    return outcome


def changes(data: bytes, every: int) -> Iterator[bytes | None]:
    """Yield what becomes of an object by a change of its bytes, and by cutting it."""
    yield None
    yield data[:-1]
    yield data + b"\0"
    for place in range(0, len(data), every):
        yield data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


async def test_nothing_changed_is_exported(stage: VaultScene) -> None:
    """The other side of what follows: left alone, both meetings come out."""
    await recorded(stage)
    await recorded(stage)
    await stage.cool_off()
    for _ in range(2):
        assert (await export(stage)).meetings == 2


async def test_every_byte_of_every_segment_is_looked_at_by_the_gate(stage: VaultScene) -> None:
    meeting = await recorded(stage)
    async with stage.database.read() as session:
        row = await session.get(GenerationRow, (meeting.id, 1))
        assert row is not None
        assert row.close is not None
        closing = row.close
    whole = await evidence_reader.check_segments(stage.blobs, meeting.id, 1, closing)
    assert whole is not None
    assert whole.whole
    tried = 0
    for entry in parse_generation_closing(closing).segments:
        key = objects.generation_segment_key(meeting.id, 1, entry.track, entry.sequence)
        data = await stage.blobs.get(key)
        for changed in changes(data, every=1):
            await replace(stage, key, changed)
            found = await evidence_reader.check_segments(stage.blobs, meeting.id, 1, closing)
            assert found is not None
            assert not found.whole
            assert found.check.intact == len(parse_generation_closing(closing).segments) - 1
            tried += 1
        await replace(stage, key, data)
    print(f"{tried} changes, all noticed")
    assert tried > 1000


@pytest.mark.parametrize("name", ["boxes", "pairs", "outer"])
async def test_any_byte_of_what_the_keys_are_in_keeps_everything_closed(
    stage: VaultScene, name: str
) -> None:
    """Parsing is not enough: every box of the vault's and of everyone's is opened first."""
    meeting = await recorded(stage)
    await stage.cool_off()
    key = f"meetings/{meeting.id}/generations/000001/{name}.json"
    data = await stage.blobs.get(key)
    header = meeting.headers[0]
    parsed = 0
    for changed in changes(data, every=397):
        await replace(stage, key, changed)
        if changed is not None and name != "boxes":  # of which the digest was logged
            try:
                (parse_pairs if name == "pairs" else parse_outer)(changed, header)
                parsed += 1
            except VaultError:
                pass
        outcome = await export(stage)
        # What is sealed for watching is nothing to the vault; a change there is the watcher's to
        # see, but for the boxes.
        if name == "boxes" or changed is None or _of_vault(changed) != _of_vault(data):
            assert (outcome.folder, outcome.meetings) == (None, 0)
    await replace(stage, key, data)
    assert parsed > 1 or name == "boxes"
    assert (await export(stage)).meetings == 1


def _of_vault(document: bytes) -> bytes:
    """Return what is before and after the boxes for watching."""
    before, _, rest = document.partition(b'"watch":')
    return before + rest.partition(b"]")[2]


async def test_any_two_objects_that_change_places(stage: VaultScene) -> None:
    """Segments and documents, in a track, between tracks, generations, meetings: all pairs."""
    one, other = await recorded(stage), await recorded(stage)
    await stage.cool_off()
    there = await all_objects(stage, one, other)
    segments = sorted(key for key in there if key.endswith(".segment"))
    assert len(segments) == 16
    pairs = [*combinations(segments, 2)]
    for name in ("boxes.json", "pairs.json", "outer.json"):
        documents = sorted(key for key in there if key.endswith(name))
        assert len(documents) == 4
        pairs += combinations(documents, 2)
    for left, right in pairs:
        await replace(stage, left, there[right])
        await replace(stage, right, there[left])
        touched = {meeting.id for meeting in (one, other) if meeting.id in left + right}
        outcome = await export(stage)
        assert outcome.meetings == 2 - len(touched), (left, right)
        for key in (left, right):
            await replace(stage, key, there[key])
    assert (await export(stage)).meetings == 2
    print(f"{len(pairs)} pairs, all noticed")


async def test_generations_that_change_places(stage: VaultScene) -> None:
    """All that a generation has, rows and objects, in the place of another of the same meeting."""
    meeting = await recorded(stage)
    await stage.cool_off()
    assert isinstance(await stage.worker.judge.judge(meeting.id), Release)
    there = await all_objects(stage, meeting)
    for key, data in there.items():
        twin = key.replace("/000001/", "/x/").replace("/000002/", "/000001/")
        await replace(stage, twin.replace("/x/", "/000002/"), data)
    columns = ("header", "signature", "boxes", "close", "close_signature")
    async with stage.database.write() as session:
        rows = [await session.get(GenerationRow, (meeting.id, number)) for number in (1, 2)]
        values = [[getattr(row, column) for column in columns] for row in rows]
        for row, taken in zip(rows, values[::-1], strict=True):
            for column, value in zip(columns, taken, strict=True):
                setattr(row, column, value)
    decision = await stage.worker.judge.judge(meeting.id)
    assert isinstance(decision, Blocked)
    assert "bad-evidence" in {str(reason.code) for reason in decision.reasons}
    assert (await export(stage)).meetings == 0


@pytest.mark.parametrize("what", ["generation", "track", "last segment", "first generation"])
async def test_what_is_left_out_is_missed(stage: VaultScene, what: str) -> None:
    """Objects that are gone; and rows, where a later one tells that there was one."""
    meeting = await recorded(stage)
    await stage.cool_off()
    there = await all_objects(stage, meeting)
    segments = sorted(key for key in there if key.endswith(".segment"))
    gone = {
        "generation": [key for key in there if "/000002/" in key],
        "track": [key for key in segments if key.rsplit("/", 1)[0] in segments[0]],
        "last segment": segments[-1:],
        "first generation": [],
    }[what]
    for key in gone:
        await stage.blobs.delete(key)
    if what == "first generation":
        async with stage.database.write() as session:
            await session.execute(delete(GenerationRow).where(GenerationRow.number == 1))
    assert (await export(stage)).meetings == 0
    assert not [*stage.exports.rglob("*.webm"), *stage.exports.rglob("*.opus")]
