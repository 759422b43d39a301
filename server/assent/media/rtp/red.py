"""Redundant audio (RFC 2198): what is in a payload that carries earlier sound along with the new.

Pure functions over bytes. A payload is one header for each block, then the blocks. The last block
is the new one, the primary: the RTP header's timestamp is its own, and its length is what is left.
Before it come redundant blocks, the oldest first, each of which is the whole payload of a packet
that was sent before::

    |F|   payload type   |  timestamp offset (14 bits)  |  length (10 bits)  |    F = 1
    |F|   payload type   |                                                        F = 0, the primary

Where no packet has come for what a redundant block holds, that block stands in for it.
"""

from __future__ import annotations

MAX_REDUNDANT = 4
"""Redundant blocks that are taken; Chromium sends one, or two when told."""

MAX_OFFSET = (1 << 14) - 1
"""Ticks of the RTP clock that a redundant block can be older than the primary: 341 ms."""

_MORE = 0x80
_HEADER = 4  # bytes, of each redundant block; the primary has one

Block = tuple[int, int, int]
"""How much older than the primary a block is, in ticks; where it begins and ends in the payload."""


def split(payload: bytes, payload_type: int) -> list[Block]:
    """Return the blocks, the primary last, or an empty list where the payload is malformed.

    Every block must be of ``payload_type``. No two may be of the same time: offsets fall from
    block to block, and none but the primary's is 0. The primary must not be empty.
    """
    size = len(payload)
    heads = 0
    position = 0
    while position < size and payload[position] & _MORE:
        if payload[position] & 0x7F != payload_type or heads == MAX_REDUNDANT:
            return []
        heads += 1
        position += _HEADER
    if position >= size or payload[position] != payload_type:
        return []
    start = position + 1
    before = MAX_OFFSET + 1
    blocks: list[Block] = []
    for head in range(0, position, _HEADER):
        bits = int.from_bytes(payload[head + 1 : head + _HEADER], "big")
        offset, length = bits >> 10, bits & 0x3FF
        if not 0 < offset < before:
            return []
        before = offset
        blocks.append((offset, start, start + length))
        start += length
    if start >= size:
        return []
    blocks.append((0, start, size))
    return blocks


def renamed(payload: bytes, redundant: int, payload_type: int) -> bytes:
    """Return a payload of so many redundant blocks with another payload type in every header."""
    changed = bytearray(payload)
    for head in range(0, redundant * _HEADER, _HEADER):
        changed[head] = _MORE | payload_type
    changed[redundant * _HEADER] = payload_type
    return bytes(changed)
