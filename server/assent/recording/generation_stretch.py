"""A relayed generation as a stretch that is stored: its keys, segments, closing (FORMAT-2.md)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.recording.frame_sealer import FrameSealer
from assent.recording.stretch import ClusterMaker
from assent_vault.formats import objects
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.frame_key import SLOT_MS, SLOTS, Sender
from assent_vault.formats.generation import NOBODY
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.generation_segment import GenerationSegment, seal_generation_segment
from assent_vault.formats.storing_keys import StoringKeys
from assent_vault.formats.suite import decode, encode


class GenerationStretch:
    """Implements :class:`.stretch.RecordedStretch`, for a generation that the server has made."""

    def __init__(
        self, header: GenerationHeader, keys: StoringKeys, server_key: Ed25519PrivateKey
    ) -> None:
        recorded = header.recorded
        assert recorded is not None, "nothing is stored of a live generation"
        assert header.committer is None, "where a page has committed no frame is encrypted here"
        self._header = header
        self._meeting = encode(header.meeting)
        self._keys = keys
        self._server_key = server_key
        self._offset = recorded.offset
        self._tracks: set[tuple[str, str]] = set()
        self.number = recorded.number
        self.present = frozenset(encode(person.id) for person in header.people if person.present)
        # "A frame after slot 255 MUST NOT be stored."
        self.until = float(recorded.offset + SLOTS * SLOT_MS)

    def lane_key(self, track: str) -> bytes:
        """See RecordedStretch."""
        return self._keys.track_key(track)

    def cluster_maker(self, person: str, source: str, codec: str) -> ClusterMaker:
        """See RecordedStretch. A second one for a track would count its frames from 0 again."""
        assert (person, source) not in self._tracks, "a track's counter begins once"
        self._tracks.add((person, source))
        sender = Sender(decode(person), NOBODY, source)
        return FrameSealer(self._keys, sender, codec, self._offset).cluster

    def segment_key(self, track: str, sequence: int) -> str:
        """See RecordedStretch."""
        return objects.generation_segment_key(self._meeting, self.number, track, sequence)

    def seal(
        self, track: str, codec: str, sequence: int, start: int, end: int, data: bytes, key: bytes
    ) -> bytes:
        """See RecordedStretch."""
        segment = GenerationSegment(
            meeting=self._header.meeting,
            number=self.number,
            header=self._header.digest,
            track=track,
            codec=codec,
            sequence=sequence,
            start=start,
            end=end,
        )
        return seal_generation_segment(segment, data, key)

    def forget(self) -> None:
        """See RecordedStretch."""
        self._keys.forget()

    def close(
        self, lasted: int, interrupted: bool, entries: Sequence[SegmentEntry]
    ) -> tuple[bytes, bytes]:
        """See RecordedStretch."""
        closing = build_generation_closing(
            header=self._header,
            accepts=None,
            ended=self._header.at + lasted,
            interrupted=interrupted,
            segments=entries,
        )
        return closing, sign_generation_closing(self._server_key, closing)

    @property
    def closing_keys(self) -> tuple[str, str]:
        """See RecordedStretch."""
        return (
            objects.generation_closing_key(self._meeting, self.number),
            objects.generation_closing_signature_key(self._meeting, self.number),
        )
