"""Ogg pages: their checksums, and packets of any size that come out as they went in."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.export.ogg import OggStream, checksum


def bitwise(data: bytes) -> int:
    """Return the CRC of RFC 3533 by its definition."""
    found = 0
    for byte in data:
        found ^= byte << 24
        for _ in range(8):
            found = (found << 1 ^ (0x04C11DB7 if found & 0x80000000 else 0)) & 0xFFFFFFFF
    return found


@given(st.binary(max_size=200))
def test_the_checksum_is_that_of_the_specification(data: bytes) -> None:
    assert checksum(data) == bitwise(data)


def pages(data: bytes) -> Iterator[tuple[int, int, int, bytes, bytes]]:
    """Yield flags, granule position, number, lacing and content of each page, as RFC 3533 says."""
    while data:
        assert data[:5] == b"OggS\0"
        flags = data[5]
        granule = int.from_bytes(data[6:14], "little", signed=True)
        number = int.from_bytes(data[18:22], "little")
        lacing = data[27 : 27 + data[26]]
        size = 27 + len(lacing) + sum(lacing)
        page = data[:size]
        assert bitwise(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")
        yield flags, granule, number, lacing, page[27 + len(lacing) :]
        data = data[size:]


def packets(data: bytes) -> list[bytes]:
    found, open_one = [], b""
    for flags, _, _, lacing, content in pages(data):
        assert bool(flags & 1) == bool(open_one)
        for size in lacing:
            open_one, content = open_one + content[:size], content[size:]
            if size < 255:
                found.append(open_one)
                open_one = b""
    assert not open_one
    return found


def written(*given: bytes, samples: int = 960) -> bytes:
    out = io.BytesIO()
    stream = OggStream(out, 1)
    stream.head(b"head")
    stream.head(b"tags" * 30)
    for number, packet in enumerate(given, 1):
        stream.add(packet, number * samples)
    stream.finish(len(given) * samples - 1)
    return out.getvalue()


@pytest.mark.parametrize("size", [0, 1, 254, 255, 256, 510, 64_770, 65_024, 65_025, 65_280, 70_000])
def test_packets_of_any_size(size: int) -> None:
    some = [b"abc", bytes(size), b"d" * 300, bytes(size), b"e"]
    data = written(*some)
    assert packets(data) == [b"head", b"tags" * 30, *some]
    found = list(pages(data))
    assert [number for _, _, number, _, _ in found] == list(range(len(found)))
    assert [flags & 2 for flags, *_ in found] == [2] + [0] * (len(found) - 1)
    assert [flags & 4 for flags, *_ in found] == [0] * (len(found) - 1) + [4]
    assert found[-1][1] == 5 * 960 - 1


def test_a_page_is_of_a_second_at_most() -> None:
    found = list(pages(written(*[b"abc"] * 120)))
    assert [granule for _, granule, *_ in found] == [0, 0, 48_000, 96_000, 120 * 960 - 1]


def test_a_head_can_be_written_once_more() -> None:
    out = io.BytesIO()
    stream = OggStream(out, 1)
    stream.head(b"head")
    stream.add(b"abc", 960)
    stream.rewrite_head(b"HEAD")
    stream.finish(960)
    assert packets(out.getvalue()) == [b"HEAD", b"abc"]
