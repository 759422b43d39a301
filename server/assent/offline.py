"""What an operator's command does by itself: without a running server, or beside one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from assent.clock import SystemClock
from assent.config import Settings
from assent.identity import load_identity
from assent.meeting import Acts
from assent.resources import named_server, open_database, own_folder
from assent.transparency import LogPublisher, Witnesses, origin_of, replace_log_key
from assent.web import Accounts, invitation_url


async def administrator_link(accounts: Accounts, settings: Settings) -> str:
    """Return a new one-time link that makes an administrator; earlier ones of its kind end."""
    secret, _ = await accounts.invite("administrator", None)
    return invitation_url(settings.public_url, secret)


async def new_administrator_link(settings: Settings) -> str:
    """Return such a link without a running server, or beside one."""
    async with AsyncExitStack() as stack:
        database = await open_database(settings, stack, migrate=False)
        return await administrator_link(Accounts(database, SystemClock()), settings)


async def begin_new_log(settings: Settings) -> str:
    """Begin another log over the database there is, after a loss; returns its name.

    No server may run. What people hold of the former log stays true of the former log.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        folder = settings.server_folder
        own_folder(folder, stack)
        database = await open_database(settings, stack, migrate=False)
        key = replace_log_key(
            folder,
            origin=settings.log_origin or origin_of(settings.public_url),
            named=bool(settings.log_origin),
            now=clock.now(),
        )
        await LogPublisher(database, key, folder, Witnesses((), database), clock).begin()
        return key.origin


@asynccontextmanager
async def acting(settings: Settings) -> AsyncIterator[Acts]:
    """Take back for others without a running server, or beside one, which notices by itself.

    Raises StartError where the database or the server's key cannot be used.
    """
    async with AsyncExitStack() as stack:
        database = await open_database(settings, stack, migrate=False)
        folder = settings.server_folder
        key = load_identity(folder, await named_server(database))
        yield Acts(database, key)


async def migrate(settings: Settings) -> None:
    """Upgrade the database and do nothing else; raises StartError."""
    async with AsyncExitStack() as stack:
        await open_database(settings, stack)
