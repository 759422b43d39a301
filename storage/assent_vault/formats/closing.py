"""Closings: how an epoch ended, and every segment that it holds (FORMAT.md section 8).

A closing is signed by the server that the charter names, and is of one header. What it lists is all
there is of the epoch: an object that it does not name is no part of the recording.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.epoch import MAX_BYTES, Header
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track

CLOSING_TYPE: Final = "assent/epoch-close/v1"
MAX_SPAN_MS: Final = 24 * 60 * 60 * 1000  # far above what a segment holds; keeps sums small


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A segment that an epoch holds: its place, and the digest and size of the whole object."""

    track: str
    sequence: int
    digest: bytes
    size: int
    start: int
    end: int

    @property
    def has_media(self) -> bool:
        """Whether there is sound or a picture in it: sequence 0 is the WebM header alone."""
        return self.sequence > 0


@dataclass(frozen=True, slots=True)
class Closing:
    """A closing that has been read; ``header`` is H."""

    meeting: bytes
    epoch: int
    header: bytes
    ended: int
    interrupted: bool
    segments: tuple[SegmentEntry, ...]
    body: bytes
    digest: bytes


def build_closing(
    *,
    header: Header,
    ended: int,
    interrupted: bool,
    segments: Sequence[SegmentEntry],
) -> bytes:
    """Write how an epoch ended; ``segments`` in any order. Sign it with :func:`sign_closing`."""
    body = document.write(
        {
            "type": CLOSING_TYPE,
            "meeting": encode(header.meeting),
            "epoch": header.epoch,
            "header": encode(header.digest),
            "ended": ended,
            "interrupted": interrupted,
            "segments": write_entries(segments),
        }
    )
    parse_closing(body)  # what cannot be read must not be written
    return body


def sign_closing(server: Ed25519PrivateKey, body: bytes) -> bytes:
    """Sign a closing with the server key that the charter names; 64 bytes."""
    return suite.sign(server, CLOSING_TYPE, body)


def parse_closing(body: bytes) -> Closing:
    """Read a closing without believing it; raises FormatError."""
    fields = document.read(body, CLOSING_TYPE, most=MAX_BYTES).only(
        "type", "meeting", "epoch", "header", "ended", "interrupted", "segments"
    )
    return Closing(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        epoch=fields.integer("epoch", least=1),
        header=fields.b64("header", suite.DIGEST_BYTES),
        ended=fields.integer("ended"),
        interrupted=fields.boolean("interrupted"),
        segments=parse_entries(fields.children("segments")),
        body=body,
        digest=suite.digest(body),
    )


def verify_closing(body: bytes, signature: bytes, server: bytes, header: Header) -> Closing:
    """Return the closing of ``header`` that ``server`` signed; raises FormatError, SignatureError.

    Every track of it must be of somebody who was present.
    """
    closing = parse_closing(body)
    suite.verify(server, CLOSING_TYPE, body, signature)
    if closing.header != header.digest:
        raise FormatError("header", "is the digest of another header")
    if closing.meeting != header.meeting:
        raise FormatError("meeting", "is another meeting")
    if closing.epoch != header.epoch:
        raise FormatError("epoch", "is another epoch")
    present = {person.id for person in header.people if person.present}
    tracks = {entry.track for entry in closing.segments}
    if any(Track.parse(track).person not in present for track in tracks):
        raise FormatError("segments", "are of somebody who was not present")
    return closing


def write_entries(segments: Iterable[SegmentEntry]) -> list[dict[str, str | int]]:
    """Write what is listed, in its order."""
    return [
        {
            "track": entry.track,
            "sequence": entry.sequence,
            "digest": encode(entry.digest),
            "size": entry.size,
            "start": entry.start,
            "end": entry.end,
        }
        for entry in sorted(segments, key=lambda entry: (entry.track, entry.sequence))
    ]


def parse_entries(items: Iterable[document.Fields]) -> tuple[SegmentEntry, ...]:
    """Read what is listed; raises FormatError."""
    segments = []
    track, expected = "", 0
    for item in items:
        entry = _parse_entry(item, track)
        # "ordered by track, then sequence, and every track's sequences run from 0 without a gap"
        if entry.track < track:
            item.fail("track", "is out of order")
        if entry.track != track:
            track, expected = entry.track, 0
        if entry.sequence != expected:
            item.fail("sequence", "does not run from 0 without a gap")
        expected += 1
        segments.append(entry)
    return tuple(segments)


def _parse_entry(fields: document.Fields, before: str) -> SegmentEntry:
    """Read an entry; ``before`` is the track of the one before, which nearly always is its own."""
    fields.only("track", "sequence", "digest", "size", "start", "end")
    track = fields.text("track")
    if track != before:
        track = str(Track.parse(track, field=fields.at("track")))
    entry = SegmentEntry(
        track=track,
        sequence=fields.integer("sequence"),
        digest=fields.b64("digest", suite.DIGEST_BYTES),
        size=fields.integer("size", least=1),
        start=fields.integer("start"),
        end=fields.integer("end"),
    )
    if entry.end < entry.start:
        fields.fail("end", "is before the start")
    if entry.end - entry.start > MAX_SPAN_MS:
        fields.fail("end", "is more than a day after the start")
    return entry
