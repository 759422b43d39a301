"""A relayed generation, the whole way: recorded, opened by all together, joined into a data set."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from assent_vault.errors import FormatError, GenerationError, SealError
from assent_vault.export.join import Piece, join
from assent_vault.keys.relayed_opening import (
    GenerationDocuments,
    OpenedGeneration,
    open_relayed,
)
from support.recorded import Studio
from support.taped import PICTURE, Taped


@pytest.fixture
async def taped(tmp_path: Path) -> Taped:
    found = Taped(Studio(tmp_path))
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
