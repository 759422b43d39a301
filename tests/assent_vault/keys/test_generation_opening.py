"""Opening generations: what any granted nodes open is exactly what all granted."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import GenerationError
from assent_vault.formats import suite
from assent_vault.formats.generation import tree_root
from assent_vault.formats.generation_boxes import GenerationBoxes, parse_boxes
from assent_vault.formats.slot_keys import slot_secret
from assent_vault.keys.generation_opening import (
    PairBox,
    commitment_of,
    open_for_watching,
    open_pair,
    open_slots,
    open_tree,
)
from assent_vault.ledger.committing import PairKeys
from assent_vault.ledger.slot_grant import ExpectedTree, OwnedTree, build_bundle, open_bundle
from vectors.attendance import ADA, BO, CY, VAULT, draft, in_order, make, pairs_of, recorded_draft
from vectors.common import MEETING

PEOPLE = in_order(
    [ADA.person(host=ADA.certificate), BO.person(), CY.person(page=None, present=False)]
)
MADE = make(draft(people=PEOPLE, recorded=recorded_draft(training=True)))
HEADER = MADE.header
OWNERS = [VAULT, *(person.id for person in PEOPLE)]
PAIRS = pairs_of(HEADER.committer)

left_out = st.frozensets(st.integers(0, 255), max_size=20) | st.tuples(
    st.integers(0, 255), st.integers(0, 255)
).map(lambda ends: frozenset(range(min(ends), max(ends) + 1)))


@cache
def boxes() -> GenerationBoxes:
    return parse_boxes(MADE.boxes, HEADER)


@cache
def whole(owner: bytes) -> dict[int, bytes]:
    return open_tree(HEADER, boxes(), owner, PAIRS.key("train", owner))


@given(st.lists(left_out, min_size=3, max_size=3))
def test_what_all_granted_opens_and_nothing_else(each: list[frozenset[int]]) -> None:
    shares = {VAULT: whole(VAULT)}
    for person, slots in zip(PEOPLE, each, strict=True):
        root = tree_root(PAIRS.key("train", person.id), person.id, HEADER.place, HEADER.secret)
        bundle = build_bundle([OwnedTree(HEADER.digest, root, slots)])
        expected = ExpectedTree(HEADER.digest, commitment_of(HEADER, person.id), slots)
        (shares[person.id],) = open_bundle(bundle, [expected])
        assert set(shares[person.id]) == set(range(256)) - slots
    found = open_slots(HEADER, boxes(), shares)
    granted = set(range(256)).difference(*each)
    assert set(found.secrets) == granted
    assert not found.lost
    for slot, secret in found.secrets.items():
        assert secret == slot_secret(MADE.secret_key, HEADER.place, slot)


def test_all_of_everyone_is_what_watchers_have() -> None:
    found = open_slots(HEADER, boxes(), {owner: whole(owner) for owner in OWNERS})
    watched = open_for_watching(HEADER, boxes(), BO.id, PAIRS.key("watch", BO.id))
    assert [found.secrets[slot] for slot in range(256)] == watched


@pytest.mark.parametrize("missing", range(4))
def test_without_one_owner_nothing_opens(missing: int) -> None:
    shares = {owner: whole(owner) for owner in OWNERS if owner != OWNERS[missing]}
    assert not open_slots(HEADER, boxes(), shares).secrets


def test_a_share_in_the_wrong_place_loses_its_slot() -> None:
    shares = {owner: dict(whole(owner)) for owner in OWNERS}
    shares[BO.id][3], shares[BO.id][4] = shares[BO.id][4], shares[BO.id][3]
    found = open_slots(HEADER, boxes(), shares)
    assert found.lost == {3, 4}
    assert set(found.secrets) == set(range(256)) - {3, 4}


def test_a_pair_key_is_sealed_once_for_each_key() -> None:
    committer = ADA.page().digest
    pairs = PairKeys(MEETING, committer)
    box = pairs.seal("page", BO.id, BO.public("page"))
    assert box is not None
    place = PairBox("page", MEETING, committer, BO.id)
    assert open_pair(BO.private("page"), box, place) == pairs.key("page", BO.id)
    assert pairs.seal("page", BO.id, BO.public("page")) is None
    before = pairs.key("page", BO.id)
    again = pairs.seal("page", BO.id, BO.public("watch"))  # the key of Bo's next page, say
    assert again is not None
    assert pairs.key("page", BO.id) != before
    with pytest.raises(ValueError, match="sealed to"):
        pairs.key("train", BO.id)
    assert "1" in repr(pairs)


def test_a_pair_key_of_another_place_does_not_open() -> None:
    committer = ADA.page().digest
    box = PairKeys(MEETING, committer).seal("watch", BO.id, BO.public("watch"))
    assert box is not None
    for place in (
        PairBox("train", MEETING, committer, BO.id),
        PairBox("watch", bytes(16), committer, BO.id),
        PairBox("watch", MEETING, BO.page().digest, BO.id),
        PairBox("watch", MEETING, committer, ADA.id),
    ):
        with pytest.raises(GenerationError) as caught:
            open_pair(BO.private("watch"), box, place)
        assert caught.value.code == "bad-pair"


def test_a_pair_key_is_32_bytes() -> None:
    committer = ADA.page().digest
    place = PairBox("watch", MEETING, committer, BO.id)
    short = PairKeys(MEETING, committer, lambda length: bytes(length - 1))
    box = short.seal("watch", BO.id, BO.public("watch"))
    assert box is not None
    assert len(box) == suite.BOX_BYTES - 1
    with pytest.raises(GenerationError):
        open_pair(BO.private("watch"), box, place)
