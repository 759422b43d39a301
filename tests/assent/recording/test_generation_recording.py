"""A relayed generation recorded: each frame encrypted, opened by who was there, no key twice."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from assent.media import TrackInfo
from assent.recording import StorageStalled
from assent.recording.frame_sealer import FrameSealer
from assent_vault.errors import BlobUnavailable
from assent_vault.formats import objects
from assent_vault.formats.frame_cipher import parse_frame
from assent_vault.formats.frame_key import Sender
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_segment import parse_generation_segment
from assent_vault.formats.storing_keys import StoringKeys, outer_track_key
from assent_vault.formats.suite import decode
from assent_vault.formats.webm_reader import read_clusters
from assent_vault.keys.unsealing import decrypt_segment
from assent_vault.store.blobs import FolderBlobs
from support.data_folder import search
from support.publishing import Arrival, Source, camera, in_order, microphone
from support.recorded import Studio, Watched

KEY_FRAME = bytes.fromhex("1002009d012a40010001") + b"a key frame of thirty bytes   " * 40
PICTURE = bytes.fromhex("310100") + b"a picture that is said of others" * 20


def sound(count: int, first: int = 0) -> list[bytes]:
    """Return packets of 20 ms, no two the same."""
    return [b"\xf8" + f"a word of somebody's {first + n:06}".encode() for n in range(count)]


def pictures(count: int) -> list[bytes]:
    """Return a key frame and others."""
    return [KEY_FRAME, *(PICTURE + f"{n:06}".encode() for n in range(count - 1))]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def frames(watched: object, track: str) -> list[bytes]:
    """Return what was recorded of a track."""
    assert isinstance(watched, Watched)
    return [
        frame
        for plaintext in watched.tracks[track][1:]
        for blocks in read_clusters(plaintext)
        for _, _, frame, _ in blocks
    ]


def sources(ann: str, ben: str, seconds: int) -> list[Arrival]:
    """Return sound and pictures of two people."""
    return in_order(
        Source(microphone(ann), ntp=1e9).sound(sound(50 * seconds)),
        Source(camera(ann), ntp=1e9, sequence=9).picture(pictures(25 * seconds)),
        Source(microphone(ben, ssrc=33)).sound(sound(50 * seconds, 500_000)),
    )


async def test_what_was_sent_can_be_watched_and_nothing_of_it_is_on_the_disk(
    studio: Studio,
) -> None:
    ann, ben = studio.come(), studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(recording, sources(ann, ben, 5))
    studio.move_to(1005)
    recording.stop()
    watched = await studio.watch(await recording.finish())

    assert not watched.closing.interrupted
    assert frames(watched, f"{ann}.microphone") == sound(250)
    assert frames(watched, f"{ann}.camera") == pictures(125)
    assert frames(watched, f"{ben}.microphone") == sound(250, 500_000)
    assert isinstance(watched, Watched)
    assert watched.left_out == {}
    assert search(studio.folder, [b"a word of", b"a picture that", b"a key frame of"]) == []


async def test_no_key_encrypts_two_frames_under_one_count(studio: Studio) -> None:
    """Over slots, a new connection of the same person, and two runs of the server."""
    ann, ben = studio.come(), studio.come()
    seen: set[object] = set()
    for number, began in ((1, 1000.0), (2, 1020.0)):
        if number == 2:
            studio.recorder = studio.new_recorder()
        studio.move_to(began)
        recording = await studio.open(number)
        recording.begin()
        again = Source(microphone(ann, ssrc=77), began=began + 5).sound(sound(100, 700_000))
        some = [one.later(began - 1000) for one in sources(ann, ben, 5)]
        await studio.play(recording, [*some, *again])
        watched = await studio.watch(await recording.finish(), number)
        header = watched.header.digest
        for entry in watched.closing.segments:
            name = objects.generation_segment_key(studio.id, number, entry.track, entry.sequence)
            _, written, ciphertext = parse_generation_segment(await studio.store.get(name))
            key = outer_track_key(studio.outer, header, entry.track)
            plaintext = decrypt_segment(written, ciphertext, key)
            if not entry.has_media:
                continue
            codec = "vp8" if entry.track.endswith("camera") else "opus"
            for _, _, data, _ in (block for row in read_clusters(plaintext) for block in row):
                # The key follows from H, the track, and the slot and stream of its number.
                place = (header, entry.track, parse_frame(codec, data).number)
                assert place not in seen
                seen.add(place)
    assert len(seen) == 2 * (250 + 125 + 250 + 100)


async def test_only_people_of_the_header_are_recorded(studio: Studio) -> None:
    ann, gone = studio.come(), studio.come()
    recording = await studio.open(away=[gone])
    recording.begin()
    for track in (
        microphone(gone),
        microphone("A" * 43),
        TrackInfo(ann, "camera", "opus", 48_000, 6),
    ):
        await studio.play(recording, Source(track).sound(sound(5)))
    watched = await studio.watch(await recording.finish())
    assert watched.tracks == {}
    assert recording.counts["foreign"] == 15


async def test_nothing_is_stored_after_the_last_slot(studio: Studio) -> None:
    """A frame that would be of slot 256 has no key; what came before is kept."""
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    before = Source(microphone(ann), began=1511.0).sound(sound(100))
    await studio.play(recording, before)
    watched = await studio.watch(await recording.finish())
    kept = frames(watched, f"{ann}.microphone")
    assert kept == sound(100)[: len(kept)]
    assert 40 <= len(kept) <= 52  # 1,000 ms of the last slot
    assert recording.counts["after"] == 100 - len(kept)
    assert not watched.closing.interrupted
    assert studio.problems == []


async def test_keys_are_forgotten_when_it_is_closed(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(recording, Source(microphone(ann)).sound(sound(10)))
    recording.stop()
    assert recording._stretch.lane_key("x"), "what has arrived is still to be encrypted"
    await recording.finish()
    with pytest.raises(ValueError, match="forgotten"):
        recording._stretch.lane_key("x")


class BrokenBlobs(FolderBlobs):
    """A folder that takes no object of a name, or never answers."""

    def __init__(self, path: Path, name: str, *, hang: bool = False) -> None:
        super().__init__(path)
        self.name = name
        self.hang = hang

    async def put(self, key: str, data: bytes) -> None:
        if key.endswith(self.name):
            if self.hang:
                await asyncio.Event().wait()
            raise BlobUnavailable("The object store cannot be used (ENOSPC).")
        await super().put(key, data)


@pytest.mark.parametrize(
    "name", ["header.json", "header.sig", "boxes.json", "pairs.json", "outer.json"]
)
async def test_without_every_document_nothing_is_recorded(tmp_path: Path, name: str) -> None:
    studio = Studio(tmp_path, BrokenBlobs(tmp_path / "objects", name))
    studio.come()
    made = studio.commit()
    with pytest.raises(BlobUnavailable):
        await studio.recorder.open(made)
    with pytest.raises(ValueError, match="forgotten"):
        made.keys.track_key("x")


async def test_a_store_that_never_answers_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assent.recording.recorder.OPENING", 0.05)
    studio = Studio(tmp_path, BrokenBlobs(tmp_path / "objects", "pairs.json", hang=True))
    studio.come()
    made = studio.commit()
    with pytest.raises(StorageStalled):
        await studio.recorder.open(made)
    with pytest.raises(ValueError, match="forgotten"):
        made.keys.track_key("x")


async def test_a_failing_store_forgets_the_keys_at_once(tmp_path: Path) -> None:
    studio = Studio(tmp_path, BrokenBlobs(tmp_path / "objects", "000001.segment"))
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(recording, Source(microphone(ann)).sound(sound(200)))
    assert studio.problems == ["storage-unavailable"]
    with pytest.raises(ValueError, match="forgotten"):
        recording._stretch.lane_key("x")
    watched = await studio.watch(await recording.finish())
    assert watched.closing.interrupted


async def test_a_crash_leaves_what_is_durable(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(recording, Source(microphone(ann)).sound(sound(300)))
    assert recording._timer is not None
    recording._timer.cancel()
    closing = await studio.recover()
    assert closing == await studio.recover(), "it changes nothing to do it again"
    watched = await studio.watch(closing)
    assert watched.closing.interrupted
    kept = frames(watched, f"{ann}.microphone")
    assert 150 < len(kept) < 300
    assert kept == sound(300)[: len(kept)]


async def test_a_person_is_dropped(studio: Studio) -> None:
    ann, ben = studio.come(), studio.come()
    recording = await studio.open()
    recording.begin()
    some = sources(ann, ben, 1)
    await studio.play(recording, some)
    recording.drop_person(ann)
    await studio.play(recording, [one.later(1) for one in some])
    watched = await studio.watch(await recording.finish())
    assert list(watched.tracks) == [f"{ben}.microphone"]


def test_a_frame_of_no_slot_is_never_encrypted(studio: Studio) -> None:
    ann = studio.come()
    made = studio.commit()
    sender = Sender(decode(ann), NOBODY, "microphone")
    sealer = FrameSealer(made.keys, sender, "opus", 1000)
    for time in (999, 1000 + 256 * 2000):
        with pytest.raises(ValueError, match="slot"):
            sealer.cluster([(time, True, sound(1)[0], 0)])
    made.keys.forget()
    with pytest.raises(ValueError, match="forgotten"):
        sealer.cluster([(1000, True, sound(1)[0], 0)])


def test_a_thread_never_gets_what_is_left_of_a_key(studio: Studio) -> None:
    """Whoever asks while the keys are overwritten gets the key, or nothing."""
    studio.come()
    header = studio.commit().header
    want = StoringKeys(header, b"E" * 32, b"O" * 32).track_key("x")
    for _ in range(20):
        keys = StoringKeys(header, b"E" * 32, b"O" * 32)
        found: list[bytes] = []

        def ask(keys: StoringKeys = keys, found: list[bytes] = found) -> None:
            try:
                while True:
                    found.append(keys.track_key("x"))
            except ValueError:
                return

        thread = threading.Thread(target=ask)
        thread.start()
        while not found:
            pass
        keys.forget()
        thread.join()
        assert set(found) == {want}
