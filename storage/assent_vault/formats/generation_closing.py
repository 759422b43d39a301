"""Closings of recorded generations: every segment, and who had accepted (FORMAT-2.md section 11).

It is signed by the server that the charter names, in meetings of either mode: what was stored is
the server's to say, and what people accepted is named by its digest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent_vault.errors import FormatError
from assent_vault.formats import document, suite
from assent_vault.formats.acceptance import Acceptances
from assent_vault.formats.closing import SegmentEntry, parse_entries, write_entries
from assent_vault.formats.generation_header import MAX_NUMBER, GenerationHeader
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track

GENERATION_CLOSE_TYPE: Final = "assent/generation-close/v2"
MAX_BYTES: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class GenerationClosing:
    """A closing that has been read; ``header`` is H, ``accepts`` a digest, None if relayed."""

    meeting: bytes
    number: int
    header: bytes
    accepts: bytes | None
    ended: int
    interrupted: bool
    segments: tuple[SegmentEntry, ...]
    body: bytes
    digest: bytes


def build_generation_closing(
    *,
    header: GenerationHeader,
    accepts: bytes | None,
    ended: int,
    interrupted: bool,
    segments: Sequence[SegmentEntry],
) -> bytes:
    """Write how a recorded generation ended; ``accepts`` is the digest of its acceptances.

    Raises ValueError where the header is live.
    """
    if header.recorded is None:
        raise ValueError("nothing is stored of a live generation")
    body = document.write(
        {
            "type": GENERATION_CLOSE_TYPE,
            "meeting": encode(header.meeting),
            "generation": header.recorded.number,
            "header": encode(header.digest),
            "accepts": None if accepts is None else encode(accepts),
            "ended": ended,
            "interrupted": interrupted,
            "segments": write_entries(segments),
        }
    )
    parse_generation_closing(body)  # what cannot be read must not be written
    return body


def sign_generation_closing(server: Ed25519PrivateKey, body: bytes) -> bytes:
    """Sign a closing with the server key that the charter names; 64 bytes."""
    return suite.sign(server, GENERATION_CLOSE_TYPE, body)


def parse_generation_closing(body: bytes) -> GenerationClosing:
    """Read a closing without believing it; raises FormatError."""
    fields = document.read(body, GENERATION_CLOSE_TYPE, most=MAX_BYTES).only(
        "type", "meeting", "generation", "header", "accepts", "ended", "interrupted", "segments"
    )
    return GenerationClosing(
        meeting=fields.b64("meeting", suite.MEETING_BYTES),
        number=fields.integer("generation", least=1, most=MAX_NUMBER),
        header=fields.b64("header", suite.DIGEST_BYTES),
        accepts=fields.b64_or_null("accepts", suite.DIGEST_BYTES),
        ended=fields.integer("ended"),
        interrupted=fields.boolean("interrupted"),
        segments=parse_entries(fields.children("segments")),
        body=body,
        digest=suite.digest(body),
    )


def verify_generation_closing(
    body: bytes,
    signature: bytes,
    server: bytes,
    header: GenerationHeader,
    accepts: Acceptances | None,
) -> GenerationClosing:
    """Return the closing of ``header`` that ``server`` signed; raises FormatError, SignatureError.

    ``accepts`` are the verified acceptances of the header, None in a relayed meeting, where there
    are none. Every track must be of somebody who was present and had accepted.
    """
    closing = parse_generation_closing(body)
    suite.verify(server, GENERATION_CLOSE_TYPE, body, signature)
    if header.recorded is None or closing.header != header.digest:
        raise FormatError("header", "is the digest of another header")
    if closing.meeting != header.meeting:
        raise FormatError("meeting", "is another meeting")
    if closing.number != header.recorded.number:
        raise FormatError("generation", "is another generation")
    if (header.committer is None) != (accepts is None):
        raise ValueError("there are acceptances exactly where a page has committed")
    if accepts is not None and accepts.header != header.digest:
        raise ValueError("the acceptances are of another header")
    if closing.accepts != (None if accepts is None else accepts.digest):
        raise FormatError("accepts", "is the digest of other acceptances")
    heard = {person.id for person in header.people if person.present}
    if accepts is not None:
        heard &= set(accepts.signatures)
    tracks = {entry.track for entry in closing.segments}
    if any(Track.parse(track).person not in heard for track in tracks):
        raise FormatError("segments", "are of somebody who was not there or has not accepted")
    return closing
