from __future__ import annotations

import struct

from hypothesis import given
from hypothesis import strategies as st

from assent.media.rtp import rtp


def packet(
    payload: bytes = b"payload", *, extension: bytes = b"", csrcs: int = 0, pad: int = 0
) -> bytes:
    first = 0x80 | (0x10 if extension else 0) | (0x20 if pad else 0) | csrcs
    head = struct.pack("!BBHLL", first, 111, 7, 8, 9) + bytes(4 * csrcs)
    padding = bytes(pad - 1) + bytes([pad]) if pad else b""
    return head + extension + payload + padding


def test_finds_the_payload() -> None:
    extension = b"\xbe\xde\x00\x01\x10a\x00\x00"
    for csrcs in (0, 1, 15):
        for pad in (0, 1, 5):
            for block in (b"", extension):
                data = packet(extension=block, csrcs=csrcs, pad=pad)
                start = rtp.payload_start(data)
                assert data[start : rtp.payload_end(data, start)] == b"payload"


def test_what_does_not_fit_is_malformed() -> None:
    assert rtp.payload_start(b"\x80" * 11) == -1
    assert rtp.payload_start(packet(b"", csrcs=3)[:-1]) == -1
    assert rtp.payload_start(packet(b"", extension=b"\xbe\xde\x00")) == -1
    assert rtp.payload_start(packet(b"", extension=b"\xbe\xde\x00\x02aaaa")) == -1
    zero = bytes([0xA0]) + packet(b"a\0")[1:]
    assert rtp.payload_end(zero, 12) == -1
    over = bytes([0xA0]) + packet(b"a\x09")[1:]
    assert rtp.payload_end(over, 12) == -1


def test_finds_an_element_in_both_forms() -> None:
    one = b"\xbe\xde\x00\x03" + b"\x00\x10A" + b"\x00" + b"\x52abc" + bytes(4)
    two = b"\x10\x00\x00\x03" + b"\x01\x00" + b"\x05\x03abc" + b"\x00" * 5
    for block in (one, two):
        data = packet(extension=block)
        start, end = rtp.find_extension(data, 5)
        assert data[start:end] == b"abc"
        assert rtp.find_extension(data, 9) == (0, 0)
    assert rtp.find_extension(packet(), 5) == (0, 0)


def test_an_element_that_overruns_the_block_is_not_there() -> None:
    assert rtp.find_extension(packet(extension=b"\xbe\xde\x00\x01\x00\x00\x00\x53"), 5) == (0, 0)
    assert rtp.find_extension(packet(extension=b"\x10\x00\x00\x01\x05\x09ab"), 5) == (0, 0)
    assert rtp.find_extension(packet(extension=b"\xbe\xde\x00\x01\xf0\x50a\x00"), 5) == (0, 0)


def test_the_level_is_silence_where_there_is_none() -> None:
    assert rtp.audio_level(packet(), 5) == rtp.SILENCE
    assert rtp.audio_level(packet(extension=b"\xbe\xde\x00\x01\x50\x85\x00\x00"), 5) == b"\x85"
    assert rtp.audio_level(packet(extension=b"\xbe\xde\x00\x01\x51\x85\x00\x00"), 5) == rtp.SILENCE


elements = st.lists(
    st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)),
    max_size=4,
    unique_by=lambda element: element[0],
).filter(lambda listed: sum(1 + len(value) for _, value in listed) < rtp.MAX_EXTENSION)


@given(elements, st.booleans())
def test_a_block_is_read_as_it_was_written(wanted: list[tuple[int, bytes]], room: bool) -> None:
    block = rtp.extension_block(wanted, room)
    assert len(block) % 4 == 0
    if room:
        assert block[-1] == 0
    elif wanted:
        assert block.endswith(wanted[-1][1])
    data = packet(extension=block)
    for identifier, value in wanted:
        start, end = rtp.find_extension(data, identifier)
        assert data[start:end] == value
    assert data[rtp.payload_start(data) :] == b"payload"


@given(st.binary(min_size=12, max_size=80), st.integers(0, 255))
def test_no_bytes_at_all_raise(data: bytes, identifier: int) -> None:
    rtp.find_extension(data, identifier)
    rtp.audio_level(data, identifier)
    start = rtp.payload_start(data)
    if start >= 0:
        assert start <= len(data)
        assert rtp.payload_end(data, start) <= len(data)


def test_unwraps_a_retransmission() -> None:
    original = packet(b"lost frame", extension=b"\xbe\xde\x00\x01\x10a\x00\x00", csrcs=1)
    start = rtp.payload_start(original)
    wrapped = bytearray(original[:start] + original[2:4] + original[start:] + b"\0\2")
    wrapped[0] |= 0x20
    wrapped[1:4] = b"\x61\x12\x34"
    wrapped[8:12] = b"RTX!"
    data = bytes(wrapped)
    end = rtp.payload_end(data, start)
    assert rtp.unwrap_retransmission(data, start, end, 111, original[8:12]) == original


def test_tells_rtcp_from_rtp() -> None:
    assert rtp.is_rtcp(b"\x80\xc8")
    assert rtp.is_rtcp(b"\x80\xdf")
    assert not rtp.is_rtcp(b"\x80\xe0")  # marker and payload type 96
    assert not rtp.is_rtcp(b"\x80\x6f")


def test_an_extension_as_long_as_a_packet_is_not_walked_to_its_end() -> None:
    element = b"\x30m"
    for before, found in ((rtp.MAX_EXTENSION - 2, True), (rtp.MAX_EXTENSION, False), (1000, False)):
        body = bytes(before) + element
        body += bytes(-len(body) % 4)
        block = struct.pack("!HH", rtp.ONE_BYTE, len(body) // 4) + body
        start, end = rtp.find_extension(packet(extension=block), 3)
        assert (end > start) == found
