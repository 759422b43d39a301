"""A relayed generation, the whole way: recorded, opened by all together, joined into a data set."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from assent_vault.errors import FormatError, GenerationError, SealError
from assent_vault.export.join import Piece, join
from assent_vault.formats import objects
from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.keys.relayed_opening import (
    GenerationDocuments,
    OpenedGeneration,
    open_relayed,
)
from support.publishing import Source, camera, in_order, microphone
from support.recorded_generation import GenerationStudio

KEY_FRAME = bytes.fromhex("1002009d012a40010001") + b"k" * 900
PICTURE = bytes.fromhex("310100") + b"p" * 300


class Taped:
    """What one generation has left in the store."""

    def __init__(self, studio: GenerationStudio) -> None:
        self.studio = studio
        self.documents = GenerationDocuments(b"", b"", b"")
        self.segments: list[tuple[SegmentEntry, bytes]] = []
        self.header: GenerationHeader

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
        for entry in parse_generation_closing(closing).segments:
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


@pytest.fixture
async def taped(tmp_path: Path) -> Taped:
    found = Taped(GenerationStudio(tmp_path))
    await found.record()
    return found


def joined(taped: Taped, opened: OpenedGeneration, source: str) -> bytes:
    out = io.BytesIO()
    join(source, [Piece(lambda: taped.plaintexts(opened, source), 4000)], 0, 4000, out)
    return out.getvalue()


async def test_what_was_said_is_in_the_data_set(taped: Taped) -> None:
    opened = taped.open(taped.trains())
    assert opened.lost == frozenset()
    sound = joined(taped, opened, "microphone")
    assert sound.count(b"a word ") == 200
    assert joined(taped, opened, "camera").count(PICTURE) == 99
    assert not any(b"a word" in data or PICTURE in data for _, data in taped.segments)
    opened.forget()
    with pytest.raises(ValueError, match="forgotten"):
        opened.track(taped.segments[0][0].track)


async def test_without_a_single_key_nothing_opens(taped: Taped) -> None:
    for person in taped.studio.people:
        trains = taped.trains()
        del trains[person.id]
        with pytest.raises(SealError):
            taped.open(trains)
        trains[person.id] = person.watch
        with pytest.raises(GenerationError) as caught:
            taped.open(trains)
        assert caught.value.code == "bad-pair"
    with pytest.raises(GenerationError) as caught:
        open_relayed(taped.header, taped.documents, bytes(32), taped.trains())
    assert caught.value.code == "bad-pair"


async def test_documents_of_another_generation_open_nothing(taped: Taped, tmp_path: Path) -> None:
    other = taped.studio.commit(2)
    strange = GenerationDocuments(other.boxes, other.pairs, other.outer)
    private = taped.studio.meeting.vault_private
    for name in GenerationDocuments.__slots__:
        values = {each: getattr(taped.documents, each) for each in GenerationDocuments.__slots__}
        mixed = GenerationDocuments(**values | {name: getattr(strange, name)})
        with pytest.raises(FormatError):
            open_relayed(taped.header, mixed, private, taped.trains())
