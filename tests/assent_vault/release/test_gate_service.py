"""The judge among writers that do not wait for it."""

from __future__ import annotations

import pytest

from assent_vault.formats.closing import SegmentEntry
from assent_vault.formats.statement import Will
from assent_vault.release.decision import Blocked, Code
from assent_vault.release.evidence_reader import Checks
from assent_vault.release.gate_service import GateService
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def not_closed_yet(stage: VaultScene) -> tuple[StagedMeeting, list[SegmentEntry]]:
    """Return a meeting that is over, released by all, whose generation has yet to be closed."""
    meeting = await stage.meeting()
    for _ in range(2):
        await meeting.says(await meeting.comes(), Will.YES, Will.YES)
    entries: list[SegmentEntry] = []

    async def keep(header: object, listed: list[SegmentEntry], **_: object) -> None:
        entries.extend(listed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meeting, "close", keep)
        await meeting.record([(person, SOUND) for person in meeting.people])
    await meeting.end()
    return meeting, entries


def closing_after_the_first_reading(
    stage: VaultScene, meeting: StagedMeeting, entries: list[SegmentEntry]
) -> tuple[GateService, list[str]]:
    """Return a judge that finds the generation closed right after it has read the objects."""
    judge = stage.worker.judge
    prepare = judge.prepare
    readings: list[str] = []

    async def between(meeting_id: str) -> Checks:
        checks = await prepare(meeting_id)
        readings.append(meeting_id)
        if len(readings) == 1:
            await meeting.close(meeting.headers[0], entries)
        return checks

    judge.prepare = between  # type: ignore[method-assign]
    return judge, readings


async def test_a_generation_closed_while_it_is_judged_is_read_and_not_called_damaged(
    stage: VaultScene,
) -> None:
    meeting, entries = await not_closed_yet(stage)
    judge, readings = closing_after_the_first_reading(stage, meeting, entries)
    decision = await judge.judge(meeting.id)
    assert not isinstance(decision, Blocked), decision
    assert len(readings) == 2


async def test_what_is_damaged_is_still_called_so(stage: VaultScene) -> None:
    meeting, entries = await not_closed_yet(stage)
    entries[-1] = SegmentEntry(
        entries[-1].track, entries[-1].sequence, bytes(32), 1, entries[-1].start, entries[-1].end
    )
    judge, _ = closing_after_the_first_reading(stage, meeting, entries)
    decision = await judge.judge(meeting.id)
    assert isinstance(decision, Blocked)
    assert [(reason.code, reason.count) for reason in decision.reasons] == [
        (Code.SEGMENTS_DAMAGED, 1)
    ]
