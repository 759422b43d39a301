"""A meeting in a second data set: the next version of one, or for somebody else."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from assent_vault.dataset import feed as feeds
from assent_vault.errors import ExportError
from assent_vault.export.selection import forecast
from assent_vault.formats import suite
from assent_vault.formats.statement import Will
from assent_vault.ledger.entry import Exported, Released
from assent_vault.release import further
from assent_vault.store import given_meetings
from assent_vault.store.export_order import ExportOrder, Options
from assent_vault.store.models import (
    ExportItemRow,
    ExportRow,
    MeetingRow,
    RecallFeedRow,
    ReleaseRow,
    VaultKeyRow,
)
from support.given_again import (
    ALL,
    SOUND,
    TAKEN_BACK,
    Taken,
    again,
    digest,
    export,
    given,
    items,
    logged,
    manifest,
    meetings,
    take_back,
)
from support.vault import VaultScene

# What it takes.


async def test_what_was_exported_is_left_out_where_nobody_asks_for_it(stage: VaultScene) -> None:
    await given(stage)
    outcome = await export(stage, "second", ExportOrder("An Institute", "research"))
    assert outcome.error == "nothing-to-export"


async def test_a_second_recipient_is_given_the_same_meetings(stage: VaultScene) -> None:
    old, other = await given(stage, 2)
    new = await stage.released(1, **SOUND)
    await stage.cool_off()
    assert (await export(stage, "second")).meetings == 3
    first, second = (manifest(stage.exports / name) for name in ("first", "second"))
    assert meetings(stage.exports / "second") == {old.id, other.id, new.id}
    assert (second["recipient"], second["purpose"]) == ("Another Institute", "speech")
    assert second["replaces"] is None
    assert second["asked"]["include_exported"] is True
    # Each data set has pseudonyms of its own.
    speakers = [
        {track["speaker"] for each in of["meetings"] for track in each["tracks"]}
        for of in (first, second)
    ]
    assert not speakers[0] & speakers[1]
    # And each is in the log by itself, on the release that there was.
    released, one, two = await logged(stage, old)
    assert isinstance(one, Exported)
    assert isinstance(two, Exported)
    assert [suite.encode(each.export) for each in (one, two)] == [first["export"], second["export"]]
    assert suite.encode(two.manifest) == digest(stage.exports / "second")
    assert one.evidence == two.evidence == released.evidence
    assert set(await items(stage, old)) == {first["export"], second["export"]}
    assert await stage.state(old) == "exported"


async def test_the_next_version_has_what_is_still_agreed_to(stage: VaultScene) -> None:
    """And says itself of what it is the next, from the log."""
    kept, taken_back, deleted = await given(stage, 3)
    await stage.released(1, **SOUND)  # which is in no data set, and not in this one
    await stage.cool_off()
    await taken_back.says(taken_back.people[0], Will.YES, Will.WITHDRAWN)
    await deleted.is_acted_for(None, "meeting")
    assert (await export(stage, "second", again(stage))).meetings == 1
    assert meetings(stage.exports / "second") == {kept.id}
    told = manifest(stage.exports / "second")
    assert told["replaces"] == digest(stage.exports / "first")
    assert told["asked"]["again"] == manifest(stage.exports / "first")["export"]
    card = (stage.exports / "second" / "README.md").read_text("utf-8")
    assert told["replaces"] in card
    assert "Every meeting of this one is in that one" in card


async def test_of_a_next_version_there_is_a_next(stage: VaultScene) -> None:
    first, second = await given(stage, 2)
    assert (await export(stage, "second", again(stage))).meetings == 2
    await first.says(first.people[0], Will.YES, Will.WITHDRAWN)
    of = manifest(stage.exports / "second")["export"]
    asked = ExportOrder("An Institute", "research", Options(again=of))
    assert (await export(stage, "third", asked)).meetings == 1
    assert meetings(stage.exports / "third") == {second.id}
    assert manifest(stage.exports / "third")["replaces"] == digest(stage.exports / "second")
    assert len(await items(stage, second)) == 3


async def test_what_is_chosen_besides_narrows_it(stage: VaultScene) -> None:
    one, _ = await given(stage, 2)
    assert (await export(stage, "second", again(stage, meetings=(one.id,)))).meetings == 1
    assert meetings(stage.exports / "second") == {one.id}


async def test_a_data_set_that_the_log_does_not_have_is_not_made_again(stage: VaultScene) -> None:
    """Whatever rows say: what it is made from is signed."""
    (meeting,) = await given(stage)
    unknown = suite.encode(bytes(16))
    asked = ExportOrder("An Institute", "research", Options(again=unknown))
    assert (await export(stage, "second", asked)).error == "former-unknown"
    async with stage.database.write() as session:
        session.add(ExportRow(id=unknown, state="done", requested_at=1))
        await session.flush()
        session.add(ExportItemRow(export_id=unknown, meeting_id=meeting.id, committed_at=1))
    assert (await export(stage, "second", asked)).error == "former-unknown"


async def test_rows_add_nothing_to_what_is_made_again(stage: VaultScene) -> None:
    (meeting,) = await given(stage)
    other = await stage.released(1, **SOUND)
    await stage.cool_off()
    of = manifest(stage.exports / "first")["export"]
    async with stage.database.write() as session:
        session.add(ExportItemRow(export_id=of, meeting_id=other.id, committed_at=1))
    assert (await export(stage, "second", again(stage))).meetings == 1
    assert meetings(stage.exports / "second") == {meeting.id}


async def test_a_row_that_says_it_was_exported_is_no_permission(stage: VaultScene) -> None:
    """Neither before it has cooled off, nor without a release in the log."""
    meeting = await stage.released(1, **SOUND)
    async with stage.database.write() as session:
        session.add(
            ReleaseRow(
                meeting_id=meeting.id, state="exported", evidence=bytes(32), ready_at=1,
                created_at=1, updated_at=1,
            )
        )  # fmt: skip
    assert (await export(stage, "second")).error == "nothing-to-export"
    assert await items(stage, meeting) == []
    assert await stage.state(meeting) == "exported"
    await stage.cool_off()
    assert (await export(stage, "third")).meetings == 1
    released, exported = await logged(stage, meeting)
    assert isinstance(released, Released)
    assert isinstance(exported, Exported)
    assert exported.at >= released.ready_at


async def test_there_is_room_for_all_or_none_is_taken(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What would be left over would never be the next: the same would be taken once more."""
    monkeypatch.setattr("assent_vault.export.run.MOST_MEETINGS", 2)
    one, two, _ = [*await given(stage, 2), await stage.released(1, **SOUND)]
    await stage.cool_off()
    assert (await export(stage, "second")).error == "too-many-meetings"
    named = ExportOrder("A", "b", Options(meetings=(one.id, two.id), include_exported=True))
    assert (await export(stage, "third", named)).meetings == 2


@pytest.mark.parametrize(
    "options",
    [
        Options(again="A" * 21 + "B"),
        Options(again="A" * 22, include_exported=True),
        Options(again="A" * 22, replaces="A" * 43),
    ],
)
def test_what_cannot_be_asked_for(options: Options) -> None:
    with pytest.raises(ExportError) as raised:
        ExportOrder("A", "b", options).check()
    assert raised.value.code == "bad-request"


# When it may.


@pytest.mark.parametrize("how", TAKEN_BACK)
async def test_what_was_taken_back_is_given_to_nobody_any_more(
    stage: VaultScene, how: Taken
) -> None:
    """Whether or not the worker has come to it: the gate is asked when it is claimed."""
    (meeting,) = await given(stage)
    await take_back(meeting, how)
    stage.worker.watch = nothing  # type: ignore[method-assign]
    for asked in (ALL, again(stage)):
        assert (await export(stage, "second", asked)).error == "nothing-to-export"
    assert len(await items(stage, meeting)) == 1
    assert await stage.state(meeting) == "exported"


async def nothing() -> int:
    return 0


async def test_when_its_time_is_over_it_is_given_to_nobody(stage: VaultScene) -> None:
    """A data set more makes nothing be kept for longer."""
    (meeting,) = await given(stage)
    before = await kept_until(stage)
    assert (await export(stage, "second")).meetings == 1
    assert await kept_until(stage) == before
    await meeting.change(retain_until=stage.clock.now())
    assert (await export(stage, "third")).error == "nothing-to-export"
    await stage.worker.erase()
    assert stage.worker._keyring.meeting_private(meeting.charter.meeting) is None
    assert (await export(stage, "third", again(stage))).error == "nothing-to-export"


async def kept_until(stage: VaultScene) -> int | None:
    async with stage.database.read() as session:
        return await session.scalar(select(MeetingRow.retain_until))


async def test_who_says_yes_once_more_is_waited_for(stage: VaultScene) -> None:
    """What is given goes by the last words of everybody, and is logged as released on them."""
    (meeting,) = await given(stage)
    await meeting.says(meeting.people[0], Will.YES, Will.YES)
    assert (await export(stage, "second")).error == "nothing-to-export"
    assert (await export(stage, "second")).error == "nothing-to-export"
    await stage.cool_off()
    assert (await export(stage, "second")).meetings == 1
    records = await logged(stage, meeting)
    assert [isinstance(each, Released) for each in records] == [True, False, True, False]
    released, exported, other, last = records
    assert other.evidence == last.evidence != released.evidence == exported.evidence
    assert isinstance(other, Released)
    assert last.at >= other.ready_at


async def test_without_the_key_it_is_not_given_and_that_is_told(stage: VaultScene) -> None:
    taken_back, deleted, kept, lost = await given(stage, 4)
    await taken_back.says(taken_back.people[0], Will.YES, Will.WITHDRAWN)
    await deleted.is_acted_for(None, "meeting")
    await stage.worker.watch()
    await stage.worker.eraser._destroy_key(lost.id)  # as with a disk
    async with stage.database.write() as session:
        await session.execute(
            update(VaultKeyRow).where(VaultKeyRow.meeting_id == lost.id).values(destroyed_at=1)
        )
    of = manifest(stage.exports / "first")["export"]
    for options in (Options(again=of), Options(include_exported=True)):
        found = await forecast(stage.database, options, stage.clock.now(), 100)
        assert found.meetings == 1
        assert found.refused == {"revoked": 1, "vault-key-missing": 1, "withdrawn": 1}
    found = await forecast(stage.database, Options(), stage.clock.now(), 100)
    assert (found.meetings, found.refused) == (0, {})
    assert (await export(stage, "second", again(stage))).meetings == 1
    assert meetings(stage.exports / "second") == {kept.id}


async def test_there_is_an_end_of_data_sets(
    stage: VaultScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    (meeting,) = await given(stage)
    monkeypatch.setattr(further, "MOST_DATA_SETS", 2)
    monkeypatch.setattr(given_meetings, "MOST_DATA_SETS", 2)
    assert (await export(stage, "second")).meetings == 1
    assert (await export(stage, "third")).error == "nothing-to-export"
    found = await forecast(stage.database, Options(include_exported=True), 10**15, 100)
    assert (found.meetings, found.refused) == (0, {"too-many-data-sets": 1})
    assert len(await items(stage, meeting)) == 2


# What becomes of it.


async def test_what_is_taken_back_is_recalled_from_each(stage: VaultScene) -> None:
    meeting, other = await given(stage, 2)
    only = Options(meetings=(meeting.id,), include_exported=True)
    assert (await export(stage, "second", ExportOrder("B", "b", only))).meetings == 1
    await take_back(meeting, "own")
    await stage.worker.watch()
    await stage.worker.recalls.scan()
    assert (await export(stage, "third", again(stage))).meetings == 1
    await stage.worker.recalls.scan()
    for name, recalled in (("first", [meeting.id]), ("second", [meeting.id]), ("third", [])):
        told = manifest(stage.exports / name)
        async with stage.database.read() as session:
            row = await session.scalar(
                select(RecallFeedRow).where(RecallFeedRow.name == told["recalls"])
            )
        assert row is not None
        feed = feeds.parse(row.body)
        assert [each.meeting for each in feed.recalls] == recalled
    assert meetings(stage.exports / "third") == {other.id}


async def test_what_cannot_be_given_once_more_stays_what_it_is(stage: VaultScene) -> None:
    """Its first data set is not undone by that, and others are given all the same."""
    broken, whole = await given(stage, 2)
    async for key, _ in stage.blobs.list(f"meetings/{broken.id}/"):
        if key.endswith(".segment"):
            await stage.blobs.delete(key)
    outcome = await export(stage, "second")
    assert outcome.meetings == 1
    assert meetings(stage.exports / "second") == {whole.id}
    assert await stage.state(broken) == "exported"
    assert len(await items(stage, broken)) == 1
