"""``generation.json``: how E reaches people, trees and slots, and what is granted (format 2)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assent_vault.formats import generation, suite
from assent_vault.formats.slot_keys import (
    slot_secret,
    slot_wrapping_key,
    wrap_slot,
)
from assent_vault.formats.slot_tree import NodePlace, cover, node_at, shares_below
from assent_vault.formats.suite import encode
from assent_vault.ledger import slot_commitments
from assent_vault.ledger.slot_grant import OwnedTree, build_bundle
from vectors.common import MEETING, Json, fixed

E = fixed("a generation's secret")
COMMITTER = fixed("the committer's page")
PREVIOUS = fixed("the header before")
P = generation.generation_place(MEETING, 7, PREVIOUS, COMMITTER)
TAG = generation.secret_tag(E, P)
H = fixed("the header of generation 7")
OWNERS = [fixed(f"owner {name}") for name in ("vault", "Ada", "Bo")]
PAIRS = [fixed(f"train pair of owner {number}") for number in range(3)]
SLOTS = range(256)


def make_generation() -> Json:
    """Tags, boxes and wraps of E; shares, keys and wraps of slots; bundles."""
    return {
        "places": [
            {
                "meeting": encode(MEETING),
                "generation": number,
                "previous": encode(previous),
                "committer": encode(committer),
                "secret_key": encode(E),
                "place": encode(place),
                "tag": encode(generation.secret_tag(E, place)),
            }
            for number, previous, committer in (
                (1, generation.NOTHING_BEFORE, COMMITTER),
                (7, PREVIOUS, COMMITTER),
                ((1 << 24) - 1, PREVIOUS, generation.NOBODY),
            )
            for place in [generation.generation_place(MEETING, number, previous, committer)]
        ],
        "pairs": _pairs(),
        "wraps": _wraps(),
        "trees": [_tree(fixed(f"a root {number}")) for number in range(2)],
        "covers": [
            {
                "slots": ranges,
                "cover": [[place.depth, place.index] for place in cover(_set(ranges))],
            }
            for ranges in (
                [],
                [[0, 255]],
                [[0, 0]],
                [[255, 255]],
                [[0, 127]],
                [[127, 128]],
                [[1, 254]],
                [[0, 9], [11, 63], [200, 201]],
            )
        ],
        "slots": _slots(),
        "bundles": _bundles(),
    }


def _pairs() -> list[Json]:
    private, other = fixed("a page's key"), fixed("another page's key")
    public = suite.xwing_public(private)
    key = fixed("a pair key")
    info = generation.pair_info("page", MEETING, COMMITTER, OWNERS[1], public)
    box = suite.seal(public, key, info)

    def case(name: str, found: bytes | None, **changes: Any) -> Json:
        values: dict[str, Any] = {
            "private": private,
            "purpose": "page",
            "meeting": MEETING,
            "committer": COMMITTER,
            "owner": OWNERS[1],
            "box": box,
        } | changes
        return {
            "name": name,
            **{k: v if isinstance(v, str) else encode(v) for k, v in values.items()},
            "pair_key": None if found is None else encode(found),
        }

    return [
        {**case("as sealed", key), "info": encode(info)},
        case("another purpose", None, purpose="watch"),
        case("another meeting", None, meeting=bytes(16)),
        case("another committer", None, committer=fixed("another page")),
        case("another owner", None, owner=OWNERS[2]),
        case("another key", None, private=other),
        case("one bit", None, box=box[:-1] + bytes([box[-1] ^ 1])),
    ]


def _wraps() -> list[Json]:
    pair, owner = fixed("a pair key"), OWNERS[1]
    wrapped = generation.wrap_secret(pair, "watch", owner, H, E)
    # Somebody else's E, in a box that opens: only the tag tells.
    foreign = generation.wrap_secret(pair, "watch", owner, H, fixed("another secret"))

    def case(name: str, secret: bytes | None, **changes: Any) -> Json:
        values: dict[str, Any] = {
            "pair_key": pair,
            "purpose": "watch",
            "owner": owner,
            "header": H,
            "wrapped": wrapped,
            "place": P,
            "tag": TAG,
        } | changes
        return {
            "name": name,
            **{k: v if isinstance(v, str) else encode(v) for k, v in values.items()},
            "secret_key": None if secret is None else encode(secret),
        }

    return [
        case("as wrapped", E),
        case("another secret, that the header does not name", None, wrapped=foreign),
        case("another pair key", None, pair_key=fixed("another")),
        case("another purpose", None, purpose="page"),
        case("another owner", None, owner=OWNERS[2]),
        case("another header", None, header=PREVIOUS),
        case("another place", None, place=PREVIOUS),
        case("one bit", None, wrapped=wrapped[:-1] + bytes([wrapped[-1] ^ 1])),
    ]


def _tree(root: bytes) -> Json:
    shares = shares_below(root)
    places = [NodePlace(0, 0), NodePlace(1, 1), NodePlace(4, 9), NodePlace(8, 0), NodePlace(8, 255)]
    proof = [slot_commitments.node_proof(root, place) for place in places]
    return {
        "root": encode(root),
        "nodes": [
            {
                "depth": place.depth,
                "index": place.index,
                "node": encode(node_at(root, place)),
                "proof": [encode(hash_) for hash_ in hashes],
            }
            for place, hashes in zip(places, proof, strict=True)
        ],
        "shares": [encode(shares[slot]) for slot in (0, 1, 128, 255)],
        "commitment": encode(slot_commitments.commitment(shares)),
    }


def _slots() -> Json:
    roots = [
        generation.tree_root(pair, owner, P, TAG) for pair, owner in zip(PAIRS, OWNERS, strict=True)
    ]
    trees = [shares_below(root) for root in roots]
    secrets = [slot_secret(E, P, slot) for slot in SLOTS]
    keys = [slot_wrapping_key([tree[i] for tree in trees], P, TAG, i) for i in SLOTS]
    wraps = [wrap_slot(keys[i], P, i, secrets[i]) for i in SLOTS]
    short = slot_wrapping_key([tree[5] for tree in trees[:-1]], P, TAG, 5)

    def case(name: str, slot: int, key: bytes, wrapped: bytes, found: bytes | None) -> Json:
        return {
            "name": name,
            "slot": slot,
            "key": encode(key),
            "wrapped": encode(wrapped),
            "secret": None if found is None else encode(found),
        }

    return {
        "secret_key": encode(E),
        "place": encode(P),
        "tag": encode(TAG),
        "owners": [
            {
                "owner": encode(owner),
                "pair_key": encode(pair),
                "root": encode(root),
                "commitment": encode(slot_commitments.commitment(tree)),
            }
            for owner, pair, root, tree in zip(OWNERS, PAIRS, roots, trees, strict=True)
        ],
        "some": [
            {
                "slot": slot,
                "secret": encode(secrets[slot]),
                "key": encode(keys[slot]),
                "wrapped": encode(wraps[slot]),
            }
            for slot in (0, 1, 254, 255)
        ],
        "slots": encode(slot_commitments.commitment(secrets)),
        "hashes": encode(slot_commitments.slot_hashes(secrets)),
        "wraps": encode(slot_commitments.wraps_digest(b"".join(wraps))),
        "cases": [
            case("as wrapped", 5, keys[5], wraps[5], secrets[5]),
            case("without one person's share", 5, short, wraps[5], None),
            case("another slot's wrap", 5, keys[5], wraps[6], None),
            case("another slot's wrap and key", 5, keys[6], wraps[6], None),
            case("one bit", 5, keys[5], wraps[5][:-1] + bytes([wraps[5][-1] ^ 1]), None),
        ],
        "checked": [
            {"name": name, "slot": slot, "secret": encode(secret), "valid": valid}
            for name, slot, secret, valid in (
                ("as committed", 9, secrets[9], True),
                ("another slot's", 9, secrets[10], False),
                ("one that is none", 9, fixed("another content"), False),
            )
        ],
    }


def _bundles() -> list[Json]:
    roots = [fixed(f"root of generation {number}") for number in range(2)]
    headers = [fixed(f"header of generation {number}") for number in range(2)]
    left = [[[10, 10]], [[0, 3], [64, 127]]]
    trees = [
        OwnedTree(header, root, _set(ranges))
        for header, root, ranges in zip(headers, roots, left, strict=True)
    ]
    one, both = build_bundle(trees[:1]), build_bundle(trees)
    found: list[Json] = []

    def case(
        name: str,
        bundle: bytes,
        problem: str | None = "bad-bundle",
        left_out: list[list[list[int]]] | None = None,
        count: int = 1,
    ) -> None:
        said = left_out or left[:count]
        expected = list(zip(headers, roots, said, strict=False))[: len(said)]
        shares = None
        if problem is None:
            given = b"".join(
                bytes([slot]) + share
                for _, root, ranges in expected
                for slot, share in enumerate(shares_below(root))
                if slot not in _set(ranges)
            )
            shares = encode(suite.digest(given))
        found.append(
            {
                "name": name,
                "bundle": encode(bundle),
                "expected": [
                    {
                        "header": encode(header),
                        "commitment": encode(slot_commitments.commitment(shares_below(root))),
                        "left_out": ranges,
                    }
                    for header, root, ranges in expected
                ],
                "shares": shares,
                "problem": problem,
            }
        )

    whole = [OwnedTree(headers[0], roots[0])]
    nothing = [OwnedTree(headers[0], roots[0], frozenset(SLOTS))]
    case("all but one slot", one, None)
    case("two generations", both, None, count=2)
    case("all of it", build_bundle(whole), None, [[]])
    case("nothing of it", build_bundle(nothing), None, [[[0, 255]]])

    items = [one[34 + at : 34 + at + 35] for at in range(0, len(one) - 34, 35)]
    head = one[:32]

    def packed(*parts: bytes) -> bytes:
        return head + len(parts).to_bytes(2, "big") + b"".join(parts)

    assert packed(*items) == one
    halves = [bytes([1, half, 1]) + node_at(roots[0], NodePlace(1, half)) for half in (0, 1)]
    case("two nodes in the place of their parent", packed(*halves), left_out=[[]])
    case("a slot that the answer leaves out", build_bundle(whole))
    case("fewer slots than the answer leaves out", one, left_out=[[[10, 11]]])
    case("more slots than the answer leaves out", one, left_out=[[]])
    case("a changed node", _flip(one, 34 + 5))
    case("a changed hash", _changed_hash(one, items))
    case("somebody else's nodes", build_bundle([OwnedTree(headers[0], roots[1], _set(left[0]))]))
    case("a part in another place", packed(items[1], items[0], *items[2:]))
    case("a part twice", packed(items[0], *items))
    case("a part is missing", packed(*items[1:]))
    case("a granted part that is said to be left out", _flip(one, 34 + 2))
    case("a kind that there is not", _flip(one, 34 + 2, 2))
    case("more parts than there are", head + (len(items) + 1).to_bytes(2, "big") + one[34:])
    case("no parts", packed())
    case("nothing", b"")
    case("one byte too few", one[:-1])
    case("one byte more", one + b"\0")
    case("another generation", _flip(one, 0))
    case("one generation of two", one, count=2)
    case("two generations of one", both)
    case("two generations in another order", build_bundle(trees[::-1]), count=2)
    return found


def _changed_hash(bundle: bytes, items: list[bytes]) -> bytes:
    (number,) = (number for number, item in enumerate(items) if item[2] == 0)
    return _flip(bundle, 34 + 35 * number + 20)


def _set(ranges: Iterable[Iterable[int]]) -> frozenset[int]:
    return frozenset(slot for first, last in ranges for slot in range(first, last + 1))


def _flip(data: bytes, at: int, bit: int = 1) -> bytes:
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :]
