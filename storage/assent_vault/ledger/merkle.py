"""The Merkle tree of RFC 6962 section 2.1 over SHA-256: roots, proofs, and what they need.

Pure. Nothing here holds a tree: a function that needs hashes says which complete subtrees it
needs, and is given them. A tree of *n* leaves is cut into complete subtrees from the left, the
largest first; there are at most as many as *n* has bits, and :class:`Frontier` keeps just those.

A :class:`Subtree` of ``level`` l and ``number`` k covers the leaves k · 2^l … (k + 1) · 2^l - 1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from assent_vault.errors import LogError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()
# "The client MUST NOT send more than 63 consistency proof lines" (C2SP tlog-witness).
MOST_PROOF_HASHES: Final = 63


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf: SHA-256(0x00 ‖ entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node: SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Subtree(NamedTuple):
    """A complete subtree, by the height of its root over the leaves and its place from the left."""

    level: int
    number: int


class Range(NamedTuple):
    """The leaves ``start`` … ``end - 1``, one node of some tree."""

    start: int
    end: int

    def subtrees(self) -> list[Subtree]:
        """Cut the range into complete subtrees, left to right."""
        found = []
        at = self.start
        while at < self.end:
            level = (self.end - at).bit_length() - 1
            if at:
                level = min(level, (at & -at).bit_length() - 1)
            found.append(Subtree(level, at >> level))
            at += 1 << level
        return found


class Frontier:
    """The right edge of a growing tree: all that is needed to add leaves, and to say its root."""

    __slots__ = ("_edge", "size")

    def __init__(self) -> None:
        self.size = 0
        self._edge: list[tuple[int, bytes]] = []  # (level, hash), the highest first

    def copy(self) -> Frontier:
        """Return another one, that grows by itself."""
        other = Frontier()
        other.size = self.size
        other._edge = list(self._edge)
        return other

    def add(self, leaf: bytes) -> None:
        """Add one leaf, by its hash."""
        level = 0
        edge = self._edge
        while edge and edge[-1][0] == level:
            leaf = node_hash(edge.pop()[1], leaf)
            level += 1
        edge.append((level, leaf))
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaves, by their hashes."""
        for leaf in leaves:
            self.add(leaf)

    def root(self) -> bytes:
        """Return the root hash at this size."""
        return fold([hash_ for _, hash_ in self._edge])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    frontier = Frontier()
    frontier.extend(leaves)
    return frontier.root()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Join the subtrees of a range, left to right, to the one hash of its node."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


# Which hashes a proof is made of.


def inclusion(index: int, size: int) -> list[Range]:
    """Return the nodes that PATH(index, D[size]) consists of, the leaf's sibling first.

    Section 2.1.1. Raises ValueError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ValueError("a leaf that is not in the tree has no path")
    path = []
    start, end = 0, size
    while end - start > 1:
        split = start + _split(end - start)
        if index < split:
            path.append(Range(split, end))
            end = split
        else:
            path.append(Range(start, split))
            start = split
    return path[::-1]


def consistency(old: int, new: int) -> list[Range]:
    """Return the nodes that PROOF(old, D[new]) consists of; none where one size is 0 or both same.

    Section 2.1.2. Raises ValueError unless 0 <= old <= new.
    """
    if not 0 <= old <= new:
        raise ValueError("a log never gets shorter")
    if old in (0, new):
        return []
    proof = []
    start, end = 0, new
    known = True  # whether the subtree that is looked at is one the old root is made of by itself
    while old != end:
        split = start + _split(end - start)
        if old <= split:
            proof.append(Range(split, end))
            end = split
        else:
            proof.append(Range(start, split))
            start = split
            known = False
    if not known:
        proof.append(Range(start, end))
    return proof[::-1]


def _split(size: int) -> int:
    """Return the largest power of two smaller than ``size``, which is at least 2."""
    return 1 << (size - 1).bit_length() - 1


def needed(ranges: Iterable[Range]) -> list[Subtree]:
    """Return every complete subtree whose hash the ranges need."""
    return [subtree for each in ranges for subtree in each.subtrees()]


def resolve(ranges: Iterable[Range], hash_of: Callable[[Subtree], bytes]) -> tuple[bytes, ...]:
    """Return the hash of each range."""
    return tuple(fold([hash_of(subtree) for subtree in each.subtrees()]) for each in ranges)


# Verifying; after RFC 9162 sections 2.1.3.2 and 2.1.4.2, which spell out what RFC 6962 defines.


def verify_inclusion(
    leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes
) -> None:
    """Raise LogError ``log-proof`` unless ``path`` proves the leaf hash at ``index``."""
    if not 0 <= index < size:
        raise LogError("log-proof", "The proof is of a leaf that is not in the tree.")
    place, last, found = index, size - 1, leaf
    for hash_ in path:
        if last == 0:
            raise LogError("log-proof", "The proof has too many hashes.")
        if place & 1 or place == last:
            found = node_hash(hash_, found)
            while not place & 1 and place != 0:
                place >>= 1
                last >>= 1
        else:
            found = node_hash(found, hash_)
        place >>= 1
        last >>= 1
    if last != 0 or found != root:
        raise LogError("log-proof", "The proof does not lead to the root.")


def verify_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise LogError ``log-proof`` unless the tree of ``new`` leaves extends that of ``old``."""
    bad = LogError("log-proof", "The proof does not show that the log was only added to.")
    if not 0 <= old <= new:
        raise bad
    if old in (0, new):
        expected = EMPTY_ROOT if old == 0 else new_root
        if proof or old_root != expected:
            raise bad
        return
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise bad
    place, last = old - 1, new - 1
    while place & 1:
        place >>= 1
        last >>= 1
    before = after = hashes[0]
    for hash_ in hashes[1:]:
        if last == 0:
            raise bad
        if place & 1 or place == last:
            before = node_hash(hash_, before)
            after = node_hash(hash_, after)
            while not place & 1 and place != 0:
                place >>= 1
                last >>= 1
        else:
            after = node_hash(after, hash_)
        place >>= 1
        last >>= 1
    if last != 0 or before != old_root or after != new_root:
        raise bad
