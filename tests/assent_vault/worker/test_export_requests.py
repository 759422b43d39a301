"""Requests for exports: measured beforehand, and nothing left of what is not to be gone on with."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from assent_vault.export import Outcome, new_id
from assent_vault.store.models import ExportRow, ReleaseRow
from support.sample_media import picture, tone
from support.vault import StagedMeeting, VaultScene


async def ready(stage: VaultScene) -> StagedMeeting:
    meeting = await stage.released(1, microphone=tone(440, 1000), camera=picture(90, 1000))
    await stage.cool_off()
    return meeting


async def test_what_is_released_is_measured(stage: VaultScene) -> None:
    meeting = await ready(stage)
    assert await stage.worker.requests.measure() == 1
    assert await stage.worker.requests.measure() == 0
    async with stage.database.read() as session:
        row = await session.get(ReleaseRow, meeting.id)
    assert row is not None
    assert row.duration == 1000
    assert row.octets is not None
    assert row.octets_of_sound is not None
    assert row.octets > row.octets_of_sound > 0


class Killed(BaseException):
    """Ends a run as a killed process would: nobody tidies up."""


async def killed(stage: VaultScene, monkeypatch: pytest.MonkeyPatch) -> str:
    """Have a run killed that has written a meeting; returns the id of its export."""
    await ready(stage)
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(ExportRow(id=export_id, state="requested", requested_at=1))

    async def die(*_: Any) -> None:
        raise Killed

    monkeypatch.setattr(stage.worker.exports, "_commit", die)
    with pytest.raises(Killed):
        await stage.worker.export_requested()
    monkeypatch.undo()
    await stage.restart()
    return export_id


@pytest.mark.parametrize("state", ["failed", "declined", "taken-back", "lapsed", "?"])
async def test_nothing_is_left_of_what_nobody_goes_on_with(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """What was opened is in that folder: somebody's account may be disabled before it goes on."""
    export_id = await killed(stage, monkeypatch)
    (partial,) = stage.exports.iterdir()
    async with stage.database.write() as session:
        await session.execute(update(ExportRow).values(state=state, error="account-disabled"))
    others = [stage.exports / name for name in (".mine.assent-partial", "else", export_id[::-1])]
    for other in others:
        other.mkdir()
    assert await stage.worker.export_requested() == 0
    assert not partial.exists()
    assert sorted(stage.exports.iterdir()) == sorted(others)


async def test_what_is_gone_on_with_is_left(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    await killed(stage, monkeypatch)
    (partial,) = stage.exports.iterdir()
    await stage.worker.requests.discard()
    assert partial.exists()
    assert await stage.worker.export_requested() == 1
    async with stage.database.read() as session:
        (row,) = (await session.scalars(select(ExportRow))).all()
    assert (row.state, row.meetings_done) == ("done", 1)


async def test_a_row_that_nothing_comes_of_holds_up_no_other(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as one that asks for what was committed already: it is looked at once a round."""
    await ready(stage)
    never, other = new_id(), new_id()
    async with stage.database.write() as session:
        row = ExportRow(id=never, state="requested", requested_at=1, manifest_digest=bytes(32))
        session.add(row)
        session.add(ExportRow(id=other, state="requested", requested_at=2))
    run, seen = stage.worker.exports.run, []

    async def counted(export_id: str, *rest: Any) -> Outcome:
        assert export_id not in seen, "again in one round"
        seen.append(export_id)
        return await run(export_id, *rest)

    monkeypatch.setattr(stage.worker.exports, "run", counted)
    await stage.worker.export_requested()
    assert seen == [never, other]
    async with stage.database.read() as session:
        states = {row.id: row.state for row in await session.scalars(select(ExportRow))}
    assert states == {never: "requested", other: "done"}
