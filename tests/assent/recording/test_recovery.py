"""Closing what a crash has left open: what is durable counts, and nothing else."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.recording import GenerationRecording, Unrecoverable, recover
from assent_vault.formats import objects, suite
from assent_vault.formats.generation_closing import (
    parse_generation_closing,
    verify_generation_closing,
)
from support.media import listen, look
from support.publishing import Source, camera, in_order, microphone, opus, vp8
from support.recorded import Studio

TONE = 1000


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    return Studio(tmp_path)


async def crashed(studio: Studio, seconds: float = 4) -> tuple[GenerationRecording, str]:
    """Record a person, and have the server die in the middle of it."""
    ann = studio.come()
    recording = await studio.open()
    recording.begin()
    await studio.play(
        recording,
        in_order(
            Source(microphone(ann)).sound(opus(TONE, seconds)),
            Source(camera(ann)).picture(vp8("cyan", seconds)),
        ),
    )
    # What a dead process does: nothing. Its memory is gone, and so are its timers.
    assert recording._timer is not None
    recording._timer.cancel()
    return recording, ann


def segment(studio: Studio, track: str, sequence: int) -> Path:
    """Return the file of a segment."""
    return studio.folder / "objects" / objects.generation_segment_key(studio.id, 1, track, sequence)


async def test_at_most_two_seconds_are_lost(studio: Studio, tmp_path: Path) -> None:
    _, ann = await crashed(studio)
    watched = await studio.watch(await studio.recover())

    assert watched.closing.interrupted
    heard = listen(watched.save(tmp_path, f"{ann}.microphone"))
    assert heard.tones == {TONE}
    assert 2 < heard.seconds < 4
    seen = look(watched.save(tmp_path, f"{ann}.camera"))
    assert seen.colours == {"cyan"}
    assert 2 < seen.seconds < 4
    last = max(entry.end for entry in watched.closing.segments)
    assert watched.closing.ended == watched.began + last


async def test_recovering_again_changes_nothing(studio: Studio) -> None:
    await crashed(studio)
    first = await studio.recover()
    studio.clock.pass_(1000)
    assert await studio.recover() == first


async def test_a_closed_generation_keeps_its_closing(studio: Studio) -> None:
    recording, _ = await crashed(studio)
    closed = await recording.finish()
    assert await studio.recover() == closed
    assert not parse_generation_closing(closed[0]).interrupted


async def test_a_closing_whose_signature_is_missing_gets_it(studio: Studio) -> None:
    recording, _ = await crashed(studio)
    closed = await recording.finish()
    await studio.store.delete(objects.generation_closing_signature_key(studio.id, 1))
    assert await studio.recover() == closed


async def test_finishing_after_recovery_gives_way(studio: Studio) -> None:
    recording, _ = await crashed(studio)
    recovered = await studio.recover()
    with pytest.raises(Exception, match="another object"):
        await recording.finish()
    assert await studio.recover() == recovered


async def test_a_generation_of_which_nothing_was_stored_is_closed_empty(studio: Studio) -> None:
    studio.come()
    header = studio.commit().header
    closing, signature = await studio.recover()
    public = suite.sign_public(studio.meeting.server)
    read = verify_generation_closing(closing, signature, public, header, None)
    assert read.segments == ()
    assert read.ended == header.at
    assert await studio.store.get(objects.generation_header_key(studio.id, 1)) == header.body


async def test_what_follows_a_hole_does_not_count(studio: Studio) -> None:
    _, ann = await crashed(studio)
    track = f"{ann}.microphone"
    segment(studio, track, 1).unlink()
    watched = await studio.watch(await studio.recover())
    assert len(watched.tracks[track]) == 1
    assert len(watched.tracks[f"{ann}.camera"]) > 2


@pytest.mark.parametrize("damage", ["empty", "header", "moved", "track", "stranger"])
async def test_what_is_not_a_segment_of_this_place_does_not_count(
    studio: Studio, damage: str
) -> None:
    _, ann = await crashed(studio)
    track = f"{ann}.microphone"
    path = segment(studio, track, 1)
    match damage:
        case "empty":
            path.write_bytes(b"")
        case "header":
            data = path.read_bytes()
            path.write_bytes(data[:30] + b"?" + data[31:])
        case "moved":
            shutil.copy(segment(studio, track, 2), path)
        case "track":
            shutil.copy(segment(studio, f"{ann}.camera", 1), path)
        case "stranger":
            name = f"{'A' * 43}.microphone"
            segment(studio, name, 0).parent.mkdir()
            shutil.copy(segment(studio, track, 0), segment(studio, name, 0))
            path.unlink()
    watched = await studio.watch(await studio.recover())
    assert len(watched.tracks[track]) == 1
    assert set(watched.tracks) == {track, f"{ann}.camera"}


async def test_another_header_under_the_same_name_is_not_passed_over(studio: Studio) -> None:
    await crashed(studio)
    studio.clock.pass_(60)
    studio.commit()  # a database that was set back may write another one
    with pytest.raises(Unrecoverable):
        await studio.recover()


async def test_a_closing_of_another_header_is_not_passed_over(studio: Studio) -> None:
    recording, _ = await crashed(studio)
    await recording.finish()
    studio.clock.pass_(60)
    studio.commit()
    with pytest.raises(Unrecoverable):
        await studio.recover()


async def test_a_closing_that_another_server_signed_is_not_passed_over(studio: Studio) -> None:
    recording, _ = await crashed(studio)
    await recording.finish()
    with pytest.raises(Unrecoverable):
        await recover(
            studio.store,
            studio.id,
            studio.headers[1],
            Ed25519PrivateKey.generate(),
            studio.clock.now(),
        )


async def test_the_next_generation_goes_on_after_a_crash(studio: Studio, tmp_path: Path) -> None:
    _, ann = await crashed(studio, 3)
    await studio.recover()
    studio.move_to(1004)
    studio.recorder = studio.new_recorder()
    recording = await studio.open(2)
    recording.begin()
    source = Source(microphone(ann), began=1004, sequence=77, timestamp=5)
    await studio.play(recording, source.sound(opus(TONE, 2)))
    watched = await studio.watch(await recording.finish(), 2)
    heard = listen(watched.save(tmp_path, f"{ann}.microphone"))
    assert heard.start == pytest.approx(4, abs=0.1)
    assert not watched.closing.interrupted
