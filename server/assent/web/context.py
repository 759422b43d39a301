"""What every route works with, put together once by ``assent.app``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from assent.clock import Clock
from assent.config import Settings
from assent.meeting import Hall
from assent.transparency import Notary, Publisher, Receipts
from assent.web.accounts import Account, Accounts
from assent.web.client_files import ClientFiles
from assent.web.limits import Limit, Limiter, Places
from assent.web.notices import Notices
from assent.web.passwords import Passwords
from assent_vault.database import Database

# Sockets last as long as meetings do. Each costs a task, two buffers and a descriptor.
MAX_SOCKETS = 5_000
MAX_SOCKETS_EACH = 500


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of the server that routes use. ``server_key`` is the public half."""

    settings: Settings
    clock: Clock
    database: Database
    hall: Hall
    notices: Notices
    client: ClientFiles
    accounts: Accounts
    passwords: Passwords
    limiter: Limiter
    sockets: Places
    log: Publisher
    notary: Notary
    receipts: Receipts
    server_key: bytes
    reset_key: bytes  # a secret of this server, for links that set passwords
    # Converses over one WebSocket until it ends; the Origin has been checked before.
    converse: Callable[[web.Request], Awaitable[web.StreamResponse]]
    # What else keeps the server from being ready: stable codes, empty when nothing does.
    problems: Callable[[], list[str]]


CONTEXT: web.AppKey[Context] = web.AppKey("context", Context)

# Set by the middlewares for every request.
CLIENT_KEY: web.RequestKey[str] = web.RequestKey("client", str)
ACCOUNT: web.RequestKey[Account] = web.RequestKey("account", Account)


def context(request: web.Request) -> Context:
    """Return what a route works with."""
    return request.app[CONTEXT]


def limit(request: web.Request, kind: Limit) -> None:
    """Count one attempt of this request's client; raises RateLimited."""
    context(request).limiter.take(kind, request[CLIENT_KEY])
