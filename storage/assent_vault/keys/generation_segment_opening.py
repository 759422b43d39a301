"""Opening the outer seal of segments, and the frames in them (FORMAT-2.md sections 10, 11, 14).

Nothing under ``server/`` may import this module.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from assent_vault.errors import FormatError, GenerationError, SealError
from assent_vault.formats import suite, webm
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.frame_cipher import parse_frame
from assent_vault.formats.frame_key import SLOT_MS, KeyId, Sender, frame_key
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.generation_segment import GenerationSegment, parse_generation_segment
from assent_vault.formats.sframe import SframeKey
from assent_vault.formats.storing_keys import outer_track_key
from assent_vault.formats.track import Track
from assent_vault.formats.webm import Block
from assent_vault.formats.webm_reader import read_clusters
from assent_vault.keys.frame_opening import open_frame
from assent_vault.keys.unsealing import decrypt_segment


class GenerationTrack:
    """One track of a recorded generation of a relayed meeting, opened segment by segment, in order.

    ``outer`` is O, ``slots`` are the ``S_i`` that could be opened: frames of any other slot are
    left out. ``left_out`` counts, by reason, frames that a reader MUST leave out.
    """

    __slots__ = (
        "_codec",
        "_header",
        "_keys",
        "_offset",
        "_seen",
        "_sender",
        "_slots",
        "_track_key",
        "_wants_key",
        "left_out",
    )

    def __init__(
        self, header: GenerationHeader, track: str, outer: bytes, slots: Mapping[int, bytes]
    ) -> None:
        if header.recorded is None or header.committer is not None:
            # What a reader of pages' frames has to look at is not carried out yet.
            raise GenerationError("bad-document", "It is no recording of a relayed meeting.")
        parsed = Track.parse(track)
        self._header = header
        self._offset = header.recorded.offset
        self._sender = Sender(parsed.person, NOBODY, parsed.source)
        self._track_key = outer_track_key(outer, header.digest, track)
        self._slots = slots
        self._keys: dict[tuple[int, int], SframeKey | None] = {}
        self._seen: set[tuple[int, int, int]] = set()
        self._codec: str | None = None
        self._wants_key = True
        self.left_out: Counter[str] = Counter()

    def open(self, data: bytes, entry: SegmentEntry) -> bytes:
        """Return the clusters of a segment, with each frame as its sender's encoder had made it.

        ``entry`` is what a verified closing of the header lists. Raises FormatError where it is no
        segment, SealError where it is not that very one, whole. Frames that cannot be used are left
        out, and with a picture those after it up to the next key frame.
        """
        if len(data) != entry.size or suite.digest(data) != entry.digest:
            raise SealError("It is not the object that the closing lists.")
        found, written, ciphertext = parse_generation_segment(data)
        recorded = self._header.recorded
        assert recorded is not None, "looked at when it was begun"
        expected = GenerationSegment(
            meeting=self._header.meeting,
            number=recorded.number,
            header=self._header.digest,
            track=entry.track,
            codec=found.codec,  # the only thing a closing does not say
            sequence=entry.sequence,
            start=entry.start,
            end=entry.end,
        )
        if found != expected or Track.parse(entry.track).source != self._sender.source:
            raise SealError("It is a segment of another place.")
        plaintext = decrypt_segment(written, ciphertext, self._track_key)
        if self._codec not in (None, found.codec):
            raise SealError("It is of another codec than those before it.")
        self._codec = found.codec
        if not entry.has_media:
            return plaintext
        return b"".join(
            webm.cluster(opened)
            for blocks in read_clusters(plaintext)
            if (opened := self._open_blocks(blocks, found.codec))
        )

    def _open_blocks(self, blocks: list[Block], codec: str) -> list[Block]:
        opened = []
        for time, _, data, duration in blocks:
            try:
                frame = self._open_frame(time, data, codec)
            except _LeftOutError as error:
                self.left_out[str(error)] += 1
                self._wants_key = True
                continue
            # "Whether a block is a key frame is told by its clear bytes."
            key = codec == "opus" or not frame[0] & 1
            if key:
                self._wants_key = False
            elif self._wants_key:
                self.left_out["no-key-frame"] += 1
                continue
            opened.append((time, key, frame, duration))
        return opened

    def _open_frame(self, time: int, data: bytes, codec: str) -> bytes:
        try:
            sealed = parse_frame(codec, data)
        except FormatError as error:
            raise _LeftOutError("bad-frame") from error
        number = sealed.number
        if number.key.generation != self._header.generation:
            raise _LeftOutError("unknown-generation")
        if (time - self._offset) // SLOT_MS != number.key.slot:
            raise _LeftOutError("out-of-time")
        key = self._key(number.key)
        if key is None:
            raise _LeftOutError("slot-left-out")
        try:
            opened = open_frame(key, sealed)
        except FormatError as error:
            raise _LeftOutError("out-of-time") from error
        except SealError as error:
            raise _LeftOutError("does-not-open") from error
        if opened.ms != (time - self._offset) % SLOT_MS:
            raise _LeftOutError("out-of-time")
        place = (number.key.stream, number.layer, number.count)
        if place in self._seen:
            raise _LeftOutError("repeated")
        self._seen.add(place)
        return opened.frame

    def _key(self, number: KeyId) -> SframeKey | None:
        place = (number.slot, number.stream)
        if place not in self._keys:
            secret = self._slots.get(number.slot)
            if len(self._keys) >= _MOST_KEYS:
                self._keys.clear()  # whoever makes up streams makes work, and takes no memory
            self._keys[place] = (
                None
                if secret is None
                else frame_key(secret, self._header.digest, self._sender, number)
            )
        return self._keys[place]


_MOST_KEYS = 512


class _LeftOutError(Exception):
    """A frame cannot be used; its text is the code."""
