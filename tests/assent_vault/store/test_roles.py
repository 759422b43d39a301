"""Server and worker as two roles of PostgreSQL: neither does what it has no right to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import ProgrammingError

from assent_vault.formats.statement import Will
from assent_vault.store import approval
from assent_vault.store.database import Database
from assent_vault.store.models import (
    AccountRow,
    ExportRow,
    LogEntryRow,
    ParticipantRow,
    StatementRow,
)
from assent_vault.store.roles import TABLES
from assent_vault.worker.strangers import Strangers
from support.meetings import hall_of, write_meeting
from support.people import make_meeting, person_in
from support.postgres import PostgresServer


@pytest.fixture
def urls(postgres: PostgresServer) -> Iterator[tuple[str, str, str]]:
    """Give the URLs of an owner, the server and the vault."""
    with postgres.two_roles() as found:
        yield found


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = Database(url)
    try:
        yield database
    finally:
        await database.close()


def test_the_server_takes_nothing_away_that_people_have_said() -> None:
    for table in ("participants", "statements", "revocations", "log_entries", "generations"):
        assert "d" not in TABLES[table][0]


async def test_a_flood_at_the_door_under_two_roles(
    urls: tuple[str, str, str], tmp_path: Path
) -> None:
    """The server forgets whom it did not let in, and the worker takes away their rows."""
    owner_url, server_url, vault_url = urls
    meeting = make_meeting(waiting_room=True)
    async with opened(owner_url) as owner:
        await owner.migrate()
        await owner.grant("assent_server", "assent_vault")
        await write_meeting(owner, meeting)
    async with (
        opened(server_url) as server,
        opened(vault_url) as vault,
        hall_of(server, tmp_path / "objects", meeting) as scene,
    ):
        host = await scene.browser(host=True)
        await host.enter(person_in(meeting), "Ada")
        host.live._roster._most, host.live._roster._most_each = 4, 2
        for number in range(12):
            page = await scene.browser(client=f"client {number % 3}")
            stranger = person_in(meeting)
            await page.enter(stranger, "X")
            await page.says(stranger.answer(Will.YES))
            page.live.admission.detach(page)
        page = await scene.browser(client="ben")
        await page.enter(person_in(meeting), "Ben")
        await host.live.admission.admit(page.live.person(page).id)
        assert len(host.live.room_view().people) == 2
        # What is not the server's it cannot do, whoever has broken into it.
        for table in (StatementRow, ParticipantRow):
            with pytest.raises(ProgrammingError, match="permission denied"):
                async with server.write() as session:
                    await session.execute(delete(table))
        await Strangers(vault).take_away()
        async with server.read() as session:
            rows = [
                await session.scalar(select(func.count()).select_from(table))
                for table in (ParticipantRow, StatementRow, LogEntryRow)
            ]
        assert rows == [2 + len([p for p in host.live._roster.people.values() if not p.present]),
                        rows[0] - 2, 1 + 14 + 12 + 2]  # fmt: skip
        assert rows[0] <= 2 + 4


async def test_the_vault_sees_of_an_account_whether_it_may_approve(
    urls: tuple[str, str, str],
) -> None:
    owner_url, server_url, vault_url = urls
    async with opened(owner_url) as owner:
        await owner.migrate()
        for _ in range(2):  # it can be done again
            await owner.grant("assent_server", "assent_vault")
    async with opened(server_url) as server, server.write() as session:
        for login, role in (("ada", "administrator"), ("ben", "administrator"), ("bo", "host")):
            session.add(
                AccountRow(
                    id=login, name=login, login=login, role=role, password_hash="x", created_at=1
                )
            )
        await session.flush()
        session.add(
            ExportRow(
                id="E", state="requested", requested_by="ada", requested_at=1, approved_by="ben",
                approved_at=2,
            )
        )  # fmt: skip
    async with opened(vault_url) as vault:
        async with vault.write() as session:
            row = await session.get(ExportRow, "E", with_for_update=True)
            assert row is not None
            assert await approval.what_is_missing(session, row, 3) is None
            row.approved_by = "bo"
            assert await approval.what_is_missing(session, row, 3) == "approval-void"
        for forbidden in (
            select(AccountRow.password_hash),
            select(AccountRow.login),
            update(AccountRow).values(role="administrator"),
        ):
            with pytest.raises(ProgrammingError, match="permission denied"):
                async with vault.write() as session:
                    await session.execute(forbidden)
