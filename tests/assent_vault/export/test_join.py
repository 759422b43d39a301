"""Joining segments into one file: what is decoded from it is what was encoded, where it belongs."""

from __future__ import annotations

import errno
import io
import itertools
from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import pytest

from assent_vault.errors import ExportError, SealError
from assent_vault.export.join import Piece, join
from support.takes import Take, picture, plaintexts, tone


def piece(take: Take, at: int) -> Piece:
    found = list(plaintexts(take, at))
    return Piece(lambda: (data for _, _, data in found), found[-1][1])


def joined(source: str, *pieces: Piece, base: int = 0) -> bytes:
    out = io.BytesIO()
    join(source, pieces, base, out)
    return out.getvalue()


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


def test_every_packet_comes_through_untouched() -> None:
    take = picture(60, 3000)
    with opened(joined("camera", piece(take, 0))) as container:
        found = [
            (packet.pts, packet.is_keyframe, bytes(packet))
            for packet in container.demux()
            if packet.size
        ]
    assert found == list(take.packets)


def test_epochs_are_joined_and_pauses_stay() -> None:
    pieces = [piece(tone(440, 2000), 10_000), piece(tone(880, 3000), 30_000)]
    duration, frames = heard(joined("microphone", *pieces, base=10_000))
    assert duration == pytest.approx(23.0, abs=0.02)
    times = [at for at, _ in frames]
    gaps = [(one, two) for one, two in itertools.pairwise(times) if two - one > 0.1]
    assert len(gaps) == 1
    assert gaps[0] == pytest.approx((1.98, 20.0), abs=0.03)
    for begin, end, expected in ((0, 2, 440), (20, 23, 880)):
        part = np.concatenate([data[0] for at, data in frames if begin + 0.5 < at < end])
        assert pitch(part) == pytest.approx(expected, abs=4)


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
    """A segment of a later epoch that says it is earlier is put where the track has come to."""
    pieces = [piece(tone(440, 1000), 5000), piece(tone(440, 1000), 2000)]
    with opened(joined("microphone", *pieces)) as container:
        times = [packet.pts for packet in container.demux() if packet.size]
    assert times == sorted(times)


def test_what_is_before_the_beginning_is_put_at_the_beginning() -> None:
    with opened(joined("microphone", piece(tone(440, 1000), 0), base=500)) as container:
        times = [packet.pts or 0 for packet in container.demux() if packet.size]
    assert min(times) >= -7  # the codec's delay is not part of the sound
    assert len(times) == 50


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
    assert len(containers) == 4
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
        joined("microphone", Piece(lambda: iter([data]), 0))
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
        join("microphone", [piece(tone(440, 2000), 0)], 0, Full())
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

    join("microphone", [Piece(plain, 20_000)], 0, Out())
    assert read == 11
    assert len(set(asked)) > 2
