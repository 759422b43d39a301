"""What is recorded, when, and of whom: real codecs, real sealing, real files."""

from __future__ import annotations

import asyncio
import gc
import weakref
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from assent.media import TrackInfo
from assent.recording import StorageStalled, webm
from assent.recording import recorder as recorders
from assent.recording import sealer as sealers
from assent_vault.errors import BlobUnavailable
from assent_vault.export.generation_unlock import UnlockedGeneration
from assent_vault.export.join import Piece, join
from assent_vault.export.timeline import lay_out
from assent_vault.formats import objects
from assent_vault.release.evidence_reader import check_segments
from assent_vault.store.blobs import FolderBlobs
from support.data_folder import pieces, search
from support.media import listen, look, packets
from support.publishing import (
    Arrival,
    Source,
    camera,
    in_order,
    microphone,
    only,
    opus,
    rtp,
    vp8,
)
from support.recorded import Studio, Watched, settle
from support.waiting import eventually

TONE = 1000


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


def spans(watched: Watched, track: str) -> list[tuple[int, int]]:
    """Return start and end of a track's segments, without the header."""
    return [
        (entry.start, entry.end)
        for entry in watched.closing.segments
        if entry.track == track and entry.sequence > 0
    ]


class FailingBlobs(FolderBlobs):
    """A folder whose disk is full from some object on, or that never answers."""

    def __init__(self, path: Path, *, good: int, hang: bool = False) -> None:
        super().__init__(path)
        self.good = good
        self.hang = hang
        self.waiting = 0

    async def put(self, key: str, data: bytes) -> None:
        if self.good == 0:
            if self.hang:
                self.waiting += 1
                await asyncio.Event().wait()
            raise BlobUnavailable("The object store cannot be used (ENOSPC).")
        self.good -= 1
        await super().put(key, data)


class SlowBlobs(FolderBlobs):
    """A folder that takes the first segment there is only when it is "done" with something else."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.done = asyncio.Event()
        self.held = False

    async def put(self, key: str, data: bytes) -> None:
        if key.endswith(".segment") and not self.held:
            self.held = True
            await self.done.wait()
        await super().put(key, data)


async def test_what_was_sent_can_be_watched(studio: Studio, tmp_path: Path) -> None:
    ann, ben = studio.come(), studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(
        recording,
        in_order(
            Source(microphone(ann), ntp=1e9).sound(opus(TONE, 5)),
            Source(camera(ann), ntp=1e9, sequence=9).picture(vp8("red", 5)),
            Source(microphone(ben, ssrc=33)).sound(opus(440, 5)),
        ),
    )
    studio.move_to(1005)
    recording.stop()
    watched = await studio.watch(await recording.finish())

    assert not watched.closing.interrupted
    assert watched.closing.ended == watched.began + 5000
    assert sorted(watched.tracks) == sorted(
        [f"{ann}.microphone", f"{ann}.camera", f"{ben}.microphone"]
    )
    heard = listen(watched.save(tmp_path, f"{ann}.microphone"))
    assert heard.tones == {TONE}
    assert heard.seconds == pytest.approx(5, abs=0.1)
    assert heard.start == pytest.approx(0, abs=0.1)
    assert listen(watched.save(tmp_path, f"{ben}.microphone")).tones == {440}
    seen = look(watched.save(tmp_path, f"{ann}.camera"))
    assert seen.colours == {"red"}
    assert seen.seconds == pytest.approx(5, abs=0.1)
    assert seen.frames == 125
    assert seen.still < 0.5
    assert studio.problems == []
    assert studio.asked == []  # a room has a tap begin with key frames


async def test_times_are_those_of_the_meeting_and_segments_are_short(
    studio: Studio, tmp_path: Path
) -> None:
    ann = studio.come()
    studio.move_to(1600)  # the meeting has been on for ten minutes
    recording = await studio.open()
    recording.begin()
    sound = Source(microphone(ann), began=1600).sound(opus(TONE, 6))
    await studio.play(recording, sound)
    watched = await studio.watch(await recording.finish())

    times = spans(watched, f"{ann}.microphone")
    assert times[0][0] == pytest.approx(600_000, abs=20)
    assert all(0 < end - start <= 2000 for start, end in times)
    assert all(abs(then - end) <= 1 for (_, end), (then, _) in pairwise(times))
    assert listen(watched.save(tmp_path, f"{ann}.microphone")).start == pytest.approx(600, abs=0.1)


async def test_a_paused_stretch_is_in_no_generation(studio: Studio, tmp_path: Path) -> None:
    ann = studio.come()
    track = microphone(ann)
    source = Source(track)
    before = source.sound(opus(TONE, 2))
    paused = Source(track, began=1002, sequence=65_600, timestamp=0).sound(opus(440, 3))
    after = Source(track, began=1005, sequence=65_750, timestamp=3 * 48_000).sound(opus(TONE, 2))

    first = await studio.open(1)
    first.begin()
    await studio.play(first, before)
    studio.move_to(1002)
    first.stop()
    for one in paused:  # a room may still hand in what was on its way
        if one.report is None:
            first.packet(one.track, one.packet, one.at)
    closing = await first.finish()
    second = await studio.open(2)
    await studio.play(second, paused)  # it has not begun
    studio.move_to(1005)
    second.begin()
    late = paused[-1]
    assert late.report is None
    await studio.play(second, [late.later(0.01), *after])
    watched_first = await studio.watch(closing, 1)
    watched_second = await studio.watch(await second.finish(), 2)

    name = f"{ann}.microphone"
    heard = listen(watched_first.save(tmp_path, name))
    assert heard.tones == {TONE}
    assert heard.seconds == pytest.approx(2, abs=0.1)
    heard = listen(watched_second.save(tmp_path, name))
    assert heard.tones == {TONE}
    assert heard.start == pytest.approx(5, abs=0.1)
    assert heard.seconds == pytest.approx(2, abs=0.1)
    # Not one packet of it, be it ever so late: it was said when not everyone had agreed.
    assert watched_second.closing.segments[0].start >= 5000
    said = b"".join(b"".join(some) for some in watched_second.tracks.values())
    assert not any(packet in said for packet in opus(440, 3))


async def test_what_waited_to_be_put_in_order_when_it_stopped_is_kept(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    sound = [one for one in Source(microphone(ann)).sound(opus(TONE, 0.2)) if one.report is None]
    await studio.play(recording, [*sound[:4], *sound[5:8]])
    recording.stop()
    for one in [sound[4], *sound[8:]]:
        recording.packet(one.track, one.packet, one.at)
    watched = await studio.watch(await recording.finish())

    said = b"".join(watched.tracks[f"{ann}.microphone"])
    packets = opus(TONE, 0.2)
    kept = [packet in said for packet in packets]
    assert kept == [number in (0, 1, 2, 3, 5, 6, 7) for number in range(len(packets))]


async def test_only_people_of_the_header_and_known_sources_are_recorded(studio: Studio) -> None:
    ann, gone = studio.come(), studio.come()
    recording = await studio.open(away=[gone])
    recording.begin()
    foreign = [
        microphone(gone),
        microphone("A" * 43),
        TrackInfo(ann, "whiteboard", "vp8", 90_000, 5),
        TrackInfo(ann, "camera", "opus", 48_000, 6),
    ]
    for track in foreign:
        await studio.play(recording, Source(track).sound(opus(TONE, 0.1)))
    watched = await studio.watch(await recording.finish())

    assert watched.tracks == {}
    assert recording.counts["foreign"] == 20


EVERYTHING = {
    "microphone": "opus",
    "camera": "vp8",
    "screen": "vp8",
    "screen-audio": "opus",
    "device-microphone": "opus",
    "device-camera": "vp8",
}


async def test_every_source_is_recorded_as_one_track(studio: Studio) -> None:
    """What somebody shares, and another device of theirs, just as microphone and camera."""
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    played = []
    for number, (source, codec) in enumerate(EVERYTHING.items()):
        rate = 48_000 if codec == "opus" else 90_000
        sent = Source(TrackInfo(ann, source, codec, rate, 10 + number))
        played.append(sent.sound(opus(TONE, 1)) if codec == "opus" else sent.picture(vp8("red", 1)))
    await studio.play(recording, in_order(*played))
    studio.move_to(1001)
    recording.stop()
    watched = await studio.watch(await recording.finish())
    assert sorted(watched.tracks) == sorted(f"{ann}.{source}" for source in EVERYTHING)
    assert all(sum(map(len, track)) > 500 for track in watched.tracks.values())


async def test_loss_and_reordering_leave_gaps_and_no_broken_picture(
    studio: Studio, tmp_path: Path
) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    frames = vp8("blue", 12, 320, 240, 50)
    picture = Source(camera(ann), sequence=65_000, mtu=300).picture(frames)
    sound = Source(microphone(ann)).sound(opus(TONE, 12))
    damaged = only(picture, lambda number: number % 41 != 40)
    damaged = [one.later(0.15) if index % 7 == 3 else one for index, one in enumerate(damaged)]
    await studio.play(recording, in_order(damaged, only(sound, lambda number: number % 20 != 10)))
    watched = await studio.watch(await recording.finish())

    # The decoder is told to fail at the first thing that is wrong.
    seen = look(watched.save(tmp_path, f"{ann}.camera"))
    assert seen.colours == {"blue"}
    assert 20 < seen.frames < len(frames)
    heard = listen(watched.save(tmp_path, f"{ann}.microphone"))
    assert heard.seconds == pytest.approx(12, abs=0.1)
    assert recording.counts["lost"] > 20
    # Everybody's every ten seconds; what cannot go on without one is asked for, and not too often.
    assert studio.asked == pytest.approx([1010.0], abs=0.3)
    assert {(person, source) for _, person, source in studio.asked_of} == {(ann, "camera")}
    times = [at for at, _, _ in studio.asked_of]
    assert len(times) > 8
    assert all(later - earlier >= 0.5 for earlier, later in pairwise(times))


@pytest.mark.parametrize("shows", [False, True])
async def test_pictures_can_be_begun_with_every_ten_seconds(studio: Studio, shows: bool) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    if shows:
        await studio.play(recording, Source(camera(ann)).picture(vp8("blue", 22, 64, 48)))
    else:
        await studio.play(recording, Source(microphone(ann)).sound(opus(TONE, 22)))
    await recording.finish()
    expected = [1010.0, 1020.0] if shows else []
    assert studio.asked == pytest.approx(expected, abs=0.3)
    assert studio.asked_of == []


async def test_a_key_frame_that_is_lacking_is_asked_for_until_it_comes(studio: Studio) -> None:
    """The first one was lost, or shows what was before: nothing can be used until the next."""
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    frames = list(vp8("blue", 6, 64, 48, 100))
    sent = Source(camera(ann)).picture(frames)
    first = sum(1 for one in Source(camera(ann)).picture(frames[:1]) if one.report is None)
    await studio.play(recording, only(sent, lambda number: number >= first))
    watched = await studio.watch(await recording.finish())
    times = [at for at, _, _ in studio.asked_of]
    assert times == pytest.approx([1000.1 + 0.5 * number for number in range(8)], abs=0.12)
    # What is there begins with the next key frame, four seconds in.
    assert spans(watched, f"{ann}.camera")[0][0] == pytest.approx(4000, abs=50)


@pytest.mark.parametrize("held", [0.5, 1.9, 2.1, 5.0, 20.0])
async def test_what_a_path_held_is_where_it_was_said(
    studio: Studio, tmp_path: Path, held: float
) -> None:
    """In what is stored, and so in the player and in copies, and in a data set."""
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    sound = Source(microphone(ann)).sound(opus(TONE, 24))
    free = 1002 + held
    late = [replace(one, at=free) if 1002 <= one.at < free else one for one in sound]
    await studio.play(recording, late)
    watched = await studio.watch(await recording.finish())

    name = f"{ann}.microphone"
    said, heard = watched.tracks[name], tmp_path / "exported.opus"
    with heard.open("w+b") as out:
        told = join("microphone", [Piece(lambda: iter(said), 24_000)], 0, 24_000, out)
    assert told.gaps == []
    for path in (watched.save(tmp_path, name), heard):
        found = list(packets(path))
        assert [data for _, data in found[: 24 * 50]] == list(opus(TONE, 24))
        # The codec's delay is taken off by FFmpeg.
        times = [time * 1000 + 7 for time, _ in found[: 24 * 50]]
        assert times == pytest.approx([20 * number for number in range(len(found))], abs=5)


async def test_a_generation_begins_where_the_one_before_ends(studio: Studio) -> None:
    """Its header is drawn up while the other goes on, and is no measure of what is in it."""
    ann = studio.come()
    both = in_order(
        Source(microphone(ann)).sound(opus(TONE, 4)),
        Source(camera(ann), delay=0.05).picture(vp8("blue", 4, 64, 48, 10)),
    )
    first = await studio.open()
    first.begin()
    await studio.play(first, [one for one in both if one.at < 1001.8])
    studio.move_to(1001.8)
    second = await studio.open(2)
    await studio.play(first, [one for one in both if 1001.8 <= one.at < 1002])
    studio.move_to(1002)
    first.stop()
    second.begin()
    await studio.play(second, [one for one in both if one.at >= 1002])
    opened = [
        UnlockedGeneration(watched.header, watched.closing, None)
        for watched in (
            await studio.watch(await first.finish(), 1),
            await studio.watch(await second.finish(), 2),
        )
    ]
    assert opened[1].header.recorded.offset == 1800
    timeline = lay_out(opened)
    [one, two] = [(stretch.start, stretch.end) for stretch in timeline.stretches]
    assert one == (0, pytest.approx(2000, abs=1))
    assert two == (one[1], pytest.approx(4000, abs=50))
    for track in timeline.tracks:
        [part, after] = [
            [entry for entry in part.entries if entry.has_media] for part in track.parts
        ]
        assert part[-1].end <= after[0].start, "nor does any track"


@pytest.mark.parametrize("stereo", [False, True])
async def test_a_header_has_as_many_channels_as_the_sound(studio: Studio, stereo: bool) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    sound = opus(TONE, 0.5)
    if stereo:  # the bit that says so; nobody decodes these
        sound = (*sound[:5], *(bytes([one[0] | 0x04]) + one[1:] for one in sound[5:]))
    await studio.play(recording, Source(microphone(ann)).sound(sound))
    watched = await studio.watch(await recording.finish())
    header, *_ = watched.tracks[f"{ann}.microphone"]
    assert header == webm.opus_header(2 if stereo else 1)


async def test_one_backward_timestamp_moves_nothing(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    sound = Source(microphone(ann)).sound(opus(TONE, 6))
    spoilt = []
    for number, one in enumerate(sound):
        packet = one.packet
        if number in (60, 130, 200):  # backward by 35 hours, by two seconds; forward by 40 ms
            stamp = int.from_bytes(packet[4:8], "big")
            stamp += {60: -35 * 3600 * 48_000, 130: -96_000, 200: 1920}[number]
            packet = packet[:4] + (stamp & 0xFFFFFFFF).to_bytes(4, "big") + packet[8:]
        spoilt.append(Arrival(one.at, one.track, packet, one.report))
    await studio.play(recording, spoilt)
    watched = await studio.watch(await recording.finish())

    times = spans(watched, f"{ann}.microphone")
    assert times[0][0] == pytest.approx(0, abs=30)
    assert times[-1][1] == pytest.approx(6000, abs=30)


async def test_who_connects_anew_goes_on_in_the_same_track(studio: Studio, tmp_path: Path) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    first = Source(camera(ann, 1)).picture(vp8("green", 2))
    second = Source(camera(ann, 2), began=1003, sequence=7, timestamp=5).picture(vp8("green", 2))
    await studio.play(recording, first)
    await studio.play(recording, second)
    stray = next(one for one in first if one.report is None)
    recording.packet(stray.track, stray.packet, 1005.0)
    watched = await studio.watch(await recording.finish())

    seen = look(watched.save(tmp_path, f"{ann}.camera"))
    assert seen.frames == 100
    assert seen.seconds == pytest.approx(5, abs=0.1)
    assert recording.counts["foreign"] == 1


async def test_dropping_a_person_takes_back_what_is_not_stored(studio: Studio) -> None:
    ann, ben = studio.come(), studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(
        recording,
        in_order(
            Source(microphone(ann)).sound(opus(TONE, 1)),
            Source(microphone(ben)).sound(opus(440, 1)),
        ),
    )
    recording.stop()
    recording.drop_person(ann)
    watched = await studio.watch(await recording.finish())

    assert len(watched.tracks[f"{ben}.microphone"]) == 2
    assert len(watched.tracks.get(f"{ann}.microphone", [])) <= 1  # its header, if anything
    assert not watched.closing.interrupted


async def test_a_dropped_person_is_recorded_no_more(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    sound = Source(microphone(ann)).sound(opus(TONE, 2))
    await studio.play(recording, sound[:20])
    recording.drop_person(ann)
    await studio.play(recording, sound[20:])
    watched = await studio.watch(await recording.finish())
    assert sum(len(some) for some in watched.tracks.values()) <= 1


async def test_nothing_is_captured_before_the_keys_are_durable(tmp_path: Path) -> None:
    studio = Studio(tmp_path, FailingBlobs(tmp_path / "objects", good=1))
    studio.come()
    with pytest.raises(BlobUnavailable):
        await studio.open()
    assert len([key async for key, _ in studio.store.list("")]) == 1


async def test_a_store_that_never_answers_keeps_a_generation_from_opening(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "OPENING", 0.05)
    studio = Studio(tmp_path, FailingBlobs(tmp_path / "objects", good=0, hang=True))
    studio.come()
    with pytest.raises(StorageStalled):
        await studio.open()


async def test_a_generation_begins_once_and_not_after_its_end(studio: Studio) -> None:
    studio.come()
    recording = await studio.open()
    recording.begin()
    with pytest.raises(AssertionError):
        recording.begin()
    recording.stop()
    recording.stop()
    with pytest.raises(AssertionError):
        recording.begin()
    watched = await studio.watch(await recording.finish())
    assert watched.closing.segments == ()


async def test_a_full_disk_stops_it_once_and_keeps_what_is_stored(tmp_path: Path) -> None:
    blobs = FailingBlobs(tmp_path / "objects", good=8)
    studio = Studio(tmp_path, blobs)
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    stopped: list[float] = []
    sound = Source(microphone(ann)).sound(opus(TONE, 12))

    def note(one: Arrival) -> None:
        if studio.problems and not stopped:
            stopped.append(one.at)

    await studio.play(recording, sound, note)
    assert studio.problems == ["storage-unavailable"]
    # Two objects of keys and three of media fit; the next one is due after 2.8 + 1.4 s.
    assert 1004 < stopped[0] < 1005.5
    blobs.good = -1
    watched = await studio.watch(await recording.finish())
    assert watched.closing.interrupted
    assert len(watched.closing.segments) == 3
    assert studio.problems == ["storage-unavailable"]


async def test_a_store_that_hangs_is_noticed_and_memory_stays_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "FINISHING", 0.05)
    blobs = FailingBlobs(tmp_path / "objects", good=5, hang=True)
    studio = Studio(tmp_path, blobs)
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    most = 0
    told: list[float] = []

    def note(one: Arrival) -> None:
        nonlocal most
        most = max(most, recording._sealer.backlog)
        if studio.problems and not told:
            told.append(one.at)

    await studio.play(recording, Source(camera(ann)).picture(vp8("red", 5)), note, storing=False)
    assert studio.problems == ["storage-unavailable"]
    assert told[0] <= 1005
    assert 0 < most < 2_000_000
    assert recording._sealer.backlog < 2_000  # what is on its way, and nothing behind it
    with pytest.raises(StorageStalled):
        await recording.finish()
    assert blobs.waiting == 1  # the other lanes never got that far, and the closing neither
    for task in asyncio.all_tasks() - {asyncio.current_task()}:  # they would wait forever
        task.cancel()


async def test_a_slow_store_ends_it_with_what_is_there_and_listed(tmp_path: Path) -> None:
    """A write takes longer than is waited for; closing and objects agree, whenever it arrives."""
    blobs = SlowBlobs(tmp_path / "objects")
    studio = Studio(tmp_path, blobs)
    ann, bob = studio.come(), studio.come()
    recording = await studio.open()
    recording.begin()
    sound = in_order(
        Source(microphone(ann)).sound(opus(TONE, 8)), Source(microphone(bob)).sound(opus(TONE, 8))
    )

    def note(_: Arrival) -> None:
        if studio.problems:
            blobs.done.set()

    await studio.play(recording, sound, note, storing=False)
    assert studio.problems == ["storage-unavailable"]
    closing = await recording.finish()
    watched = await studio.watch(closing)
    assert watched.closing.interrupted
    listed = {
        objects.generation_segment_key(studio.id, 1, entry.track, entry.sequence)
        for entry in watched.closing.segments
    }
    assert listed == {
        key async for key, _ in blobs.list(objects.generation_tracks_prefix(studio.id, 1))
    }
    # The header of the track that had to wait is all that there is of it.
    assert len(watched.tracks[f"{ann}.microphone"]) == 1
    check = await check_segments(blobs, studio.id, 1, closing[0])
    assert check is not None
    assert check.whole
    assert await studio.recover() == closing


async def test_a_backlog_over_its_bound_stops_it(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealers, "BACKLOG", 2_000)
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    picture = Source(camera(ann)).picture(vp8("red", 2))
    for one in picture:  # all at once: the store gets no chance
        if one.report is None:
            recording.packet(one.track, one.packet, one.at)
    await settle()
    assert studio.problems == ["storage-unavailable"]
    watched = await studio.watch(await recording.finish())
    assert watched.closing.interrupted


async def test_silence_does_not_keep_what_was_said_from_being_stored(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(recording, Source(microphone(ann)).sound(opus(TONE, 0.5)))
    studio.move_to(1001.45)
    recording.tick()
    async with asyncio.timeout(30):
        await recording._sealer.drain()
    stored = [
        key async for key, _ in studio.store.list(objects.generation_tracks_prefix(studio.id, 1))
    ]
    assert len(stored) == 2
    await recording.finish()


async def test_malformed_packets_are_dropped_and_counted(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    video, audio = camera(ann), microphone(ann)
    number = 0

    def put(track: TrackInfo, payload: bytes, *, marker: bool = False) -> None:
        nonlocal number
        number += 1
        packet = rtp(number, 0, payload, ssrc=track.ssrc, marker=marker)
        recording.packet(track, packet, 1000.0)

    for track in (video, audio):
        recording.packet(track, b"", 1000.0)
        recording.packet(track, b"\x80" * 11, 1000.0)
        recording.packet(track, b"\x00" * 40, 1000.0)
        put(track, b"")
        put(track, b"\xff")
        put(track, b"\xff" * 900)
        put(track, b"\x93\x00", marker=True)
        number += 1
        overlong = rtp(number, 0, b"x", ssrc=track.ssrc, padding=9)[:-1] + b"\xff"
        recording.packet(track, overlong, 1000.0)
    watched = await studio.watch(await recording.finish())
    assert watched.closing.segments == ()
    assert recording.counts["malformed"] >= 6
    assert studio.problems == []


async def test_a_mistake_of_ours_stops_the_recording_not_the_call(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    sound = Source(microphone(ann)).sound(opus(TONE, 0.2))

    def broken(_: bytes) -> float:
        raise ZeroDivisionError

    monkeypatch.setattr("assent.recording.opus.duration", broken)
    await studio.play(recording, sound)
    await settle()
    assert studio.problems == ["storage-unavailable"]
    watched = await studio.watch(await recording.finish())
    assert watched.closing.interrupted


async def test_neither_media_nor_keys_are_on_the_disk(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(
        recording,
        in_order(
            Source(microphone(ann)).sound(opus(TONE, 2)),
            Source(camera(ann)).picture(vp8("red", 2)),
        ),
    )
    assert await studio.watch(await recording.finish())
    needles = [*pieces(opus(TONE, 2)), *pieces(vp8("red", 2)), b"OpusHead", b"webm"]
    assert search(studio.folder, needles) == []


async def test_keys_are_forgotten(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(recording, Source(microphone(ann)).sound(opus(TONE, 0.2)))
    await recording.finish()
    with pytest.raises(ValueError, match="forgotten"):
        recording._stretch.lane_key("x")
    assert [lane.key for lane in recording._sealer._lanes] == [None]


async def test_a_finished_generation_is_let_go_at_once(studio: Studio) -> None:
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(recording, in_order(Source(microphone(ann)).sound(opus(TONE, 3))))
    gc.collect()
    gc.disable()
    try:
        await recording.finish()
        here = weakref.ref(recording)
        del recording
        # A thread that has sealed lets go of it in its own time; nobody searches for garbage here.
        await eventually(lambda: here() is None, "it is let go without a search for garbage")
    finally:
        gc.enable()


async def test_closing_again_gives_the_same(studio: Studio) -> None:
    studio.come()
    recording = await studio.open()
    recording.begin()
    assert await recording.finish() == await recording.finish()


async def test_the_real_timer_stores_without_being_called(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorders, "TICK", 0.01)
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    for one in Source(microphone(ann)).sound(opus(TONE, 0.2)):
        if one.report is None:
            recording.packet(one.track, one.packet, one.at)
    studio.move_to(1002)
    await eventually(lambda: len(recording._sealer.entries) == 2, "the timer to store it")
    await recording.finish()
