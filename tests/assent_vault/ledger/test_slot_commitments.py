"""Commitments: what was committed to is shown to be, and nothing else."""

from __future__ import annotations

import pytest

from assent_vault.errors import FormatError, SealError
from assent_vault.formats.slot_tree import NodePlace, node_at, shares_below
from assent_vault.ledger import merkle
from assent_vault.ledger.slot_commitments import (
    commitment,
    node_proof,
    slot_hashes,
    verify_node,
    verify_slot,
    wraps_digest,
)

TREE = bytes(range(32))
SHARES = shares_below(TREE)
ROOT = commitment(SHARES)


def test_a_commitment_is_the_root_of_rfc_6962() -> None:
    assert merkle.root_of(merkle.leaf_hash(share) for share in SHARES) == ROOT
    assert commitment([*SHARES[1:], SHARES[0]]) != ROOT


def test_there_are_256_values_of_32_bytes() -> None:
    for wrong in (SHARES[:-1], [*SHARES, TREE]):
        with pytest.raises(ValueError, match="256"):
            commitment(wrong)
    with pytest.raises(ValueError, match="32 bytes"):
        commitment([*SHARES[:-1], b"short"])
    with pytest.raises(ValueError, match="12288"):
        wraps_digest(bytes(12_287))


@pytest.mark.parametrize(
    "place", [NodePlace(0, 0), NodePlace(1, 0), NodePlace(3, 5), NodePlace(8, 255)]
)
def test_a_node_is_shown_by_its_siblings(place: NodePlace) -> None:
    node, proof = node_at(TREE, place), node_proof(TREE, place)
    assert verify_node(node, place, proof, ROOT) == [SHARES[slot] for slot in place.slots]
    wrong = [
        (bytes(32), place, proof),
        (node, place, [*proof, bytes(32)]),
        *((node, place, [*proof[:at], bytes(32), *proof[at + 1 :]]) for at in range(len(proof))),
    ]
    if place.depth:
        wrong += [(node, NodePlace(place.depth, place.index ^ 1), proof), (node, place, proof[:-1])]
    for args in wrong:
        with pytest.raises(SealError):
            verify_node(*args, ROOT)


def test_a_slot_is_shown_by_the_hashes_of_all() -> None:
    hashes = slot_hashes(SHARES)
    for slot in (0, 7, 255):
        verify_slot(SHARES[slot], slot, hashes, ROOT)
        with pytest.raises(SealError):
            verify_slot(SHARES[slot], slot ^ 1, hashes, ROOT)
    changed = slot_hashes([TREE, *SHARES[1:]])
    with pytest.raises(SealError):
        verify_slot(TREE, 0, changed, ROOT)  # hashes that the header does not commit to
    for wrong in (b"", hashes[:-1], hashes + b"\0"):
        with pytest.raises(FormatError, match="8192"):
            verify_slot(SHARES[0], 0, wrong, ROOT)
