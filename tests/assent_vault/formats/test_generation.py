"""Secrets of generations, beyond what the vectors say."""

from __future__ import annotations

import pytest

from assent_vault.errors import SealError
from assent_vault.formats import suite
from assent_vault.formats.generation import (
    PURPOSES,
    WRAPPING,
    generation_place,
    pair_info,
    secret_tag,
    tree_root,
    unwrap_secret,
    wrap_secret,
)

MEETING = bytes(16)
E, H, PAIR, OWNER, PAGE = (bytes([number]) * 32 for number in range(1, 6))
P = generation_place(MEETING, 1, H, PAGE)
PUBLIC = bytes(suite.XWING_PUBLIC_BYTES)


def test_every_part_of_a_place_counts() -> None:
    places = {
        generation_place(*args)
        for args in (
            (MEETING, 1, H, PAGE),
            (MEETING, 2, H, PAGE),
            (MEETING, 1, PAGE, H),
            (MEETING, 1, H, H),
            (bytes([1]) * 16, 1, H, PAGE),
        )
    }
    assert len(places) == 5
    assert len({secret_tag(secret, place) for secret in (E, H) for place in places}) == 10


@pytest.mark.parametrize("number", [0, 1 << 24])
def test_generations_have_bounds(number: int) -> None:
    with pytest.raises(ValueError, match="24 bits"):
        generation_place(MEETING, number, H, PAGE)


def test_a_pair_key_reaches_its_owner() -> None:
    private = bytes(range(32))
    public = suite.xwing_public(private)
    boxes = {
        purpose: suite.seal(public, PAIR, pair_info(purpose, MEETING, PAGE, OWNER, public))
        for purpose in PURPOSES
    }
    for purpose, box in boxes.items():
        assert len(box) == suite.BOX_BYTES
        for other in PURPOSES:
            info = pair_info(other, MEETING, PAGE, OWNER, public)
            if other == purpose:
                assert suite.unseal(private, box, info) == PAIR
            else:
                with pytest.raises(SealError):
                    suite.unseal(private, box, info)


def test_e_is_wrapped_for_pages_and_watchers_alone() -> None:
    assert WRAPPING == ("page", "watch")
    for purpose in ("train", "", "page\0"):
        with pytest.raises(ValueError, match="no such pair"):
            wrap_secret(PAIR, purpose, OWNER, H, E)
    with pytest.raises(ValueError, match="no such pair"):
        pair_info("vault", MEETING, PAGE, OWNER, PUBLIC)


def test_a_secret_that_the_header_does_not_name_is_used_by_nobody() -> None:
    bound = {"place": P, "tag": secret_tag(E, P)}
    right, wrong = (wrap_secret(PAIR, "page", OWNER, H, secret) for secret in (E, PAGE))
    assert unwrap_secret(PAIR, "page", OWNER, H, right, **bound) == E
    with pytest.raises(SealError, match="header names"):
        unwrap_secret(PAIR, "page", OWNER, H, wrong, **bound)


def test_two_headers_in_one_place_have_no_root_in_common() -> None:
    tags = [secret_tag(secret, P) for secret in (E, PAGE)]
    roots = {tree_root(PAIR, OWNER, P, tag) for tag in tags}
    roots |= {tree_root(PAIR, PAGE, P, tags[0]), tree_root(PAIR, OWNER, H, tags[0])}
    assert len(roots) == 4


@pytest.mark.parametrize("wrong", [b"", bytes(31), bytes(33)])
def test_lengths(wrong: bytes) -> None:
    bound = {"place": P, "tag": secret_tag(E, P)}
    for attempt in (
        lambda: generation_place(wrong, 1, H, PAGE),
        lambda: generation_place(MEETING, 1, wrong, PAGE),
        lambda: generation_place(MEETING, 1, H, wrong),
        lambda: secret_tag(wrong, P),
        lambda: secret_tag(E, wrong),
        lambda: pair_info("page", MEETING, wrong, OWNER, PUBLIC),
        lambda: pair_info("page", MEETING, PAGE, wrong, PUBLIC),
        lambda: pair_info("page", MEETING, PAGE, OWNER, wrong),
        lambda: wrap_secret(wrong, "page", OWNER, H, E),
        lambda: wrap_secret(PAIR, "page", wrong, H, E),
        lambda: wrap_secret(PAIR, "page", OWNER, wrong, E),
        lambda: wrap_secret(PAIR, "page", OWNER, H, wrong),
        lambda: unwrap_secret(PAIR, "page", OWNER, H, wrong, **bound),
        lambda: tree_root(wrong, OWNER, P, H),
        lambda: tree_root(PAIR, wrong, P, H),
        lambda: tree_root(PAIR, OWNER, wrong, H),
        lambda: tree_root(PAIR, OWNER, P, wrong),
    ):
        with pytest.raises(ValueError, match="bytes are needed"):
            attempt()
