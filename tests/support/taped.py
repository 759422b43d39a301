"""A relayed generation that was recorded: its documents and objects, and everybody's keys."""

from __future__ import annotations

from collections.abc import Iterator

from assent_vault.formats import objects
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import GenerationClosing, parse_generation_closing
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.keys.relayed_opening import (
    GenerationDocuments,
    OpenedGeneration,
    open_relayed,
)
from support.publishing import Source, camera, in_order, microphone
from support.recorded import Studio

KEY_FRAME = bytes.fromhex("1002009d012a40010001") + b"k" * 900
PICTURE = bytes.fromhex("310100") + b"p" * 300


class Taped:
    """What one generation has left in the store."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.documents = GenerationDocuments(b"", b"", b"")
        self.segments: list[tuple[SegmentEntry, bytes]] = []
        self.header: GenerationHeader
        self.closing: GenerationClosing

    async def record(self) -> None:
        """Record two people for four seconds; a third has left."""
        studio = self.studio
        ann, ben, gone = studio.come(), studio.come(), studio.come()
        recording = await studio.open(away=[gone])
        recording.begin()
        words = [b"\xf8" + f"a word {n:06}".encode() for n in range(200)]
        await studio.play(
            recording,
            in_order(
                Source(microphone(ann)).sound(words),
                Source(camera(ben)).picture([KEY_FRAME, *[PICTURE] * 99]),
            ),
        )
        closing, _ = await recording.finish()
        self.header = await studio.header_of(1)
        self.documents = GenerationDocuments(
            *[
                await studio.store.get(key(studio.id, 1))
                for key in (
                    objects.generation_boxes_key,
                    objects.generation_pairs_key,
                    objects.generation_outer_key,
                )
            ]
        )
        self.closing = parse_generation_closing(closing)
        for entry in self.closing.segments:
            name = objects.generation_segment_key(studio.id, 1, entry.track, entry.sequence)
            self.segments.append((entry, await studio.store.get(name)))

    def trains(self) -> dict[bytes, bytes]:
        """Return everybody's training key."""
        return {person.id: person.train for person in self.studio.people}

    def open(self, trains: dict[bytes, bytes]) -> OpenedGeneration:
        """Open it as the vault does."""
        private = self.studio.meeting.vault_private
        return open_relayed(self.header, self.documents, private, trains)

    def plaintexts(self, opened: OpenedGeneration, source: str) -> Iterator[bytes]:
        """Yield what is in the segments of the one track of this source."""
        found = [each for each in self.segments if each[0].track.endswith(f".{source}")]
        track = opened.track(found[0][0].track)
        for entry, data in found:
            yield track.open(data, entry)
