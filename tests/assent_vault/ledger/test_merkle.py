"""Trees and proofs, against the reference's roots, against RFC 6962 word by word, and by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import LogError
from assent_vault.ledger import merkle
from assent_vault.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    Range,
    Subtree,
    leaf_hash,
    node_hash,
    root_of,
    verify_consistency,
    verify_inclusion,
)

# The entries and roots that implementations of Certificate Transparency are tested with.
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

sizes = st.integers(1, 600)


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % number) for number in range(count)]


def mth(hashes: Sequence[bytes]) -> bytes:
    """Section 2.1, as it is written."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(mth(hashes[:split]), mth(hashes[split:]))


def hash_of(hashes: Sequence[bytes]):  # type: ignore[no-untyped-def]
    def find(subtree: Subtree) -> bytes:
        start = subtree.number << subtree.level
        return mth(hashes[start : start + (1 << subtree.level)])

    return find


@pytest.mark.parametrize("size", range(len(ROOTS)))
def test_roots_of_the_reference(size: int) -> None:
    assert root_of(map(leaf_hash, ENTRIES[:size])).hex() == ROOTS[size]


@given(sizes)
def test_frontier_has_the_root_of_the_whole_tree(size: int) -> None:
    hashes = leaves(size)
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    frontier.extend(hashes)
    assert (frontier.size, frontier.root()) == (size, mth(hashes))
    other = frontier.copy()
    other.add(leaf_hash(b"more"))
    assert frontier.root() == mth(hashes)
    assert other.root() == mth([*hashes, leaf_hash(b"more")])


@given(st.data(), sizes)
def test_inclusion_is_proved_of_each_leaf(data: st.DataObject, size: int) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.resolve(merkle.inclusion(index, size), hash_of(hashes))
    verify_inclusion(hashes[index], index, size, path, mth(hashes))


@given(st.data(), st.integers(1, 80))
def test_no_changed_inclusion_proof_holds(data: st.DataObject, size: int) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    path = list(merkle.resolve(merkle.inclusion(index, size), hash_of(hashes)))
    leaf, root = hashes[index], mth(hashes)
    how = data.draw(st.sampled_from(["leaf", "index", "size", "root", "hash", "less", "more"]))
    if how == "leaf":
        leaf = leaf_hash(b"another")
    elif how == "index":
        index = data.draw(st.integers(-2, size + 2).filter(lambda other: other != index))
    elif how == "size":
        # A size that gives the same path is no contradiction: the head is signed with its size.
        other = data.draw(st.integers(0, 2 * size).filter(lambda other: other != size))
        if index < other and len(merkle.inclusion(index, other)) == len(path):
            return
        size = other
    elif how == "root":
        root = leaf_hash(b"another")
    elif how == "more":
        path.insert(data.draw(st.integers(0, len(path))), leaf_hash(b"another"))
    elif not path:
        return
    elif how == "hash":
        path[data.draw(st.integers(0, len(path) - 1))] = leaf_hash(b"another")
    else:
        del path[data.draw(st.integers(0, len(path) - 1))]
    with pytest.raises(LogError) as caught:
        verify_inclusion(leaf, index, size, path, root)
    assert caught.value.code == "log-proof"


@given(st.data(), sizes)
def test_consistency_is_proved_of_each_size(data: st.DataObject, new: int) -> None:
    hashes = leaves(new)
    old = data.draw(st.integers(0, new))
    proof = merkle.resolve(merkle.consistency(old, new), hash_of(hashes))
    verify_consistency(old, mth(hashes[:old]), new, mth(hashes), proof)


@given(st.data(), st.integers(1, 80))
def test_no_changed_consistency_proof_holds(data: st.DataObject, new: int) -> None:
    hashes = leaves(new)
    old = data.draw(st.integers(1, new))
    proof = list(merkle.resolve(merkle.consistency(old, new), hash_of(hashes)))
    old_root, new_root = mth(hashes[:old]), mth(hashes)
    how = data.draw(st.sampled_from(["old", "new", "hash", "less", "more", "order"]))
    if how == "old":
        old_root = leaf_hash(b"another")
    elif how == "new":
        new_root = leaf_hash(b"another")
    elif how == "order":
        if old == new:
            return
        old, new = new, old
    elif how == "more":
        proof.insert(data.draw(st.integers(0, len(proof))), leaf_hash(b"another"))
    elif not proof:
        return
    elif how == "hash":
        proof[data.draw(st.integers(0, len(proof) - 1))] = leaf_hash(b"another")
    else:
        del proof[data.draw(st.integers(0, len(proof) - 1))]
    with pytest.raises(LogError):
        verify_consistency(old, old_root, new, new_root, proof)


def test_another_history_is_not_consistent() -> None:
    hashes = leaves(40)
    changed = [*hashes[:7], leaf_hash(b"another"), *hashes[8:]]
    for old in range(8, 40):
        proof = merkle.resolve(merkle.consistency(old, 40), hash_of(changed))
        with pytest.raises(LogError):
            verify_consistency(old, mth(hashes[:old]), 40, mth(changed), proof)


def test_consistency_with_nothing() -> None:
    verify_consistency(0, EMPTY_ROOT, 3, mth(leaves(3)), [])
    with pytest.raises(LogError):
        verify_consistency(0, bytes(32), 3, mth(leaves(3)), [])


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_subtrees_cover_a_range_once(start: int, length: int) -> None:
    covered = [
        leaf
        for level, number in Range(start, start + length).subtrees()
        for leaf in range(number << level, (number + 1) << level)
    ]
    assert covered == list(range(start, start + length))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_has_no_path(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no path"):
        merkle.inclusion(index, size)


def test_a_log_never_gets_shorter() -> None:
    with pytest.raises(ValueError, match="shorter"):
        merkle.consistency(4, 3)
