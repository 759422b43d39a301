"""Tiles and their addresses, against the examples of the specification."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import LogError
from assent_vault.formats.suite import decode, digest
from assent_vault.ledger import merkle, tiles
from assent_vault.ledger.merkle import Subtree, leaf_hash, node_hash
from assent_vault.ledger.tiles import Tile, parse_path, path_of, tile_of, width_at

GROWN = json.loads((Path(__file__).parents[2] / "vectors" / "log.json").read_bytes())["grown"]
LEAVES = [leaf_hash(b"%d" % number) for number in range(66_000)]


@pytest.mark.parametrize(
    ("number", "width", "path"),
    [
        (0, 256, "000"),
        (999, 256, "999"),
        (1000, 256, "x001/000"),
        (1234067, 256, "x001/x234/067"),
        (273, 112, "273.p/112"),
        (1234067, 1, "x001/x234/067.p/1"),
    ],
)
def test_addresses(number: int, width: int, path: str) -> None:
    assert path_of(number, width) == path
    assert parse_path(path) == (number, width)


@given(st.integers(0, 2**53), st.integers(1, 256))
def test_addresses_are_read_as_written(number: int, width: int) -> None:
    assert parse_path(path_of(number, width)) == (number, width)


@pytest.mark.parametrize(
    "path",
    [
        "", "0", "00", "0000", "001/000", "x000/001", "x01/001", "000.p/0", "000.p/256", "000.p/01",
        "000.p/", "000.p", "000/", "/000", "x001/x234/67", "000.p/1/2", "-01", "٠٠٠", "000\n",
        "x001/" * 7 + "000",
    ],
)  # fmt: skip
def test_no_other_spelling(path: str) -> None:
    assert parse_path(path) is None


def test_widths_of_the_specification() -> None:
    """ "A tree of size 70,000 will be represented by …"."""
    assert [width_at(0, number, 70_000) for number in (272, 273, 274)] == [256, 112, 0]
    assert [width_at(1, number, 70_000) for number in (0, 1, 2)] == [256, 17, 0]
    assert [width_at(2, number, 70_000) for number in (0, 1)] == [1, 0]
    assert [width_at(level, 0, 256) for level in (0, 1, 2)] == [256, 1, 0]


@given(st.integers(0, 20), st.integers(0, 5000))
def test_a_subtree_follows_from_its_tile(level: int, number: int) -> None:
    place, part = tile_of(Subtree(level, number))
    below = 8 * place.level
    first = (place.number * 256 + part.start) << below
    end = (place.number * 256 + part.stop) << below
    assert (first, end) == (number << level, (number + 1) << level)
    assert part.stop == place.width <= 256


def test_root_of_a_tile() -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(256)]
    assert tiles.root_of(hashes) == merkle.root_of(hashes)
    assert tiles.root_of(hashes[:2]) == node_hash(hashes[0], hashes[1])
    assert tiles.hashes_of(b"".join(hashes)) == hashes


def test_bundle() -> None:
    assert tiles.bundle([b"ab", bytes(32)]) == b"\0\2ab\0\x20" + bytes(32)
    assert Tile(0, 0).width == 256


class Served:
    """The tiles of the tree of the first leaves, and which of them were asked for."""

    def __init__(self, size: int, leaves: list[bytes] = LEAVES) -> None:
        self._size = size
        self._rows = [leaves[:size]]
        while len(self._rows[-1]) >= tiles.WIDTH:
            row = self._rows[-1]
            whole = len(row) // tiles.WIDTH * tiles.WIDTH
            self._rows.append(
                [tiles.root_of(row[at : at + tiles.WIDTH]) for at in range(0, whole, tiles.WIDTH)]
            )
        self.asked: dict[str, bytes] = {}

    def __call__(self, path: str) -> bytes:
        level, _, place = path.partition("/")
        found = parse_path(place)
        assert found is not None
        assert path not in self.asked, "once is enough"
        number, width = found
        first = number * tiles.WIDTH
        self.asked[path] = b"".join(self._rows[int(level)][first : first + width])
        return self.asked[path]


@pytest.mark.parametrize("case", GROWN, ids=lambda case: f"{case['old']} to {case['new']}")
def test_a_tree_that_has_grown_shows_it_by_its_tiles(case: dict[str, Any]) -> None:
    served = Served(case["new"])
    proof = tiles.consistency(case["old"], case["new"], served)
    assert proof == tuple(decode(hash_) for hash_ in case["proof"])
    merkle.verify_consistency(
        case["old"], decode(case["old_root"]), case["new"], decode(case["new_root"]), proof
    )
    assert {path: digest(tile) for path, tile in served.asked.items()} == {
        path: decode(found) for path, found in case["tiles"].items()
    }


def test_a_tree_in_which_a_leaf_was_exchanged_does_not() -> None:
    case = next(each for each in GROWN if (each["old"], each["new"]) == (7, 300))
    others = [*LEAVES[:5], leaf_hash(b"another"), *LEAVES[6:300]]
    proof = tiles.consistency(7, 300, Served(300, others))
    with pytest.raises(LogError, match="only added to"):
        merkle.verify_consistency(7, decode(case["old_root"]), 300, merkle.root_of(others), proof)


def test_what_is_no_tile_is_no_proof() -> None:
    with pytest.raises(LogError, match="not the tile"):
        tiles.consistency(7, 300, lambda path: bytes(31))
