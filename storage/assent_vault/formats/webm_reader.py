"""Reads clusters as a recording has them, and nothing else (FORMAT.md section 9).

What is read here is what :mod:`.webm` writes: whole Clusters of a known size, each with its
Timestamp first and then blocks of the one track, alone or in a group that says how long the block
lasts. Anything else is refused, so that what is passed on is what was understood.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats.webm import Block

_CLUSTER: Final = 0x1F43B675
_TIMESTAMP: Final = 0xE7
_SIMPLE_BLOCK: Final = 0xA3
_BLOCK_GROUP: Final = 0xA0
_BLOCK: Final = 0xA1
_BLOCK_DURATION: Final = 0x9B
_REFERENCE_BLOCK: Final = 0xFB
_MAX_NUMBER_BYTES: Final = 6  # 2^48 ms, far above any time
_HEAD = Struct(">BhB")  # track number as a one-byte size, time in the cluster, flags
_TRACK: Final = 0x81
_KEY: Final = 0x80


def read_clusters(data: bytes) -> Iterator[list[Block]]:
    """Yield the blocks of each cluster that ``data`` is made of; raises FormatError."""
    view = memoryview(data)
    for identifier, body in _elements(view):
        if identifier != _CLUSTER:
            raise FormatError("cluster", "is another element")
        yield _blocks(body)


def _blocks(cluster: memoryview) -> list[Block]:
    inside = _elements(cluster)
    identifier, body = next(inside, (0, cluster))
    if identifier != _TIMESTAMP:
        raise FormatError("cluster", "does not begin with its time")
    began = _number(body)
    found = []
    for identifier, body in inside:
        if identifier == _SIMPLE_BLOCK:
            found.append(_block(began, body, 0, is_key=None))
        elif identifier == _BLOCK_GROUP:
            found.append(_group(began, body))
        else:
            raise FormatError("cluster", "has another element than blocks")
    return found


def _group(began: int, group: memoryview) -> Block:
    """Read a block that says how long it lasts; one that refers to no other is a key frame."""
    names, bodies = [], []
    for identifier, body in _elements(group):
        names.append(identifier)
        bodies.append(body)
    if names[:2] != [_BLOCK, _BLOCK_DURATION] or names[2:] not in ([], [_REFERENCE_BLOCK]):
        raise FormatError("group", "is no block with how long it lasts")
    return _block(began, bodies[0], _number(bodies[1]), is_key=len(names) == 2)


def _block(began: int, block: memoryview, duration: int, *, is_key: bool | None) -> Block:
    if len(block) <= _HEAD.size:
        raise FormatError("block", "is cut short")
    track, relative, flags = _HEAD.unpack_from(block)
    if track != _TRACK or flags & ~_KEY or (is_key is not None and flags):
        raise FormatError("block", "is not of the track, or in a way that is not written")
    key = flags == _KEY if is_key is None else is_key
    return began + relative, key, bytes(block[_HEAD.size :]), duration


def _elements(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    at, end = 0, len(data)
    while at < end:
        identifier, at = _vint(data, at, marked=True)
        size, at = _vint(data, at, marked=False)
        if size > end - at:
            raise FormatError("element", "is cut short")
        yield identifier, data[at : at + size]
        at += size


def _vint(data: memoryview, at: int, *, marked: bool) -> tuple[int, int]:
    """Return a number of one to eight bytes (RFC 8794 section 4), and where it ends.

    Of an identifier the marker stays part of the value.
    """
    first = data[at] if at < len(data) else 0
    length = 9 - first.bit_length()
    if first == 0 or at + length > len(data):
        raise FormatError("element", "is cut short")
    value = int.from_bytes(data[at : at + length], "big")
    return (value if marked else value & ((1 << 7 * length) - 1)), at + length


def _number(body: memoryview) -> int:
    if not 0 < len(body) <= _MAX_NUMBER_BYTES:
        raise FormatError("element", "is no number")
    return int.from_bytes(body, "big")
