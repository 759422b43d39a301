"""Whole VP8 frames out of packets; never one that a decoder would decode wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.recording.frame import Frame
from assent.recording.vp8 import MAX_FRAME, MAX_PARTS, Assembler, descriptor, dimensions, whole
from support.publishing import packetise_vp8
from support.publishing import vp8 as encoded

KEY, *DELTAS = encoded("red", 1, 320, 240)


def feed(
    assembler: Assembler, frame: bytes, timestamp: int, *, mtu: int = 40, lose: int = -1
) -> list[Frame]:
    """Hand a frame in, in packets, with the one at ``lose`` lost; return what comes out."""
    payloads = list(packetise_vp8(frame, timestamp, mtu))
    found = []
    for index, payload in enumerate(payloads):
        if index == lose:
            assembler.lose()
            continue
        marker = index == len(payloads) - 1
        out = assembler.push(payload, marker, timestamp, timestamp + index / 1000, 1)
        if out is not None:
            found.append(out)
    return found


@pytest.mark.parametrize(
    ("payload", "size"),
    [
        ("10 aa", 1),
        ("90 80 05 aa", 3),  # 7-bit picture id
        ("90 80 85 05 aa", 4),  # 15-bit picture id
        ("90 40 07 aa", 3),  # TL0PICIDX
        ("90 20 07 aa", 3),  # T
        ("90 10 07 aa", 3),  # K
        ("90 f0 85 05 07 21 aa", 6),
        ("90 00 aa", 2),
    ],
)
def test_descriptors(payload: str, size: int) -> None:
    assert descriptor(bytes.fromhex(payload)) == size


@pytest.mark.parametrize("payload", ["", "10", "90", "90 80", "90 80 85 05", "90 f0 85 05 07 21"])
def test_descriptors_that_are_cut_off(payload: str) -> None:
    assert descriptor(bytes.fromhex(payload)) == -1


def test_frames_come_out_as_they_went_in() -> None:
    assembler = Assembler()
    found = []
    for number, frame in enumerate((KEY, *DELTAS)):
        found += feed(assembler, frame, number)
    assert [frame.data for frame in found] == [KEY, *DELTAS]
    assert [frame.key for frame in found] == [True] + [False] * len(DELTAS)
    assert [frame.timestamp for frame in found] == list(range(len(found)))
    assert found[0].arrival == 0.0  # of the first packet, not of the last
    assert not assembler.wants_key


def test_nothing_is_passed_on_before_a_key_frame() -> None:
    assembler = Assembler()
    assert feed(assembler, DELTAS[0], 1) == []
    assert assembler.wants_key
    assert len(feed(assembler, KEY, 2)) == 1
    assert len(feed(assembler, DELTAS[0], 3)) == 1


@pytest.mark.parametrize("lose", [0, 1, -2])
def test_after_any_loss_nothing_is_passed_on_before_a_key_frame(lose: int) -> None:
    assembler = Assembler()
    feed(assembler, KEY, 1)
    count = len(list(packetise_vp8(KEY, 0, 40)))
    assert count > 3
    assert feed(assembler, KEY, 2, lose=lose % count) == []
    assert feed(assembler, DELTAS[0], 3) == []
    assert assembler.wants_key
    assert len(feed(assembler, KEY, 4)) == 1


def test_a_frame_lost_whole_counts_too() -> None:
    assembler = Assembler()
    feed(assembler, KEY, 1)
    assembler.lose()
    assert feed(assembler, DELTAS[1], 3) == []


def test_padding_is_nothing() -> None:
    assembler = Assembler()
    feed(assembler, KEY, 1)
    assert assembler.push(b"", False, 1, 1.0, 1) is None
    assert len(feed(assembler, DELTAS[0], 2)) == 1


def test_a_frame_without_an_end_is_not_one() -> None:
    assembler = Assembler()
    payloads = list(packetise_vp8(KEY, 1, 40))
    for payload in payloads:
        assert assembler.push(payload, False, 1, 1.0, 1) is None
    assert feed(assembler, DELTAS[0], 2) == []
    assert assembler.wants_key
    assert assembler.broken == 1


def test_parts_with_other_timestamps_do_not_belong_together() -> None:
    assembler = Assembler()
    first, *rest = packetise_vp8(KEY, 1, 40)
    assembler.push(first, False, 1, 1.0, 1)
    assert assembler.push(rest[-1], True, 2, 1.0, 1) is None
    assert assembler.wants_key


def test_a_frame_that_never_ends_is_not_gathered_for_ever() -> None:
    assembler = Assembler()
    part = b"\x80\x80\x80\x01" + bytes(1200)
    assembler.push(b"\x90" + part[1:], False, 1, 1.0, 1)
    for _ in range(MAX_FRAME // 1200 + 10):
        assembler.push(part, False, 1, 1.0, 1)
    assert assembler.broken == 1
    assert assembler._parts == []


def test_a_frame_in_single_bytes_is_not_gathered_for_ever() -> None:
    assembler = Assembler()
    assembler.push(b"\x10\x00", False, 1, 1.0, 1)
    for _ in range(2 * MAX_PARTS):
        assembler.push(b"\x00\x00", False, 1, 1.0, 1)
        assert len(assembler._parts) <= MAX_PARTS
    assert assembler.broken == 1
    assert assembler._parts == []


def test_dimensions() -> None:
    assert dimensions(KEY) == (320, 240)
    assert dimensions(encoded("red", 0.04, 640, 360)[0]) == (640, 360)
    scaled = KEY[:7] + bytes([KEY[7] | 0x40]) + KEY[8:]
    assert dimensions(scaled) == (320, 240)
    assert dimensions(DELTAS[0]) == (0, 0)
    assert dimensions(KEY[:9]) == (0, 0)
    assert dimensions(KEY[:3] + b"abc" + KEY[6:]) == (0, 0)
    assert dimensions(KEY[:6] + bytes(4) + KEY[10:]) == (0, 0)


def test_frames_that_say_they_are_longer_are_refused() -> None:
    assert whole(KEY)
    assert all(whole(frame) for frame in DELTAS)
    assert not whole(KEY[:30])
    assert not whole(DELTAS[0][:4])
    assembler = Assembler()
    assert feed(assembler, KEY[:30], 1) == []
    assert assembler.broken == 1


@given(st.lists(st.tuples(st.binary(max_size=40), st.booleans(), st.integers(0, 3))))
def test_nothing_breaks_it(packets: list[tuple[bytes, bool, int]]) -> None:
    assembler = Assembler()
    for payload, marker, timestamp in packets:
        out = assembler.push(payload, marker, timestamp, 0.0, 1)
        if out is not None:
            assert whole(out.data)
            assert not assembler.wants_key


@given(st.data())
def test_a_decoder_gets_unbroken_rows_only(data: st.DataObject) -> None:
    """Whatever is lost, each frame comes right after the one it was encoded after, or is key."""
    assembler = Assembler()
    frames = [KEY, *DELTAS[:4]] * 3
    came: list[int] = []
    for number, frame in enumerate(frames):
        lose = data.draw(st.integers(-6, 3), label="lost packet")
        came += [one.timestamp for one in feed(assembler, frame, number, lose=lose)]
    for before, after in zip([-1, *came], came, strict=False):
        assert after == before + 1 or after % 5 == 0
