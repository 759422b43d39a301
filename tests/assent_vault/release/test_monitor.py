"""The vault's view of the log: what it notices, and what it tells."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from assent_vault.errors import LogError
from assent_vault.formats import suite
from assent_vault.formats.suite import encode
from assent_vault.ledger import entry as entries
from assent_vault.ledger.entry import Destroyed, HostArmed
from assent_vault.release.log_writer import LogWriter
from assent_vault.release.monitor import Monitor, Told
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.models import LogEntryRow
from support.logs import cut_off

A, B = bytes(16), b"\1" * 16
VAULT = Ed25519PrivateKey.generate()
SCRIBE = LogWriter(VAULT, lambda: 5)


class Log:
    """A log in a database, and a vault that follows it."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder

    async def follower(self) -> Monitor:
        follower = Monitor(self.database, self.folder, suite.sign_public(VAULT))
        await follower.start()
        return follower

    async def append(self, *meetings: bytes) -> None:
        async with self.database.write() as session:
            for meeting in meetings:
                act = secrets.token_bytes(32)
                await log_rows.append(session, HostArmed(meeting=meeting, act=act, at=1))

    async def change(self, number: int, **values: Any) -> None:
        async with self.database.write() as session:
            await session.execute(
                update(LogEntryRow).where(LogEntryRow.number == number).values(**values)
            )

    async def tell(self, follower: Monitor, meeting: bytes) -> Told:
        await follower.follow()
        async with self.database.read() as session:
            return await follower.tell(session, encode(meeting))

    async def destroy(self, follower: Monitor, meeting: bytes, scribe: LogWriter = SCRIBE) -> None:
        async with self.database.write() as session:
            await scribe.destroyed(session, encode(meeting), "retention", follower)


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path)


async def test_it_tells_what_is_of_a_meeting(log: Log) -> None:
    follower = await log.follower()
    await log.append(A, B, A)
    told = await log.tell(follower, A)
    assert told.whole
    assert [entries.parse(body).of for body in told.records] == [A, A]
    assert await log.tell(follower, b"\2" * 16) == Told(True, ())
    # Whoever begins later sees the same.
    again = await log.follower()
    assert await log.tell(again, A) == told
    assert again.head == follower.head


async def test_heads_are_remembered(log: Log) -> None:
    follower = await log.follower()
    await log.append(A, B, A)
    await follower.follow()
    await log.append(A)
    assert (log.folder / "log.head").read_bytes().startswith(b"3\n")
    assert (await log.follower()).head.size == 4
    for size in (3, 2, 0):
        await cut_off(log.database, size)
        with pytest.raises(LogError) as caught:
            await log.follower()
        assert caught.value.code == "log-rolled-back"
    await log.append(A, A, A, A, A)
    with pytest.raises(LogError):
        await log.follower()


async def test_who_shares_the_folder_never_takes_back_what_another_has_seen(log: Log) -> None:
    slow, fast = await log.follower(), await log.follower()
    await log.append(A, B)
    head = await slow.follow()
    await log.append(A)
    await fast.follow()
    slow._remembered = None
    slow._remember(head)  # it has looked before, and writes after
    assert (log.folder / "log.head").read_bytes().startswith(b"3\n")
    await cut_off(log.database, 2)
    with pytest.raises(LogError) as caught:
        await log.follower()
    assert caught.value.code == "log-rolled-back"


async def test_two_who_have_seen_another_log_do_not_go_on(log: Log) -> None:
    one, other = await log.follower(), await log.follower()
    await log.append(A)
    await one.follow()
    await cut_off(log.database, 0)
    await log.append(B)
    with pytest.raises(LogError) as caught:
        await other.follow()
    assert caught.value.code == "log-rolled-back"


async def test_what_is_taken_back_while_it_follows_is_noticed(log: Log) -> None:
    follower = await log.follower()
    await log.append(A, B, A)
    await follower.follow()
    await cut_off(log.database, 2)
    with pytest.raises(LogError):
        await follower.follow()
    await log.append(B, B)
    with pytest.raises(LogError):
        await follower.follow()
    assert follower.head.size == 3


@pytest.mark.parametrize("content", [b"", b"1\n", b"1\nAAAA\n", b"x\n" + b"A" * 43 + b"=\n"])
async def test_a_torn_file_is_no_head(log: Log, content: bytes) -> None:
    (log.folder / "log.head").write_bytes(content)
    with pytest.raises(LogError):
        await log.follower()


@pytest.mark.parametrize(
    "values",
    [
        {"record": None},
        {"salt": None},
        {"salt": bytes(32)},
        {"salt": b""},
        {"record": b"{}"},
        {"meeting_id": encode(B)},
        {"meeting_id": None},
        {"record": None, "salt": None, "meeting_id": encode(B)},
    ],
)
async def test_a_hidden_record_is_missed(log: Log, values: dict[str, Any]) -> None:
    """Whether it was hidden after it was followed, or before anybody has looked."""
    follower = await log.follower()
    await log.append(A, B, A)
    assert (await log.tell(follower, A)).whole
    await log.change(2, **values)
    assert not (await log.tell(follower, A)).whole
    again = await log.follower()
    assert not (await log.tell(again, A)).whole


async def test_what_does_not_open_could_be_anybodys(log: Log) -> None:
    await log.append(A, B)
    await log.change(1, record=None, salt=None, meeting_id=None)
    follower = await log.follower()
    assert follower.unopened == 1
    assert not (await log.tell(follower, A)).whole


async def test_a_record_put_in_another_meeting_is_too_many_there(log: Log) -> None:
    follower = await log.follower()
    await log.append(A, B)
    await follower.follow()
    await log.change(1, meeting_id=encode(A))
    assert not (await log.tell(follower, B)).whole
    assert (await log.tell(follower, A)).whole  # it is not taken for A's


async def test_a_destroyed_meeting_is_accounted_for(log: Log) -> None:
    follower = await log.follower()
    await log.append(A, B, A)
    await follower.follow()
    await log.destroy(follower, A)
    for each in (follower, await log.follower()):
        assert (await log.tell(each, B)).whole
        assert await log.tell(each, A) == Told(True, ())
        assert each.unopened == 0
    async with log.database.read() as session:
        found = await log_rows.of_meeting(session, encode(A))
    assert [row.record is None for row in found] == [True, True, False]
    record = entries.parse(found[2].record or b"")
    assert isinstance(record, Destroyed)
    assert record.entries == 2
    # What comes afterwards counts anew, and can be destroyed anew.
    await log.append(A)
    later = await log.follower()
    assert len((await log.tell(later, A)).records) == 1
    await log.destroy(later, A)
    assert (await log.follower()).unopened == 0


async def test_only_the_vault_accounts_for_what_is_missing(log: Log) -> None:
    follower = await log.follower()
    await log.append(A, B)
    await follower.follow()
    await log.destroy(follower, A, LogWriter(Ed25519PrivateKey.generate(), lambda: 5))
    again = await log.follower()
    assert again.unopened == 1
    assert not (await log.tell(again, B)).whole


async def test_a_destroyed_record_accounts_for_nothing_else(log: Log) -> None:
    """Something of B's is hidden among what A's destruction takes away."""
    follower = await log.follower()
    await log.append(A, B, B, A)
    await follower.follow()
    await log.change(2, meeting_id=encode(A))
    await log.destroy(follower, A)
    await log.change(2, record=None, salt=None)
    again = await log.follower()
    assert again.unopened > 0
    assert not (await log.tell(again, B)).whole


async def test_hidden_before_anybody_looked_and_then_destroyed(log: Log) -> None:
    await log.append(A, B, B, A)
    await log.change(2, record=None, salt=None, meeting_id=encode(A))
    follower = await log.follower()
    assert follower.unopened == 1
    await log.destroy(follower, A)
    await follower.follow()
    assert not (await log.tell(follower, B)).whole
    assert not (await log.tell(await log.follower(), B)).whole
