"""Opening generations: everybody's key or nothing; every byte where it was, or nothing."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from assent_vault.errors import FormatError, GenerationError, SealError, VaultError
from assent_vault.formats import document, suite
from assent_vault.formats import generation_closing as closings
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation import NOBODY, pair_info
from assent_vault.formats.generation_boxes import parse_boxes, parse_outer
from assent_vault.formats.generation_header import (
    GENERATION_TYPE,
    GenerationHeader,
    parse_generation,
)
from assent_vault.formats.generation_pairs import parse_pairs
from assent_vault.formats.suite import digest
from assent_vault.formats.webm_reader import read_clusters
from assent_vault.keys.generation_opening import (
    PairBox,
    open_for_watching,
    open_outer,
    open_pair,
)
from assent_vault.keys.relayed_opening import (
    GenerationDocuments,
    OpenedGeneration,
    open_relayed,
)
from support.flips import detected, flips
from support.people import Person, make_meeting
from support.releasable import RecordedGeneration, Releasable

SCENE = Releasable(sealed=True)
CHARTER = SCENE.meeting.charter
VAULT = SCENE.meeting.vault_private
FIRST, SECOND = SCENE.generations
HEADER, DOCUMENTS = FIRST.header, FIRST.documents
TRAINS = {said.person.id: said.person.train for said in SCENE.said}


def opened(
    header: GenerationHeader = HEADER,
    documents: GenerationDocuments = DOCUMENTS,
    vault: bytes = VAULT,
    trains: Mapping[bytes, bytes] = TRAINS,
) -> OpenedGeneration:
    return open_relayed(header, documents, vault, trains)


def sounds(recorded: RecordedGeneration, generation: OpenedGeneration) -> list[bytes]:
    """Return what was said in each segment with media, in the order of the closing."""
    closing = closings.verify_generation_closing(
        recorded.closing, recorded.closing_signature, CHARTER.server, recorded.header, None
    )
    by_digest = {digest(data): data for data in recorded.objects}
    tracks = {entry.track: generation.track(entry.track) for entry in closing.segments}
    found = []
    for entry in closing.segments:
        plaintext = tracks[entry.track].open(by_digest[entry.digest], entry)
        if entry.has_media:
            words = {frame for blocks in read_clusters(plaintext) for _, _, frame, _ in blocks}
            assert len(words) == 1
            found.append(words.pop())
    assert not any(track.left_out for track in tracks.values())
    return found


def refused(
    header: GenerationHeader = HEADER,
    documents: GenerationDocuments = DOCUMENTS,
    vault: bytes = VAULT,
    trains: Mapping[bytes, bytes] = TRAINS,
) -> bool:
    """Whether nothing opens: an error, or every slot is lost."""
    try:
        generation = open_relayed(header, documents, vault, trains)
    except (GenerationError, SealError, FormatError):
        return True
    return len(generation.lost) == 256


# With every key, and without one.


def test_everyones_key_opens_the_generation() -> None:
    assert sounds(FIRST, opened()) == [b"\xf8sound of 1"] * 2
    second = opened(SECOND.header, SECOND.documents)
    assert not second.lost
    assert sounds(SECOND, second) == [b"\xf8sound of 1"]


@pytest.mark.parametrize("absent", range(3))
def test_without_any_single_key_it_stays_closed(absent: int) -> None:
    """Also without the key of Cy, who was never recorded."""
    who = SCENE.said[absent].person.id
    without = {person: key for person, key in TRAINS.items() if person != who}
    for trains in (without, without | {who: os.urandom(32)}, without | {who: VAULT}):
        assert refused(trains=trains)


def test_without_the_vaults_key_it_stays_closed() -> None:
    assert refused(vault=os.urandom(32))


def test_documents_of_another_generation() -> None:
    for name in ("boxes", "pairs", "outer"):
        other: dict[str, Any] = {name: getattr(SECOND.documents, name)}
        assert refused(documents=replace(DOCUMENTS, **other))
        # Even relabelled: each box is bound to its header, or to what is in it.
        body = json.loads(other[name]) | {"header": suite.encode(HEADER.digest)}
        assert refused(documents=replace(DOCUMENTS, **{name: document.write(body)}))


def test_boxes_that_change_places() -> None:
    pairs = json.loads(DOCUMENTS.pairs)
    pairs["train"]["people"] = pairs["train"]["people"][::-1]
    assert refused(documents=replace(DOCUMENTS, pairs=document.write(pairs)))


def test_a_pair_key_of_a_wrong_length() -> None:
    pairs = json.loads(DOCUMENTS.pairs)
    first = HEADER.people[0]
    person = next(said.person for said in SCENE.said if said.person.id == first.id)
    public = suite.xwing_public(person.train)
    info = pair_info("train", HEADER.meeting, NOBODY, person.id, public)
    pairs["train"]["people"][0] = suite.encode(suite.seal(public, bytes(31), info))
    assert refused(documents=replace(DOCUMENTS, pairs=document.write(pairs)))


def test_a_generation_that_was_never_to_be_opened() -> None:
    silent = Releasable(make_meeting(training=False), sealed=True)
    (first, _), header = silent.generations, silent.headers[0]
    trains = {said.person.id: said.person.train for said in silent.said}
    with pytest.raises(SealError):
        open_relayed(header, first.documents, silent.meeting.vault_private, trains)


# Watching.


def watched(person: Person, recorded: RecordedGeneration = FIRST) -> list[bytes]:
    """Return the slots of a generation, as somebody who may watch it opens them."""
    header, documents = recorded.header, recorded.documents
    pairs, boxes = parse_pairs(documents.pairs, header), parse_boxes(documents.boxes, header)
    place = PairBox("watch", header.meeting, NOBODY, person.id)
    pair = open_pair(person.watch, pairs.watch[person.id], place)
    return open_for_watching(header, boxes, person.id, pair)


def test_watching() -> None:
    slots = watched(SCENE.ada.person)
    assert slots == watched(SCENE.bo.person)
    assert len(slots) == 256
    pairs = parse_pairs(DOCUMENTS.pairs, HEADER)
    assert SCENE.cy.person.id not in pairs.watch  # Cy was not there
    place = PairBox("watch", HEADER.meeting, NOBODY, SCENE.ada.person.id)
    box = pairs.watch[SCENE.ada.person.id]
    # Nor does another's key open Ada's box, nor her other key.
    for private in (SCENE.bo.person.watch, SCENE.ada.person.train):
        with pytest.raises(GenerationError):
            open_pair(private, box, place)


def test_a_host_who_left_still_watches() -> None:
    """Bo is there in both; Ada is no host, and has no box of what came after she had gone."""
    assert watched(SCENE.bo.person, SECOND) != watched(SCENE.bo.person)
    assert SCENE.ada.person.id not in parse_pairs(SECOND.documents.pairs, SECOND.header).watch


# Segments.


DATA, ENTRY = next(
    (data, entry)
    for entry in FIRST.entries
    if entry.has_media
    for data in FIRST.objects
    if digest(data) == entry.digest
)


def relisted(data: bytes, entry: SegmentEntry = ENTRY) -> SegmentEntry:
    """Have the closing list other bytes, as only somebody with the server's key could."""
    return replace(entry, digest=digest(data), size=len(data))


def test_segment_must_be_the_one_listed() -> None:
    track = opened().track(ENTRY.track)
    for data in (DATA[:-1], DATA + b"\0", bytes(len(DATA)), b""):
        with pytest.raises(SealError):
            track.open(data, ENTRY)
    with pytest.raises(SealError):
        track.open(DATA, replace(ENTRY, size=ENTRY.size + 1))


def test_segment_moved_in_the_row_or_to_another_track() -> None:
    for other in FIRST.entries:
        if other != ENTRY:
            with pytest.raises(SealError):
                opened().track(other.track).open(DATA, relisted(DATA, other))


def test_segment_moved_to_another_generation() -> None:
    second = opened(SECOND.header, SECOND.documents)
    with pytest.raises(SealError):
        second.track(ENTRY.track).open(DATA, ENTRY)


@pytest.mark.parametrize("field", ["start", "end"])
def test_segment_moved_in_time(field: str) -> None:
    changes: dict[str, int] = {field: getattr(ENTRY, field) + 1}
    with pytest.raises(SealError):
        opened().track(ENTRY.track).open(DATA, replace(ENTRY, **changes))  # type: ignore[arg-type]


# Every byte of a recording.


def test_every_byte_of_a_segment() -> None:
    """The closing detects it; and where the closing would list the changed bytes, the seal does."""
    track = opened().track(ENTRY.track)
    for changed in flips(DATA):
        assert detected(track.open, changed, ENTRY)
        assert detected(track.open, changed, relisted(changed))


def test_every_byte_of_a_header() -> None:
    """It is signed; the boxes name its digest; and relabelled, they do not open."""
    seed = random.Random(7)
    some = seed.sample(range(len(HEADER.body)), 40)
    for place, changed in enumerate(flips(HEADER.body)):
        assert detected(suite.verify, CHARTER.server, GENERATION_TYPE, changed, FIRST.signature)
        try:
            header = parse_generation(changed)
        except FormatError:
            continue
        assert detected(parse_boxes, DOCUMENTS.boxes, header)
        if place in some:
            name = suite.encode(header.digest)
            relabelled = GenerationDocuments(
                *(
                    document.write(json.loads(body) | {"header": name})
                    for body in (DOCUMENTS.boxes, DOCUMENTS.pairs, DOCUMENTS.outer)
                )
            )
            assert refused(header, relabelled)


def boxed(documents: GenerationDocuments) -> bool:
    """Whether Ada and Bo can watch, and everybody's keys open all of it."""
    header = HEADER
    try:
        boxes = parse_boxes(documents.boxes, header)
        pairs = parse_pairs(documents.pairs, header)
        outer = parse_outer(documents.outer, header)
        for person in (SCENE.ada.person, SCENE.bo.person):
            place = PairBox("watch", header.meeting, NOBODY, person.id)
            pair = open_pair(person.watch, pairs.watch[person.id], place)
            open_for_watching(header, boxes, person.id, pair)
            open_outer(person.watch, outer.watch[person.id], header, person.id)
        return not opened(documents=documents).lost
    except VaultError:
        return False


@pytest.mark.parametrize("name", ["boxes", "pairs", "outer"])
def test_any_byte_of_the_boxes(name: str) -> None:
    """It does not open for training, or does not for watching: whichever was touched."""
    assert boxed(DOCUMENTS)
    body: bytes = getattr(DOCUMENTS, name)
    seed = random.Random(name)
    places = {0, 1, len(body) - 1, *seed.sample(range(len(body)), 60)}
    # The last letters of each text, in which there are bits that say nothing.
    places |= {at - 1 for at in range(2, len(body)) if body[at : at + 1] == b'"'}
    for place in sorted(places):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
        changes: dict[str, bytes] = {name: changed}
        assert not boxed(replace(DOCUMENTS, **changes)), place


def test_every_byte_of_a_closing() -> None:
    closing, signature, server = FIRST.closing, FIRST.closing_signature, CHARTER.server
    verify = closings.verify_generation_closing
    verify(closing, signature, server, HEADER, None)
    for changed in flips(closing):
        assert detected(verify, changed, signature, server, HEADER, None)
    for changed in flips(signature):
        assert detected(verify, closing, changed, server, HEADER, None)
