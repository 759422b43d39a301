"""Epochs: what is written is read back, and what does not fit is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SealError, SignatureError
from assent_vault.formats import document, epoch, suite
from assent_vault.formats.epoch import Header, HeaderPerson, SegmentEntry
from assent_vault.formats.suite import encode
from assent_vault.formats.track import SOURCES, Track
from support.people import make_meeting, person_in

MEETING = make_meeting()
SILENT = make_meeting(training=False)
PEOPLE = [person_in(MEETING) for _ in range(3)]
for person in PEOPLE:
    person.enrol()
NAMED = [
    PEOPLE[0].in_header(),
    PEOPLE[1].in_header(),
    PEOPLE[2].in_header(present=False, watches=False),
]
PUBLIC = suite.xwing_public(bytes(32))
B32 = st.binary(min_size=32, max_size=32)
TIME = st.integers(0, 2**53 - 1)


def written(people: list[HeaderPerson] | None = None, **changes: Any) -> bytes:
    values: dict[str, Any] = {
        "meeting": MEETING.id,
        "epoch": 1,
        "began": 2,
        "offset": 3,
        "previous": None,
        "charter": MEETING.charter,
        "vault_key": MEETING.vault_key,
        "people": NAMED if people is None else people,
    }
    return epoch.build_header(**(values | changes))


def build(people: list[HeaderPerson] | None = None, **changes: Any) -> Header:
    return epoch.parse_header(written(people, **changes))


HEADER = build()
VALUES = json.loads(HEADER.body)


def field_of(body: dict[str, Any], parse: Any, *more: Any) -> str:
    with pytest.raises(FormatError) as caught:
        parse(document.write(body), *more)
    return caught.value.field


# Headers.


def test_header_says_what_was_given() -> None:
    assert (HEADER.meeting, HEADER.epoch, HEADER.began, HEADER.offset) == (MEETING.id, 1, 2, 3)
    assert HEADER.previous is None
    assert MEETING.vault_key is not None
    assert (HEADER.charter, HEADER.notice_version) == (MEETING.charter.digest, 1)
    assert (HEADER.training, HEADER.vault) == (True, MEETING.vault_key.digest)
    assert sorted(NAMED, key=lambda person: person.id) == list(HEADER.people)
    assert HEADER.digest == suite.digest(HEADER.body)
    assert build(epoch=2, previous=HEADER.digest).previous == HEADER.digest


def test_header_of_a_meeting_without_training() -> None:
    header = build(meeting=SILENT.id, charter=SILENT.charter, vault_key=None)
    assert (header.training, header.vault) == (False, None)


PERSON = st.builds(
    HeaderPerson,
    id=B32,
    enrolment=B32,
    watch=st.just(PUBLIC),
    train=st.just(PUBLIC),
    present=st.booleans(),
    watches=st.just(True),
)


@given(
    st.integers(1, 2**53 - 1), TIME, TIME, st.lists(PERSON, max_size=5, unique_by=lambda p: p.id)
)
def test_header_round_trip(
    number: int, began: int, offset: int, people: list[HeaderPerson]
) -> None:
    people.append(NAMED[0])
    header = build(people, epoch=number, began=began, offset=offset)
    assert (header.epoch, header.began, header.offset) == (number, began, offset)
    assert set(header.people) == set(people)
    assert epoch.parse_header(header.body) == header


def test_epochs_that_may_not_be() -> None:
    never = make_meeting(recording=False, training=False)
    away = [replace(person, present=False) for person in NAMED]
    wrong: tuple[dict[str, Any], ...] = (
        {"meeting": bytes(16)},
        {"meeting": bytes(16), "charter": SILENT.charter, "vault_key": None},
        {"charter": SILENT.charter},
        {"vault_key": None},
        {"vault_key": make_meeting().vault_key},
        {"meeting": never.id, "charter": never.charter, "vault_key": None},
        {"meeting": SILENT.id, "charter": SILENT.charter},
        {"people": away},
        {"people": []},
    )
    for changes in wrong:
        with pytest.raises(ValueError, match=r"one meeting|never|offered|nobody"):
            build(**changes)


def test_headers_that_cannot_be_read_are_not_written() -> None:
    wrong: tuple[dict[str, Any], ...] = (
        {"people": [NAMED[0], NAMED[0]]},
        {"people": [replace(NAMED[0], watches=False)]},
        {"epoch": 0},
        {"previous": bytes(32)},
        {"began": -1},
        {"began": 2**53},
    )
    for changes in wrong:
        with pytest.raises(FormatError):
            written(**changes)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "assent/epoch/v2"}, "type"),
        ({"suite": "x"}, "suite"),
        ({"meeting": "AA"}, "meeting"),
        ({"began": None}, "began"),
        ({"offset": "0"}, "offset"),
        ({"previous": "AA"}, "previous"),
        ({"charter": None}, "charter"),
        ({"notice_version": True}, "notice_version"),
        ({"training": 1}, "training"),
        ({"vault": "AA"}, "vault"),
        ({"vault": None}, "vault"),
        ({"training": False}, "vault"),
        ({"people": [VALUES["people"][0] | {"name": "Ada"}]}, "people[0]"),
        ({"people": {}}, "people"),
        ({"people": [1]}, "people[0]"),
        ({"people": [VALUES["people"][0] | {"watch": "AA"}]}, "people[0].watch"),
        ({"people": [VALUES["people"][0] | {"train": None}]}, "people[0].train"),
        ({"people": [VALUES["people"][0] | {"id": encode(bytes(31))}]}, "people[0].id"),
        ({"people": [VALUES["people"][0] | {"present": 0}]}, "people[0].present"),
    ],
)
def test_headers_refused(change: dict[str, Any], field: str) -> None:
    assert field_of(VALUES | change, epoch.parse_header) == field


@pytest.mark.parametrize("key", [*VALUES])
def test_every_field_of_a_header_is_needed(key: str) -> None:
    assert field_of({k: v for k, v in VALUES.items() if k != key}, epoch.parse_header) == key


# Shares.


def test_shares_are_for_everyone_and_nobody_else() -> None:
    key, body = epoch.seal_epoch(HEADER, MEETING.vault_key)
    shares = epoch.parse_shares(body, HEADER)
    assert shares.header == HEADER.digest
    assert shares.training is not None
    assert len(shares.training.people) == 3
    assert set(shares.watch) == {PEOPLE[0].id, PEOPLE[1].id}
    assert repr(key) == "EpochKey(…)"
    for watcher in PEOPLE[:2]:
        found = watcher.open_watch(HEADER, shares)
        track = str(Track(watcher.id, "camera"))
        assert suite.track_key(found, HEADER.digest, track) == key.track_key(track)
    with pytest.raises(SealError):
        PEOPLE[2].open_watch(HEADER, shares)


def test_host_who_left_still_watches() -> None:
    header = build([NAMED[0], replace(NAMED[2], watches=True)])
    _, body = epoch.seal_epoch(header, MEETING.vault_key)
    PEOPLE[2].open_watch(header, epoch.parse_shares(body, header))


def test_without_training_there_are_no_training_shares() -> None:
    header = build(meeting=SILENT.id, charter=SILENT.charter, vault_key=None)
    _, body = epoch.seal_epoch(header, None)
    assert epoch.parse_shares(body, header).training is None
    assert json.loads(body)["training"] is None


def test_every_epoch_draws_its_own_keys() -> None:
    drawn: list[bytes] = []

    def random(length: int) -> bytes:
        drawn.append(os.urandom(length))
        return drawn[-1]

    epoch.seal_epoch(HEADER, MEETING.vault_key, random)
    epoch.seal_epoch(HEADER, MEETING.vault_key, random)
    assert [len(each) for each in drawn] == [32] * 10
    assert len(set(drawn)) == 10


def test_key_is_forgotten() -> None:
    key, _ = epoch.seal_epoch(HEADER, MEETING.vault_key)
    inside = key._key
    key.forget()
    key.forget()
    assert inside == bytearray(32)
    with pytest.raises(ValueError, match="forgotten"):
        key.track_key("x")
    assert repr(key) == "EpochKey(forgotten)"


def test_sealing_needs_the_vault_key_that_the_header_names() -> None:
    other = make_meeting().vault_key
    assert MEETING.vault_key is not None
    # Named by the header, but another meeting's.
    borrowed = replace(MEETING.vault_key, meeting=bytes(16))
    for wrong in (None, other, borrowed):
        with pytest.raises(ValueError, match="vault key"):
            epoch.seal_epoch(HEADER, wrong)


def test_key_that_cannot_be_sealed_to() -> None:
    header = build([NAMED[0], replace(NAMED[1], watch=bytes(1184) + bytes(32))])
    with pytest.raises(SealError):
        epoch.seal_epoch(header, MEETING.vault_key)


SHARES = epoch.seal_epoch(HEADER, MEETING.vault_key)[1]
SHARE_VALUES = json.loads(SHARES)
TRAINING, WATCH = SHARE_VALUES["training"], SHARE_VALUES["watch"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"header": encode(bytes(32))}, "header"),
        ({"training": None}, "training"),
        ({"training": TRAINING | {"people": TRAINING["people"][:2]}}, "training.people"),
        ({"training": TRAINING | {"people": TRAINING["people"] * 2}}, "training.people"),
        ({"training": TRAINING | {"people": ["AA"] * 3}}, "training.people[0]"),
        ({"training": TRAINING | {"wrapped": "AA"}}, "training.wrapped"),
        ({"training": TRAINING | {"vault": None}}, "training.vault"),
        ({"training": TRAINING | {"more": 1}}, "training"),
        ({"watch": WATCH[:1]}, "watch"),
        ({"watch": [WATCH[0] | {"more": 1}, WATCH[1]]}, "watch[0]"),
        ({"watch": WATCH[::-1]}, "watch"),
        ({"watch": WATCH + WATCH[1:]}, "watch"),
        ({"watch": [*WATCH, WATCH[0] | {"id": encode(NAMED[2].id)}]}, "watch"),
        ({"watch": [WATCH[0], WATCH[1] | {"box": "AA"}]}, "watch[1].box"),
        ({"more": 1}, "document"),
    ],
)
def test_shares_refused(change: dict[str, Any], field: str) -> None:
    assert field_of(SHARE_VALUES | change, epoch.parse_shares, HEADER) == field


def test_training_shares_where_none_may_be() -> None:
    header = build(meeting=SILENT.id, charter=SILENT.charter, vault_key=None)
    values = SHARE_VALUES | {"header": encode(header.digest)}
    assert field_of(values, epoch.parse_shares, header) == "training"


# Closings.


def entries(*tracks: tuple[bytes, str, int]) -> list[SegmentEntry]:
    """Return entries for (person, source, how many)."""
    return [
        SegmentEntry(str(Track(person, source)), number, bytes(32), 10, number, number + 1)
        for person, source, count in tracks
        for number in range(count)
    ]


def close(segments: list[SegmentEntry], header: Header = HEADER) -> bytes:
    return epoch.build_closing(header=header, ended=9, interrupted=False, segments=segments)


ADA, BO, GONE = (person.id for person in PEOPLE)
CLOSING = close(entries((ADA, "camera", 2), (BO, "microphone", 1)))
CLOSE_VALUES = json.loads(CLOSING)
SEGMENTS = CLOSE_VALUES["segments"]


def test_closing_says_what_was_given() -> None:
    signature = epoch.sign_closing(MEETING.server, CLOSING)
    closing = epoch.verify_closing(CLOSING, signature, MEETING.charter.server, HEADER)
    assert (closing.meeting, closing.epoch, closing.header) == (MEETING.id, 1, HEADER.digest)
    assert (closing.ended, closing.interrupted) == (9, False)
    assert closing.digest == suite.digest(CLOSING)
    assert list(closing.segments) == sorted(
        entries((ADA, "camera", 2), (BO, "microphone", 1)),
        key=lambda entry: (entry.track, entry.sequence),
    )


@given(
    st.dictionaries(st.tuples(B32, st.sampled_from(SOURCES)), st.integers(1, 12), max_size=4),
    st.randoms(use_true_random=False),
    TIME,
    st.booleans(),
)
def test_closing_round_trip(
    tracks: dict[tuple[bytes, str], int], random: Any, ended: int, interrupted: bool
) -> None:
    given = entries(*((person, source, count) for (person, source), count in tracks.items()))
    random.shuffle(given)
    body = epoch.build_closing(header=HEADER, ended=ended, interrupted=interrupted, segments=given)
    closing = epoch.parse_closing(body)
    assert (closing.ended, closing.interrupted) == (ended, interrupted)
    assert sorted(closing.segments, key=repr) == sorted(given, key=repr)


def test_closings_that_cannot_be_read_are_not_written() -> None:
    gap = entries((ADA, "camera", 3))
    del gap[1]
    for wrong in (gap, [replace(gap[0], end=0, start=1)], [replace(gap[0], track="x")]):
        with pytest.raises(FormatError):
            close(wrong)


def test_segment_may_take_no_time() -> None:
    """Sequence 0 is a WebM header without any media."""
    entry = replace(entries((ADA, "camera", 1))[0], start=7, end=7)
    assert epoch.parse_closing(close([entry])).segments == (entry,)


def test_closing_of_a_full_epoch_fits() -> None:
    """Fifty people, microphone and camera, five minutes in segments of two seconds."""
    people = [os.urandom(32) for _ in range(50)]
    given = [
        replace(entry, size=10**6, start=10**8 + entry.start, end=10**8 + entry.end)
        for entry in entries(
            *((each, source, 150) for each in people for source in ("microphone", "camera"))
        )
    ]
    assert len(epoch.parse_closing(close(given)).segments) == 15_000


def test_header_and_shares_of_many_people_fit() -> None:
    """As many as the server lets into one meeting at most."""
    people = [replace(NAMED[0], id=os.urandom(32), present=number < 50) for number in range(200)]
    header = build(people)
    _, body = epoch.seal_epoch(header, MEETING.vault_key)
    assert len(epoch.parse_shares(body, header).watch) == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "assent/epoch/v1"}, "type"),
        ({"meeting": None}, "meeting"),
        ({"epoch": 0}, "epoch"),
        ({"header": "AA"}, "header"),
        ({"ended": "x"}, "ended"),
        ({"interrupted": 1}, "interrupted"),
        ({"segments": {}}, "segments"),
        ({"segments": [SEGMENTS[0] | {"sequence": 1}]}, "segments[0].sequence"),
        ({"segments": [*SEGMENTS, SEGMENTS[-1]]}, "segments[3].sequence"),
        ({"segments": [SEGMENTS[0] | {"track": "../x"}]}, "segments[0].track"),
        ({"segments": [SEGMENTS[0] | {"digest": "AA"}]}, "segments[0].digest"),
        ({"segments": [SEGMENTS[0] | {"size": None}]}, "segments[0].size"),
        ({"segments": [SEGMENTS[0] | {"end": 4, "start": 5}]}, "segments[0].end"),
        ({"segments": [SEGMENTS[0] | {"codec": "opus"}]}, "segments[0]"),
        ({"more": 1}, "document"),
    ],
)
def test_closings_refused(change: dict[str, Any], field: str) -> None:
    assert field_of(CLOSE_VALUES | change, epoch.parse_closing) == field


def test_order_of_a_closing() -> None:
    tracks = sorted({entry["track"] for entry in SEGMENTS})
    first = [entry for entry in SEGMENTS if entry["track"] == tracks[0]]
    last = [entry for entry in SEGMENTS if entry["track"] == tracks[1]]
    assert first + last == SEGMENTS
    values = CLOSE_VALUES | {"segments": last + first}
    assert field_of(values, epoch.parse_closing).endswith(".track")
    values = CLOSE_VALUES | {"segments": first + last + first}
    assert field_of(values, epoch.parse_closing).endswith(".track")


def verify(body: bytes, header: Header = HEADER) -> None:
    signature = epoch.sign_closing(MEETING.server, body)
    epoch.verify_closing(body, signature, MEETING.charter.server, header)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"header": encode(bytes(32))}, "header"),
        ({"meeting": encode(bytes(16))}, "meeting"),
        ({"epoch": 2}, "epoch"),
    ],
)
def test_closing_of_something_else(change: dict[str, Any], field: str) -> None:
    assert field_of(CLOSE_VALUES | change, verify) == field


def test_closing_with_a_track_of_somebody_who_was_not_there() -> None:
    for stranger in (GONE, bytes(32)):
        body = close(entries((ADA, "camera", 1), (stranger, "camera", 1)))
        with pytest.raises(FormatError) as caught:
            verify(body)
        assert caught.value.field == "segments"


def test_closing_is_signed_by_the_server() -> None:
    for key, body in ((Ed25519PrivateKey.generate(), CLOSING), (MEETING.server, CLOSING + b" ")):
        with pytest.raises(SignatureError):
            epoch.verify_closing(
                CLOSING, epoch.sign_closing(key, body), MEETING.charter.server, HEADER
            )


@pytest.mark.parametrize("parse", [epoch.parse_header, epoch.parse_closing])
def test_sizes_are_limited(parse: Any) -> None:
    body = HEADER.body if parse is epoch.parse_header else CLOSING
    with pytest.raises(FormatError, match="is not spelled"):
        parse(body + b" " * (epoch.MAX_BYTES - len(body)))
    with pytest.raises(FormatError, match="is over"):
        parse(body + b" " * (epoch.MAX_BYTES - len(body) + 1))
    with pytest.raises(FormatError, match="is over"):
        epoch.parse_shares(SHARES + b" " * epoch.MAX_BYTES, HEADER)
