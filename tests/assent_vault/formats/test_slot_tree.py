"""Trees of shares: minimal covers, and that a node gives what is below it and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.formats.frame_key import SLOTS
from assent_vault.formats.slot_tree import (
    DEPTH,
    ROOT,
    NodePlace,
    child,
    cover,
    node_at,
    partition,
    share_of,
    shares_below,
)

TREE = bytes(range(32))
SETS = st.one_of(
    st.frozensets(st.integers(0, SLOTS - 1)),
    st.frozensets(st.integers(0, SLOTS - 1), max_size=8).map(
        lambda few: frozenset(range(SLOTS)) - few
    ),
    st.tuples(st.integers(0, SLOTS), st.integers(0, SLOTS)).map(
        lambda ends: frozenset(range(*ends))
    ),
)
PLACES = st.integers(0, DEPTH).flatmap(
    lambda depth: st.builds(NodePlace, st.just(depth), st.integers(0, (1 << depth) - 1))
)


@given(SETS)
def test_a_cover_has_exactly_its_slots_and_no_two_siblings(slots: frozenset[int]) -> None:
    found = cover(slots)
    below = [slot for place in found for slot in place.slots]
    assert below == sorted(slots)
    beside = {NodePlace(place.depth, place.index ^ 1) for place in found if place.depth}
    assert not beside & set(found), "two siblings are their parent"


@given(SETS)
def test_what_is_covered_and_what_is_not_are_the_whole_tree(slots: frozenset[int]) -> None:
    parts = partition(slots)
    assert [slot for place, _ in parts for slot in place.slots] == list(range(SLOTS))
    assert {slot for place, inside in parts if inside for slot in place.slots} == slots


@given(PLACES)
def test_a_node_gives_the_shares_below_it(place: NodePlace) -> None:
    everything = shares_below(TREE)
    found = shares_below(node_at(TREE, place), place)
    assert found == everything[place.slots.start : place.slots.stop]


def test_no_two_nodes_or_shares_are_the_same() -> None:
    rows = [[TREE]]
    for depth in range(1, DEPTH + 1):
        rows.append(
            [child(rows[-1][index >> 1], NodePlace(depth, index)) for index in range(1 << depth)]
        )
    shares = [share_of(leaf, slot) for slot, leaf in enumerate(rows[-1])]
    assert shares == shares_below(TREE)
    every = [node for row in rows for node in row] + shares
    assert len(set(every)) == len(every) == 2 * SLOTS - 1 + SLOTS


def test_a_place_is_part_of_its_node() -> None:
    found = {child(TREE, NodePlace(depth, index)) for depth in (1, 2) for index in (0, 1)}
    assert len(found) == 4
    assert share_of(TREE, 0) != share_of(TREE, 1)


@pytest.mark.parametrize("slot", [-1, SLOTS])
def test_slots_have_bounds(slot: int) -> None:
    with pytest.raises(ValueError, match="255"):
        cover([slot])


def test_roots_have_one_length() -> None:
    for wrong in (b"", bytes(31)):
        with pytest.raises(ValueError, match="32 bytes"):
            node_at(wrong, ROOT)
        with pytest.raises(ValueError, match="32 bytes"):
            shares_below(wrong)
