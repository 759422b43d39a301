"""Segments of generations: two seconds of one track, under the outer seal (FORMAT-2.md section 11).

The frames in one are encrypted by themselves. Nothing here can open one; that is
:mod:`assent_vault.keys.generation_segment_opening`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from cryptography.cobblestone import Cobblestone256Encryptor

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.generation_header import MAX_NUMBER
from assent_vault.formats.segment import MAX_HEADER_BYTES, context
from assent_vault.formats.suite import SUITE_2, encode
from assent_vault.formats.track import Track

SEGMENT_TYPE: Final = "assent/segment/v2"
STORED_CODECS: Final = ("opus", "vp8", "vp9")

_LENGTH = struct.Struct(">I")  # u32


@dataclass(frozen=True, slots=True)
class GenerationSegment:
    """What a segment says of itself, in the clear: ``number`` of its generation, ``header`` is H.

    ``start`` and ``end`` are in milliseconds since the meeting began.
    """

    meeting: bytes
    number: int
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
                "type": SEGMENT_TYPE,
                "suite": SUITE_2,
                "meeting": encode(self.meeting),
                "generation": self.number,
                "header": encode(self.header),
                "track": self.track,
                "codec": self.codec,
                "sequence": self.sequence,
                "start": self.start,
                "end": self.end,
            }
        )


def seal_generation_segment(segment: GenerationSegment, plaintext: bytes, key: bytes) -> bytes:
    """Return the object of a segment. A track key seals each sequence once."""
    written = segment.to_bytes()
    parse_generation_segment_header(written)  # what cannot be read must not be written
    encryptor = Cobblestone256Encryptor(key, context(written))
    return b"".join(
        (
            _LENGTH.pack(len(written)),
            written,
            encryptor.update(plaintext),
            encryptor.finalize(),
        )
    )


def parse_generation_segment(data: bytes) -> tuple[GenerationSegment, bytes, bytes]:
    """Split an object into what it says of itself, the exact bytes of that, and the ciphertext.

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
    return parse_generation_segment_header(written), written, data[end:]


def parse_generation_segment_header(body: bytes) -> GenerationSegment:
    """Read what a segment says of itself; raises FormatError."""
    fields = document.read(body, SEGMENT_TYPE, most=MAX_HEADER_BYTES).only(
        "type", "suite", "meeting", "generation", "header", "track", "codec", "sequence",
        "start", "end",
    )  # fmt: skip
    fields.exactly("suite", SUITE_2)
    segment = GenerationSegment(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        number=fields.integer("generation", least=1, most=MAX_NUMBER),
        header=fields.b64("header", suite.DIGEST_BYTES),
        track=str(Track.parse(fields.text("track"))),
        codec=fields.choice("codec", STORED_CODECS),
        sequence=fields.integer("sequence"),
        start=fields.integer("start"),
        end=fields.integer("end"),
    )
    if segment.end < segment.start:
        fields.fail("end", "is before the start")
    return segment
