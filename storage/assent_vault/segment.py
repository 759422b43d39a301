"""Segments: two seconds of one track, sealed (FORMAT.md section 9)."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from cryptography.cobblestone import Cobblestone256Encryptor

from assent_vault import document
from assent_vault.errors import FormatError
from assent_vault.suite import DIGEST_BYTES, MEETING_BYTES, SUITE, digest, encode

TYPE = "assent/segment/v1"
MAX_HEADER = 1024
SOURCES = frozenset({"microphone", "camera", "screen", "screen-audio"})
_CODECS = frozenset({"opus", "vp8"})


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What stands in clear before a segment; times in ms since the meeting began."""

    meeting: bytes
    epoch: int
    header: bytes
    track: str
    codec: str
    sequence: int
    start: int
    end: int


def track_name(person: bytes, source: str) -> str:
    """Return the name of a person's track."""
    return f"{encode(person)}.{source}"


def split_track(track: str) -> tuple[bytes, str]:
    """Return person id and source of a track's name; raises FormatError."""
    person, dot, source = track.partition(".")
    if not dot or source not in SOURCES:
        raise FormatError("not a track name", "track")
    return document.decode(person, DIGEST_BYTES, "track"), source


def blob_key(meeting: str, epoch: int, track: str, sequence: int) -> str:
    """Return where a segment is stored (FORMAT.md section 10)."""
    return f"{epoch_prefix(meeting, epoch)}tracks/{track}/{sequence:06d}.segment"


def epoch_prefix(meeting: str, epoch: int) -> str:
    """Return where everything of an epoch is stored."""
    return f"meetings/{meeting}/epochs/{epoch:06d}/"


def seal_segment(header: SegmentHeader, plaintext: bytes, track_key: bytes) -> bytes:
    """Return the object of one segment."""
    framed = _frame(header)
    encryptor = Cobblestone256Encryptor(track_key, digest(framed))
    return framed + encryptor.update(plaintext) + encryptor.finalize()


def parse_segment(stored: bytes) -> tuple[SegmentHeader, bytes, bytes]:
    """Split an object into header, the exact bytes that the context covers, and ciphertext.

    Says nothing about truth: only opening it does. Raises FormatError.
    """
    if len(stored) < 4:
        raise FormatError("shorter than its frame")
    (length,) = struct.unpack_from(">I", stored)
    if length > MAX_HEADER or 4 + length > len(stored):
        raise FormatError("shorter than its header, or the header is too large")
    framed = stored[: 4 + length]
    fields = document.read(framed[4:], TYPE, MAX_HEADER)
    fields.one_of("suite", frozenset({SUITE}))
    header = SegmentHeader(
        meeting=fields.binary("meeting", MEETING_BYTES),
        epoch=fields.integer("epoch", least=1),
        header=fields.binary("header", DIGEST_BYTES),
        track=fields.text("track", 64),
        codec=fields.one_of("codec", _CODECS),
        sequence=fields.integer("sequence"),
        start=fields.integer("start"),
        end=fields.integer("end"),
    )
    fields.done()
    split_track(header.track)
    if header.end < header.start:
        raise FormatError("ends before it starts", "end")
    return header, framed, stored[4 + length :]


def _frame(header: SegmentHeader) -> bytes:
    body = document.write(
        {
            "type": TYPE,
            "suite": SUITE,
            "meeting": encode(header.meeting),
            "epoch": header.epoch,
            "header": encode(header.header),
            "track": header.track,
            "codec": header.codec,
            "sequence": header.sequence,
            "start": header.start,
            "end": header.end,
        }
    )
    return struct.pack(">I", len(body)) + body
