"""Somebody who can write to everything on disk, and has no seed, gets nothing released.

They have the database and the objects, the server's signing key, and the vault's own worker to run;
what they cannot do is speak with the key of somebody who has not said yes. Every column of every
row that has anything to do with the meeting is set to everything it could be set to; and then there
are the things that somebody would try who knows how it all works.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Executable, Table, delete, select, update
from sqlalchemy.exc import DBAPIError

from assent_vault.errors import LogError
from assent_vault.export import Outcome, new_id
from assent_vault.formats import objects, suite
from assent_vault.formats.generation_closing import (
    build_generation_closing,
    parse_generation_closing,
    sign_generation_closing,
)
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import encode
from assent_vault.formats.track import Track
from assent_vault.release import evidence_reader, queue
from assent_vault.release.decision import Blocked, Release
from assent_vault.release.evidence import SegmentCheck
from assent_vault.store.models import (
    Base,
    DeletionRow,
    ExportItemRow,
    ExportRow,
    GenerationRow,
    MeetingRow,
    ParticipantRow,
    ReleaseRow,
    StatementRow,
    VaultKeyRow,
)
from support.logs import cut_off, write_anew
from support.people import CREATED, Person
from support.recorded_generation import committed
from support.sample_media import tone
from support.vault import HOUR, StagedMeeting, VaultScene

SOUND = {"microphone": tone(440, 3000)}


async def one_does_not_agree(stage: VaultScene, how: str) -> StagedMeeting:
    """Return a meeting that is over; Ada said yes to everything, Bo did not."""
    meeting = await stage.meeting()
    ada, bo = await meeting.comes(), await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    if how == "refuses":
        await meeting.says(bo, Will.YES, Will.NO)
    elif how == "answers recording only":
        await meeting.says(bo, Will.YES, Will.UNANSWERED)
    elif how == "takes back":
        await meeting.says(bo, Will.YES, Will.YES)
    await meeting.record([(ada, SOUND), (bo, SOUND)])
    await meeting.record([(ada, SOUND), (bo, SOUND)], offset=20_000)
    await meeting.end()
    if how == "takes back":
        await meeting.says(bo, Will.WITHDRAWN, Will.WITHDRAWN)
        await stage.worker.watch()
    return meeting


async def force_into_the_queue(stage: VaultScene, meeting_id: str) -> None:
    """Write the row that says a meeting is ready."""
    async with stage.database.write() as session:
        await session.merge(
            ReleaseRow(
                meeting_id=meeting_id,
                state="ready",
                evidence=bytes(32),
                created_at=0,
                ready_at=0,
                lease_token=None,
                lease_until=None,
                reason=None,
                updated_at=0,
            )
        )


async def try_to_export(stage: VaultScene) -> Outcome:
    stage.clock.pass_(24 * 3_600_000)
    export_id = new_id()
    async with stage.database.write() as session:
        session.add(ExportRow(id=export_id, state="requested", requested_at=1))
    return await stage.worker.exports.run(export_id, stage.exports / export_id)


async def nothing_was_released(stage: VaultScene, meeting: StagedMeeting) -> None:
    """Try everything there is to try with what is written now."""
    decision = await stage.worker.judge.judge(meeting.id)
    assert not isinstance(decision, Release)
    await force_into_the_queue(stage, meeting.id)
    outcome = await try_to_export(stage)
    assert (outcome.folder, outcome.meetings) == (None, 0)
    nothing_on_disk(stage, meeting)


def nothing_on_disk(stage: VaultScene, meeting: StagedMeeting) -> None:
    assert not [path for path in stage.exports.rglob("*") if meeting.id in path.parts]
    assert not [path for path in stage.exports.rglob("*") if path.suffix in (".webm", ".opus")]


def everything_else(value: Any, column: Column[Any], copies: list[Any]) -> Iterator[Any]:
    """Yield what somebody might write over a value: nothing, extremes, what other rows have."""
    candidates = [None, *copies]
    kind = column.type.python_type
    if kind is bool:
        candidates += [False, True]
    elif kind is int:
        candidates += [0, 1, 2**31 - 1]
        candidates += [value - 1, value + 1] if value is not None else []
    elif kind is bytes:
        candidates += [b"", b"x"]
        candidates += (
            [bytes([value[0] ^ 1]) + value[1:], value[:-1], value + b"\0"] if value else []
        )
    else:
        candidates += ["", "x"]
    seen = [value]
    for candidate in candidates:
        if candidate not in seen:
            seen.append(candidate)
            yield candidate


async def rows_of(stage: VaultScene, table: Table, meeting_id: str | None) -> list[dict[str, Any]]:
    query = select(table)
    if meeting_id is not None:
        query = query.where(table.c.meeting_id == meeting_id)
    async with stage.database.read() as session:
        return [dict(row._mapping) for row in await session.execute(query)]


class Undo(Exception):
    """Takes a transaction back."""


async def decision_after(
    stage: VaultScene, meeting: StagedMeeting, change: Executable
) -> Release | Blocked | None:
    """Make a change, read the objects and ask the gate, and take the change back.

    Raises what the database raises for a change that it does not take.
    """
    found: Release | Blocked | None = None
    with suppress(Undo):
        async with stage.database.write() as session:
            await session.execute(change)
            checks: dict[bytes, SegmentCheck] = {}
            rows_of_it = await session.execute(
                select(GenerationRow.number, GenerationRow.close).where(
                    GenerationRow.meeting_id == meeting.id
                )
            )
            for number, closing in rows_of_it.all():
                checked = closing is not None and await evidence_reader.check_segments(
                    stage.blobs, meeting.id, number, closing
                )
                if checked:
                    checks[checked.check.closing] = checked.check
            found = await stage.worker.judge.decide(session, meeting.id, checks)
            raise Undo
    return found


TABLES = [
    Base.metadata.tables[name]
    for name in (
        "meetings",
        "vault_keys",
        "participants",
        "statements",
        "generations",
        "host_acts",
        "host_certificates",
        "deletions",
        "log_entries",
    )
]
# There is nothing to delete before somebody has taken something back; and where they have, the log
# has longer been known to show it.
EVERYTHING = [
    pytest.param(how, table, id=f"{how}-{table.name}")
    for how in ("refuses", "says nothing", "takes back")
    for table in TABLES
    if table.name != ("log_entries" if how == "takes back" else "deletions")
]


async def each_change(
    stage: VaultScene, meeting: StagedMeeting, table: Table
) -> AsyncIterator[tuple[str, Release | Blocked | None]]:
    """Yield what the gate says after each change of a value, and each deletion, of the meeting's.

    What the database itself does not take is passed over.
    """
    everyones = await rows_of(stage, table, None)
    for row in everyones:
        if row.get("meeting_id", row.get("id")) != meeting.id:
            continue
        here = [column == row[column.name] for column in table.primary_key.columns]
        changes: list[tuple[str, Executable]] = [("the row", delete(table).where(*here))]
        for column in table.columns:
            copies = [each[column.name] for each in everyones]
            changes += [
                (column.name, update(table).where(*here).values({column: value}))
                for value in everything_else(row[column.name], column, copies)
            ]
        for name, change in changes:
            try:
                yield name, await decision_after(stage, meeting, change)
            except DBAPIError:
                continue


@pytest.mark.parametrize(("how", "table"), EVERYTHING)
async def test_no_value_in_any_column_releases(stage: VaultScene, how: str, table: Table) -> None:
    meeting = await one_does_not_agree(stage, how)
    other = await stage.released(1, **SOUND)  # its values can be copied
    tried = 0
    async for name, decision in each_change(stage, meeting, table):
        tried += 1
        assert not isinstance(decision, Release), (table.name, name)
    assert tried > 10
    # What was tried changed something: the same could have taken a release away.
    unheard = (
        update(StatementRow).where(StatementRow.meeting_id == other.id).values(signature=bytes(64))
    )
    assert isinstance(await decision_after(stage, other, select(1)), Release)
    assert isinstance(await decision_after(stage, other, unheard), Blocked)
    async with stage.database.write() as session:
        await session.execute(delete(StatementRow).where(StatementRow.meeting_id == other.id))
    await nothing_was_released(stage, meeting)


async def test_no_value_in_any_column_makes_it_ready_sooner(stage: VaultScene) -> None:
    """Backdating: everyone agrees, and whatever is changed, they have as long to think better."""
    meeting = await stage.meeting()
    for _ in range(2):
        person = await meeting.comes()
        person.now = CREATED  # a clock that is slow holds nothing up
        stage.clock.pass_(HOUR)
        await meeting.says(person, Will.YES, Will.YES)
    await meeting.record([(person, SOUND) for person in meeting.people])
    await meeting.end()
    await stage.released(1, **SOUND)
    asked = await decision_after(stage, meeting, select(1))
    assert isinstance(asked, Release)
    tried = 0
    for table in TABLES[:-2]:  # there are no deletions, and any change of the log blocks
        async for name, decision in each_change(stage, meeting, table):
            tried += isinstance(decision, Release)
            if isinstance(decision, Release):
                assert decision.ready_at >= asked.ready_at, (table.name, name)
    assert tried > 100, "most of it changes nothing about a release"


@pytest.mark.parametrize("state", ["cooling", "ready", "claimed", "dropped", "x"])
async def test_no_value_in_the_queue_releases(stage: VaultScene, state: str) -> None:
    meeting = await one_does_not_agree(stage, "refuses")
    other = await stage.released(1, **SOUND)
    await stage.worker.watch()
    (copied,) = await rows_of(stage, Base.metadata.tables["releases"], other.id)
    async with stage.database.write() as session:
        await session.execute(delete(StatementRow).where(StatementRow.meeting_id == other.id))
    await stage.worker.watch()
    for changes in (
        {"evidence": copied["evidence"]},
        {"created_at": 2**53, "updated_at": 2**53},
        {"ready_at": 2**53},
        {"reason": "export-x"},
        {"lease_token": "t", "lease_until": 2**53},
        {"lease_token": "t", "lease_until": 1},
        {"lease_until": 1},
    ):
        await force_into_the_queue(stage, meeting.id)
        async with stage.database.write() as session:
            await session.execute(
                update(ReleaseRow)
                .where(ReleaseRow.meeting_id == meeting.id)
                .values({"state": state, **changes})
            )
            await queue.promote(session, stage.clock.now())
        outcome = await try_to_export(stage)
        assert (outcome.folder, outcome.meetings) == (None, 0)
        nothing_on_disk(stage, meeting)
    async with stage.database.read() as session:
        assert (await session.scalars(select(ExportItemRow))).all() == []


async def test_rows_that_say_it_was_exported_export_nothing(stage: VaultScene) -> None:
    meeting = await one_does_not_agree(stage, "refuses")
    place = stage.exports / "by-hand"
    async with stage.database.write() as session:
        for state, digest in (("running", bytes(32)), ("running", None), ("done", bytes(32))):
            export_id = new_id()
            session.add(
                ExportRow(
                    id=export_id,
                    state=state,
                    requested_at=1,
                    folder=str(place),
                    manifest_digest=digest,
                    lease_token="t",
                )
            )
        await session.flush()
        session.add(ExportItemRow(export_id=export_id, meeting_id=meeting.id, committed_at=1))
        session.add(
            ReleaseRow(
                meeting_id=meeting.id,
                state="exported",
                evidence=bytes(32),
                created_at=0,
                ready_at=0,
                updated_at=0,
            )
        )
    await stage.restart()
    await stage.worker.watch()
    await stage.worker.export_requested()
    nothing_on_disk(stage, meeting)
    assert not place.exists()
    exports = await rows_of(stage, Base.metadata.tables["exports"], None)
    told = {(row["state"], row["error"]) for row in exports if row["state"] != "done"}
    assert told == {("failed", "export-lost"), ("failed", "interrupted")}


async def test_an_answer_in_the_name_of_another_counts_for_nothing(stage: VaultScene) -> None:
    """Signed with a key of one's own, with a box that opens, under the silent person's id."""
    meeting = await one_does_not_agree(stage, "says nothing")
    bo = meeting.people[1]
    mallory = Person(meeting.charter, meeting.vault_key)
    mallory.enrolment = bo.enrolment
    said = mallory.raw_answer(Will.YES, Will.YES, sealed=mallory.grant(), person=encode(bo.id))
    async with stage.database.write() as session:
        session.add(
            StatementRow(
                meeting_id=meeting.id,
                person_id=encode(bo.id),
                sequence=1,
                body=said.body,
                signature=said.signature,
                sealed_seed=said.sealed,
                received_at=1,
            )
        )
    await nothing_was_released(stage, meeting)


async def test_grants_of_others_do_not_stand_in(stage: VaultScene) -> None:
    """Ada's grant, and those of another meeting, in Bo's rows."""
    meeting = await one_does_not_agree(stage, "refuses")
    other = await stage.released(1, **SOUND)
    bo = encode(meeting.people[1].id)
    statements = await rows_of(stage, Base.metadata.tables["statements"], meeting.id)
    statements += await rows_of(stage, Base.metadata.tables["statements"], other.id)
    for row in [row for row in statements if row["sealed_seed"] is not None]:
        for columns in (("sealed_seed",), ("body", "signature", "sealed_seed")):
            async with stage.database.write() as session:
                await session.execute(
                    update(StatementRow)
                    .where(StatementRow.meeting_id == meeting.id, StatementRow.person_id == bo)
                    .values({name: row[name] for name in columns})
                )
            decision = await stage.worker.judge.judge(meeting.id)
            assert not isinstance(decision, Release)
    await nothing_was_released(stage, meeting)


async def test_somebody_who_does_not_agree_cannot_be_forgotten(stage: VaultScene) -> None:
    meeting = await one_does_not_agree(stage, "refuses")
    bo = encode(meeting.people[1].id)
    async with stage.database.write() as session:
        await session.execute(delete(StatementRow).where(StatementRow.person_id == bo))
        await session.execute(
            update(ParticipantRow).where(ParticipantRow.person_id == bo).values(admitted_at=None)
        )
    await nothing_was_released(stage, meeting)
    async with stage.database.write() as session:
        await session.execute(delete(ParticipantRow).where(ParticipantRow.person_id == bo))
    await nothing_was_released(stage, meeting)


@pytest.mark.parametrize("anew", [False, True], ids=["the boxes there were", "other boxes"])
async def test_a_recording_that_is_said_to_be_of_others_does_not_open(
    stage: VaultScene, anew: bool
) -> None:
    """With the server's key, headers and closings can be written anew, without the one who said no.

    The gate sees documents that are all in order, of another recording. The objects are those of
    the recording there was, and its keys are bound to the headers it had; with boxes that were
    written anew they share a key that has sealed nothing.
    """
    meeting = await one_does_not_agree(stage, "refuses")
    ada, bo = meeting.people
    previous = None
    async with stage.database.write() as session:
        for number, real in enumerate(meeting.headers, 1):
            assert real.recorded is not None
            made = committed(
                meeting.signing,
                [(ada, True)],
                number=number,
                previous=previous,
                offset=real.recorded.offset,
                at=real.at,
                arm=await meeting.arm(),
                hosts=meeting.hosts,
            )
            previous = made.header.digest
            row = await session.get(GenerationRow, (meeting.id, number))
            assert row is not None
            assert row.close is not None
            entries = [
                entry
                for entry in parse_generation_closing(row.close).segments
                if Track.parse(entry.track).person == ada.id
            ]
            closing = build_generation_closing(
                header=made.header,
                accepts=None,
                ended=real.at,
                interrupted=False,
                segments=entries,
            )
            row.header, row.signature, row.close = made.header.body, made.signature, closing
            row.close_signature = sign_generation_closing(stage.server, closing)
            if anew:
                row.boxes = suite.digest(made.boxes)
                for name, data in (
                    (objects.generation_boxes_key, made.boxes),
                    (objects.generation_pairs_key, made.pairs),
                    (objects.generation_outer_key, made.outer),
                ):
                    await stage.blobs.delete(name(meeting.id, number))
                    await stage.blobs.put(name(meeting.id, number), data)
        await session.execute(delete(StatementRow).where(StatementRow.person_id == encode(bo.id)))
        await session.execute(
            delete(ParticipantRow).where(ParticipantRow.person_id == encode(bo.id))
        )
    # The documents are in order, and so is a log that nobody has seen yet; that is all they are.
    await write_anew(stage.database)
    assert isinstance(await stage.worker.judge.judge(meeting.id), Release)
    await force_into_the_queue(stage, meeting.id)
    outcome = await try_to_export(stage)
    assert (outcome.folder, outcome.meetings) == (None, 0)
    nothing_on_disk(stage, meeting)


@pytest.mark.parametrize("keys_too", [False, True])
async def test_a_backup_from_before_a_withdrawal(stage: VaultScene, keys_too: bool) -> None:
    """All rows and objects as they were: nothing, for the key is gone, and the log was longer.

    Only who has a copy of the vault's own folder has both: that is why it must not be backed up.
    """
    meeting = await stage.released(2, **SOUND)
    await stage.cool_off()
    (key,) = (stage.settings.vault_dir / "meetings").glob("*.key")
    head = stage.settings.vault_dir / "log.head"
    copied, before = key.read_bytes(), head.read_bytes()
    size = stage.worker.follower.head.size
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.watch()
    assert not key.exists()
    async with stage.database.write() as session:
        await session.execute(
            delete(StatementRow).where(
                StatementRow.person_id == encode(meeting.people[0].id), StatementRow.sequence == 2
            )
        )
        await session.execute(delete(DeletionRow))
        await session.execute(update(VaultKeyRow).values(destroyed_at=None))
    if not keys_too:
        await stage.restart()
        await nothing_was_released(stage, meeting)
        return
    await cut_off(stage.database, size)
    await stage.close()
    key.write_bytes(copied)
    with pytest.raises(LogError) as caught:
        await stage.open()
    assert caught.value.code == "log-rolled-back"
    head.write_bytes(before)
    await stage.open()
    assert isinstance(await stage.worker.judge.judge(meeting.id), Release)


async def test_whatever_is_changed_in_the_log_blocks(stage: VaultScene) -> None:
    """Also of a meeting to which everyone agrees: what could hide something is no evidence."""
    meeting = await stage.released(2, **SOUND)
    await stage.worker.watch()
    assert isinstance(await decision_after(stage, meeting, select(1)), Release)
    table = Base.metadata.tables["log_entries"]
    every = [row for row in await rows_of(stage, table, None) if row["meeting_id"] == meeting.id]
    assert len(every) >= 10
    for row in every:
        here = table.c.number == row["number"]
        changes: list[Executable] = [delete(table).where(here)]
        for name in ("number", "entry", "meeting_id", "salt", "record"):
            copies = [other[name] for other in every]
            changes += [
                update(table).where(here).values({name: value})
                for value in everything_else(row[name], table.c[name], copies[:3])
            ]
        for change in changes:
            with suppress(DBAPIError):
                found = await decision_after(stage, meeting, change)
                assert isinstance(found, Blocked), row["number"]
                assert "not-logged" in {str(reason.code) for reason in found.reasons}


async def test_an_answer_that_is_not_logged_blocks(stage: VaultScene) -> None:
    """Nobody can put in a yes behind the server's back, not even one that is properly signed."""
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.UNANSWERED)
    await meeting.record([(ada, SOUND)])
    await meeting.end()
    said = ada.answer(Will.YES, Will.YES)
    async with stage.database.write() as session:
        session.add(
            StatementRow(
                meeting_id=meeting.id,
                person_id=encode(ada.id),
                sequence=2,
                body=said.body,
                signature=said.signature,
                sealed_seed=said.sealed,
                received_at=1,
            )
        )
    found = await stage.worker.judge.judge(meeting.id)
    assert isinstance(found, Blocked)
    assert [str(reason.code) for reason in found.reasons] == ["not-logged"]


async def test_the_end_of_the_answers_cannot_be_cut_off(stage: VaultScene) -> None:
    """A withdrawal is removed before the vault has carried it out, with its entry in the log."""
    meeting = await stage.released(2, **SOUND)
    await stage.cool_off()
    await meeting.says(meeting.people[0], Will.YES, Will.WITHDRAWN)
    await stage.worker.follower.follow()
    async with stage.database.write() as session:
        last = (StatementRow.person_id == encode(meeting.people[0].id)) & (
            StatementRow.sequence == 2
        )
        await session.execute(delete(StatementRow).where(last))
    found = await stage.worker.judge.judge(meeting.id)
    assert isinstance(found, Blocked)
    assert [str(reason.code) for reason in found.reasons] == ["not-logged"]
    await cut_off(stage.database, stage.worker.follower.head.size - 1)
    with pytest.raises(LogError):
        await stage.worker.judge.judge(meeting.id)
    await stage.close()
    with pytest.raises(LogError) as caught:
        await stage.open()
    assert caught.value.code == "log-rolled-back"


async def test_somebody_let_in_after_the_last_generation_cannot_be_forgotten(
    stage: VaultScene,
) -> None:
    meeting = await stage.meeting()
    ada = await meeting.comes()
    await meeting.says(ada, Will.YES, Will.YES)
    await meeting.record([(ada, SOUND)])
    late = await meeting.comes()
    await meeting.end()
    async with stage.database.write() as session:
        await session.execute(
            delete(ParticipantRow).where(ParticipantRow.person_id == encode(late.id))
        )
    found = await stage.worker.judge.judge(meeting.id)
    assert isinstance(found, Blocked)
    assert {str(reason.code) for reason in found.reasons} == {"bad-evidence", "not-logged"}


async def test_every_older_snapshot_of_the_database_is_refused(tmp_path: Path) -> None:
    """Copies of the whole database file, as a backup has them, each brought back in the end."""
    file = tmp_path / "assent.db"
    stage = VaultScene(tmp_path / "data", f"sqlite:///{file}")
    copies = []

    async def copy() -> None:
        await stage.close()  # so that the file is all there is
        copies.append(file.read_bytes())
        await stage.open()

    await stage.open()
    meeting = await stage.meeting()
    await copy()
    ada = await meeting.comes()
    await copy()
    await meeting.says(ada, Will.YES, Will.YES)
    await copy()
    await meeting.record([(ada, SOUND)])
    await meeting.end()
    await copy()
    await stage.cool_off()
    await meeting.says(ada, Will.WITHDRAWN, Will.WITHDRAWN)
    await copy()
    await stage.worker.watch()
    await copy()
    await stage.close()
    *older, newest = copies
    assert len(set(older)) == 5
    for content in older:
        file.write_bytes(content)
        with pytest.raises(LogError) as caught:
            await stage.open()
        assert caught.value.code == "log-rolled-back"
    file.write_bytes(newest)
    await stage.open()
    assert isinstance(await stage.worker.judge.judge(meeting.id), Blocked)
    await stage.close()


async def test_a_meeting_of_another_vault_or_without_training_gets_no_key(
    stage: VaultScene,
) -> None:
    meeting = await stage.meeting()
    other = await stage.meeting(training=False)
    assert meeting.vault_key is not None
    assert other.vault_key is None
    async with stage.database.write() as session:
        await session.execute(delete(VaultKeyRow).where(VaultKeyRow.meeting_id == meeting.id))
        row = await session.get(MeetingRow, meeting.id)
        assert row is not None
        row.charter = row.charter.replace(
            encode(meeting.charter.vault).encode(), encode(secrets.token_bytes(32)).encode()
        )
    assert await stage.worker.make_keys() == 0
    assert suite.digest(meeting.charter.body) == meeting.charter.digest
