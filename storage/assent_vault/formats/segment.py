"""Segments: two seconds of one track, sealed as one object (FORMAT.md section 9).

Nothing here can open one; that is :mod:`assent_vault.keys.unsealing`.
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass
from typing import Final

from cryptography.cobblestone import Cobblestone256Encryptor

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.suite import SUITE, encode
from assent_vault.formats.track import Track

TYPE: Final = "assent/segment/v1"
MAX_HEADER_BYTES: Final = 1024
CODECS: Final = ("opus", "vp8")

_LENGTH = struct.Struct(">I")  # u32


@dataclass(frozen=True, slots=True)
class SegmentHeader:
    """What a segment says of itself, in the clear. ``header`` is H of its epoch.

    ``start`` and ``end`` are in milliseconds since the meeting began.
    """

    meeting: bytes
    epoch: int
    header: bytes
    track: str
    codec: str
    sequence: int
    start: int
    end: int

    def to_bytes(self) -> bytes:
        """Write the header."""
        return document.write(
            {
                "type": TYPE,
                "suite": SUITE,
                "meeting": encode(self.meeting),
                "epoch": self.epoch,
                "header": encode(self.header),
                "track": self.track,
                "codec": self.codec,
                "sequence": self.sequence,
                "start": self.start,
                "end": self.end,
            }
        )


def seal_segment(header: SegmentHeader, plaintext: bytes, track_key: bytes) -> bytes:
    """Return the object of a segment. A track key seals each sequence once."""
    written = header.to_bytes()
    parse_segment_header(written)  # what cannot be read must not be written
    encryptor = Cobblestone256Encryptor(track_key, context(written))
    return b"".join(
        (
            _LENGTH.pack(len(written)),
            written,
            encryptor.update(plaintext),
            encryptor.finalize(),
        )
    )


def parse_segment(data: bytes) -> tuple[SegmentHeader, bytes, bytes]:
    """Split an object into its header, the header's exact bytes and the ciphertext.

    Believes nothing of it. Raises FormatError.
    """
    if len(data) < _LENGTH.size:
        raise FormatError("segment", "is cut short")
    (length,) = _LENGTH.unpack_from(data)
    if length > MAX_HEADER_BYTES:
        raise FormatError("segment", f"has a header over {MAX_HEADER_BYTES} bytes")
    end = _LENGTH.size + length
    if len(data) < end:
        raise FormatError("segment", "is cut short")
    written = data[_LENGTH.size : end]
    return parse_segment_header(written), written, data[end:]


def parse_segment_header(body: bytes) -> SegmentHeader:
    """Read the header of a segment; raises FormatError."""
    fields = document.read(body, TYPE, most=MAX_HEADER_BYTES).only(
        "type", "suite", "meeting", "epoch", "header", "track", "codec", "sequence", "start", "end"
    )
    fields.exactly("suite", SUITE)
    header = SegmentHeader(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        epoch=fields.integer("epoch", least=1),
        header=fields.b64("header", suite.DIGEST_BYTES),
        track=str(Track.parse(fields.text("track"))),
        codec=fields.choice("codec", CODECS),
        sequence=fields.integer("sequence"),
        start=fields.integer("start"),
        end=fields.integer("end"),
    )
    if header.end < header.start:
        fields.fail("end", "is before the start")
    return header


def context(header: bytes) -> bytes:
    """Return what binds a ciphertext to its header: the SHA-256 of ``u32 length ‖ header``."""
    return hashlib.sha256(_LENGTH.pack(len(header)) + header).digest()
