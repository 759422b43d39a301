"""Trees of shares: a root gives one for each of 256 slots, a node those below it (format 2).

A root is at depth 0, its leaves are at depth 8; node ``index`` of ``depth`` has the slots
``index · 2^(8 - depth)`` and on. With HMAC-SHA256(key, message)::

    child  = HMAC(node, "assent/node/v2"  ‖ 0x00 ‖ u8 depth ‖ u8 index)    the child's own place
    share  = HMAC(leaf, "assent/share/v2" ‖ 0x00 ‖ u8 slot)

So a node gives just the shares below it; neither its siblings nor anything above follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes, hmac

from assent_vault.formats import suite
from assent_vault.formats.frame_key import SLOTS

DEPTH: Final = 8  # 2^8 is as many leaves as there are slots


@dataclass(frozen=True, slots=True)
class NodePlace:
    """Where a node stands: ``depth`` 0 … 8, and ``index`` from the left among its equals."""

    depth: int
    index: int

    @property
    def slots(self) -> range:
        """The slots below it."""
        width = SLOTS >> self.depth
        return range(self.index * width, (self.index + 1) * width)


ROOT: Final = NodePlace(0, 0)


def child(node: bytes, place: NodePlace) -> bytes:
    """Return the child that stands at ``place``, of its parent ``node``."""
    return mac(node, b"assent/node/v2\0" + bytes([place.depth, place.index]))


def node_at(root: bytes, place: NodePlace) -> bytes:
    """Return the node at a place, from the root."""
    suite.exactly(suite.KEY_BYTES, root)
    node = root
    for depth in range(1, place.depth + 1):
        node = child(node, NodePlace(depth, place.index >> (place.depth - depth)))
    return node


def shares_below(node: bytes, place: NodePlace = ROOT) -> list[bytes]:
    """Return the shares that a node gives, in the order of their slots: all 256 from a root."""
    suite.exactly(suite.KEY_BYTES, node)
    row = [node]
    for depth in range(place.depth + 1, DEPTH + 1):
        first = place.index << (depth - place.depth)
        row = [
            child(row[index - first >> 1], NodePlace(depth, index))
            for index in range(first, first + 2 * len(row))
        ]
    return [share_of(leaf, slot) for leaf, slot in zip(row, place.slots, strict=True)]


def share_of(leaf: bytes, slot: int) -> bytes:
    """Return the share of a slot, from its leaf."""
    return mac(leaf, b"assent/share/v2\0" + bytes([slot]))


def cover(slots: Iterable[int]) -> list[NodePlace]:
    """Return the minimal cover: the fewest nodes that have exactly these slots, left to right."""
    wanted = frozenset(slots)
    if not all(0 <= slot < SLOTS for slot in wanted):
        raise ValueError(f"slots are 0 … {SLOTS - 1}")
    return _cover(wanted, ROOT)


def partition(slots: Iterable[int]) -> list[tuple[NodePlace, bool]]:
    """Cut the tree, left to right, into the nodes that have these slots (True) and the others.

    Each of the two is the minimal cover of its slots.
    """
    inside = frozenset(slots)
    both = [(place, True) for place in cover(inside)]
    both += [(place, False) for place in cover(frozenset(range(SLOTS)) - inside)]
    return sorted(both, key=lambda each: each[0].slots.start)


def _cover(wanted: frozenset[int], place: NodePlace) -> list[NodePlace]:
    found = sum(slot in wanted for slot in place.slots)
    if found == 0:
        return []
    if found == len(place.slots):
        return [place]
    depth, index = place.depth + 1, place.index * 2
    return _cover(wanted, NodePlace(depth, index)) + _cover(wanted, NodePlace(depth, index + 1))


def mac(key: bytes, message: bytes) -> bytes:
    """Return HMAC-SHA256."""
    found = hmac.HMAC(key, hashes.SHA256())
    found.update(message)
    return found.finalize()
