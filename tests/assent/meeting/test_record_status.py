"""Where a person's part is: what the receipt page shows of deletions and exports."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from assent.meeting import Store
from assent.meeting.acts import Acts
from assent.meeting.record_status import whereabouts
from assent.meeting.records import Records
from assent.transparency import LogKey, Notary
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.ledger.note import Signer
from assent_vault.store.export_order import ExportOrder, Options
from assent_vault.store.models import (
    AccountRow,
    ExportItemRow,
    ExportRow,
    ParticipantRow,
    RecallFeedRow,
    RecallFetchRow,
)
from support.clock import ManualClock
from support.sample_media import tone
from support.vault import StagedMeeting, VaultScene


async def erase(stage: VaultScene) -> None:
    """Have the worker find what has to go, and see it gone."""
    await stage.worker.watch()
    for _ in range(2):
        await stage.worker.erase()


async def told(stage: VaultScene, meeting: StagedMeeting, who: int) -> dict[str, Any]:
    """Return what somebody who was let in is told."""
    person = encode(meeting.people[who].id)
    return await whereabouts(stage.database, meeting.id, person, 90, admitted=True)


async def test_a_recording_that_is_only_kept(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    where = await whereabouts(
        stage.database, meeting.id, encode(meeting.people[0].id), 90, admitted=True
    )
    assert where["deletions"] == []
    assert (where["destroyed_at"], where["dropped_because"]) == (None, None)
    assert where["exported"] == []


async def test_ones_own_deletion_is_shown_and_anothers_is_not(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    _, bo = meeting.people
    await stage.worker.watch()
    await meeting.says(bo, Will.WITHDRAWN, Will.WITHDRAWN)
    await erase(stage)
    where = await told(stage, meeting, 1)
    (deletion,) = where["deletions"]
    assert not deletion["whole"]
    assert deletion["confirmed_at"] == stage.clock.now()
    assert where["dropped_because"] == "withdrawn"
    assert (await told(stage, meeting, 0))["deletions"] == []


async def test_the_end_of_retention_is_shown_to_everyone(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    await meeting.change(retain_until=stage.clock.now())
    await erase(stage)
    for person in meeting.people:
        where = await told(stage, meeting, meeting.people.index(person))
        assert where["destroyed_at"] == stage.clock.now()
        assert [one["whole"] for one in where["deletions"]] == [True]


async def test_the_data_set_it_went_into_is_named(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    async with stage.database.write() as session:
        session.add(
            ExportRow(id="E" * 22, state="running", requested_at=1, manifest_digest=bytes(32))
        )
        await session.flush()
        session.add(ExportItemRow(export_id="E" * 22, meeting_id=meeting.id, committed_at=7))
    where = await whereabouts(
        stage.database, meeting.id, encode(meeting.people[0].id), 90, admitted=True
    )
    (only,) = where["exported"]
    assert only == {
        "data_set": "E" * 22,
        "at": 7,
        "manifest": encode(bytes(32)),
        "recipient": None,
        "purpose": None,
        "recall": None,
    }


async def test_each_data_set_that_it_went_into_is_named_with_its_recall(stage: VaultScene) -> None:
    meeting, _ = await given_away(stage)
    asked = ExportOrder("Another", "music", Options(include_exported=True))
    stage.clock.pass_(1)
    await stage.worker.export_to(stage.exports / "second", None, asked)
    await stage.worker.recalls.scan()
    where = await told(stage, meeting, 1)
    assert [each["recipient"] for each in where["exported"]] == ["Another", "An Institute"]
    assert [each["recall"] for each in where["exported"]] == [None, None]
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    lines = [each["recall"]["line"] for each in (await told(stage, meeting, 1))["exported"]]
    async with stage.database.read() as session:
        for each, line in zip(where["exported"], lines, strict=True):
            row = await session.get(RecallFeedRow, each["data_set"])
            assert row is not None
            assert row.body.decode().splitlines()[1:] == [line]


async def given_away(stage: VaultScene) -> tuple[StagedMeeting, StagedMeeting]:
    """Return two meetings that are in one data set, with its feed published."""
    meetings = [await stage.released(2, microphone=tone(440, 1000)) for _ in range(2)]
    await stage.cool_off()
    asked = ExportOrder("An Institute", "research on speech")
    await stage.worker.export_to(stage.exports / "set", None, asked)
    await stage.worker.recalls.scan()
    return meetings[0], meetings[1]


async def test_a_recall_is_shown_as_signed_and_when_it_was_fetched(stage: VaultScene) -> None:
    meeting, other = await given_away(stage)
    (told_before,) = (await told(stage, meeting, 1))["exported"]
    assert told_before["recipient"] == "An Institute"
    assert told_before["purpose"] == "research on speech"
    assert told_before["recall"] is None

    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    await other.says(other.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    export = told_before["data_set"]
    async with stage.database.read() as session:
        row = await session.get(RecallFeedRow, export)
    assert row is not None
    _, line, later = row.body.decode().splitlines()
    assert (await told(stage, meeting, 1))["exported"][0]["recall"] == {
        "line": line,
        "fetched": None,
    }
    assert (await told(stage, other, 0))["exported"][0]["recall"]["line"] == later

    async def fetched(meeting_: StagedMeeting) -> Any:
        return (await told(stage, meeting_, 0))["exported"][0]["recall"]["fetched"]

    # Whoever has a feed without it, or one of another data set, does not have it.
    for id_, entries, first in ((export, 0, 3), ("F" * 22, 2, 4)):
        await note(stage, id_, entries, first)
    assert await fetched(meeting) is None
    await note(stage, export, 1, 10)
    assert await fetched(meeting) == {"first_at": 10, "last_at": 11}
    assert await fetched(other) is None
    await note(stage, export, 2, 20)
    assert await fetched(meeting) == {"first_at": 10, "last_at": 21}
    assert await fetched(other) == {"first_at": 20, "last_at": 21}


async def note(stage: VaultScene, export: str, entries: int, at: int) -> None:
    async with stage.database.write() as session:
        session.add(RecallFetchRow(export_id=export, entries=entries, first_at=at, last_at=at + 1))


@pytest.mark.parametrize("damage", [b"", b"\n", b"{}\n{}\n", b"[]\n[]\n", b"\xff\n\xff\n"])
async def test_a_damaged_feed_shows_no_recall_and_breaks_no_receipt(
    stage: VaultScene, damage: bytes
) -> None:
    meeting, _ = await given_away(stage)
    async with stage.database.write() as session:
        await session.execute(update(RecallFeedRow).values(body=damage, entries=1))
    assert (await told(stage, meeting, 0))["exported"][0]["recall"] is None


@pytest.mark.parametrize("how", ["left", "removed", "host shut out", "nothing answered"])
async def test_whoever_was_let_in_is_shown_the_data_set(stage: VaultScene, how: str) -> None:
    """Whatever has become of them since: they are in it, or might have been."""
    meeting, _ = await given_away(stage)
    if how == "nothing answered":
        person = (await meeting.comes()).id
    elif how == "host shut out":
        person = meeting.people[0].id
        async with stage.database.write() as session:
            await session.execute(update(AccountRow).values(disabled_at=9))
    else:
        person = meeting.people[0].id
        changed = {"left_at": 9} if how == "left" else {"left_at": 9, "removed_at": 9}
        async with stage.database.write() as session:
            await session.execute(
                update(ParticipantRow)
                .where(
                    ParticipantRow.meeting_id == meeting.id,
                    ParticipantRow.person_id == encode(person),
                )
                .values(**changed)
            )
    where = await shown(stage, meeting, person)
    assert [each["recipient"] for each in where["exported"]] == ["An Institute"]


@pytest.mark.parametrize("how", ["waiting", "denied", "denied, though they said yes"])
async def test_whoever_was_not_is_shown_nothing(stage: VaultScene, how: str) -> None:
    meeting, _ = await given_away(stage)
    stranger = await meeting.comes(admitted=False)
    if how == "denied":
        await meeting.says(stranger, Will.WITHDRAWN, Will.WITHDRAWN)
    elif how != "waiting":
        await meeting.says(stranger, Will.YES, Will.YES)
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.recalls.scan()
    where = await shown(stage, meeting, stranger.id)
    assert where["exported"] == []
    assert where["revoked"] == []


async def shown(stage: VaultScene, meeting: StagedMeeting, person: bytes) -> dict[str, Any]:
    """Return a person's whole record: who was let in is looked up, and told by nobody."""
    signer = Signer("test/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    store = Store(stage.database, Notary(stage.server, LogKey(signer, 1)))
    records = Records(store, Acts(stage.database, stage.server), ManualClock(1), 90)
    return await records.of(meeting.id, encode(person))


async def test_who_was_never_let_in_is_told_nothing_of_the_recording(stage: VaultScene) -> None:
    meeting = await stage.released(microphone=tone(440, 2000))
    stranger = await meeting.comes(admitted=False)
    await meeting.says(meeting.people[0], Will.WITHDRAWN, Will.WITHDRAWN)
    await meeting.change(retain_until=stage.clock.now())
    await erase(stage)
    where = await whereabouts(stage.database, meeting.id, encode(stranger.id), 90, admitted=False)
    assert where["deletions"] == []
    assert (where["dropped_because"], where["exported"]) == (None, [])
