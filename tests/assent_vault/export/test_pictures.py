"""A track of pictures: how long each is up, what is a gap, its sizes, and what bounds them."""

from __future__ import annotations

import io

import av
import pytest

from assent_vault.errors import ExportError
from assent_vault.export import pictures
from assent_vault.export.pictures import LASTS_MS, PictureFile, Pictures, Size
from support.sample_media import FRAMES, HEIGHT, WIDTH, picture

STEP = 1000 // FRAMES


def key_frame(width: int, height: int) -> bytes:
    """Return the head of a key frame (RFC 6386 section 9.1), which is all that is read of it."""
    sizes = width.to_bytes(2, "little") + height.to_bytes(2, "little")
    return b"\x10\x00\x00\x9d\x01\x2a" + sizes + bytes(20)


def write(*given: tuple[bytes, int, bool] | int) -> tuple[Pictures | None, bytes]:
    """Write pictures with their times; a number is the end of a generation."""
    out = io.BytesIO()
    file = PictureFile(out)
    for one in given:
        if isinstance(one, int):
            file.pause(one)
        else:
            file.add(one[0], one[1], key=one[2])
    return file.finish(), out.getvalue()


def taken(at: int = 0) -> list[tuple[bytes, int, bool]]:
    return [(data, at + offset, key) for offset, key, data in picture(60, 2000).packets]


def test_what_was_written_is_read_at_its_time() -> None:
    said, data = write(*taken(700), 2700)
    assert said is not None
    assert (said.start, said.end, said.packets, said.gaps) == (700, 2700, 20, [])
    assert said.frame_rate == FRAMES
    assert said.sizes == [Size(700, WIDTH, HEIGHT)]
    with av.open(io.BytesIO(data)) as container:
        times = [round(frame.time * 1000) for frame in container.decode(video=0)]
        assert container.duration == 2_700_000
    assert times == [700 + STEP * number for number in range(20)]


def test_a_gap_is_told_and_stays() -> None:
    one, other = taken(), taken(10_000)
    said, data = write(*one, 2000, *other, 12_000)
    assert said is not None
    assert said.gaps == [(2000, 10_000)]
    assert said.frame_rate == FRAMES, "of the time in which there are any"
    with av.open(io.BytesIO(data)) as container:
        last = [round(frame.time * 1000) for frame in container.decode(video=0)][-1]
    assert last == 11_900


def test_a_picture_stays_up_for_five_seconds_at_most() -> None:
    first, *_ = taken()
    said, _ = write(first, (first[0], 100, True), (first[0], 60_000, True), 600_000)
    assert said is not None
    assert said.gaps == [(200, 60_000)], "as long as the one before it"
    assert said.end == 60_100
    alone, _ = write(first, 600_000)
    assert alone is not None
    assert alone.end == LASTS_MS


def test_sizes_are_told_each_time_they_change() -> None:
    said, _ = write(
        (key_frame(640, 360), 0, True),
        (key_frame(640, 360), 100, True),
        (b"\x11" + bytes(20), 200, False),
        (key_frame(320, 180), 300, True),
        400,
    )
    assert said is not None
    assert said.sizes == [Size(0, 640, 360), Size(300, 320, 180)]


def test_gaps_and_sizes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST", 2)
    many = [(key_frame(16 + n, 16), 10_000 * n, True) for n in range(5)]
    said, _ = write(*many)
    assert said is not None
    assert len(said.gaps) == 2
    assert said.gaps[-1][1] == 40_000, "the last takes in all that follow"
    assert said.sizes == [Size(0, 16, 16), Size(10_000, 17, 16)]


def test_times_never_go_back() -> None:
    one = taken()
    said, data = write(one[0], (one[1][0], -50, False), *one[2:], 2000)
    assert said is not None
    with av.open(io.BytesIO(data)) as container:
        times = [packet.pts for packet in container.demux(video=0) if packet.pts is not None]
    assert times == sorted(times)
    assert times[0] == 0


def test_nothing_is_seen_before_a_key_frame() -> None:
    with pytest.raises(ExportError) as refused:
        write((b"\x11" + bytes(20), 0, False), 100)
    assert refused.value.code == "segments-damaged"


def test_no_pictures_are_none() -> None:
    assert write()[0] is None
    assert write(1000)[0] is None
