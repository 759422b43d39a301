"""Names of objects are those of FORMAT.md section 10."""

from __future__ import annotations

import pytest

from assent_vault.errors import FormatError
from assent_vault.formats import objects
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track

MEETING = encode(bytes(16))
TRACK = Track(bytes(32), "screen-audio")


def test_names_are_as_specified() -> None:
    place = f"meetings/{MEETING}/generations/000007"
    assert objects.generation_header_key(MEETING, 7) == f"{place}/header.json"
    assert objects.generation_signature_key(MEETING, 7) == f"{place}/header.sig"
    assert objects.generation_boxes_key(MEETING, 7) == f"{place}/boxes.json"
    assert objects.generation_pairs_key(MEETING, 7) == f"{place}/pairs.json"
    assert objects.generation_outer_key(MEETING, 7) == f"{place}/outer.json"
    assert objects.generation_closing_key(MEETING, 7) == f"{place}/close.json"
    assert objects.generation_closing_signature_key(MEETING, 7) == f"{place}/close.sig"
    segment = objects.generation_segment_key(MEETING, 7, TRACK, 12)
    assert segment == f"{place}/tracks/{encode(bytes(32))}.screen-audio/000012.segment"
    assert objects.generation_segment_key(MEETING, 7, str(TRACK), 12) == segment


NO_MEETINGS = [
    "", ".", "..", "../..", "/etc", f"{MEETING}/epochs", f"{MEETING}/", f"{MEETING}=", MEETING[:-1],
    MEETING + "A", MEETING[:-1] + "B", "é" * 22, "\0" * 22, f"{MEETING}\n", "%2e%2e", "~",
]  # fmt: skip


@pytest.mark.parametrize("meeting", NO_MEETINGS)
def test_what_is_no_meeting_gives_no_name(meeting: str) -> None:
    for name in (
        lambda: objects.meeting_prefix(meeting),
        lambda: objects.generation_header_key(meeting, 1),
        lambda: objects.generation_signature_key(meeting, 1),
        lambda: objects.generation_boxes_key(meeting, 1),
        lambda: objects.generation_pairs_key(meeting, 1),
        lambda: objects.generation_outer_key(meeting, 1),
        lambda: objects.generation_closing_key(meeting, 1),
        lambda: objects.generation_closing_signature_key(meeting, 1),
        lambda: objects.generation_tracks_prefix(meeting, 1),
        lambda: objects.generation_segment_key(meeting, 1, TRACK, 1),
    ):
        with pytest.raises(FormatError):
            name()


@pytest.mark.parametrize("number", [-1, 1_000_000, 2**63])
def test_numbers_that_a_name_has_no_room_for(number: int) -> None:
    for name in (
        lambda: objects.generation_prefix(MEETING, number),
        lambda: objects.generation_segment_key(MEETING, 1, TRACK, number),
    ):
        with pytest.raises(FormatError):
            name()


@pytest.mark.parametrize("track", ["", "..", "../x", f"{encode(bytes(32))}.", "x.camera", "a/b"])
def test_what_is_no_track_gives_no_name(track: str) -> None:
    with pytest.raises(FormatError):
        objects.generation_track_prefix(MEETING, 1, track)


def test_prefixes_hold_what_they_name_and_end_with_a_slash() -> None:
    segment = objects.generation_segment_key(MEETING, 7, TRACK, 0)
    for prefix in (
        objects.meeting_prefix(MEETING),
        objects.generation_prefix(MEETING, 7),
        objects.generation_tracks_prefix(MEETING, 7),
        objects.generation_track_prefix(MEETING, 7, TRACK),
    ):
        assert segment.startswith(prefix)
        assert prefix.endswith("/")
