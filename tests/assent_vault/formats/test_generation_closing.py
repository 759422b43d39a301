"""Closings: what is written is read back, and what does not fit is refused."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from assent_vault.errors import FormatError, SignatureError
from assent_vault.formats import document, suite
from assent_vault.formats import generation_closing as closings
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import MAX_BYTES
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.suite import encode
from assent_vault.formats.track import SOURCES, Track
from support.people import make_meeting, person_in
from support.releasable import make_header

MEETING = make_meeting()
PEOPLE = [person_in(MEETING) for _ in range(3)]
for person in PEOPLE:
    person.enrol()
HEADER = make_header(
    MEETING,
    [
        PEOPLE[0].in_generation(),
        PEOPLE[1].in_generation(),
        PEOPLE[2].in_generation(present=False),
    ],
    arm=bytes(32),
)
B32 = st.binary(min_size=32, max_size=32)
TIME = st.integers(0, 2**53 - 1)


def field_of(body: dict[str, Any], parse: Any, *more: Any) -> str:
    with pytest.raises(FormatError) as caught:
        parse(document.write(body), *more)
    return caught.value.field


def entries(*tracks: tuple[bytes, str, int]) -> list[SegmentEntry]:
    """Return entries for (person, source, how many)."""
    return [
        SegmentEntry(str(Track(person, source)), number, bytes(32), 10, number, number + 1)
        for person, source, count in tracks
        for number in range(count)
    ]


def close(segments: list[SegmentEntry], header: GenerationHeader = HEADER) -> bytes:
    return closings.build_generation_closing(
        header=header, accepts=None, ended=9, interrupted=False, segments=segments
    )


ADA, BO, GONE = (person.id for person in PEOPLE)
CLOSING = close(entries((ADA, "camera", 2), (BO, "microphone", 1)))
CLOSE_VALUES = json.loads(CLOSING)
SEGMENTS = CLOSE_VALUES["segments"]


def test_closing_says_what_was_given() -> None:
    signature = closings.sign_generation_closing(MEETING.server, CLOSING)
    closing = closings.verify_generation_closing(
        CLOSING, signature, MEETING.charter.server, HEADER, None
    )
    assert (closing.meeting, closing.number, closing.header) == (MEETING.id, 1, HEADER.digest)
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
    body = closings.build_generation_closing(
        header=HEADER, accepts=None, ended=ended, interrupted=interrupted, segments=given
    )
    closing = closings.parse_generation_closing(body)
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
    assert closings.parse_generation_closing(close([entry])).segments == (entry,)


def test_closing_of_a_full_generation_fits() -> None:
    """Fifty people, microphone and camera, five minutes in segments of two seconds."""
    people = [os.urandom(32) for _ in range(50)]
    given = [
        replace(entry, size=10**6, start=10**8 + entry.start, end=10**8 + entry.end)
        for entry in entries(
            *((each, source, 150) for each in people for source in ("microphone", "camera"))
        )
    ]
    assert len(closings.parse_generation_closing(close(given)).segments) == 15_000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"type": "assent/epoch-close/v1"}, "type"),
        ({"meeting": None}, "meeting"),
        ({"generation": 0}, "generation"),
        ({"header": "AA"}, "header"),
        ({"accepts": "AA"}, "accepts"),
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
    assert field_of(CLOSE_VALUES | change, closings.parse_generation_closing) == field


def test_order_of_a_closing() -> None:
    tracks = sorted({entry["track"] for entry in SEGMENTS})
    first = [entry for entry in SEGMENTS if entry["track"] == tracks[0]]
    last = [entry for entry in SEGMENTS if entry["track"] == tracks[1]]
    assert first + last == SEGMENTS
    values = CLOSE_VALUES | {"segments": last + first}
    assert field_of(values, closings.parse_generation_closing).endswith(".track")
    values = CLOSE_VALUES | {"segments": first + last + first}
    assert field_of(values, closings.parse_generation_closing).endswith(".track")


def verify(body: bytes, header: GenerationHeader = HEADER) -> None:
    signature = closings.sign_generation_closing(MEETING.server, body)
    closings.verify_generation_closing(body, signature, MEETING.charter.server, header, None)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"header": encode(bytes(32))}, "header"),
        ({"meeting": encode(bytes(16))}, "meeting"),
        ({"accepts": encode(bytes(32))}, "accepts"),
        ({"generation": 2}, "generation"),
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
            closings.verify_generation_closing(
                CLOSING,
                closings.sign_generation_closing(key, body),
                MEETING.charter.server,
                HEADER,
                None,
            )


def test_size_is_limited() -> None:
    with pytest.raises(FormatError, match="is not spelled"):
        closings.parse_generation_closing(CLOSING + b" " * (MAX_BYTES - len(CLOSING)))
    with pytest.raises(FormatError, match="is over"):
        closings.parse_generation_closing(CLOSING + b" " * (MAX_BYTES - len(CLOSING) + 1))
