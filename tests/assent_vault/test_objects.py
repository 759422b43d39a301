"""Names of objects are those of FORMAT.md section 10."""

from __future__ import annotations

from assent_vault import objects
from assent_vault.suite import encode
from assent_vault.track import Track

MEETING = encode(bytes(16))
TRACK = Track(bytes(32), "screen-audio")


def test_names_are_as_specified() -> None:
    epoch = f"meetings/{MEETING}/epochs/000007"
    assert objects.header_key(MEETING, 7) == f"{epoch}/header.json"
    assert objects.shares_key(MEETING, 7) == f"{epoch}/shares.json"
    assert objects.closing_key(MEETING, 7) == f"{epoch}/close.json"
    assert objects.closing_signature_key(MEETING, 7) == f"{epoch}/close.sig"
    segment = objects.segment_key(MEETING, 7, TRACK, 12)
    assert segment == f"{epoch}/tracks/{encode(bytes(32))}.screen-audio/000012.segment"
    assert objects.segment_key(MEETING, 7, str(TRACK), 12) == segment


def test_prefixes_hold_what_they_name_and_end_with_a_slash() -> None:
    segment = objects.segment_key(MEETING, 7, TRACK, 0)
    for prefix in (
        objects.meeting_prefix(MEETING),
        objects.epoch_prefix(MEETING, 7),
        objects.tracks_prefix(MEETING, 7),
        objects.track_prefix(MEETING, 7, TRACK),
    ):
        assert segment.startswith(prefix)
        assert prefix.endswith("/")
