"""Closes an epoch that nobody closed: lists what is durable of it, and says it was interrupted."""

from __future__ import annotations

import asyncio
import re

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.recording.errors import Unrecoverable
from assent_vault.errors import BlobExists, BlobMissing, FormatError
from assent_vault.formats import objects
from assent_vault.formats.closing import (
    Closing,
    SegmentEntry,
    build_closing,
    parse_closing,
    sign_closing,
)
from assent_vault.formats.epoch import Header, parse_header
from assent_vault.formats.segment import parse_segment
from assent_vault.formats.suite import digest, encode
from assent_vault.formats.track import Track
from assent_vault.store.blobs import Blobs

_SEGMENT = re.compile(r"([^/]+)/([0-9]{6})\.segment", re.ASCII)


async def recover(
    blobs: Blobs,
    meeting_id: str,
    epoch: int,
    header: bytes,
    server_key: Ed25519PrivateKey,
    now: int,
) -> tuple[bytes, bytes]:
    """Return the closing of an epoch and its signature, both durable; written if there is none.

    Called for every epoch that was opened and of which no closing is known, after a crash or when
    :meth:`EpochRecording.finish` has failed; never while it captures. ``header`` is the document
    as it was written down before anything else, ``now`` in Unix milliseconds. Calling it again
    changes nothing. Raises BlobError when the store cannot be used, Unrecoverable when it holds
    another header or closing under this epoch's name.
    """
    parsed = parse_header(header)
    assert (encode(parsed.meeting), parsed.epoch) == (meeting_id, epoch), "another epoch's header"
    closing = await _stored(blobs, meeting_id, parsed)
    if closing is None:
        closing = await _interrupted(blobs, meeting_id, parsed, now)
        try:
            # A crash may have come before the header was stored; a closing is never without it.
            await blobs.put(objects.header_key(meeting_id, epoch), header)
        except BlobExists as error:
            raise Unrecoverable("Another header is stored under this epoch's name.") from error
        try:
            await blobs.put(objects.closing_key(meeting_id, epoch), closing)
        except BlobExists:
            # What was on its way when we looked has arrived since.
            closing = await _stored(blobs, meeting_id, parsed)
            assert closing is not None, "objects do not vanish"
    # Ed25519 is deterministic: the same bytes get the same signature.
    signature = sign_closing(server_key, closing)
    try:
        await blobs.put(objects.closing_signature_key(meeting_id, epoch), signature)
    except BlobExists as error:
        raise Unrecoverable("The stored closing was signed by another server.") from error
    return closing, signature


async def _stored(blobs: Blobs, meeting: str, header: Header) -> bytes | None:
    """Return the closing that is stored; None if there is none."""
    try:
        body = await blobs.get(objects.closing_key(meeting, header.epoch))
    except BlobMissing:
        return None
    try:
        closing: Closing = await asyncio.to_thread(parse_closing, body)
    except FormatError as error:
        raise Unrecoverable("The stored closing cannot be read.") from error
    if closing.header != header.digest:
        raise Unrecoverable("The stored closing is of another header.")
    return body


async def _interrupted(blobs: Blobs, meeting: str, header: Header, now: int) -> bytes:
    """Write a closing for what is stored."""
    segments = await _segments(blobs, meeting, header)
    last = max((entry.end for entry in segments), default=header.offset)
    # By what was recorded, so that whoever recovers, and whenever, writes the same bytes.
    ended = header.began + max(0, last - header.offset)
    return await asyncio.to_thread(
        build_closing,
        header=header,
        ended=max(header.began, min(ended, now)),
        interrupted=True,
        segments=segments,
    )


async def _segments(blobs: Blobs, meeting: str, header: Header) -> list[SegmentEntry]:
    """Return the segments that are durable: of each track those from 0 up to the first gap."""
    prefix = objects.tracks_prefix(meeting, header.epoch)
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
            key = objects.segment_key(meeting, header.epoch, track, sequence)
            data = await blobs.get(key)
            entry = await asyncio.to_thread(_entry, data, header, present, track, sequence)
            if entry is None:
                break
            entries.append(entry)
    return entries


def _entry(
    data: bytes, header: Header, present: set[bytes], track: str, sequence: int
) -> SegmentEntry | None:
    """Return the entry of a stored segment; None if it is not what its name says."""
    try:
        found, _, _ = parse_segment(data)
        person = Track.parse(track).person
    except FormatError:
        return None
    if person not in present or (
        found.meeting,
        found.epoch,
        found.header,
        found.track,
        found.sequence,
    ) != (header.meeting, header.epoch, header.digest, track, sequence):
        return None
    return SegmentEntry(track, sequence, digest(data), len(data), found.start, found.end)
