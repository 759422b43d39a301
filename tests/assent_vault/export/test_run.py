"""One export from claim to published folder, on both databases, with whatever goes wrong."""

from __future__ import annotations

import asyncio
import hashlib
import json
import stat
import tarfile
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select

from assent.recording.generation_stretch import GenerationStretch
from assent_vault.errors import BlobUnavailable, SignatureError
from assent_vault.export import Outcome, new_id
from assent_vault.export import manifest as manifests
from assent_vault.export import run as run_module
from assent_vault.files import space as spaces
from assent_vault.formats import objects, suite
from assent_vault.formats.statement import ENROL_TYPE, Will
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.store.blobs import Blobs
from assent_vault.store.database import lock_meeting
from assent_vault.store.models import ExportItemRow, ExportRow, ReleaseRow
from support.sample_media import Take, picture, tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def ready(stage: VaultScene, people: int = 1) -> StagedMeeting:
    meeting = await stage.released(people, **SOUND)
    await stage.cool_off()
    assert await stage.state(meeting) == "ready"
    return meeting


async def export(stage: VaultScene, name: str = "data-set") -> Outcome:
    return await stage.worker.export_to(stage.exports / name, None)


async def exports(stage: VaultScene) -> list[ExportRow]:
    async with stage.database.read() as session:
        return list((await session.scalars(select(ExportRow))).all())


async def items(stage: VaultScene) -> set[str]:
    async with stage.database.read() as session:
        return set((await session.scalars(select(ExportItemRow.meeting_id))).all())


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_bytes())
    return found


def consent(folder: Path) -> dict[str, bytes]:
    """Return every file of the archive of what was signed."""
    with tarfile.open(folder / "consent.tar") as archive:
        found = {}
        for member in archive:
            content = archive.extractfile(member)
            assert content is not None
            found[member.name] = content.read()
    return found


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def nothing_to_see(stage: VaultScene) -> bool:
    """Whether nothing has the name of a data set."""
    return all(path.name.startswith(".") for path in stage.exports.iterdir())


def nothing_left(stage: VaultScene) -> bool:
    return not stage.exports.exists() or not any(stage.exports.iterdir())


# What comes out.


async def test_two_people_over_two_generations_with_a_pause(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    for person in (ada, bo):
        await meeting.says(person, Will.YES, Will.YES)
    await meeting.record(
        [
            (ada, {"microphone": tone(440, 4000), "camera": picture(50, 4000)}),
            (bo, {"microphone": tone(880, 4000)}),
        ],
        offset=5000,
        delays={"camera": 500},
    )
    await meeting.record([(bo, {"microphone": tone(880, 3000)})], offset=15_000)
    await meeting.end()
    await stage.cool_off()
    outcome = await export(stage)
    assert (outcome.meetings, outcome.failed, outcome.error) == (1, 0, None)
    folder = stage.exports / "data-set"
    assert outcome.folder == folder
    (described,) = manifest(folder)["meetings"]
    assert described["meeting"] == meeting.id
    assert described["duration"] == 13_000
    assert [(each["start"], each["end"]) for each in described["generations"]] == [
        (0, 4500),
        (10_000, 13_000),
    ]
    tracks = {(each["speaker"], each["source"]): each for each in described["tracks"]}
    assert len(tracks) == 3
    speakers = {speaker for speaker, _ in tracks}
    assert len(speakers) == 2
    # Whose is whose shows in the sound; the names tell nothing.
    pitches = {}
    for (speaker, source), track in tracks.items():
        suffix = "webm" if source == "camera" else "opus"
        assert track["path"] == f"data/{meeting.id}/{speaker}.{source}.{suffix}"
        container: Any = av.open(str(folder / track["path"]))
        with container:
            frames = list(container.decode(container.streams[0]))
            assert container.duration / 1000 == pytest.approx(
                track["offset"] + track["duration"], abs=25
            )
            if source == "camera":
                assert frames[0].time == pytest.approx(0.5)
                assert frames[0].to_ndarray()[:64].mean() == pytest.approx(50, abs=6)
                assert track["offset"] == 500
                assert track["duration"] == pytest.approx(4000, abs=1)
                assert track["sizes"] == [{"at": 500, "width": 96, "height": 64}]
                assert track["colour"]["matrix"] == "smpte170m"
                assert track["gaps"] == []
                camera = speaker
            else:
                assert (track["rate"], track["channels"]) == (48_000, 1)
                assert (track["offset"], track["duration"]) == (0, 13_000)
                twice = track["last"] > 5000
                assert track["last"] == (13_000 if twice else 4000)
                assert track["gaps"] == ([{"start": 4000, "end": 10_000}] if twice else [])
                whole = np.concatenate([frame.to_ndarray()[0] for frame in frames])
                assert len(whole) == 13_000 * 48, "as long as the meeting, to the sample"
                assert np.abs(whole[48 * 4100 : 48 * 9900]).max() < 1e-6
                sound = whole[(track["last"] - 1000) * 48 : track["last"] * 48]
                pitches[speaker] = np.argmax(np.abs(np.fft.rfft(sound))) * 48_000 / len(sound)
    assert pitches[camera] == pytest.approx(440, abs=5)
    assert max(pitches.values()) == pytest.approx(880, abs=5)


@pytest.mark.parametrize("alone", [False, True])
async def test_a_track_of_nothing_that_plays_is_told_as_missing(
    stage: VaultScene, alone: bool
) -> None:
    """It holds up nothing else; a meeting of such tracks alone stays out, and the rest goes on."""
    dumb = Take("opus", tuple((at, key, b"\xf8") for at, key, _ in tone(440, 3000).packets))
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    for person in (ada, bo):
        await meeting.says(person, Will.YES, Will.YES)
    await meeting.record(
        [(ada, {"microphone": dumb}), (bo, {"microphone": dumb if alone else tone(440, 3000)})]
    )
    await meeting.end()
    other = await ready(stage)
    outcome = await export(stage)
    described = {one["meeting"]: one for one in manifest(stage.exports / "data-set")["meetings"]}
    if alone:
        assert (outcome.meetings, outcome.error) == (1, "some-meetings-failed")
        assert described.keys() == {other.id}
        async with stage.database.read() as session:
            row = await session.get(ReleaseRow, meeting.id)
        assert row is not None
        assert (row.state, row.reason) == ("dropped", "export-no-frames")
        return
    assert (outcome.meetings, outcome.error) == (2, None)
    (missing,) = described[meeting.id]["missing"]
    assert (missing["source"], missing["code"]) == ("microphone", "no-frames")
    (track,) = described[meeting.id]["tracks"]
    assert track["speaker"] != missing["speaker"]


HEADER_ONLY = Take("opus", ())  # the store gave up, or the power, before there was any sound


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_track_may_have_a_header_and_nothing_else(stage: VaultScene, when: str) -> None:
    """What one that ended early leaves holds up neither the person's sound nor the others'."""
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    for person in (ada, bo):
        await meeting.says(person, Will.YES, Will.YES)
    broken = [(ada, {"microphone": HEADER_ONLY, "camera": HEADER_ONLY}), (bo, SOUND)]
    whole = [(ada, SOUND), (bo, SOUND)]
    for number, takes in enumerate((broken, whole) if when == "before" else (whole, broken)):
        await meeting.record(takes, offset=5000 + 10_000 * number)
    await meeting.end()
    await stage.cool_off()
    outcome = await export(stage)
    assert (outcome.meetings, outcome.failed, outcome.error) == (1, 0, None)
    (described,) = manifest(stage.exports / "data-set")["meetings"]
    assert [each["source"] for each in described["tracks"]] == ["microphone", "microphone"]
    assert {each["duration"] for each in described["tracks"]} == {described["duration"]}
    lengths = sorted(each["last"] - each["first"] for each in described["tracks"])
    assert lengths == pytest.approx([3000, 13_000], abs=25)
    assert described["missing"] == []


async def test_where_there_is_no_media_there_is_nothing_to_export(stage: VaultScene) -> None:
    meeting = await stage.released(1, microphone=HEADER_ONLY)
    await stage.cool_off()
    assert await stage.state(meeting) is None
    assert (await export(stage)).error == "nothing-to-export"


async def test_every_file_is_in_the_manifest_and_the_vault_has_signed_it(stage: VaultScene) -> None:
    meeting = await ready(stage, 2)
    outcome = await export(stage)
    folder = stage.exports / "data-set"
    body = (folder / "MANIFEST.json").read_bytes()
    signature = (folder / "MANIFEST.jws").read_bytes()
    manifests.verify(Ed25519PublicKey.from_public_bytes(meeting.charter.vault), body, signature)
    with pytest.raises(SignatureError):
        manifests.verify(Ed25519PrivateKey.generate().public_key(), body, signature)
    listed = {each["path"]: each for each in json.loads(body)["files"]}
    assert set(listed) | {"MANIFEST.json", "MANIFEST.jws"} == files(folder)
    for path, each in listed.items():
        data = (folder / path).read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (each["size"], each["sha256"])
    (row,) = await exports(stage)
    assert row.state == "done"
    assert row.manifest_digest == suite.digest(body)
    assert (row.meetings_done, row.meetings_total) == (1, 1)
    assert row.folder == str(folder)
    assert row.id == outcome.export_id == json.loads(body)["export"]
    for path in [folder, *folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


async def test_the_consent_behind_it_is_there_byte_for_byte(stage: VaultScene) -> None:
    meeting = await ready(stage, 2)
    turned_away = await meeting.comes(admitted=False)
    await export(stage)
    place = f"consent/{meeting.id}/"
    signed = {
        name.removeprefix(place): data for name, data in consent(stage.exports / "data-set").items()
    }
    assert signed["charter.json"] == meeting.charter.body
    assert meeting.vault_key is not None
    assert signed["vault-key.json"] == meeting.vault_key.body
    (notice,) = [data for name, data in signed.items() if name.startswith("notices/")]
    assert suite.digest(notice) in meeting.charter.notices.values()
    said = {data for name, data in signed.items() if name.endswith("/answer-0001.json")}
    assert said == {person.last.body for person in meeting.people[:2] if person.last is not None}
    enrolments = [name for name in signed if name.endswith("/enrolment.json")]
    assert len(enrolments) == 2
    for name in enrolments:
        document = json.loads(signed[name])
        suite.verify(
            suite.decode(document["sign"]),
            ENROL_TYPE,
            signed[name],
            signed[name.replace(".json", ".sig")],
        )
        assert document["sign"] != encode(suite.sign_public(turned_away.sign))
    suite.verify(
        meeting.charter.server,
        "assent/generation-close/v2",
        signed["generations/000001/close.json"],
        signed["generations/000001/close.sig"],
    )
    # No private key, no sealed seed, no name as typed is in any file.
    everything = b"".join(
        path.read_bytes() for path in (stage.exports / "data-set").rglob("*") if path.is_file()
    )
    for person in meeting.people:
        for secret in (person.seed, person.train, person.watch):
            assert secret not in everything
            assert encode(secret).encode() not in everything
    assert b"Somebody" not in everything


async def test_speakers_are_called_otherwise_in_every_export(stage: VaultScene) -> None:
    names = []
    for number in range(2):
        await ready(stage)
        await export(stage, f"set-{number}")
        (meeting,) = manifest(stage.exports / f"set-{number}")["meetings"]
        names += [track["speaker"] for track in meeting["tracks"]]
    assert len(set(names)) == 2


async def test_a_meeting_is_exported_once(stage: VaultScene) -> None:
    meeting = await ready(stage)
    assert (await export(stage)).meetings == 1
    assert await stage.state(meeting) == "exported"
    again = await export(stage, "again")
    assert (again.error, again.folder) == ("nothing-to-export", None)
    assert not (stage.exports / "again").exists()
    assert await items(stage) == {meeting.id}


async def test_several_meetings_are_one_data_set(stage: VaultScene) -> None:
    meetings = [await stage.released(1, **SOUND) for _ in range(3)]
    blocked = await stage.meeting()
    await blocked.comes()
    await blocked.record([(blocked.people[0], SOUND)])
    await blocked.end()
    await stage.cool_off()
    seen: list[tuple[int, int]] = []
    outcome = await stage.worker.export_to(
        stage.exports / "x", lambda now: seen.append((now.meetings, now.meetings_total))
    )
    assert outcome.meetings == 3
    assert sorted(set(seen)) == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert seen == sorted(seen)
    assert {each["meeting"] for each in manifest(stage.exports / "x")["meetings"]} == {
        meeting.id for meeting in meetings
    }
    assert await items(stage) == {meeting.id for meeting in meetings}


async def test_a_generation_that_came_to_nothing_is_passed_over(stage: VaultScene) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    await meeting.record([(ada, {})])
    await meeting.record([(ada, SOUND)], offset=20_000)
    await stage.blobs.delete(objects.generation_pairs_key(meeting.id, 1))
    await meeting.end()
    await stage.cool_off()
    assert (await export(stage)).meetings == 1
    (described,) = manifest(stage.exports / "data-set")["meetings"]
    assert described["duration"] == 3000
    assert [each["number"] for each in described["generations"]] == [2]


async def test_many_meetings_take_several_exports(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_module, "MOST_MEETINGS", 2)
    for _ in range(3):
        await stage.released(1, **SOUND)
    await stage.cool_off()
    assert (await export(stage, "one")).meetings == 2
    assert (await export(stage, "two")).meetings == 1


# What goes wrong with one meeting.


@pytest.mark.parametrize(
    "how", ["flipped", "gone", "swapped", "boxes", "pairs", "outer", "other boxes"]
)
async def test_a_damaged_meeting_stays_out_and_the_others_go_on(
    stage: VaultScene, how: str
) -> None:
    """Damage after the worker has looked at the objects is found by who reads them."""
    damaged, good = await stage.released(1, **SOUND), await stage.released(1, **SOUND)
    await stage.cool_off()
    track = Track(damaged.people[0].id, "microphone")
    places = [objects.generation_segment_key(damaged.id, 1, track, sequence) for sequence in (1, 2)]
    beside = {
        "boxes": objects.generation_boxes_key(damaged.id, 1),
        "pairs": objects.generation_pairs_key(damaged.id, 1),
        "outer": objects.generation_outer_key(damaged.id, 1),
        "other boxes": objects.generation_boxes_key(damaged.id, 1),
    }
    if how in beside:
        await stage.blobs.delete(beside[how])
        if how == "other boxes":
            others = objects.generation_boxes_key(good.id, 1)
            await stage.blobs.put(beside[how], await stage.blobs.get(others))
    else:
        first, second = [await stage.blobs.get(place) for place in places]
        await stage.blobs.delete(places[0])
        if how == "flipped":
            await stage.blobs.put(places[0], first[:-1] + bytes([first[-1] ^ 1]))
        elif how == "swapped":
            await stage.blobs.put(places[0], second)
    outcome = await export(stage)
    assert (outcome.meetings, outcome.failed, outcome.error) == (1, 1, "some-meetings-failed")
    assert [each["meeting"] for each in manifest(stage.exports / "data-set")["meetings"]] == [
        good.id
    ]
    assert not [path for path in files(stage.exports / "data-set") if damaged.id in path]
    async with stage.database.read() as session:
        row = await session.get(ReleaseRow, damaged.id)
    assert row is not None
    assert (row.state, row.reason) == ("dropped", "export-segments-damaged")
    assert await items(stage) == {good.id}


async def test_when_every_meeting_is_damaged_there_is_no_data_set(stage: VaultScene) -> None:
    damaged = await ready(stage)
    await stage.blobs.delete_prefix(objects.generation_tracks_prefix(damaged.id, 1))
    outcome = await export(stage)
    assert (outcome.folder, outcome.error) == (None, "nothing-to-export")
    assert nothing_left(stage)
    assert [row.state for row in await exports(stage)] == ["failed"]


async def test_a_segment_that_somebody_sealed_wrongly_is_found(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server closes over whatever it stored: the hashes are right, and it does not open."""
    monkeypatch.setattr(GenerationStretch, "lane_key", lambda _, __: bytes(32))
    meeting = await ready(stage)
    outcome = await export(stage)
    assert outcome.folder is None
    assert await stage.state(meeting) == "dropped"
    # It is not tried again as long as nothing about it changes.
    await stage.restart()
    await stage.worker.watch()
    assert await stage.state(meeting) == "dropped"


# What goes wrong with all of it.


async def test_the_place_must_be_free(stage: VaultScene) -> None:
    meeting = await ready(stage)
    for make in (Path.mkdir, Path.touch, lambda path: path.symlink_to("nowhere")):
        place = stage.exports / "data-set"
        stage.exports.mkdir(exist_ok=True)
        make(place)
        outcome = await export(stage)
        assert (outcome.folder, outcome.error) == (None, "folder-exists")
        place.rmdir() if place.is_dir() else place.unlink()
    assert await stage.state(meeting) == "ready"
    assert (await export(stage)).error is None


async def test_a_place_that_cannot_be_written_fails_the_export(stage: VaultScene) -> None:
    meeting = await ready(stage)
    stage.exports.mkdir()
    (stage.exports / "file").touch()
    outcome = await stage.worker.export_to(stage.exports / "file" / "x", None)
    assert outcome.error == "cannot-write"
    assert await stage.state(meeting) == "ready"


@pytest.mark.parametrize(
    ("floor_reached", "code"),
    [("before", "space-low"), ("while", "space-low"), ("unknown", "space-unknown")],
)
async def test_below_the_floor_nothing_is_exported(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, floor_reached: str, code: str
) -> None:
    """Neither begun nor finished; a folder that an earlier run has left is none of it."""
    meeting = await ready(stage, people=2)
    looks = 0

    def room(place: str, path: Path) -> spaces.FreeSpace:
        nonlocal looks
        looks += 1
        assert path in stage.settings.disks().values()
        if floor_reached == "unknown":
            raise OSError
        low = floor_reached == "before" or looks > 5
        return spaces.FreeSpace(place, 99 if low else 126, None)

    monkeypatch.setattr(spaces, "_room", room)
    stage.worker.exports._space.floor = 100
    outcome = await export(stage)
    assert (outcome.folder, outcome.error) == (None, code)
    assert nothing_left(stage)
    assert await items(stage) == set()
    assert await stage.state(meeting) == "ready"
    assert [(row.state, row.error) for row in await exports(stage)] == [("failed", code)]
    looks, floor_reached = -1000, "not"
    assert (await export(stage)).error is None


async def test_the_floor_is_the_one_that_is_set(stage: VaultScene) -> None:
    await ready(stage)
    await stage.close()
    stage.settings = replace(stage.settings, free_space_floor_mb=1_000_000)
    await stage.open()
    assert (await export(stage)).error == "space-low"


async def test_a_store_that_is_away_fails_the_export_and_keeps_the_release(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await ready(stage)

    async def away(key: str) -> bytes:
        raise BlobUnavailable("The object store cannot be used (EIO).")

    monkeypatch.setattr(stage.blobs, "get", away)
    outcome = await export(stage)
    assert outcome.error == "objects-unavailable"
    assert nothing_left(stage)
    assert await stage.state(meeting) == "ready"
    monkeypatch.undo()
    assert (await export(stage, "again")).meetings == 1


# Dying in the middle.


class Killed(BaseException):
    """Ends the run as a killed process would: nobody tidies up."""


def dies_at(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, after: bool) -> None:
    real: Callable[..., Awaitable[Any]] = getattr(owner, name)

    async def die(*arguments: Any) -> Any:
        if after:
            await real(*arguments)
        raise Killed

    monkeypatch.setattr(owner, name, die)


async def die_and_restart(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, after: bool
) -> None:
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(ExportRow(id=export_id, state="requested", requested_at=1))
    dies_at(monkeypatch, owner, name, after=after)
    with pytest.raises(Killed):
        await stage.worker.export_requested()
    monkeypatch.undo()
    # Whoever else looks sees nothing, for nothing has a name.
    visible = [path for path in stage.exports.iterdir() if not path.name.startswith(".")]
    assert visible == []
    await stage.restart()


@pytest.mark.parametrize(
    ("name", "after"),
    [
        ("_claim", False),
        ("_claim", True),
        ("_count", True),
        ("_write_manifest", True),
        ("_make_exported", False),
        ("_make_exported", True),  # inside the transaction, which is not committed
    ],
)
async def test_before_the_commit_nothing_has_happened(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, name: str, after: bool
) -> None:
    meeting = await ready(stage)
    await die_and_restart(stage, monkeypatch, stage.worker.exports, name, after=after)
    assert nothing_to_see(stage)
    assert await stage.state(meeting) == "ready"
    assert await items(stage) == set()
    # And then it is done, with what was whole already.
    assert await stage.worker.export_requested() == 1
    (row,) = await exports(stage)
    assert (row.state, row.meetings_done) == ("done", 1)
    assert row.folder is not None
    assert manifest(Path(row.folder))["meetings"][0]["meeting"] == meeting.id


async def test_after_the_commit_it_has_happened(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await ready(stage)
    await die_and_restart(stage, monkeypatch, stage.worker.exports, "_commit", after=True)
    (row,) = await exports(stage)
    assert (row.state, row.error) == ("done", None)
    assert row.folder is not None
    assert manifest(Path(row.folder))["meetings"][0]["meeting"] == meeting.id
    assert await stage.state(meeting) == "exported"
    assert await stage.worker.export_requested() == 0


async def test_a_committed_data_set_that_has_gone_is_told_as_lost(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(stage)
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(ExportRow(id=export_id, state="requested", requested_at=1))
    dies_at(monkeypatch, stage.worker.exports, "_commit", after=True)
    with pytest.raises(Killed):
        await stage.worker.export_requested()
    monkeypatch.undo()
    (partial,) = stage.exports.iterdir()
    (partial / "MANIFEST.json").write_text("another")
    await stage.restart()
    (row,) = await exports(stage)
    assert (row.state, row.error) == ("failed", "export-lost")


async def test_one_of_the_command_line_waits_for_whoever_asks_again(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await ready(stage)
    dies_at(monkeypatch, stage.worker.exports, "_write_manifest", after=True)
    with pytest.raises(Killed):
        await export(stage)
    monkeypatch.undo()
    await stage.restart()
    (row,) = await exports(stage)
    assert (row.state, row.error) == ("failed", "interrupted")
    assert nothing_to_see(stage)
    assert await stage.state(meeting) == "ready"


async def test_a_worker_that_is_told_to_stop_leaves_the_export_for_the_next(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = await ready(stage)
    async with stage.database.write() as session:
        session.add(ExportRow(id=new_id(), state="requested", requested_at=1))
    blobs: Blobs = stage.blobs
    real, reading = blobs.get, asyncio.Event()

    async def slow(key: str) -> bytes:
        reading.set()
        await asyncio.sleep(0.05)
        return await real(key)

    monkeypatch.setattr(blobs, "get", slow)
    work = asyncio.create_task(stage.worker.export_requested())
    async with asyncio.timeout(60):
        await reading.wait()
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
    monkeypatch.undo()
    assert nothing_to_see(stage)
    assert [row.state for row in await exports(stage)] == ["requested"]
    assert await stage.state(meeting) == "ready"
    assert await stage.worker.export_requested() == 1


async def test_a_meeting_that_somebody_has_locked_for_a_moment_is_not_left_out(
    stage: VaultScene,
) -> None:
    meeting = await ready(stage)
    async with stage.database.write() as session:
        await lock_meeting(session, meeting.id)
        running = asyncio.create_task(export(stage))
        await asyncio.sleep(0.3)
    assert (await running).meetings == 1
    assert await items(stage) == {meeting.id}


async def test_what_a_dead_worker_has_begun_with_its_last_word_is_begun_anew(
    stage: VaultScene,
) -> None:
    """Its database may hear that word when the next worker has started already."""
    meeting = await ready(stage)
    async with stage.database.write() as session:
        row = ExportRow(id=new_id(), state="running", lease_token="its own", requested_at=1)
        session.add(row)
    assert await stage.worker.export_requested() == 1
    assert await items(stage) == {meeting.id}
    assert [(row.state, row.meetings_done) for row in await exports(stage)] == [("done", 1)]
