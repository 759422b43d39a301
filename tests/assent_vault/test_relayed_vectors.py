"""``relayed.json``: each case is judged as it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assent_vault.errors import FormatError, GenerationError, SealError, SignatureError
from assent_vault.formats import suite
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_closing import verify_generation_closing
from assent_vault.formats.generation_header import GENERATION_TYPE, parse_generation
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.generation_segment import parse_generation_segment
from assent_vault.formats.storing_keys import outer_track_key
from assent_vault.formats.suite import decode, encode
from assent_vault.formats.webm_reader import read_clusters
from assent_vault.keys import generation_opening as opening
from assent_vault.keys.generation_segment_opening import GenerationTrack
from assent_vault.keys.unsealing import decrypt_segment

RELAYED = json.loads((Path(__file__).parent.parent / "vectors" / "relayed.json").read_bytes())
HEADER = parse_generation(decode(RELAYED["header"]))
BOXES = parse_boxes(decode(RELAYED["boxes"]), HEADER)
Json = dict[str, Any]


def cases(values: list[Json]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", values, ids=[case["name"] for case in values])


def all_slots() -> list[bytes]:
    watching = RELAYED["watching"]
    return opening.open_for_watching(
        HEADER, BOXES, decode(watching["person"]), decode(watching["pair"])
    )


def shown(blocks: list[Any]) -> list[Json]:
    return [
        {"time": time, "key": key, "frame": encode(frame), "duration": duration}
        for time, key, frame, duration in blocks
    ]


def test_the_server_has_signed_the_header() -> None:
    suite.verify(
        decode(RELAYED["server"]), GENERATION_TYPE, HEADER.body, decode(RELAYED["signature"])
    )


@cases(RELAYED["documents"])
def test_pairs(case: Json) -> None:
    if case["field"] is None:
        parse_pairs(decode(case["document"]), HEADER)
    else:
        with pytest.raises(FormatError) as caught:
            parse_pairs(decode(case["document"]), HEADER)
        assert caught.value.field == case["field"]


def test_who_was_there_opens_it_for_watching() -> None:
    watching = RELAYED["watching"]
    person, private = decode(watching["person"]), decode(watching["private"])
    pairs = parse_pairs(decode(RELAYED["pairs"]), HEADER)
    assert encode(pairs.watch[person]) == watching["pair_box"]
    place = opening.PairBox("watch", HEADER.meeting, NOBODY, person)
    pair = opening.open_pair(private, pairs.watch[person], place)
    assert encode(pair) == watching["pair"]
    assert encode(suite.digest(b"".join(all_slots()))) == watching["slots"]
    outer = parse_outer(decode(RELAYED["outer"]), HEADER)
    key = opening.open_outer(private, outer.watch[person], HEADER, person)
    assert encode(key) == watching["outer_key"]


def test_who_left_has_no_box_to_watch() -> None:
    gone = next(person.id for person in HEADER.people if not person.present)
    assert gone not in parse_pairs(decode(RELAYED["pairs"]), HEADER).watch
    assert gone not in BOXES.watch


def test_everybody_and_the_vault_open_it_for_training() -> None:
    pairs = parse_pairs(decode(RELAYED["pairs"]), HEADER)
    assert pairs.train is not None
    vault = decode(RELAYED["vault"])
    privates = {decode(each["id"]): decode(each["train"]) for each in RELAYED["training"]["people"]}
    boxes = {vault: (decode(RELAYED["training"]["vault_private"]), pairs.train.vault)}
    for person, box in zip(HEADER.people, pairs.train.people, strict=True):
        boxes[person.id] = (privates[person.id], box)
    shares = {}
    for owner, (private, box) in boxes.items():
        place = opening.PairBox("train", HEADER.meeting, NOBODY, owner)
        pair = opening.open_pair(private, box, place)
        shares[owner] = opening.open_tree(HEADER, BOXES, owner, pair)
    opened = opening.open_slots(HEADER, BOXES, shares)
    assert list(opened.secrets.values()) == all_slots()
    del shares[HEADER.people[0].id]
    assert not opening.open_slots(HEADER, BOXES, shares).secrets


def test_a_pair_key_of_another_opens_nothing() -> None:
    watching = RELAYED["watching"]
    other = next(each for each in HEADER.people if encode(each.id) != watching["person"])
    place = opening.PairBox("watch", HEADER.meeting, NOBODY, other.id)
    with pytest.raises(GenerationError) as caught:
        opening.open_pair(decode(watching["private"]), decode(watching["pair_box"]), place)
    assert caught.value.code == "bad-pair"


@cases(RELAYED["clusters"])
def test_clusters(case: Json) -> None:
    if case["clusters"] is None:
        with pytest.raises(FormatError):
            list(read_clusters(decode(case["bytes"])))
    else:
        assert [shown(each) for each in read_clusters(decode(case["bytes"]))] == case["clusters"]


@cases(RELAYED["tracks"])
def test_track(case: Json) -> None:
    slots = dict(enumerate(all_slots()))
    for slot in case["without"]:
        del slots[slot]
    track = GenerationTrack(HEADER, case["track"], decode(RELAYED["watching"]["outer_key"]), slots)
    for segment in case["segments"]:
        entry = SegmentEntry(**segment["entry"] | {"digest": decode(segment["entry"]["digest"])})
        plaintext = track.open(decode(segment["object"]), entry)
        if segment["blocks"] is not None:
            found = [block for blocks in read_clusters(plaintext) for block in blocks]
            assert shown(found) == segment["blocks"]
    assert dict(track.left_out) == case["left_out"]


def test_a_segment_is_opened_in_its_own_place_only() -> None:
    sound, pictures = RELAYED["tracks"][:2]
    slots, outer = dict(enumerate(all_slots())), decode(RELAYED["watching"]["outer_key"])
    data = decode(sound["segments"][1]["object"])
    values = sound["segments"][1]["entry"]
    entry = SegmentEntry(**values | {"digest": decode(values["digest"])})
    changed = bytearray(data)
    changed[-1] ^= 1
    twisted = bytes(changed)
    for name, track, given, listed in (
        ("another object", sound["track"], twisted, entry),
        ("another track's key", pictures["track"], data, entry),
        ("another sequence", sound["track"], data, _but(entry, sequence=2)),
        ("another time", sound["track"], data, _but(entry, start=entry.start + 1)),
        (
            "one bit",
            sound["track"],
            twisted,
            _but(entry, digest=suite.digest(twisted)),
        ),
        (
            "another key",
            sound["track"],
            data,
            entry,
        ),
    ):
        key = bytes(32) if name == "another key" else outer
        with pytest.raises(SealError):
            GenerationTrack(HEADER, track, key, slots).open(given, listed)


@cases(RELAYED["places"]["cases"])
def test_objects_in_their_places_and_in_others(case: Json) -> None:
    outer = decode(RELAYED["watching"]["outer_key"])
    entry = SegmentEntry(**case["entry"] | {"digest": decode(case["entry"]["digest"])})
    data = decode(case["object"])
    track = GenerationTrack(HEADER, entry.track, outer, dict(enumerate(all_slots())))
    if case["plaintext"] is None:
        with pytest.raises((FormatError, SealError)):
            track.open(data, entry)
        return
    track.open(data, entry)
    _, written, ciphertext = parse_generation_segment(data)
    key = outer_track_key(outer, HEADER.digest, entry.track)
    assert encode(decrypt_segment(written, ciphertext, key)) == case["plaintext"]


def test_the_closing_of_the_places() -> None:
    places = RELAYED["places"]
    body, signature = (decode(places["closing"][key]) for key in ("document", "signature"))
    server = decode(RELAYED["server"])
    closing = verify_generation_closing(body, signature, server, HEADER, None)
    assert len(closing.segments) == 4
    later = parse_generation(decode(places["later"]["document"]))
    with pytest.raises(FormatError):
        verify_generation_closing(body, signature, server, later, None)
    with pytest.raises(SignatureError):
        verify_generation_closing(body, bytes(64), server, HEADER, None)


def _but(entry: SegmentEntry, **changes: Any) -> SegmentEntry:
    values = {name: getattr(entry, name) for name in SegmentEntry.__slots__}
    return SegmentEntry(**values | changes)
