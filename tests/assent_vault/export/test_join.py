"""Joining segments into one file: what is decoded from it is what was encoded, where it belongs."""

from __future__ import annotations

import errno
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from assent.recording import webm
from assent_vault.errors import ExportError, SealError
from assent_vault.export.join import Piece, join
from assent_vault.export.pictures import Size
from support.ffmpeg import decoded_seconds, told_seconds
from support.publishing import vp8
from support.sample_media import Take, picture, plaintexts, tone


def piece(take: Take, at: int) -> Piece:
    found = list(plaintexts(take, at))
    return Piece(lambda: (data for _, _, data in found), found[-1][1])


def told(
    source: str, *pieces: Piece, base: int = 0, length: int | None = None
) -> tuple[Any, bytes]:
    """Return what is said of a file, and the file; the timeline ends with the last piece."""
    out = io.BytesIO()
    whole = max(piece.end for piece in pieces) - base if length is None else length
    return join(source, pieces, base, whole, out), out.getvalue()


def joined(source: str, *pieces: Piece, base: int = 0, length: int | None = None) -> bytes:
    return told(source, *pieces, base=base, length=length)[1]


def opened(data: bytes) -> Any:
    return av.open(io.BytesIO(data))


def heard(data: bytes) -> tuple[float, list[tuple[float, np.ndarray[Any, Any]]]]:
    """Decode a file: its duration in seconds, and each frame with its time."""
    with opened(data) as container:
        frames = [
            (frame.time, frame.to_ndarray()) for frame in container.decode(container.streams[0])
        ]
        assert container.duration is not None
        return container.duration / 1_000_000, frames


def pitch(samples: np.ndarray[Any, Any]) -> float:
    """Return the loudest frequency of what was sampled 48,000 times a second."""
    mono = samples.reshape(-1)[-24_000:] if samples.ndim == 1 else samples[0][-24_000:]
    spectrum = np.abs(np.fft.rfft(mono * np.hanning(len(mono))))
    return float(np.argmax(spectrum) * 48_000 / len(mono))


def test_sound_is_what_it_was() -> None:
    duration, frames = heard(joined("microphone", piece(tone(440, 4000), 0)))
    assert duration == pytest.approx(4.0, abs=0.02)
    assert pitch(np.concatenate([data[0] for _, data in frames])) == pytest.approx(440, abs=4)


def test_pictures_are_what_they_were() -> None:
    duration, frames = heard(joined("camera", piece(picture(60, 3000), 500), base=500))
    assert duration == pytest.approx(3.0, abs=0.001)
    assert len(frames) == 30
    for at, data in frames:
        assert data[:64].mean() == pytest.approx(60 + 10 * int(at), abs=6)


def test_the_ffmpeg_program_finds_all_of_it(tmp_path: Path) -> None:
    """With a beginning, a pause and an end in which there is nothing: what decoders would close."""
    sound, pictures = tmp_path / "x.opus", tmp_path / "x.webm"
    said = (piece(tone(440, 1000), 700), piece(tone(440, 1000), 2900))
    sound.write_bytes(joined("microphone", *said, length=5000))
    assert decoded_seconds(sound) == pytest.approx(5.0, abs=0.0001)
    # What ffprobe tells of Ogg Opus has the codec's delay in it, which ffmpeg does not give out.
    assert told_seconds(sound) == pytest.approx(5.0, abs=0.007)
    pictures.write_bytes(joined("camera", piece(picture(60, 3000), 500)))
    assert told_seconds(pictures) == pytest.approx(3.5, abs=0.001)


def test_every_packet_comes_through_untouched() -> None:
    take = picture(60, 3000)
    with opened(joined("camera", piece(take, 0))) as container:
        found = [
            (packet.pts, packet.is_keyframe, bytes(packet))
            for packet in container.demux()
            if packet.size
        ]
    assert found == list(take.packets)
    sound = tone(440, 2000)
    with opened(joined("microphone", piece(sound, 0))) as container:
        kept = [bytes(packet) for packet in container.demux() if packet.size]
    assert kept[: len(sound.packets)] == [data for _, _, data in sound.packets]


def test_generations_are_joined_and_pauses_stay() -> None:
    pieces = [piece(tone(440, 2000), 10_000), piece(tone(880, 3000), 30_000)]
    said, data = told("microphone", *pieces, base=10_000)
    duration, frames = heard(data)
    assert duration == pytest.approx(23.0, abs=0.02)
    assert said.gaps == [(2000, 20_000)]
    sound = np.concatenate([data[0] for _, data in frames])
    assert len(sound) == 23 * 48_000
    for begin, end, expected in ((0, 2, 440), (20, 23, 880)):
        part = sound[int((begin + 0.5) * 48_000) : end * 48_000]
        assert pitch(part) == pytest.approx(expected, abs=4)
    assert np.abs(sound[2100 * 48 : 19_900 * 48]).max() < 1e-6


def test_a_track_that_begins_later_stays_later() -> None:
    data = joined("camera", piece(picture(60, 1000), 17_000), base=10_000)
    with opened(data) as container:
        assert container.start_time == 7_000_000
        assert container.duration == 8_000_000
        assert next(container.decode(container.streams[0])).time == 7.0


def test_the_file_can_be_sought_in() -> None:
    data = joined("camera", piece(picture(60, 5000), 0), piece(picture(120, 5000), 60_000))
    with opened(data) as container:
        container.seek(62_500_000)
        assert next(container.decode(container.streams[0])).time == pytest.approx(62, abs=1)
    assert b"\x1c\x53\xbb\x6b" in data  # cues


def test_time_never_goes_back() -> None:
    """What a later generation says to be of an earlier moment is not there."""
    pieces = [piece(tone(440, 1000), 5000), piece(tone(440, 1000), 2000)]
    said, data = told("microphone", *pieces, length=6000)
    assert said.late.packets == 50
    assert (said.packets, said.first, said.last) == (50, 5000, 6000)
    with opened(data) as container:
        times = [packet.pts for packet in container.demux() if packet.size]
    assert times == sorted(times)


def test_what_is_before_the_beginning_is_not_there() -> None:
    said, _ = told("microphone", piece(tone(440, 1000), 0), base=500)
    assert (said.packets, said.late.packets, said.first) == (25, 25, 0)


def test_the_same_recording_gives_the_same_file() -> None:
    assert joined("microphone", piece(tone(440, 2000), 0)) == joined(
        "microphone", piece(tone(440, 2000), 0)
    )


def test_nothing_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    containers: list[Any] = []
    real: Any = av.open

    def watch(file: Any, mode: str = "r", **more: Any) -> Any:
        container = real(file, mode, **more)
        containers.append((mode, container, more))
        return container

    monkeypatch.setattr(av, "open", watch)
    with av.logging.Capture() as said:
        av.logging.set_level(av.logging.VERBOSE)
        try:
            joined("camera", piece(picture(60, 2000), 0))
            joined("microphone", piece(tone(440, 2000), 0))
        finally:
            av.logging.set_level(None)
    assert len(containers) == 2
    for mode, container, more in containers:
        assert not any(stream.codec_context.is_open for stream in container.streams)
        if mode == "r":
            assert more["options"] == {"codec_whitelist": "none"}
            # What only a decoder can know was never found out.
            for stream in container.streams.video:
                assert stream.codec_context.pix_fmt is None
            for stream in container.streams.audio:
                assert stream.codec_context.format is None
    # FFmpeg itself tried to open a decoder while it looked at the file, and was refused.
    text = " ".join(line for _, _, line in said)
    assert "not on whitelist" in text
    assert "decode" not in text.replace("decoder", "")


@pytest.mark.parametrize("data", [b"", b"no WebM at all" * 100, b"\x1a\x45\xdf\xa3"])
def test_what_is_no_recording_is_refused(data: bytes) -> None:
    with pytest.raises(ExportError) as caught:
        joined("microphone", Piece(lambda: iter([data]), 0), length=1000)
    assert caught.value.code == "segments-damaged"


def test_a_recording_of_the_wrong_kind_is_refused() -> None:
    for source, take in (("camera", tone(440, 1000)), ("screen-audio", picture(60, 1000))):
        with pytest.raises(ExportError) as caught:
            joined(source, piece(take, 0))
        assert caught.value.code == "segments-damaged"


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_segment_that_does_not_open_is_told_as_it_is(after: int) -> None:
    good = [data for _, _, data in plaintexts(tone(440, 4000), 0)]

    def broken() -> Iterator[bytes]:
        yield from good[:after]
        raise SealError("It does not open.")

    with pytest.raises(SealError):
        joined("microphone", Piece(broken, 4000))


def test_a_full_disk_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "full")

    with pytest.raises(ExportError) as caught:
        join("microphone", [piece(tone(440, 2000), 0)], 0, 2000, Full())
    assert caught.value.code == "cannot-write"
    assert "ENOSPC" in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_memory_holds_a_segment_at_a_time() -> None:
    """What is read is asked for piece by piece, as the muxer goes along."""
    take = tone(440, 20_000)
    read = 0
    asked: list[int] = []

    class Out(io.BytesIO):
        def write(self, data: Any) -> int:
            asked.append(read)
            return super().write(data)

    def plain() -> Iterator[bytes]:
        nonlocal read
        for _, _, data in plaintexts(take, 0):
            read += 1
            yield data

    join("microphone", [Piece(plain, 20_000)], 0, 20_000, Out())
    assert read == 11
    assert len(set(asked)) > 2


def packets(data: bytes) -> list[tuple[int, int]]:
    """Return time and duration of each packet of a file, in milliseconds, as FFmpeg reads them."""
    with opened(data) as container:
        return [(one.pts or 0, one.duration or 0) for one in container.demux() if one.size]


def slides(*times: int, end: int, sizes: Sequence[tuple[int, int]] = ((96, 64),)) -> Piece:
    """Return pictures that come seldom, each in a segment of its own, which cannot say how long."""
    found = [webm.vp8_header(*sizes[0])]
    for index, at in enumerate(times):
        frame = vp8("blue", 0.04, *sizes[index % len(sizes)])[0]
        found.append(webm.cluster([(at, True, frame, 0)]))
    return Piece(lambda: iter(found), end)


@pytest.mark.parametrize("apart", [1000, 2500, 4000])
def test_a_slide_lasts_until_the_next(apart: int) -> None:
    times = [apart * number for number in range(5)]
    said, data = told("screen", slides(*times, end=5 * apart - 300))
    assert packets(data) == [(at, apart) for at in times[:-1]] + [(times[-1], apart - 300)]
    assert said.gaps == []
    assert (said.start, said.end) == (0, 5 * apart - 300)


def test_a_picture_that_nothing_follows_goes_and_leaves_a_gap() -> None:
    said, data = told("screen", slides(0, 1000, 20_000, end=60_000))
    assert packets(data) == [(0, 1000), (1000, 1000), (20_000, 1000)]
    assert said.gaps == [(2000, 20_000)]
    said, data = told("screen", slides(0, 20_000, end=60_000))
    assert packets(data) == [(0, 5000), (20_000, 5000)]


def test_changes_of_size_are_told() -> None:
    small, large = (96, 64), (192, 128)
    said, _ = told("camera", slides(1000, 2000, 3000, end=4000, sizes=(small, large)), base=1000)
    assert said.sizes == [Size(0, *small), Size(1000, *large), Size(2000, *small)]
    said, _ = told("camera", piece(picture(60, 3000), 0))
    assert said.sizes == [Size(0, 96, 64)]
    assert said.frame_rate == 10.0


def test_colours_are_told_in_the_file() -> None:
    with opened(joined("camera", piece(picture(60, 1000), 0))) as container:
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_range) == (6, 1)
        assert (context.color_trc, context.color_primaries) == (6, 6)


@pytest.mark.parametrize("base", [0, 7000])
@pytest.mark.parametrize("late", [0, 1234])
def test_sound_is_where_it_was_said(base: int, late: int) -> None:
    said, data = told("microphone", piece(tone(440, 2000), base + late), base=base)
    assert (said.first, said.last, said.gaps) == (late, late + 2000, [])
    assert said.samples == (late + 2000) * 48
    sound = np.concatenate([frame[0] for _, frame in heard(data)[1]])
    (loud,) = np.nonzero(np.abs(sound) > 0.1)
    assert loud[0] / 48 == pytest.approx(late, abs=7)
    assert loud[-1] / 48 == pytest.approx(late + 2000, abs=7)


def test_a_track_of_nothing_that_plays_has_a_code() -> None:
    empty = Take("opus", tuple((at, key, b"\xf8") for at, key, _ in tone(440, 1000).packets))
    with pytest.raises(ExportError) as caught:
        joined("microphone", piece(empty, 0), length=1000)
    assert caught.value.code == "no-frames"
