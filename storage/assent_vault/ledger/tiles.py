"""Tiles: the Merkle tree cut into static pieces, as C2SP tlog-tiles serves it.

A tile of level L and number N holds up to 256 hashes: those of the complete subtrees of height
8 · L with the numbers 256 · N and on. A tile with all 256 is *whole* and never changes; the last
of a level is usually *partial*. In an address N is in groups of three digits, all but the last
beginning with ``x``, and a partial tile says its width: ``x001/x234/067.p/17``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from assent_vault.errors import LogError
from assent_vault.ledger import merkle
from assent_vault.ledger.merkle import HASH_BYTES, Subtree, node_hash

HEIGHT: Final = 8
WIDTH: Final = 1 << HEIGHT
MAX_LEVEL: Final = 63 // HEIGHT  # higher ones would need more leaves than an index can count
ENTRY_BYTES: Final = 32

_NUMBER = re.compile(r"((?:x[0-9]{3}/)*)([0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)
# 6 groups of three digits count further than 2^53 entries do.
_MOST_GROUPS = 6


class Tile(NamedTuple):
    """A tile's place. ``width`` is how many hashes of it are meant, 256 for a whole one."""

    level: int
    number: int
    width: int = WIDTH


def tile_of(subtree: Subtree) -> tuple[Tile, slice]:
    """Return the tile that a complete subtree's hash follows from, and which of its hashes do.

    The tile's width is as much of it as is needed.
    """
    level, height = divmod(subtree.level, HEIGHT)
    first = subtree.number << height
    number, offset = divmod(first, WIDTH)
    end = offset + (1 << height)
    return Tile(level, number, end), slice(offset, end)


def width_at(level: int, number: int, size: int) -> int:
    """Return how many hashes a tile has in a tree of ``size`` leaves, 0 where there is none."""
    return max(0, min(WIDTH, (size >> (HEIGHT * level)) - number * WIDTH))


def hashes_of(tile: bytes) -> list[bytes]:
    """Cut a tile into its hashes."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the hash over neighbouring hashes, whose number is a power of two."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


def consistency(old: int, size: int, fetch: Callable[[str], bytes]) -> tuple[bytes, ...]:
    """Return the proof that a tree of ``size`` leaves extends that of ``old``, out of its tiles.

    It proves nothing before ``merkle.verify_consistency``: whoever serves tiles may serve any.
    ``fetch`` returns a tile by its address below ``tile/``. Raises LogError ``log-format`` for what
    is no tile.
    """
    fetched: dict[str, list[bytes]] = {}

    def hash_of(subtree: Subtree) -> bytes:
        tile, part = tile_of(subtree)
        # As wide as it is in this tree: the same for every hash that is taken out of it.
        width = width_at(tile.level, tile.number, size)
        path = f"{tile.level}/{path_of(tile.number, width)}"
        if path not in fetched:
            body = fetch(path)
            if len(body) != width * HASH_BYTES:
                raise LogError("log-format", f"This is not the tile {path}.")
            fetched[path] = hashes_of(body)
        return root_of(fetched[path][part])

    return merkle.resolve(merkle.consistency(old, size), hash_of)


def bundle(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length in 16 bits."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def path_of(number: int, width: int = WIDTH) -> str:
    """Return ``<N>[.p/<W>]`` of an address."""
    groups = [f"{number % 1000:03d}"]
    while number := number // 1000:
        groups.insert(0, f"x{number % 1000:03d}")
    path = "/".join(groups)
    return path if width == WIDTH else f"{path}.p/{width}"


def parse_path(path: str) -> tuple[int, int] | None:
    """Read ``<N>[.p/<W>]``: number and width; None where it is not one, in its only spelling."""
    found = _NUMBER.fullmatch(path)
    if found is None:
        return None
    groups, last, width = found.groups()
    if groups.count("/") >= _MOST_GROUPS:
        return None
    number = int(groups.replace("x", "").replace("/", "") + last)
    wide = WIDTH if width is None else int(width)
    if wide > WIDTH or path_of(number, wide) != path:
        return None
    return number, wide
