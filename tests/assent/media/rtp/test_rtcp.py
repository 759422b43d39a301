from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp import rtcp

u32 = st.integers(0, 2**32 - 1)
u16 = st.integers(0, 2**16 - 1)
blocks = st.builds(
    rtcp.Block,
    ssrc=u32,
    fraction_lost=st.integers(0, 255),
    lost=st.integers(-(2**23), 2**23 - 1),
    highest=u32,
    jitter=u32,
    last_report=u32,
    delay=u32,
)


@given(u32, st.lists(blocks, max_size=rtcp.MAX_BLOCKS))
def test_reports_are_read_as_written(ssrc: int, written: list[rtcp.Block]) -> None:
    assert rtcp.parse(rtcp.receiver_report(ssrc, written)) == [
        rtcp.ReceiverReport(ssrc, tuple(written))
    ]


@given(st.builds(rtcp.SenderReport, u32, st.integers(0, 2**64 - 1), u32, u32, u32))
def test_sender_reports_are_read_as_written(report: rtcp.SenderReport) -> None:
    assert rtcp.parse(rtcp.sender_report(report)) == [report]


@given(st.lists(u16, min_size=1, max_size=60, unique=True))
def test_a_nack_names_what_it_was_given(sequences: list[int]) -> None:
    ordered = sorted(sequences)
    (event,) = rtcp.parse(rtcp.nack(1, 2, ordered))
    assert isinstance(event, rtcp.Nack)
    assert event.media == 2
    assert sorted(event.sequences) == ordered


def test_a_nack_packs_neighbours_across_the_wrap() -> None:
    packet = rtcp.nack(1, 2, [65534, 65535, 0, 14])
    assert len(packet) == 16
    assert rtcp.parse(packet) == [rtcp.Nack(2, (65534, 65535, 0, 14))]
    assert rtcp.parse(rtcp.nack(1, 2, [])) == [rtcp.Nack(2, ())]


@given(st.integers(0, 2**45), st.lists(u32, max_size=255))
def test_a_maximum_bitrate_keeps_18_bits(bitrate: int, ssrcs: list[int]) -> None:
    (event,) = rtcp.parse(rtcp.maximum_bitrate(1, bitrate, ssrcs))
    assert isinstance(event, rtcp.MaximumBitrate)
    assert event.ssrcs == tuple(ssrcs)
    assert 0 <= bitrate - event.bitrate <= bitrate >> 17


@pytest.mark.parametrize("name", ["", "a", "ab", "abc", "x" * 255])
def test_a_compound_is_read_part_by_part(name: str) -> None:
    packet = (
        rtcp.receiver_report(1, [])
        + rtcp.canonical_name(1, name)
        + rtcp.picture_loss(1, 2)
        + b"\x81\xcb\x00\x01\x00\x00\x00\x09"  # goodbye
        + b"\x84\xce\x00\x04"
        + bytes(8)
        + b"\x00\x00\x00\x07\x01\x00\x00\x00"  # FIR
        + b"\xa0\xcf\x00\x02"
        + bytes(7)
        + b"\x04"  # an XR that we do not read, padded
    )
    assert rtcp.parse(packet) == [
        rtcp.ReceiverReport(1, ()),
        rtcp.KeyFrameRequest(2),
        rtcp.Bye((9,)),
        rtcp.KeyFrameRequest(7),
    ]


def test_a_sender_report_gives_its_blocks_too() -> None:
    block = rtcp.receiver_report(5, [rtcp.Block(6, 1, -2, 3, 4, 5, 6)])[8:]
    head = rtcp.sender_report(rtcp.SenderReport(5, 1, 2, 3, 4))[4:]
    assert rtcp.parse(b"\x81\xc8\x00\x0c" + head + block) == [
        rtcp.SenderReport(5, 1, 2, 3, 4),
        rtcp.ReceiverReport(5, (rtcp.Block(6, 1, -2, 3, 4, 5, 6),)),
    ]


@pytest.mark.parametrize(
    "packet",
    [
        b"\x80",
        b"\x80\xc9\x00",
        b"\x40\xc9\x00\x01\0\0\0\0",  # version 1
        b"\x80\xc9\x00\x02\0\0\0\0",  # longer than the datagram
        b"\x81\xc9\x00\x01\0\0\0\0",  # a block that is not there
        b"\x80\xc8\x00\x01\0\0\0\0",
        b"\x9f\xc8\x00\x06" + bytes(24),
        b"\x82\xcb\x00\x01\0\0\0\0",
        b"\x81\xcd\x00\x01\0\0\0\0",
        b"\x81\xce\x00\x00",
        b"\xa0\xc9\x00\x01\0\0\0\x00",  # padding of no bytes
        b"\xa0\xc9\x00\x01\0\0\0\x09",  # of more than there are
        b"\xa0\xc9\x00\x01\0\0\0\x04\x80\xc9\x00\x01\0\0\0\0",  # before the end
        b"\x8f\xce\x00\x04" + bytes(8) + b"REMB\x02\x00\x00\x00",  # fewer SSRCs than it says
    ],
)
def test_malformed_packets_are_refused_whole(packet: bytes) -> None:
    with pytest.raises(rtcp.Malformed):
        rtcp.parse(packet)
    with pytest.raises(rtcp.Malformed):
        rtcp.parse(rtcp.picture_loss(1, 2) + packet)


@given(st.binary(max_size=100))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    with suppress(rtcp.Malformed):
        rtcp.parse(data)


@given(
    st.integers(0, 31),
    st.sampled_from((200, 201, 202, 203, 204, 205, 206, 207)),
    st.binary(max_size=64),
)
def test_no_body_raises_anything_else(count: int, kind: int, body: bytes) -> None:
    body += bytes(-len(body) % 4)
    with suppress(rtcp.Malformed):
        rtcp.parse(bytes((0x80 | count, kind)) + (len(body) // 4).to_bytes(2, "big") + body)


def test_a_packet_weighs_what_it_speaks_of() -> None:
    body = b"\x00\x01\x0f\xff" + bytes(4) + b"\x0f\xff\x00\x00"
    assert rtcp.weigh(rtcp.transport_feedback(1, 2, body)) >= 0xFFF
    assert rtcp.weigh(rtcp.nack(1, 2, range(17 * 40))) >= 17 * 40 - 40
    assert rtcp.weigh(rtcp.nack(1, 2, [7])) < 30
    assert rtcp.weigh(rtcp.receiver_report(1, [])) < 15


@given(st.binary(max_size=1300))
def test_whatever_comes_can_be_weighed(data: bytes) -> None:
    assert rtcp.weigh(data) <= 70_000 * (1 + len(data) // 4)
    with suppress(rtcp.Malformed):
        told = rtcp.parse(data)
        assert len(told) <= rtcp.weigh(data)
