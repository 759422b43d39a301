"""An epoch as a stretch that is stored: its key, segments and closing (FORMAT.md section 8)."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.recording import webm
from assent.recording.stretch import ClusterMaker
from assent_vault.formats import objects
from assent_vault.formats.closing import SegmentEntry, build_closing, sign_closing
from assent_vault.formats.epoch import EpochKey, Header
from assent_vault.formats.segment import SegmentHeader, seal_segment
from assent_vault.formats.suite import encode


class EpochStretch:
    """Implements :class:`.stretch.RecordedStretch`."""

    until = float("inf")

    def __init__(self, header: Header, key: EpochKey, server_key: Ed25519PrivateKey) -> None:
        self._header = header
        self._meeting = encode(header.meeting)
        self._key = key
        self._server_key = server_key
        self.number = header.epoch
        self.present = frozenset(encode(person.id) for person in header.people if person.present)

    def lane_key(self, track: str) -> bytes:
        """See RecordedStretch."""
        return self._key.track_key(track)

    def cluster_maker(self, person: str, source: str, codec: str) -> ClusterMaker:
        """See RecordedStretch."""
        del person, source, codec
        return webm.cluster

    def segment_key(self, track: str, sequence: int) -> str:
        """See RecordedStretch."""
        return objects.segment_key(self._meeting, self.number, track, sequence)

    def seal(
        self, track: str, codec: str, sequence: int, start: int, end: int, data: bytes, key: bytes
    ) -> bytes:
        """See RecordedStretch."""
        header = SegmentHeader(
            meeting=self._header.meeting,
            epoch=self._header.epoch,
            header=self._header.digest,
            track=track,
            codec=codec,
            sequence=sequence,
            start=start,
            end=end,
        )
        return seal_segment(header, data, key)

    def stopped(self) -> None:
        """See RecordedStretch. Every track that there will ever be has got its key."""
        self._key.forget()

    def forget(self) -> None:
        """See RecordedStretch."""
        self._key.forget()

    def close(
        self, lasted: int, interrupted: bool, entries: Sequence[SegmentEntry]
    ) -> tuple[bytes, bytes]:
        """See RecordedStretch."""
        closing = build_closing(
            header=self._header,
            ended=self._header.began + lasted,
            interrupted=interrupted,
            segments=entries,
        )
        return closing, sign_closing(self._server_key, closing)

    @property
    def closing_keys(self) -> tuple[str, str]:
        """See RecordedStretch."""
        return (
            objects.closing_key(self._meeting, self.number),
            objects.closing_signature_key(self._meeting, self.number),
        )
