"""Ogg pages of one logical stream (RFC 3533), for Opus (RFC 7845).

A page is held until something follows it, so that the last one can say that it is. Memory holds one
page, which is of at most 255 segments of 255 bytes.
"""

from __future__ import annotations

import zlib
from struct import Struct
from typing import Final

from assent_vault.export.container import Out

SPAN: Final = 48_000
"""Samples of a page, at most, as libopusenc has it by default: a second."""

_HEAD: Final = Struct("<4sBBqIIIB")
_CHECKSUM_AT: Final = 22
_SEGMENTS: Final = 255
_CONTINUED, _FIRST, _LAST = 1, 2, 4  # RFC 3533 section 6, header_type_flag
_NOTHING_ENDS: Final = -1
"""Granule position: "-1 (in two's complement) indicates that no packets finish on this page"."""

_REVERSED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class OggStream:
    """Writes packets into pages. ``serial`` tells the stream from others in one file."""

    def __init__(self, out: Out, serial: int) -> None:
        self._out = out
        self._serial = serial
        self._number = 0
        self._lengths = bytearray()
        self._data = bytearray()
        self._granule = _NOTHING_ENDS
        self._begins = 0  # the granule position that the page in hand begins at
        self._continued = False

    def head(self, packet: bytes) -> None:
        """Write a header packet, which has its page or pages for itself (RFC 7845 section 3)."""
        self._put(packet, 0)
        self._flush()

    def rewrite_head(self, packet: bytes) -> None:
        """Write the first header packet once more, in its place; it is as long as it was."""
        self._out.seek(0)
        page = _page(_FIRST, 0, self._serial, 0, bytes([len(packet)]), packet)
        self._out.write(page)
        self._out.seek(0, 2)

    def add(self, packet: bytes, granule: int) -> None:
        """Take a packet, with the granule position at its end."""
        if self._lengths and granule - self._begins > SPAN:
            self._flush()
        self._put(packet, granule)

    def finish(self, granule: int) -> None:
        """Write the last page, which ends at ``granule``: what its last packet has more goes.

        RFC 7845 section 4.4: "The page with the 'end of stream' flag set MAY have a granule
        position that indicates the page contains less audio data than would normally be
        returned".
        """
        assert self._lengths, "there is a packet in hand, for a page goes only when one follows"
        self._granule = granule
        self._flush(_LAST)

    def _put(self, packet: bytes, granule: int) -> None:
        """Lay a packet into segments; a last one of 255 bytes is followed by an empty one."""
        size = len(packet)
        if size < _SEGMENTS and len(self._lengths) < _SEGMENTS:
            # Nearly all are: one segment, on the page in hand.
            self._lengths.append(size)
            self._data += packet
            self._granule = granule
            return
        whole, rest = divmod(size, _SEGMENTS)
        if len(self._lengths) + whole + 1 > _SEGMENTS and whole < _SEGMENTS and self._lengths:
            self._flush()  # it has room on a page of its own, and is not cut in two
        at = 0
        for size in [*[_SEGMENTS] * whole, rest]:
            if len(self._lengths) == _SEGMENTS:
                self._flush()
                self._continued = at > 0
            self._lengths.append(size)
            self._data += packet[at : at + size]
            at += size
        self._granule = granule

    def _flush(self, flags: int = 0) -> None:
        flags |= (_FIRST if self._number == 0 else 0) | (_CONTINUED if self._continued else 0)
        self._out.write(
            _page(
                flags,
                self._granule,
                self._serial,
                self._number,
                bytes(self._lengths),
                bytes(self._data),
            )
        )
        self._number += 1
        self._lengths.clear()
        self._data.clear()
        self._begins = max(self._begins, self._granule)
        self._granule = _NOTHING_ENDS
        self._continued = False


def _page(flags: int, granule: int, serial: int, number: int, lengths: bytes, data: bytes) -> bytes:
    head = _HEAD.pack(b"OggS", 0, flags, granule, serial, number, 0, len(lengths))
    page = bytearray(head + lengths + data)
    page[_CHECKSUM_AT : _CHECKSUM_AT + 4] = checksum(page).to_bytes(4, "little")
    return bytes(page)


def checksum(page: bytes | bytearray) -> int:
    """Return the CRC of a page whose own field of it is zero.

    RFC 3533 section 6: "generator polynomial is 0x04c11db7", from 0, and highest bit first. zlib
    has the same one lowest bit first, from all ones and inverted; so bits are turned around, before
    and after, and both ones are taken back.
    """
    found = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(found.to_bytes(4, "little").translate(_REVERSED), "big")
