"""Accounts over real databases: links are good once, sessions end, nothing secret is stored."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from assent.errors import AssentError, BadRequest, BadToken, LoginTaken
from assent.web import accounts as module
from assent.web.accounts import (
    INVITATION_MS,
    SESSION_IDLE_MS,
    SESSION_MOST_MS,
    Account,
    Accounts,
    normal_login,
)
from assent.web.paging import Page
from assent_vault.store import models
from assent_vault.store.database import Database
from support.clock import ManualClock

HASH = "a hash"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def accounts(database: Database, clock: ManualClock) -> Accounts:
    return Accounts(database, clock)


async def make(accounts: Accounts, login: str = "ada", role: Any = "host") -> Account:
    secret, _ = await accounts.invite(role, None)
    return await accounts.accept(secret, "Ada", login, HASH)


@pytest.mark.parametrize(
    ("typed", "login"),
    [
        ("ada", "ada"),
        (" Ada ", "ada"),
        ("ADA@Example.org", "ada@example.org"),
        ("\uff21\uff24\uff21", "ada"),  # full width
        ("STRASSE", "strasse"),
        ("stra\u00dfe", "strasse"),
    ],
)
def test_one_spelling_for_each_login(typed: str, login: str) -> None:
    assert normal_login(typed) == login


@pytest.mark.parametrize("typed", ["", "a", "x" * 129, "a b", "a\u0000b", "a\u202eb", "a\u2028b"])
def test_logins_that_are_none(typed: str) -> None:
    with pytest.raises(BadRequest) as caught:
        normal_login(typed)
    assert caught.value.field == "login"


async def test_an_invitation_makes_one_account(accounts: Accounts) -> None:
    assert not await accounts.has_administrator()
    secret, invitation = await accounts.invite("administrator", None)
    assert await accounts.inspect(secret) == invitation
    assert await accounts.inspect(secret) == invitation  # looking does not use it
    account = await accounts.accept(secret, "Ada", "ada", HASH)
    assert (account.role, account.login) == ("administrator", "ada")
    assert await accounts.has_administrator()
    for again in (accounts.inspect(secret), accounts.accept(secret, "Eve", "eve", HASH)):
        with pytest.raises(BadToken):
            await again
    assert [row["login"] for row in (await accounts.all(Page(10, None)))[0]] == ["ada"]


async def test_an_invitation_ends(accounts: Accounts, clock: ManualClock) -> None:
    secret, _ = await accounts.invite("host", None)
    clock.pass_(INVITATION_MS / 1000)
    with pytest.raises(BadToken):
        await accounts.inspect(secret)
    with pytest.raises(BadToken):
        await accounts.accept(secret, "Ada", "ada", HASH)


async def test_a_secret_nobody_gave_out_is_good_for_nothing(accounts: Accounts) -> None:
    await accounts.invite("host", None)
    for guess in (b"", bytes(32), b"x" * 32):
        with pytest.raises(BadToken):
            await accounts.inspect(guess)


async def test_a_taken_login_does_not_use_up_the_invitation(accounts: Accounts) -> None:
    await make(accounts, "ada")
    secret, _ = await accounts.invite("host", None)
    with pytest.raises(LoginTaken) as caught:
        await accounts.accept(secret, "Other", "ada", HASH)
    assert caught.value.field == "login"
    assert (await accounts.accept(secret, "Other", "other", HASH)).login == "other"


async def test_of_many_with_one_link_one_gets_it(accounts: Accounts) -> None:
    secret, _ = await accounts.invite("host", None)
    done = await asyncio.gather(
        *(accounts.accept(secret, "X", f"login{number}", HASH) for number in range(5)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Account) for result in done) == 1
    assert sum(isinstance(result, BadToken) for result in done) == 4


async def test_of_many_with_one_login_one_gets_it(accounts: Accounts) -> None:
    admin = await make(accounts, "admin", "administrator")
    secrets = [(await accounts.invite("host", admin.id))[0] for _ in range(5)]
    done = await asyncio.gather(
        *(accounts.accept(secret, "X", "same", HASH) for secret in secrets),
        return_exceptions=True,
    )
    assert sum(isinstance(result, Account) for result in done) == 1
    assert all(isinstance(result, Account | LoginTaken) for result in done)


async def test_of_the_servers_own_links_the_latest_alone_is_good(accounts: Accounts) -> None:
    admin = await make(accounts, "admin", "administrator")
    invited, _ = await accounts.invite("host", admin.id)
    first, _ = await accounts.invite("administrator", None)
    second, _ = await accounts.invite("administrator", None)
    with pytest.raises(BadToken):
        await accounts.inspect(first)
    await accounts.inspect(second)
    await accounts.inspect(invited)


async def test_no_secret_is_in_the_database(accounts: Accounts, database: Database) -> None:
    account = await make(accounts)
    invitation, _ = await accounts.invite("host", account.id)
    session_secret = await accounts.open_session(account.id)
    async with database.read() as session:
        stored = [
            *(await session.scalars(select(models.InvitationRow.token_hash))),
            *(await session.scalars(select(models.LoginSessionRow.token_hash))),
        ]
    assert len(stored) == 3
    assert invitation not in stored
    assert session_secret not in stored


async def test_a_session_is_its_accounts_until_it_is_closed(accounts: Accounts) -> None:
    account = await make(accounts)
    secret = await accounts.open_session(account.id)
    other = await accounts.open_session(account.id)
    assert await accounts.of_session(secret) == account
    assert await accounts.of_session(b"x" * 32) is None
    await accounts.close_session(secret)
    assert await accounts.of_session(secret) is None
    assert await accounts.of_session(other) == account


async def test_a_session_ends_without_use(accounts: Accounts, clock: ManualClock) -> None:
    account = await make(accounts)
    secret = await accounts.open_session(account.id)
    clock.pass_(SESSION_IDLE_MS / 1000)
    assert await accounts.of_session(secret) is None


async def test_a_session_lasts_with_use_but_not_for_ever(
    accounts: Accounts, clock: ManualClock
) -> None:
    account = await make(accounts)
    secret = await accounts.open_session(account.id)
    half = SESSION_IDLE_MS / 2000
    passed = 0.0
    while (passed + half) * 1000 < SESSION_MOST_MS:
        clock.pass_(half)
        passed += half
        assert await accounts.of_session(secret) == account
    clock.pass_(half)
    assert await accounts.of_session(secret) is None


async def test_a_clock_set_back_does_not_lengthen_a_session(
    accounts: Accounts, clock: ManualClock
) -> None:
    account = await make(accounts)
    secret = await accounts.open_session(account.id)
    clock.pass_(-SESSION_MOST_MS / 1000)
    assert await accounts.of_session(secret) is None  # it has not been made yet
    clock.pass_(SESSION_MOST_MS / 1000)
    assert await accounts.of_session(secret) == account
    clock.pass_(SESSION_IDLE_MS / 1000)
    assert await accounts.of_session(secret) is None


async def test_a_disabled_account_is_shut_out_at_once(
    accounts: Accounts, database: Database
) -> None:
    account = await make(accounts, role="administrator")
    secret = await accounts.open_session(account.id)
    assert await accounts.credentials("ada") == (account, HASH)
    async with database.write() as session:
        row = await session.get(models.AccountRow, account.id)
        assert row is not None
        row.disabled_at = 1
    assert await accounts.of_session(secret) is None
    assert await accounts.credentials("ada") is None
    assert not await accounts.has_administrator()


async def test_sessions_of_one_account_are_bounded(
    accounts: Accounts, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_SESSIONS_EACH", 3)
    account, other = await make(accounts, "ada"), await make(accounts, "bob")
    kept = await accounts.open_session(other.id)
    secrets = []
    for _ in range(5):
        clock.pass_(1)
        secrets.append(await accounts.open_session(account.id))
    known = [await accounts.of_session(secret) for secret in secrets]
    assert known == [None, None, account, account, account]
    assert await accounts.of_session(kept) == other


async def test_unknown_logins_have_no_credentials(accounts: Accounts) -> None:
    assert await accounts.credentials("nobody") is None
    assert issubclass(BadToken, AssentError)


async def test_a_hash_can_be_replaced(accounts: Accounts) -> None:
    account = await make(accounts)
    await accounts.replace_hash(account.id, "newer")
    await accounts.replace_hash("nobody", "newer")
    assert await accounts.credentials("ada") == (account, "newer")
