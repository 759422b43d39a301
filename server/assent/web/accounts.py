"""Accounts, their invitations and their login sessions, in the database.

Every secret here (an invitation's, a session's) is 32 random bytes that only its holder has; the
tables hold its SHA-256. Each method is one transaction.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from assent.clock import Clock
from assent.errors import BadRequest, BadToken, LoginTaken
from assent.web.paging import Page
from assent_vault.clock import reckoning
from assent_vault.formats.suite import encode
from assent_vault.store import approval, download, models
from assent_vault.store.database import Database

SECRET_BYTES = 32
HOUR_MS = 3_600_000
INVITATION_MS = 72 * HOUR_MS
# A session ends after a day without use, and after a week in any case (ASVS 5.0, 7.3.1 and 7.3.2).
SESSION_IDLE_MS = 24 * HOUR_MS
SESSION_MOST_MS = 7 * 24 * HOUR_MS
# Use is noted at most once in this time, so that reading is not writing.
_TOUCH_MS = HOUR_MS
_SESSIONS_EACH = 20
_MIN_LOGIN, _MAX_LOGIN = 2, 128

Role = Literal["administrator", "host"]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody with a password, as the rest of the server sees them."""

    id: str
    name: str
    login: str
    role: Role

    def to_wire(self) -> dict[str, str]:
        """Return what a client is shown."""
        return {"id": self.id, "name": self.name, "login": self.login, "role": self.role}


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an unused invitation is good for."""

    role: Role
    expires_at: int


def digest(secret: bytes) -> bytes:
    """Return what is stored of a secret. It is random and long: a plain hash keeps it."""
    return hashlib.sha256(secret).digest()


def is_good(made_at: int, expires_at: int, now: int) -> bool:
    """Tell whether something that runs out is good; it is not before it was made, either.

    For else a clock that is set back would make it good for years.
    """
    return made_at <= now + reckoning.SLACK and now < expires_at


def normal_login(typed: str) -> str:
    """Return the one spelling of a login under which it is stored; raises BadRequest."""
    login = unicodedata.normalize("NFKC", typed.strip()).casefold()
    if not _MIN_LOGIN <= len(login) <= _MAX_LOGIN:
        raise BadRequest(f"A login has {_MIN_LOGIN} to {_MAX_LOGIN} characters.", field="login")
    if any(unicodedata.category(point)[0] in "CZ" for point in login):
        raise BadRequest("A login has no spaces or control characters.", field="login")
    return login


class Accounts:
    """The accounts of one server."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # Invitations.

    async def has_administrator(self) -> bool:
        """Whether anybody can administer this server yet."""
        async with self._database.read() as session:
            found = await session.scalar(
                select(models.AccountRow.id)
                .where(
                    models.AccountRow.role == "administrator",
                    models.AccountRow.disabled_at.is_(None),
                )
                .limit(1)
            )
            return found is not None

    async def invite(self, role: Role, by: str | None) -> tuple[bytes, Invitation]:
        """Make an invitation; its secret is returned this once.

        ``by`` is the inviting account, None for the link the server prints for its operator. Of
        those only the latest is good: whoever reads an old terminal finds nothing of use.
        """
        secret, now = secrets.token_bytes(SECRET_BYTES), self._clock.now()
        async with self._database.write() as session:
            await session.execute(
                delete(models.InvitationRow).where(
                    models.InvitationRow.expires_at <= self._clock.surely()
                )
            )
            if by is None:
                await session.execute(
                    delete(models.InvitationRow).where(
                        models.InvitationRow.created_by.is_(None),
                        models.InvitationRow.used_at.is_(None),
                    )
                )
            session.add(
                models.InvitationRow(
                    token_hash=digest(secret),
                    role=role,
                    created_by=by,
                    created_at=now,
                    expires_at=now + INVITATION_MS,
                )
            )
        return secret, Invitation(role, now + INVITATION_MS)

    async def inspect(self, secret: bytes) -> Invitation:
        """Return what an invitation is good for; raises BadToken."""
        async with self._database.read() as session:
            row = await self._valid(session, secret)
            return Invitation(cast("Role", row.role), row.expires_at)

    async def accept(self, secret: bytes, name: str, login: str, password_hash: str) -> Account:
        """Make the account of an invitation and use the invitation up, both or neither.

        Raises BadToken, LoginTaken. Of two at the same time with the same link, one gets it.
        """
        account_id = encode(secrets.token_bytes(16))
        try:
            async with self._database.write() as session:
                invitation = await self._valid(session, secret, lock=True)
                taken = select(models.AccountRow.id).where(models.AccountRow.login == login)
                if await session.scalar(taken) is not None:
                    raise LoginTaken(field="login")
                session.add(
                    models.AccountRow(
                        id=account_id,
                        name=name,
                        login=login,
                        role=invitation.role,
                        password_hash=password_hash,
                        created_at=self._clock.now(),
                    )
                )
                invitation.used_at = self._clock.now()
                role = cast("Role", invitation.role)
        except IntegrityError as error:  # another invitation took the login at the same moment
            raise LoginTaken(field="login") from error
        return Account(account_id, name, login, role)

    async def _valid(
        self, session: AsyncSession, secret: bytes, *, lock: bool = False
    ) -> models.InvitationRow:
        query = select(models.InvitationRow).where(
            models.InvitationRow.token_hash == digest(secret)
        )
        row = await session.scalar(query.with_for_update() if lock else query)
        if row is None or row.used_at is not None:
            raise BadToken
        if not is_good(row.created_at, row.expires_at, self._clock.now()):
            raise BadToken
        return row

    # Signing in.

    async def credentials(self, login: str) -> tuple[Account, str] | None:
        """Return the account of a login with its password hash; None where it cannot sign in."""
        async with self._database.read() as session:
            row = await session.scalar(
                select(models.AccountRow).where(
                    models.AccountRow.login == login, models.AccountRow.disabled_at.is_(None)
                )
            )
            return None if row is None else (_account(row), row.password_hash)

    async def replace_hash(self, account_id: str, password_hash: str) -> None:
        """Store a password's hash made with newer parameters."""
        async with self._database.write() as session:
            row = await session.get(models.AccountRow, account_id)
            if row is not None:
                row.password_hash = password_hash

    async def open_session(self, account_id: str) -> bytes:
        """Sign a browser in; returns the secret of its cookie."""
        secret, now = secrets.token_bytes(SECRET_BYTES), self._clock.now()
        async with self._database.write() as session:
            mine = models.LoginSessionRow.account_id == account_id
            await session.execute(
                delete(models.LoginSessionRow).where(
                    mine, models.LoginSessionRow.expires_at <= self._clock.surely()
                )
            )
            surplus = (
                await session.scalars(
                    select(models.LoginSessionRow.token_hash)
                    .where(mine)
                    .order_by(models.LoginSessionRow.created_at.desc())
                    .offset(_SESSIONS_EACH - 1)
                )
            ).all()
            if surplus:
                await session.execute(
                    delete(models.LoginSessionRow).where(
                        models.LoginSessionRow.token_hash.in_(surplus)
                    )
                )
            session.add(
                models.LoginSessionRow(
                    token_hash=digest(secret),
                    account_id=account_id,
                    created_at=now,
                    expires_at=now + SESSION_IDLE_MS,
                )
            )
        return secret

    async def of_session(self, secret: bytes) -> Account | None:
        """Return whose session this is, and note that it was used; None where it is nobody's."""
        now = self._clock.now()
        async with self._database.read() as session:
            found = (
                await session.execute(
                    select(models.LoginSessionRow, models.AccountRow)
                    .join(
                        models.AccountRow, models.AccountRow.id == models.LoginSessionRow.account_id
                    )
                    .where(models.LoginSessionRow.token_hash == digest(secret))
                )
            ).one_or_none()
            if found is None:
                return None
            login, row = found
            if not is_good(login.created_at, login.expires_at, now):
                return None
            if row.disabled_at is not None:
                return None
            until = min(now + SESSION_IDLE_MS, login.created_at + SESSION_MOST_MS)
            stale = until - login.expires_at >= _TOUCH_MS
            account = _account(row)
        if stale:
            async with self._database.write() as session:
                again = await session.get(models.LoginSessionRow, digest(secret))
                if again is not None:
                    again.expires_at = until
        return account

    async def close_session(self, secret: bytes) -> None:
        """Sign a browser out."""
        async with self._database.write() as session:
            await session.execute(
                delete(models.LoginSessionRow).where(
                    models.LoginSessionRow.token_hash == digest(secret)
                )
            )

    # Lost passwords.

    async def by_id(self, account_id: str) -> tuple[Account, str, int] | None:
        """Return an account with its password hash; None where it cannot sign in.

        The last is when links that set its password were made at the earliest, in Unix ms.
        """
        async with self._database.read() as session:
            row = await session.get(models.AccountRow, account_id)
            if row is None or row.disabled_at is not None:
                return None
            return _account(row), row.password_hash, row.links_from or 0

    async def set_password(self, account_id: str, former: str, password_hash: str) -> bool:
        """Set a password in the place of ``former``, and sign every browser out; both or neither.

        False where it is not ``former`` any more: of two at the same time, one sets it.
        """
        async with self._database.write() as session:
            row = await session.get(models.AccountRow, account_id, with_for_update=True)
            if row is None or row.disabled_at is not None or row.password_hash != former:
                return False
            row.password_hash = password_hash
            await self._sign_out(session, account_id)
        return True

    # For administrators.

    async def set_disabled(self, account_id: str, *, disabled: bool) -> dict[str, Any] | None:
        """Shut an account out, or let it in again; None where there is none.

        Its browsers are signed out, links that it has made and nobody has used are good no more,
        nor are those that set its password, and what it asked to export, or approved, and was not
        begun is not; what it downloads, or let download, ends.
        """
        async with self._database.write() as session:
            row = await session.get(models.AccountRow, account_id, with_for_update=True)
            if row is None:
                return None
            if not disabled:
                row.disabled_at = None
            elif row.disabled_at is None:
                row.disabled_at = self._clock.now()
            if disabled:
                now = self._clock.now()
                row.links_from = now + 1
                for table in (models.ExportRow, models.DownloadRow):
                    waiting = (approval.PROPOSED, approval.REQUESTED)
                    is_download = table is models.DownloadRow
                    await session.execute(
                        update(table)
                        .where(
                            or_(
                                table.requested_by == account_id,
                                table.approved_by == account_id,
                            ),
                            table.state.in_(download.OPEN if is_download else waiting),
                        )
                        .values(state="failed", error="account-disabled", finished_at=now)
                    )
                await self._sign_out(session, account_id)
                await session.execute(
                    delete(models.InvitationRow).where(
                        models.InvitationRow.created_by == account_id,
                        models.InvitationRow.used_at.is_(None),
                    )
                )
            return _listed(row)

    async def forget_expired(self) -> None:
        """Forget invitations and sessions whose time is over, used or not."""
        now = self._clock.surely()
        async with self._database.write() as session:
            for table in (models.InvitationRow, models.LoginSessionRow):
                await session.execute(delete(table).where(table.expires_at <= now))

    async def all(self, page: Page) -> tuple[list[dict[str, Any]], str | None]:
        """Return a page of the accounts, newest first, as the console shows them."""
        async with self._database.read() as session:
            query = page.of(
                select(models.AccountRow), models.AccountRow.created_at, models.AccountRow.id
            )
            rows, after = page.cut((await session.scalars(query)).all())
            return [_listed(row) for row in rows], after

    @staticmethod
    async def _sign_out(session: AsyncSession, account_id: str) -> None:
        mine = models.LoginSessionRow.account_id == account_id
        await session.execute(delete(models.LoginSessionRow).where(mine))


def _listed(row: models.AccountRow) -> dict[str, Any]:
    return {
        **_account(row).to_wire(),
        "created_at": row.created_at,
        "disabled": row.disabled_at is not None,
    }


def _account(row: models.AccountRow) -> Account:
    return Account(row.id, row.name, row.login, cast("Role", row.role))
