"""A released meeting's generations are opened, laid out and joined."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from assent_vault.errors import SealError
from assent_vault.export.generation_unlock import UnlockedGeneration, unlock_generations
from assent_vault.export.join import Piece, join
from assent_vault.export.timeline import lay_out
from assent_vault.formats.generation_closing import parse_generation_closing
from assent_vault.release.generation_review import ReviewedGeneration
from support.recorded import Studio
from support.taped import Taped


@pytest.fixture
async def taped(tmp_path: Path) -> Taped:
    found = Taped(Studio(tmp_path))
    await found.record()
    return found


def unlocked(taped: Taped) -> UnlockedGeneration:
    (found,) = unlock_generations(
        [ReviewedGeneration(taped.header, taped.closing)],
        {1: taped.documents},
        taped.studio.meeting.vault_private,
        taped.trains(),
    )
    return found


async def test_it_is_laid_out_and_joined(taped: Taped) -> None:
    found = unlocked(taped)
    timeline = lay_out([found])
    assert [stretch.number for stretch in timeline.stretches] == [1]
    assert {plan.track.source for plan in timeline.tracks} == {"microphone", "camera"}
    plan = next(each for each in timeline.tracks if each.track.source == "microphone")
    (part,) = plan.parts
    track = part.generation.track(part.entries[0].track)
    data = [
        await taped.studio.store.get(part.generation.segment_key(taped.studio.id, entry))
        for entry in part.entries
    ]
    opened = [track.open(each, entry) for each, entry in zip(data, part.entries, strict=True)]
    out = io.BytesIO()
    join("microphone", [Piece(lambda: iter(opened), part.end)], timeline.base, 4000, out)
    assert out.getvalue().count(b"a word ") == 200
    found.forget()
    with pytest.raises(ValueError, match="forgotten"):
        found.track(part.entries[0].track)


async def test_one_that_is_open_is_not_opened(taped: Taped) -> None:
    with pytest.raises(SealError):
        unlock_generations(
            [ReviewedGeneration(taped.header, None)],
            {1: taped.documents},
            taped.studio.meeting.vault_private,
            taped.trains(),
        )


async def test_one_without_segments_needs_no_keys(taped: Taped) -> None:
    studio = taped.studio
    recording = await studio.open(2)
    closing, _ = await recording.finish()
    empty = ReviewedGeneration(await studio.header_of(2), parse_generation_closing(closing))
    (found,) = unlock_generations([empty], {}, bytes(32), {})
    assert found.opened is None
    assert found.number == 2
