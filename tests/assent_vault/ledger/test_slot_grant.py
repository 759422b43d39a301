"""Grants of slots: what any granted nodes open is exactly what all have granted."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SealError, VaultError
from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.slot_keys import slot_secret, slot_wrapping_key, unwrap_slot, wrap_slot
from assent_vault.formats.slot_tree import shares_below
from assent_vault.ledger.slot_commitments import commitment
from assent_vault.ledger.slot_grant import (
    MAX_BYTES,
    ExpectedTree,
    OwnedTree,
    build_bundle,
    open_bundle,
)

E, P, TAG, H = (bytes([number]) * 32 for number in range(4))
ROOTS = [bytes([number]) * 32 for number in range(10, 13)]
TREES = [shares_below(root) for root in ROOTS]
COMMITMENTS = [commitment(tree) for tree in TREES]
KEYS = [slot_wrapping_key([tree[i] for tree in TREES], P, TAG, i) for i in range(SLOTS)]
WRAPS = [wrap_slot(KEYS[i], P, i, slot_secret(E, P, i)) for i in range(SLOTS)]
SETS = st.one_of(
    st.frozensets(st.integers(0, SLOTS - 1)),
    st.frozensets(st.integers(0, SLOTS - 1), max_size=5),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(SETS, min_size=len(ROOTS), max_size=len(ROOTS)))
def test_what_any_granted_nodes_open_is_what_all_granted(left_out: list[frozenset[int]]) -> None:
    given_shares = []
    for root, known, left in zip(ROOTS, COMMITMENTS, left_out, strict=True):
        bundle = build_bundle([OwnedTree(H, root, left)])
        (shares,) = open_bundle(bundle, [ExpectedTree(H, known, left)])
        given_shares.append(shares)
    opened = set()
    for slot in range(SLOTS):
        # Whoever has a share missing has nothing better than to guess it.
        shares = [each.get(slot, bytes(32)) for each in given_shares]
        try:
            found = unwrap_slot(slot_wrapping_key(shares, P, TAG, slot), P, slot, WRAPS[slot])
        except SealError:
            continue
        assert found == slot_secret(E, P, slot)
        opened.add(slot)
    assert opened == frozenset(range(SLOTS)) - frozenset().union(*left_out)


@settings(max_examples=30, deadline=None)
@given(SETS, SETS)
def test_a_bundle_is_of_what_was_said_and_no_other(
    left: frozenset[int], said: frozenset[int]
) -> None:
    bundle = build_bundle([OwnedTree(H, ROOTS[0], left)])
    if left == said:
        open_bundle(bundle, [ExpectedTree(H, COMMITMENTS[0], said)])
        return
    with pytest.raises(FormatError, match="minimal cover"):
        open_bundle(bundle, [ExpectedTree(H, COMMITMENTS[0], said)])


def test_every_byte_of_a_bundle_counts() -> None:
    left = frozenset({3, 200})
    bundle = build_bundle([OwnedTree(H, ROOTS[0], left)])
    expected = [ExpectedTree(H, COMMITMENTS[0], left)]
    open_bundle(bundle, expected)
    for at in range(0, len(bundle), 3):
        changed = bundle[:at] + bytes([bundle[at] ^ 1]) + bundle[at + 1 :]
        with pytest.raises(VaultError):
            open_bundle(changed, expected)


def test_a_bundle_has_a_largest_size() -> None:
    with pytest.raises(FormatError, match="over"):
        open_bundle(bytes(MAX_BYTES + 1), [])
    assert open_bundle(b"", []) == []
