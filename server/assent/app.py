"""The only place that builds and connects everything; starts it in order, stops it in reverse."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web, web_response
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from assent import garbage
from assent.clock import Clock, SystemClock
from assent.config import Settings
from assent.errors import StartError
from assent.identity import load_identity, reset_key
from assent.media import MediaProcesses, Unavailable
from assent.meeting import Hall, Relay, Rules, Services, Store
from assent.metrics import Metrics
from assent.signalling import serve as converse
from assent.transparency import (
    Notary,
    Publisher,
    Receipts,
    Witnesses,
    load_log_key,
    origin_of,
)
from assent.web import (
    MAX_SOCKETS,
    MAX_SOCKETS_EACH,
    Accounts,
    ClientFiles,
    Context,
    Limiter,
    Notices,
    Passwords,
    Places,
    build,
    invitation_url,
)
from assent.web.headers import SERVER_NAME
from assent.worker_process import WorkerProcess, worker_command
from assent_vault.blobs import open_blobs
from assent_vault.database import Database
from assent_vault.errors import BlobError, DatabaseError
from assent_vault.ledger import rows as log_rows
from assent_vault.models import Meeting

log = structlog.get_logger(__name__)

CLIENT_FOLDER = Path(__file__).parent / "client"
DAY_MS = 24 * 3_600_000
# A connection that has asked nothing for this long is closed, one that never asked included.
KEEPALIVE_SECONDS = 30.0
# After people were told, what is still being answered may take this long.
SHUTDOWN_SECONDS = 5.0
_BACKLOG = 512

Say = Callable[[str], None]


@asynccontextmanager
async def running(settings: Settings, config_file: Path | None = None) -> AsyncIterator[Context]:
    """Run the whole server while the block lasts; raises StartError where it cannot start.

    When the block ends people are told that the server restarts, recordings are closed, and the
    worker has left.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        _own_data_folder(settings.vault.data_dir, stack)
        database = await _open_database(settings, stack)
        first_start = not await _has_meetings(database)
        folder = settings.vault.data_dir / "server"
        key = load_identity(folder, first_start=first_start)
        publisher, notary = await _open_log(settings, clock, database, key, stack)
        notices = Notices(database, clock)
        await notices.publish(settings)
        media = await _start_media(settings, clock, stack)
        await _open_metrics(settings, media, stack)
        garbage.set_aside()  # before any meeting is there: they are to be found when they end
        hall = await _open_hall(settings, clock, database, media, key, notary, stack)
        worker = _worker(settings, config_file, clock, stack)
        parts = Context(
            settings=settings,
            clock=clock,
            database=database,
            hall=hall,
            notices=notices,
            client=ClientFiles.load(CLIENT_FOLDER),
            accounts=Accounts(database, clock),
            passwords=Passwords(),
            limiter=Limiter(clock),
            sockets=Places(MAX_SOCKETS, MAX_SOCKETS_EACH),
            log=publisher,
            notary=notary,
            receipts=Receipts(database, publisher, notary),
            server_key=key.public_key().public_bytes_raw(),
            reset_key=reset_key(key),
            converse=lambda request: converse(hall, clock, request),
            problems=lambda: [
                *media.problems(),
                *([] if worker is None else worker.problems()),
            ],
        )
        await _listen(settings, build(parts), hall, stack)
        if worker is not None:
            worker.start()
        log.info("ready", url=settings.public_url, database=database.kind)
        yield parts
        log.info("stopping")


async def run(settings: Settings, config_file: Path | None, say: Say) -> None:
    """Serve until SIGTERM or SIGINT. ``say`` is for the person at the terminal, not for a log."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.set_exception_handler(_unhandled)
    async with running(settings, config_file) as parts:
        say(f"Assent is running at {settings.public_url}")
        if not parts.client.built:
            say("Its web client has not been built, so there are no pages yet.")
        if not await parts.accounts.has_administrator():
            link = await administrator_link(parts.accounts, settings)
            say(f"Become its administrator (good once): {link}")
        await stop.wait()
        say("Stopping: meetings are told, recordings are closed.")


async def administrator_link(accounts: Accounts, settings: Settings) -> str:
    """Return a new one-time link that makes an administrator; earlier ones of its kind end."""
    secret, _ = await accounts.invite("administrator", None)
    return invitation_url(settings.public_url, secret)


async def new_administrator_link(settings: Settings) -> str:
    """Return such a link without a running server, or beside one."""
    async with AsyncExitStack() as stack:
        database = await _open_database(settings, stack)
        return await administrator_link(Accounts(database, SystemClock()), settings)


def _own_data_folder(folder: Path, stack: AsyncExitStack) -> None:
    """See to it that one server alone works in a data folder, however the last one ended."""
    server = folder / "server"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        server.mkdir(mode=0o700, exist_ok=True)
        lock = os.open(server / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StartError(f"The data folder {folder} cannot be used: {error.strerror}.") from error
    stack.callback(os.close, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise StartError(f"Another server is using the data folder {folder}.") from error


async def _open_database(settings: Settings, stack: AsyncExitStack) -> Database:
    try:
        database = Database(settings.vault.database_url)
        stack.push_async_callback(database.close)
        await database.migrate()
    except DatabaseError as error:
        raise StartError(str(error)) from error
    return database


async def _has_meetings(database: Database) -> bool:
    async with database.read() as session:
        return await session.scalar(select(Meeting.id).limit(1)) is not None


def _worker(
    settings: Settings, config_file: Path | None, clock: Clock, stack: AsyncExitStack
) -> WorkerProcess | None:
    if settings.worker == "external":
        return None
    worker = WorkerProcess(worker_command(config_file), clock)
    stack.push_async_callback(worker.stop)
    return worker


async def _open_log(
    settings: Settings,
    clock: Clock,
    database: Database,
    key: Ed25519PrivateKey,
    stack: AsyncExitStack,
) -> tuple[Publisher, Notary]:
    """Compare the log with what was shown before, and show it; nothing is written before that."""
    folder = settings.vault.data_dir / "server"
    async with database.read() as session:
        first_start = await log_rows.size(session) == 0
    log_key = load_log_key(
        folder,
        origin=settings.log_origin or origin_of(settings.public_url),
        named=bool(settings.log_origin),
        now=clock.now(),
        first_start=first_start,
    )
    witnesses = Witnesses(settings.witnesses, database)
    publisher = Publisher(database, log_key, folder, witnesses, clock)
    stack.push_async_callback(publisher.stop)
    await publisher.start()
    return publisher, Notary(key, log_key)


async def _start_media(settings: Settings, clock: Clock, stack: AsyncExitStack) -> MediaProcesses:
    media = MediaProcesses(
        settings.media_host,
        settings.media_port,
        settings.media_addresses,
        settings.media_processes or max(1, (os.cpu_count() or 1) - 1),
        clock,
        tcp=settings.media_tcp,
    )
    stack.push_async_callback(media.stop)
    try:
        await media.start()
    except OSError as error:
        which = "UDP or TCP" if settings.media_tcp else "UDP"
        where = f"{which} port {settings.media_port} of {settings.media_host}"
        raise StartError(f"{where} cannot be used: {_reason(error)}.") from error
    except Unavailable as error:
        raise StartError("No process for media could be started.") from error
    return media


async def _open_hall(
    settings: Settings,
    clock: Clock,
    database: Database,
    media: MediaProcesses,
    key: Ed25519PrivateKey,
    notary: Notary,
    stack: AsyncExitStack,
) -> Hall:
    try:
        blobs = open_blobs(settings.vault.objects_url)
    except BlobError as error:
        raise StartError(str(error)) from error
    stack.push_async_callback(blobs.close)
    rules = Rules(
        show_names=settings.show_names,
        grace_seconds=settings.grace_seconds,
        max_participants=settings.max_participants,
        max_people_per_meeting=settings.max_people_per_meeting,
        retention_ms=settings.retention_days * DAY_MS,
    )
    relay = Relay(settings.turn_urls, settings.turn_secret)
    hall = Hall(Services(Store(database, notary), blobs, media, clock, key, rules, relay))
    stack.push_async_callback(hall.stop)
    # Before anybody can come in: what the last run left open is closed or goes on.
    await hall.start()
    return hall


async def _open_metrics(settings: Settings, media: MediaProcesses, stack: AsyncExitStack) -> None:
    if settings.metrics_port == 0:
        return
    metrics = Metrics(media)
    stack.push_async_callback(metrics.stop)
    try:
        await metrics.start(settings.metrics_host, settings.metrics_port)
    except OSError as error:
        where = f"TCP port {settings.metrics_port} of {settings.metrics_host}"
        raise StartError(f"{where} cannot be used: {_reason(error)}.") from error


async def _listen(
    settings: Settings, app: web.Application, hall: Hall, stack: AsyncExitStack
) -> None:
    async def tell(_app: web.Application) -> None:
        # When nobody new can come in, and before any connection is closed. Stopping twice is fine.
        await hall.stop()

    app.on_shutdown.append(tell)
    # What is no HTTP is answered before it reaches the application, in aiohttp's own name.
    setattr(web_response, "SERVER_SOFTWARE", SERVER_NAME)  # noqa: B010 (not typed as exported)
    runner = web.AppRunner(
        app,
        access_log=None,  # our own names the route and nothing else
        keepalive_timeout=KEEPALIVE_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
    )
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    site = web.TCPSite(
        runner,
        settings.listen_host,
        settings.listen_port,
        ssl_context=settings.tls(),
        backlog=_BACKLOG,
    )
    try:
        await site.start()
    except (OSError, socket.gaierror) as error:
        where = f"TCP port {settings.listen_port} of {settings.listen_host}"
        raise StartError(f"{where} cannot be used: {_reason(error)}.") from error


def _reason(error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return "something else is listening there"
    return error.strerror or type(error).__name__


def _unhandled(_loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """Log what a task raised that nobody awaited; asyncio itself would print its data."""
    log.error("unhandled", exc_info=told.get("exception"))
