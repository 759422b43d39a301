"""Commitments of a recorded generation: to owners' shares, to all S_i, to the wraps (format 2).

They stand in the signed header, so that whoever made a share, a secret or a wrap that is not what
it should be is known by it. A commitment is the root of RFC 6962 (:mod:`.merkle`) over 256 entries,
the shares of one owner or the ``S_i``, in the order of their slots: a leaf is
``SHA-256(0x00 ‖ share)``. A share has 256 unknown bits, so that its hash tells nothing of it.

Who has all ``S_i`` computes their commitment. Who has some, because others were left out, needs the
hashes of the leaves, ``slot hashes``: 256 · 32 bytes, of which the commitment follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from cryptography.hazmat.primitives import constant_time

from assent_vault.errors import FormatError, SealError
from assent_vault.formats import suite
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.slot_keys import WRAPS_BYTES
from assent_vault.formats.slot_tree import ROOT, NodePlace, node_at, shares_below
from assent_vault.ledger import merkle

SLOT_HASHES_BYTES: Final = SLOTS * merkle.HASH_BYTES


def commitment(values: Sequence[bytes]) -> bytes:
    """Return the root over the 256 shares of one owner, or over all S_i, in slot order."""
    if len(values) != SLOTS:
        raise ValueError(f"there are {SLOTS} slots")
    return hash_over(values)


def wraps_digest(wraps: bytes) -> bytes:
    """Return the digest of all wraps, which stand in a row in slot order."""
    suite.exactly(WRAPS_BYTES, wraps)
    return suite.digest(wraps)


def slot_hashes(secrets: Sequence[bytes]) -> bytes:
    """Return the hash of each S_i, in a row, for those who will not have all of them."""
    suite.exactly(suite.KEY_BYTES, *secrets)
    return b"".join(map(merkle.leaf_hash, secrets))


def verify_slot(secret: bytes, slot: int, hashes: bytes, root: bytes) -> None:
    """Raise unless the header commits to this S_i; ``hashes`` are the slot hashes.

    FormatError where the hashes are no 256, SealError where they or S_i are not those of ``root``.
    """
    if len(hashes) != SLOT_HASHES_BYTES:
        raise FormatError("hashes", f"are not {SLOT_HASHES_BYTES} bytes long")
    leaves = [hashes[at : at + 32] for at in range(0, len(hashes), merkle.HASH_BYTES)]
    same(merkle.root_of(leaves), root)
    same(merkle.leaf_hash(secret), leaves[slot])


def node_proof(root: bytes, place: NodePlace) -> list[bytes]:
    """Return the siblings of a node and of what is above it, its own first, as hashes."""
    proof = []
    for depth in range(place.depth, 0, -1):
        beside = NodePlace(depth, place.index >> (place.depth - depth) ^ 1)
        proof.append(hash_below(node_at(root, beside), beside))
    return proof


def verify_node(node: bytes, place: NodePlace, proof: Sequence[bytes], root: bytes) -> list[bytes]:
    """Return the shares of a node that its owner's commitment has there; raises SealError."""
    if len(proof) != place.depth:
        raise SealError("It is not as deep as its siblings say.")
    shares = shares_below(node, place)
    found, index = hash_over(shares), place.index
    for beside in proof:
        found = merkle.node_hash(*((beside, found) if index & 1 else (found, beside)))
        index >>= 1
    same(found, root)
    return shares


def root_of_parts(hashes: dict[NodePlace, bytes], place: NodePlace = ROOT) -> bytes:
    """Return the commitment, from the hashes of parts that are together the whole tree."""
    if place in hashes:
        return hashes[place]
    depth, index = place.depth + 1, place.index * 2
    return merkle.node_hash(
        root_of_parts(hashes, NodePlace(depth, index)),
        root_of_parts(hashes, NodePlace(depth, index + 1)),
    )


def hash_below(node: bytes, place: NodePlace) -> bytes:
    """Return the hash that the commitment has for a node's part of the tree."""
    return hash_over(shares_below(node, place))


def hash_over(values: Iterable[bytes]) -> bytes:
    """Return the hash over shares, or S_i, of one part of the tree."""
    entries = list(values)
    suite.exactly(suite.KEY_BYTES, *entries)
    return merkle.root_of(map(merkle.leaf_hash, entries))


def same(found: bytes, root: bytes) -> None:
    """Raise SealError unless both hashes are the same."""
    if not constant_time.bytes_eq(found, root):
        raise SealError("It is not what the header commits to.")
