"""Closes a generation that nobody closed: lists what is durable of it, and says so."""

from __future__ import annotations

import asyncio
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.recording.errors import Unrecoverable
from assent_vault.errors import BlobExists, BlobMissing, FormatError
from assent_vault.formats import objects
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    parse_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.generation_header import (
    GenerationHeader,
    RecordedPart,
    parse_generation,
)
from assent_vault.formats.generation_segment import parse_generation_segment
from assent_vault.formats.suite import digest, encode
from assent_vault.formats.track import Track
from assent_vault.store.blobs import Blobs

_SEGMENT = re.compile(r"([^/]+)/([0-9]{6})\.segment", re.ASCII)


async def recover(
    blobs: Blobs,
    meeting_id: str,
    header: bytes,
    server_key: Ed25519PrivateKey,
    now: int,
) -> tuple[bytes, bytes]:
    """Return the closing of a generation and its signature, both durable; written if there is none.

    Called for every generation that was opened and of which no closing is known, after a crash or
    when it could not be finished; never while it captures. ``header`` is the document as it was
    written down before anything else, ``now`` in Unix milliseconds. Calling it again changes
    nothing. Raises BlobError when the store cannot be used, Unrecoverable when it holds another
    header or closing under this generation's name.
    """
    parsed = parse_generation(header)
    assert encode(parsed.meeting) == meeting_id, "another meeting's header"
    assert parsed.recorded is not None, "nothing is stored of a live generation"
    number = parsed.recorded.number
    closing = await _stored(blobs, meeting_id, parsed, number)
    if closing is None:
        closing = await _interrupted(blobs, meeting_id, parsed, parsed.recorded, now)
        try:
            # A crash may have come before the header was stored; a closing is never without it.
            await blobs.put(objects.generation_header_key(meeting_id, number), header)
        except BlobExists as error:
            raise Unrecoverable("Another header is stored under this generation's name.") from error
        try:
            await blobs.put(objects.generation_closing_key(meeting_id, number), closing)
        except BlobExists:
            # What was on its way when we looked has arrived since.
            closing = await _stored(blobs, meeting_id, parsed, number)
            assert closing is not None, "objects do not vanish"
    # Ed25519 is deterministic: the same bytes get the same signature.
    signature = sign_generation_closing(server_key, closing)
    try:
        await blobs.put(objects.generation_closing_signature_key(meeting_id, number), signature)
    except BlobExists as error:
        raise Unrecoverable("The stored closing was signed by another server.") from error
    return closing, signature


async def _stored(
    blobs: Blobs, meeting: str, header: GenerationHeader, number: int
) -> bytes | None:
    """Return the closing that is stored; None if there is none."""
    try:
        body = await blobs.get(objects.generation_closing_key(meeting, number))
    except BlobMissing:
        return None
    try:
        closing = await asyncio.to_thread(parse_generation_closing, body)
    except FormatError as error:
        raise Unrecoverable("The stored closing cannot be read.") from error
    if closing.header != header.digest:
        raise Unrecoverable("The stored closing is of another header.")
    return body


async def _interrupted(
    blobs: Blobs, meeting: str, header: GenerationHeader, recorded: RecordedPart, now: int
) -> bytes:
    """Write a closing for what is stored."""
    segments = await _segments(blobs, meeting, header, recorded.number)
    last = max((entry.end for entry in segments), default=recorded.offset)
    # By what was recorded, so that whoever recovers, and whenever, writes the same bytes.
    ended = header.at + max(0, last - recorded.offset)
    return await asyncio.to_thread(
        build_generation_closing,
        header=header,
        accepts=None,
        ended=max(header.at, min(ended, now)),
        interrupted=True,
        segments=segments,
    )


async def _segments(
    blobs: Blobs, meeting: str, header: GenerationHeader, number: int
) -> list[SegmentEntry]:
    """Return the segments that are durable: of each track those from 0 up to the first gap."""
    prefix = objects.generation_tracks_prefix(meeting, number)
    tracks: dict[str, list[int]] = {}
    async for key, _ in blobs.list(prefix):
        found = _SEGMENT.fullmatch(key.removeprefix(prefix))
        if found is not None:
            tracks.setdefault(found[1], []).append(int(found[2]))
    present = {person.id for person in header.people if person.present}
    entries = []
    for track, sequences in sorted(tracks.items()):
        for expected, sequence in enumerate(sorted(sequences)):
            if sequence != expected:
                break
            key = objects.generation_segment_key(meeting, number, track, sequence)
            data = await blobs.get(key)
            entry = await asyncio.to_thread(_entry, data, header, number, present, track, sequence)
            if entry is None:
                break
            entries.append(entry)
    return entries


def _entry(
    data: bytes,
    header: GenerationHeader,
    number: int,
    present: set[bytes],
    track: str,
    sequence: int,
) -> SegmentEntry | None:
    """Return the entry of a stored segment; None if it is not what its name says."""
    try:
        found, _, _ = parse_generation_segment(data)
        person = Track.parse(track).person
    except FormatError:
        return None
    if person not in present or (
        found.meeting,
        found.number,
        found.header,
        found.track,
        found.sequence,
    ) != (header.meeting, number, header.digest, track, sequence):
        return None
    return SegmentEntry(track, sequence, digest(data), len(data), found.start, found.end)
