"""Sound without holes: what is decoded is as long as the timeline, and each sound at its place."""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import av
import numpy as np
import pytest

from assent_vault.export import opus, sound
from assent_vault.export.sound import Sound, SoundFile

PACKET = 20  # milliseconds
Samples = np.ndarray[Any, Any]


@lru_cache
def encoded(clicks: tuple[int, ...], length: int, noise: float = 0.02) -> tuple[bytes, ...]:
    """Return packets of 20 ms of soft noise with a click at some moments, in milliseconds."""
    wave = np.random.default_rng(1).normal(0, noise, length * 48)
    for click in clicks:
        wave[click * 48 : click * 48 + 48] += 0.9
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "mono", "s16"
    encoder.bit_rate = 64_000
    found: list[bytes] = []
    for at in range(0, len(wave), 960):
        part = (wave[at : at + 960].clip(-1, 1) * 32767).astype("int16")[None, :]
        frame: Any = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
        frame.sample_rate, frame.pts = 48_000, at
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(found)


def decoded(data: bytes, decoder: str = "opus") -> Samples:
    """Decode a file as FFmpeg does, by its own decoder or libopus."""
    with av.open(io.BytesIO(data)) as container:
        (stream,) = container.streams.audio
        assert stream.codec_context.name in ("opus", "libopus")
        frames = [frame.to_ndarray() for frame in container.decode(stream)]
    return np.concatenate(frames, axis=1)


def write(length: int, *packets: tuple[bytes, int] | int) -> tuple[Sound | None, bytes]:
    """Write packets with their times; a number is the end of a generation."""
    out = io.BytesIO()
    file = SoundFile(out, length)
    for one in packets:
        if isinstance(one, int):
            file.pause(one)
        else:
            file.add(*one)
    return file.finish(), out.getvalue()


def written(length: int, *packets: tuple[bytes, int] | int) -> tuple[Sound, bytes]:
    said, data = write(length, *packets)
    assert said is not None
    heard = decoded(data)
    assert heard.shape == (said.channels, length * 48), "as long as the timeline, to the sample"
    assert said.samples == length * 48
    return said, data


def placed(packets: Sequence[bytes], at: int = 0) -> list[tuple[bytes, int]]:
    return [(data, at + PACKET * number) for number, data in enumerate(packets)]


def clicks(data: bytes) -> list[float]:
    """Return when it clicks, in milliseconds."""
    loud = np.nonzero(np.abs(decoded(data)[0]) > 0.35)[0] / 48
    return [at for number, at in enumerate(loud) if not number or at - loud[number - 1] > 50]


def test_a_click_is_where_it_was() -> None:
    said, data = written(3000, *placed(encoded((1000, 2500), 3000)))
    assert clicks(data) == pytest.approx([1000, 2500], abs=1)
    assert said.filled.whole == said.filled.after <= 10
    assert (said.first, said.last, said.gaps) == (0, 3000, [])


@pytest.mark.parametrize("late", [0, 1, 7, 1001, 30_003])
def test_whoever_comes_late_is_at_their_place(late: int) -> None:
    said, data = written(late + 2000, *placed(encoded((500,), 2000), late))
    assert clicks(data) == pytest.approx([late + 500], abs=2.5)
    assert said.first == late
    assert said.filled.before == pytest.approx(late, abs=1.5)


def test_two_who_record_one_click_have_it_at_once() -> None:
    """Holes, late joins, pauses, DTX and a drifting clock before it notwithstanding."""
    ada, bo = encoded((30_000,), 31_000), encoded((26_000,), 27_000)
    one = placed(ada)
    random.seed(2)
    holed = [each for number, each in enumerate(one) if random.random() > 0.1 or number > 1480]
    holed = [each for each in holed if not 8000 <= each[1] < 9517]
    holed.insert(300, (b"\xf8", holed[300][1] - PACKET))
    late = [(data, 4000 + round(number * PACKET * (1 + 200e-6))) for number, data in enumerate(bo)]
    first, heard = written(31_000, *holed)
    second, other = written(31_000, *late[:600], 16_100, *late[600:])
    ((at,), (also,)) = clicks(heard), clicks(other)
    assert at == pytest.approx(30_000, abs=2.5)
    assert abs(at - also) < 10
    assert first.filled.lost > 1000
    assert first.filled.off > 1400
    assert first.holes > 50
    assert second.filled.before == pytest.approx(4000, abs=2)
    assert second.drift == pytest.approx(-5.2, abs=1.5)


@pytest.mark.parametrize("off", [-400, -20, 100, 400])  # parts in a million
def test_drift_is_taken_out_and_told(off: int) -> None:
    """Two minutes on a clock that is off, without a moment in which it is quiet."""
    sounds = encoded((), 20_000)
    length = 120_000
    many = [
        (sounds[number % len(sounds)], round(number * PACKET * (1 - off * 1e-6)))
        for number in range(length // PACKET)
    ]
    marked = len(many) - 50
    mark = encoded((4,), PACKET * 3, 0.0)
    for number in range(3):
        many[marked + number] = mark[number], many[marked + number][1]
    said, data = written(length + 1000, *many)
    (at,) = clicks(data)
    assert at == pytest.approx(many[marked][1] + 4, abs=5)
    assert said.drift == pytest.approx(off * 1e-6 * length, abs=1)
    assert bool(said.corrections) == (abs(said.drift) > 4)
    assert abs(said.filled.drift - 20 * said.overlapped.packets + said.drift) < 8


def test_drift_goes_where_it_is_quiet() -> None:
    loud, soft = encoded((), 4000), encoded((), 4000, 0.0)
    parts = (loud * 10 + soft[:20]) * 3
    many = [(data, round(number * PACKET * (1 + 65e-6))) for number, data in enumerate(parts)]
    out = io.BytesIO()
    file = SoundFile(out, len(parts) * PACKET)
    where = []
    for data, at in many:
        before = file._said.corrections
        file.add(data, at)
        if file._said.corrections > before:
            where.append(data in soft[:20])
    assert where
    assert all(where)


def test_of_two_that_overlap_the_later_one_goes() -> None:
    sounds = encoded((100,), 1000)
    one = placed(sounds)
    said, data = written(1000, *one[:20], *[(b"\xfc" + bytes(40), 391)], *one[20:])
    assert said.overlapped.packets == 1
    assert said.overlapped.duration == PACKET
    assert said.channels == 1, "what is not there says nothing"
    assert clicks(data) == pytest.approx([100], abs=1)


def test_what_comes_after_its_turn_goes() -> None:
    one = placed(encoded((500,), 1000))
    said, data = written(1000, *one[:30], (one[3][0], 60), (one[4][0], 80), *one[30:])
    assert (said.late.packets, said.late.duration) == (2, 2 * PACKET)
    assert clicks(data) == pytest.approx([500], abs=1)
    said, _ = written(1000, *one, (one[0][0], 1000), (one[0][0], 10_000_000))
    assert said.outside.packets == 2
    assert said.last == 1000


def test_what_is_no_opus_leaves_a_hole() -> None:
    one = placed(encoded((500,), 1000))
    said, data = written(1000, *one[:10], (b"", 200), (b"\xfb\x00", 220), *one[12:])
    assert said.invalid == 2
    assert (said.holes, said.filled.lost) == (1, 40)
    assert clicks(data) == pytest.approx([500], abs=1)


def test_holes_are_told_by_their_kind() -> None:
    one = placed(encoded((), 4000))
    kept = [*one[:20], (b"\xf8", 400), *one[40:60], *one[63:80], *one[140:150]]
    said, _ = written(6000, *kept[:20], *kept[20:], 3100, (one[0][0], 3500))
    assert said.filled.dtx == 400
    assert said.filled.lost == 60
    assert said.filled.off == 1200
    assert said.filled.between == pytest.approx(500, abs=2)
    assert said.filled.after == pytest.approx(6000 - 3520 + 6.5, abs=2.6)
    assert said.gaps == [(400, 800), (1600, 2800), (3000, 3500)]
    assert said.last == 3520


def test_gaps_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "MOST", 2)
    data = encoded((), 1000)[0]
    said, _ = written(5000, *[(data, 1000 * number) for number in range(5)])
    assert said.gaps == [(20, 1000), (1020, 4000)]


@pytest.mark.parametrize(
    ("config", "frames"), [(16, 1), (17, 1), (18, 1), (19, 1), (19, 2), (19, 3), (19, 6)]
)
def test_packets_of_every_length(config: int, frames: int) -> None:
    """Silence by itself, of 2.5 to 120 ms, in packets with all four codes."""
    frame = b"\xff\xfe"
    toc = (28 + config - 16) << 3
    packet = {1: bytes([toc]) + frame, 2: bytes([toc | 1]) + frame * 2}.get(
        frames, bytes([toc | 3, frames]) + frame * frames
    )
    lasts = (2.5, 5, 10, 20)[config - 16] * frames
    many = [(packet, round(lasts * number)) for number in range(50)]
    said, _ = written(round(lasts * 50), *many)
    assert (said.packets, said.filled.whole) == (50, said.filled.after)


def stereo(length: int) -> list[bytes]:
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48_000, "stereo", "s16"
    encoder.bit_rate = 128_000
    found: list[bytes] = []
    for number in range(length // PACKET):
        moment = (np.arange(960) + 960 * number) / 48_000
        wave = (np.sin(2 * np.pi * 440 * moment) * 12_000).astype("int16")
        both = np.stack([wave, np.zeros_like(wave)], axis=1).reshape(1, -1)
        frame: Any = av.AudioFrame.from_ndarray(both, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = 48_000, 960 * number
        found += [bytes(packet) for packet in encoder.encode(frame)]
    return found


def test_channels_are_those_of_the_packets() -> None:
    mono, both = encoded((), 1000), stereo(1000)
    said, _ = written(1000, *placed(mono))
    assert said.channels == 1
    said, data = written(4000, *placed(mono), *placed(both, 2000), *placed(mono, 3000))
    assert said.channels == 2
    heard = np.abs(decoded(data)[:, 48 * 2200 : 48 * 2900]).max(axis=1)
    assert heard[0] > 10 * heard[1], "a tone on the left alone"
    silent = decoded(data)[:, 48 * 1100 : 48 * 1990]
    assert np.abs(silent).max() < 1e-6


@pytest.mark.parametrize("packets", [[], [(b"", 0)], [(b"\xf8", 0)], [(b"\xf8\xff\xfe", 5000)]])
def test_a_track_of_nothing_is_none(packets: list[tuple[bytes, int]]) -> None:
    assert write(1000, *packets)[0] is None


def test_nothing_is_said_of_anybody() -> None:
    _, data = written(1000, *placed(encoded((), 1000)))
    assert data.count(b"OpusTags\x06\x00\x00\x00Assent\x00\x00\x00\x00") == 1
    assert data[28:36] == b"OpusHead"
    assert int.from_bytes(data[38:40], "little") == 312


def test_the_same_gives_the_same_bytes() -> None:
    one = placed(encoded((500,), 1000), 300)
    assert write(2000, *one) == write(2000, *one)


def test_what_is_filled_takes_little() -> None:
    """Two hundred bytes for a second of silence: three for each packet, and its page."""
    one = placed(encoded((), 1000), 3_600_000)
    _, data = write(3_601_000, *one)
    assert len(data) < 3600 * 240 + 20_000


def test_length_is_told_by_the_packet_and_not_by_its_neighbours() -> None:
    """Packets of 10 ms that come 20 ms apart leave holes of 10 ms."""
    packet = bytes([30 << 3, 0xFF, 0xFE])
    assert opus.parse(packet) == opus.OpusPacket(480, False, False)
    said, _ = written(1000, *[(packet, 20 * number) for number in range(50)])
    assert said.filled.lost == 490
