"""Grants of slots: what a person hands over of their trees, all but what they leave out (format 2).

A *bundle* is, for each recorded generation of the person, in order::

    H (32) ‖ u16 count ‖ count × (u8 depth ‖ u8 index ‖ u8 kind ‖ 32 bytes)

The items are parts of the tree of shares, left to right, which together are the whole of it. Kind 1
is granted, with its node; kind 0 is left out, with its hash in the commitment. Two siblings of one
kind are their parent, so that a set of slots has one spelling: the minimal cover of what is granted
and that of the rest. Nothing but what was granted can be expanded, and the commitment that follows
from all of it shows it to be the owner's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats import suite
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.slot_tree import NodePlace, node_at, partition, shares_below
from assent_vault.ledger.slot_commitments import hash_below, hash_over, root_of_parts, same

MAX_BYTES: Final = 4 * 1024 * 1024

_HEAD: Final = suite.DIGEST_BYTES + 2
_ITEM: Final = 3 + suite.KEY_BYTES


@dataclass(frozen=True, slots=True)
class OwnedTree:
    """A tree of somebody's in one generation: ``header`` is H, ``root`` theirs alone."""

    header: bytes
    root: bytes
    left_out: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class ExpectedTree:
    """What is known of that tree elsewhere: the header's ``commitment``, the answer's slots."""

    header: bytes
    commitment: bytes
    left_out: frozenset[int] = frozenset()


def build_bundle(trees: Iterable[OwnedTree]) -> bytes:
    """Write the bundle of these trees, in the order of their headers."""
    return b"".join(map(_build, trees))


def open_bundle(bundle: bytes, expected: Sequence[ExpectedTree]) -> list[dict[int, bytes]]:
    """Return the shares that a bundle gives, by slot, for each generation.

    "A vault MUST refuse the whole bundle where anything of this is not so": FormatError where it is
    not exactly the minimal cover of what the answer does not leave out, SealError where it is of
    other shares than the header commits to.
    """
    if len(bundle) > MAX_BYTES:
        raise FormatError("bundle", f"is over {MAX_BYTES} bytes")
    found = []
    at = 0
    for tree in expected:
        end = at + _HEAD
        if bundle[at : at + suite.DIGEST_BYTES] != tree.header:
            raise FormatError("bundle", "is not of the generations that it should be of")
        end += int.from_bytes(bundle[at + suite.DIGEST_BYTES : end], "big") * _ITEM
        found.append(_open(bundle[at + _HEAD : end], tree))
        at = end
    if at != len(bundle):
        raise FormatError("bundle", "has more than it should")
    return found


def _build(tree: OwnedTree) -> bytes:
    items = [
        bytes([place.depth, place.index, granted]) + (node if granted else hash_below(node, place))
        for place, granted in partition(frozenset(range(SLOTS)) - tree.left_out)
        for node in [node_at(tree.root, place)]
    ]
    suite.exactly(suite.DIGEST_BYTES, tree.header)
    return tree.header + len(items).to_bytes(2, "big") + b"".join(items)


def _open(data: bytes, tree: ExpectedTree) -> dict[int, bytes]:
    parts = partition(frozenset(range(SLOTS)) - tree.left_out)
    items = [data[at : at + _ITEM] for at in range(0, len(data), _ITEM)]
    # Lengths, places, kinds: there is one right row of them, so that nothing needs to be believed.
    if [item[:3] for item in items] != [
        bytes([place.depth, place.index, granted]) for place, granted in parts
    ] or len(items[-1]) != _ITEM:
        raise FormatError("bundle", "is not the minimal cover of what is granted")
    shares: dict[int, bytes] = {}
    hashes: dict[NodePlace, bytes] = {}
    for (place, granted), item in zip(parts, items, strict=True):
        hashes[place] = item[3:]
        if granted:
            below = shares_below(item[3:], place)
            shares.update(zip(place.slots, below, strict=True))
            hashes[place] = hash_over(below)
    same(root_of_parts(hashes), tree.commitment)
    return shares
