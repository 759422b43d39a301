"""Meetings that are in a data set, and exports that have them once more, for the tests of both."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Literal

from sqlalchemy import select

from assent_vault.export import Outcome
from assent_vault.formats import suite
from assent_vault.formats.statement import Will
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Exported, Purpose, Released
from assent_vault.store import log_rows
from assent_vault.store.export_order import ExportOrder, Options
from assent_vault.store.models import (
    ExportItemRow,
)
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 1000)}
ALL = ExportOrder("Another Institute", "speech", Options(include_exported=True))


async def export(stage: VaultScene, name: str, asked: ExportOrder = ALL) -> Outcome:
    return await stage.worker.export_to(stage.exports / name, None, asked)


async def given(stage: VaultScene, count: int = 1, people: int = 1) -> list[StagedMeeting]:
    """Return meetings that are in one data set, of the name ``first``."""
    meetings = [await stage.released(people, **SOUND) for _ in range(count)]
    await stage.cool_off()
    outcome = await export(stage, "first", ExportOrder("An Institute", "research"))
    assert outcome.meetings == count
    return meetings


def again(stage: VaultScene, **options: Any) -> ExportOrder:
    """Ask for the next version of that."""
    of = manifest(stage.exports / "first")["export"]
    return ExportOrder("An Institute", "research", Options(again=of, **options))


def manifest(place: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((place / "MANIFEST.json").read_bytes())
    return found


def digest(place: Path) -> str:
    return suite.encode(suite.digest((place / "MANIFEST.json").read_bytes()))


def meetings(place: Path) -> set[str]:
    return {each["meeting"] for each in manifest(place)["meetings"]}


async def items(stage: VaultScene, meeting: StagedMeeting) -> list[str]:
    async with stage.database.read() as session:
        found = select(ExportItemRow.export_id).where(ExportItemRow.meeting_id == meeting.id)
        return list((await session.scalars(found)).all())


async def logged(stage: VaultScene, meeting: StagedMeeting) -> list[Exported | Released]:
    """Return what the log has of a meeting's releases and exports, in order."""
    async with stage.database.read() as session:
        rows = await log_rows.of_meeting(session, meeting.id)
    records = [entries.parse(row.record or b"") for row in rows]
    return [each for each in records if isinstance(each, (Exported, Released))]


Taken = Literal["own"] | Purpose
"""What is taken back: by whoever it is of, or for them."""
TAKEN_BACK: Final[Sequence[Taken]] = ("own", "training", "recording", "meeting")


async def take_back(meeting: StagedMeeting, how: Taken) -> None:
    person = meeting.people[0]
    if how == "own":
        await meeting.says(person, Will.YES, Will.WITHDRAWN)
    else:
        await meeting.is_acted_for(None if how == "meeting" else person, how)
