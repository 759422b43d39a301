"""What every route works with, put together once by ``assent.app``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from aiohttp import web

from assent.clock import Clock
from assent.config import Settings
from assent.listening import Connections
from assent.meeting import MeetingRegistry
from assent.transparency import LogPublisher, Notary, Receipts
from assent.web.accounts import Account, Accounts
from assent.web.client_files import ClientFiles
from assent.web.limits import HeldPlaces, Limit, Limiter
from assent.web.notices import Notices
from assent.web.passwords import Passwords
from assent_vault.store.database import Database

# Sockets last as long as meetings do. Each costs a task, two buffers and a descriptor.
MAX_SOCKETS = 5_000
MAX_SOCKETS_EACH = 500


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the server that routes use. ``server_key`` is the public half."""

    settings: Settings
    clock: Clock
    database: Database
    hall: MeetingRegistry
    notices: Notices
    client: ClientFiles
    accounts: Accounts
    passwords: Passwords
    limiter: Limiter
    sockets: HeldPlaces
    connections: Connections
    log: LogPublisher
    notary: Notary
    receipts: Receipts
    server_key: bytes
    reset_key: bytes  # a secret of this server, for links that set passwords
    cookie_key: bytes  # another, for cookies that tell a browser from strangers
    # Converses over one WebSocket until it ends; the Origin has been checked before.
    converse: Callable[[web.Request, str], Awaitable[web.StreamResponse]]
    # What else keeps the server from being ready: stable codes, empty when nothing does.
    problems: Callable[[], list[str]]
    # The two times there are where the clock is in doubt, None where it is not.
    doubt: Callable[[], dict[str, int] | None] = lambda: None
    # What an operator should see to before it does: stable codes.
    warnings: Callable[[], list[str]] = list
    # When the certificate that this server itself shows ends, in Unix seconds; None without one.
    certificate: Callable[[], int | None] = lambda: None

    @property
    def words(self) -> tuple[str, ...]:
        """What this server is called: no part of a good password."""
        host = urlsplit(self.settings.public_url).hostname or ""
        return ("assent", host, self.settings.operator_name)


CONTEXT: web.AppKey[Context] = web.AppKey("context", Context)

# Set by the middlewares for every request.
CLIENT_KEY: web.RequestKey[str] = web.RequestKey("client", str)
# Whatever the browser can show of itself.
ADDRESS_KEY: web.RequestKey[str] = web.RequestKey("address", str)
ACCOUNT: web.RequestKey[Account] = web.RequestKey("account", Account)


def context(request: web.Request) -> Context:
    """Return what a route works with."""
    return request.app[CONTEXT]


def limit(request: web.Request, kind: Limit) -> None:
    """Count one attempt of this request's client; raises RateLimited."""
    context(request).limiter.take(kind, request[CLIENT_KEY])
