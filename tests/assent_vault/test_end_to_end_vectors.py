"""The vectors of format 2, and those of RFC 9605: each is judged as it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from assent_vault.errors import FormatError, SealError
from assent_vault.formats import generation, sframe, suite
from assent_vault.formats.frame_cipher import parse_frame, seal_frame
from assent_vault.formats.frame_counter import ReplayWindow
from assent_vault.formats.frame_key import (
    FrameNumber,
    KeyId,
    Sender,
    counter,
    frame_base_key,
    frame_key,
)
from assent_vault.formats.sframe import SframeHeader, SframeKey
from assent_vault.formats.slot_keys import (
    slot_secret,
    slot_wrapping_key,
    unwrap_slot,
    wrap_slot,
)
from assent_vault.formats.slot_tree import NodePlace, cover, node_at, shares_below
from assent_vault.formats.suite import decode, encode
from assent_vault.keys.frame_opening import open_frame
from assent_vault.ledger import slot_commitments
from assent_vault.ledger.slot_grant import ExpectedTree, open_bundle

FOLDER = Path(__file__).parent.parent / "vectors"
Json = dict[str, Any]


def load(name: str) -> Json:
    found = json.loads((FOLDER / f"{name}.json").read_bytes())
    assert isinstance(found, dict)
    return found


RFC, FRAMES, GENERATION = (load(name) for name in ("rfc9605", "frames", "generation"))
SUITES = {suite.number: suite for suite in (sframe.AES_128_GCM, sframe.AES_256_GCM)}
SLOTS = GENERATION["slots"]


def cases(values: list[Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", values, ids=[case["name"] for case in values])


# rfc9605.json


def test_headers_of_the_rfc() -> None:
    assert len(RFC["header"]) == 289
    for case in RFC["header"]:
        encoded = bytes.fromhex(case["encoded"])
        header = SframeHeader(case["kid"], case["ctr"])
        assert header.to_bytes() == encoded
        assert SframeHeader.parse(encoded + b"more") == (header, len(encoded))
        for length in range(len(encoded)):
            with pytest.raises(FormatError):
                SframeHeader.parse(encoded[:length])


@pytest.mark.parametrize(
    "case",
    [case for case in RFC["sframe"] if case["cipher_suite"] in SUITES],
    ids=lambda case: case["cipher_suite"],
)
def test_encryption_of_the_rfc(case: Json) -> None:
    used = SUITES[case["cipher_suite"]]
    given = {name: bytes.fromhex(value) for name, value in case.items() if isinstance(value, str)}
    assert HKDF.extract(used.hash, b"", given["base_key"]) == given["sframe_secret"]
    assert sframe.derive(given["base_key"], case["kid"], used) == (
        given["sframe_key"],
        given["sframe_salt"],
    )
    key = SframeKey(given["base_key"], case["kid"], used)
    assert key.encrypt(case["ctr"], given["pt"], given["metadata"]) == given["ct"]
    assert key.decrypt(given["ct"], given["metadata"]) == (case["ctr"], given["pt"])
    for at in range(len(given["ct"])):
        changed = bytearray(given["ct"])
        changed[at] ^= 1
        with pytest.raises((SealError, FormatError)):
            key.decrypt(bytes(changed), given["metadata"])
    with pytest.raises(SealError):
        key.decrypt(given["ct"], given["metadata"] + b"\0")


def test_both_suites_of_the_rfc_are_there() -> None:
    assert set(SUITES) <= {case["cipher_suite"] for case in RFC["sframe"]}


# frames.json


@cases(FRAMES["headers"])
def test_header_that_is_none(case: Json) -> None:
    with pytest.raises(FormatError):
        SframeHeader.parse(decode(case["bytes"]))


@cases(FRAMES["numbers"])
def test_number_of_a_frame(case: Json) -> None:
    header, _ = SframeHeader.parse(decode(case["bytes"]))
    if case["number"] is None:
        with pytest.raises(FormatError):
            FrameNumber.parse(header)
        return
    *key, layer, count = case["number"]
    assert FrameNumber.parse(header) == FrameNumber(KeyId(*key), layer, count)
    assert counter(layer, count) == header.ctr


def context(case: Json) -> tuple[bytes, bytes, Sender, KeyId]:
    return (
        decode(case["slot_secret"]),
        decode(case["header"]),
        Sender(decode(case["person"]), decode(case["page"]), case["source"]),
        KeyId(case["generation"], case["slot"], case["stream"]),
    )


@pytest.mark.parametrize("case", FRAMES["keys"])
def test_key_of_frames(case: Json) -> None:
    base = frame_base_key(*context(case))
    assert encode(base) == case["base_key"]
    assert int(context(case)[-1]) == case["kid"]
    found = sframe.derive(base, case["kid"], sframe.AES_256_GCM)
    assert tuple(map(encode, found)) == (case["key"], case["salt"])


@cases(FRAMES["frames"])
def test_frame(case: Json) -> None:
    key = frame_key(*context(case["key"]))
    if case["problem"] is not None:
        assert problem_with(key, case["codec"], decode(case["sealed"])) == case["problem"]
        return
    wanted = case["opened"]
    sealed = parse_frame(case["codec"], decode(case["sealed"]))
    number = context(case["key"])[-1], wanted["layer"], wanted["count"]
    assert sealed.number == FrameNumber(*number)
    opened = open_frame(key, sealed)
    assert (encode(opened.frame), opened.ms) == (wanted["frame"], wanted["ms"])
    ctr = counter(wanted["layer"], wanted["count"])
    again = seal_frame(key, ctr, case["codec"], opened.ms, opened.frame)
    assert encode(again) == case["sealed"]


def problem_with(key: SframeKey, codec: str, sealed: bytes) -> str | None:
    try:
        open_frame(key, parse_frame(codec, sealed))
    except SealError:
        return "does-not-open"
    except FormatError as error:
        return "out-of-time" if error.field == "ms" else "bad-frame"
    return None


@cases(FRAMES["not_sealed"])
def test_frame_that_is_not_sent(case: Json) -> None:
    key = frame_key(*context(FRAMES["keys"][0]))
    with pytest.raises(FormatError):
        seal_frame(key, 0, case["codec"], 0, decode(case["frame"]))


@cases(FRAMES["replays"])
def test_replays(case: Json) -> None:
    make = {"picture": ReplayWindow.of_pictures, "sound": ReplayWindow.of_sound}[case["kind"]]
    window = make()
    assert [window.admit(count) for count in case["counts"]] == case["admitted"]


# generation.json


@pytest.mark.parametrize("case", GENERATION["places"])
def test_place_and_tag(case: Json) -> None:
    place = generation.generation_place(
        decode(case["meeting"]),
        case["generation"],
        decode(case["previous"]),
        decode(case["committer"]),
    )
    assert encode(place) == case["place"]
    assert encode(generation.secret_tag(decode(case["secret_key"]), place)) == case["tag"]


@cases(GENERATION["pairs"])
def test_pair(case: Json) -> None:
    private = decode(case["private"])
    info = generation.pair_info(
        case["purpose"],
        *(decode(case[field]) for field in ("meeting", "committer", "owner")),
        suite.xwing_public(private),
    )
    if case["pair_key"] is None:
        with pytest.raises(SealError):
            suite.unseal(private, decode(case["box"]), info)
        return
    assert encode(info) == case["info"]
    assert encode(suite.unseal(private, decode(case["box"]), info)) == case["pair_key"]


@cases(GENERATION["wraps"])
def test_wrap(case: Json) -> None:
    to = decode(case["pair_key"]), case["purpose"], decode(case["owner"]), decode(case["header"])
    bound = {"place": decode(case["place"]), "tag": decode(case["tag"])}
    if case["secret_key"] is None:
        with pytest.raises(SealError):
            generation.unwrap_secret(*to, decode(case["wrapped"]), **bound)
        return
    found = generation.unwrap_secret(*to, decode(case["wrapped"]), **bound)
    assert encode(found) == case["secret_key"]
    assert encode(generation.wrap_secret(*to, found)) == case["wrapped"]


@pytest.mark.parametrize("case", GENERATION["trees"])
def test_tree(case: Json) -> None:
    root, commitment = decode(case["root"]), decode(case["commitment"])
    shares = shares_below(root)
    assert [encode(shares[slot]) for slot in (0, 1, 128, 255)] == case["shares"]
    assert slot_commitments.commitment(shares) == commitment
    for each in case["nodes"]:
        place, node = NodePlace(each["depth"], each["index"]), decode(each["node"])
        assert node_at(root, place) == node
        proof = slot_commitments.node_proof(root, place)
        assert [encode(hash_) for hash_ in proof] == each["proof"]
        found = slot_commitments.verify_node(node, place, proof, commitment)
        assert found == [shares[slot] for slot in place.slots]


@pytest.mark.parametrize("case", GENERATION["covers"])
def test_cover(case: Json) -> None:
    found = [[place.depth, place.index] for place in cover(of(case["slots"]))]
    assert found == case["cover"]


def test_slots_of_a_generation() -> None:
    secret_key, place, tag = (decode(SLOTS[name]) for name in ("secret_key", "place", "tag"))
    trees = []
    for each in SLOTS["owners"]:
        owner, pair = decode(each["owner"]), decode(each["pair_key"])
        root = generation.tree_root(pair, owner, place, tag)
        assert encode(root) == each["root"]
        trees.append(shares_below(root))
        assert encode(slot_commitments.commitment(trees[-1])) == each["commitment"]
    secrets = [slot_secret(secret_key, place, slot) for slot in range(256)]
    keys = [slot_wrapping_key([tree[i] for tree in trees], place, tag, i) for i in range(256)]
    wraps = [wrap_slot(keys[i], place, i, secrets[i]) for i in range(256)]
    for each in SLOTS["some"]:
        found = [encode(row[each["slot"]]) for row in (secrets, keys, wraps)]
        assert found == [each["secret"], each["key"], each["wrapped"]]
    assert encode(slot_commitments.commitment(secrets)) == SLOTS["slots"]
    assert encode(slot_commitments.slot_hashes(secrets)) == SLOTS["hashes"]
    assert encode(slot_commitments.wraps_digest(b"".join(wraps))) == SLOTS["wraps"]


@cases(SLOTS["cases"])
def test_wrap_of_a_slot(case: Json) -> None:
    args = decode(case["key"]), decode(SLOTS["place"]), case["slot"], decode(case["wrapped"])
    if case["secret"] is None:
        with pytest.raises(SealError):
            unwrap_slot(*args)
    else:
        assert encode(unwrap_slot(*args)) == case["secret"]


@cases(SLOTS["checked"])
def test_slot_under_its_commitment(case: Json) -> None:
    args = decode(case["secret"]), case["slot"], decode(SLOTS["hashes"]), decode(SLOTS["slots"])
    if case["valid"]:
        slot_commitments.verify_slot(*args)
        return
    with pytest.raises(SealError):
        slot_commitments.verify_slot(*args)


@cases(GENERATION["bundles"])
def test_bundle(case: Json) -> None:
    expected = [
        ExpectedTree(
            decode(each["header"]), decode(each["commitment"]), frozenset(of(each["left_out"]))
        )
        for each in case["expected"]
    ]
    if case["problem"] is not None:
        with pytest.raises((FormatError, SealError)):
            open_bundle(decode(case["bundle"]), expected)
        return
    found = open_bundle(decode(case["bundle"]), expected)
    for shares, tree in zip(found, expected, strict=True):
        assert set(shares) == set(range(256)) - tree.left_out
    given = b"".join(
        bytes([slot]) + share for shares in found for slot, share in sorted(shares.items())
    )
    assert encode(suite.digest(given)) == case["shares"]


def of(ranges: list[list[int]]) -> set[int]:
    return {slot for first, last in ranges for slot in range(first, last + 1)}
