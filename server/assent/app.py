"""The only place that builds and connects everything; starts it in order, stops it in reverse."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import structlog
from aiohttp import web, web_response
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent import descriptors, gc_freeze
from assent.clock import Clock
from assent.config import Settings
from assent.errors import StartError
from assent.identity import cookie_key, load_identity, reset_key
from assent.listening import Connections, Site
from assent.media import MediaProcesses, Unavailable
from assent.meeting import MeetingPolicy, MeetingRegistry, Relay, Services, Store
from assent.metrics import Metrics
from assent.offline import administrator_link
from assent.resources import named_server, open_database, own_folder
from assent.signalling import serve as converse
from assent.tls import CertificateCollector, Tls
from assent.transparency import (
    LogPublisher,
    Notary,
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
    HeldPlaces,
    Limiter,
    Notices,
    Passwords,
    build,
)
from assent.web.headers import SERVER_NAME
from assent.web.health import not_ready
from assent.web.proxies import peer_key
from assent.worker_process import WorkerProcess, worker_command
from assent_vault.clock.timekeeper import UNCONFIRMED, Timekeeper
from assent_vault.errors import BlobError
from assent_vault.files.space import MEGABYTE, Space
from assent_vault.store import log_rows
from assent_vault.store.blobs import open_blobs
from assent_vault.store.database import Database

log = structlog.get_logger(__name__)

CLIENT_FOLDER = Path(__file__).parent / "client"
# A connection that has asked nothing for this long is closed, one that never asked included.
KEEPALIVE_SECONDS = 30.0
# After people were told, what is still being answered may take this long.
SHUTDOWN_SECONDS = 5.0
_BACKLOG = 512
# One client gets a fourth of all connections at most: a school may stand behind one address.
CONNECTIONS_SHARE = 4

Say = Callable[[str], None]


@asynccontextmanager
async def running(
    settings: Settings, config_file: Path | None = None, tls: Tls | None = None
) -> AsyncIterator[Context]:
    """Run the whole server while the block lasts; raises StartError where it cannot start.

    ``tls`` is ours to serve, None where it is not.

    When the block ends people are told that the server restarts, recordings are closed, and the
    worker has left.
    """
    descriptors.raise_limit()  # before anything is opened or started
    async with AsyncExitStack() as stack:
        own_folder(settings.server_folder, stack)
        database = await open_database(settings, stack)
        folder = settings.server_folder
        clock = await _open_clock(folder, database, stack)
        key = load_identity(folder, await named_server(database))
        publisher, notary = await _open_log(settings, clock, database, key, stack)
        notices = Notices(database, clock)
        await notices.publish(settings)
        media = await _start_media(settings, clock, stack)
        space = Space(
            settings.vault.disks(settings.server_folder),
            settings.vault.free_space_floor_mb * MEGABYTE,
        )
        metrics = await _open_metrics(settings, media, space, tls, stack)
        gc_freeze.set_aside()  # before any meeting is there: they are to be found when they end
        hall = await _open_hall(settings, clock, database, media, key, notary, space, stack)
        if metrics is not None:
            metrics.owed = lambda: hall.owed
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
            sockets=HeldPlaces(MAX_SOCKETS, MAX_SOCKETS_EACH),
            connections=Connections(descriptors.LEAST, 1),  # until it is known how many are left
            log=publisher,
            notary=notary,
            receipts=Receipts(database, publisher, notary),
            server_key=key.public_key().public_bytes_raw(),
            reset_key=reset_key(key),
            cookie_key=cookie_key(key),
            converse=lambda request, client: converse(hall, clock, request, client),
            problems=lambda: [
                *media.problems(),
                *([] if clock.problem() is None else [UNCONFIRMED]),
                *([] if worker is None else worker.problems()),
                *([] if tls is None else tls.problems()),
            ],
            doubt=clock.doubt,
            warnings=lambda: [] if tls is None else tls.warnings(),
            certificate=lambda: None if tls is None else tls.shown.not_after,
        )
        if tls is not None:
            tls.start()
            stack.push_async_callback(tls.stop)
        if metrics is not None:
            metrics.not_ready = lambda: not_ready(parts)
        await _listen(parts, tls, stack)
        if worker is not None:
            worker.start()
        log.info("ready", url=settings.public_url, database=database.kind)
        yield parts
        log.info("stopping")


async def run(settings: Settings, config_file: Path | None, say: Say) -> None:
    """Serve until SIGTERM, SIGINT or SIGQUIT; SIGHUP reads the certificate again.

    ``say`` is for the person at the terminal, not for a log.
    """
    stop = asyncio.Event()
    tls = _open_tls(settings)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, _hang_up, tls)
    loop.set_exception_handler(_unhandled)
    async with running(settings, config_file, tls) as parts:
        say(f"Assent is running at {settings.public_url}")
        if not parts.client.built:
            say("Its web client has not been built, so there are no pages yet.")
        if not await parts.accounts.has_administrator():
            link = await administrator_link(parts.accounts, settings)
            say(f"Become its administrator (good once): {link}")
        await stop.wait()
        say("Stopping: meetings are told, recordings are closed.")


def _open_tls(settings: Settings) -> Tls | None:
    if settings.tls_certificate is None:
        return None
    try:
        return Tls(settings)
    except (OSError, ValueError) as error:  # it was good when the settings were read
        raise StartError("The TLS certificate cannot be used.") from error


def _hang_up(tls: Tls | None) -> None:
    """Read again what can be read again while people meet: the certificate, and nothing else."""
    log.info("hangup", certificate=tls is not None)
    if tls is not None:
        tls.reload()


async def _open_clock(folder: Path, database: Database, stack: AsyncExitStack) -> Timekeeper:
    """Find out what is known of the time, and keep knowing it; before anything asks for it."""
    try:
        clock = await Timekeeper.open(folder / "clock.known", database)
    except OSError as error:
        raise StartError(f"The data folder cannot be used: {_reason(error)}.") from error
    keeping = asyncio.create_task(clock.keep_for_ever(database))

    async def stop() -> None:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        with suppress(OSError):  # a little less is known at the next start
            await asyncio.to_thread(clock.save)

    stack.push_async_callback(stop)
    return clock


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
) -> tuple[LogPublisher, Notary]:
    """Compare the log with what was shown before, and show it; nothing is written before that."""
    folder = settings.server_folder
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
    publisher = LogPublisher(database, log_key, folder, witnesses, clock)
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
    space: Space,
    stack: AsyncExitStack,
) -> MeetingRegistry:
    try:
        blobs = open_blobs(settings.vault.objects_url)
    except BlobError as error:
        raise StartError(str(error)) from error
    stack.push_async_callback(blobs.close)
    rules = MeetingPolicy(
        show_names=settings.show_names,
        grace_seconds=settings.grace_seconds,
        max_participants=settings.max_participants,
        max_people_per_meeting=settings.max_people_per_meeting,
        retention_days=settings.retention_days,
    )
    relay = Relay(settings.turn_urls, settings.turn_secret)
    hall = MeetingRegistry(
        Services(Store(database, notary), blobs, media, clock, key, rules, relay, space)
    )
    stack.push_async_callback(hall.stop)
    # Before anybody can come in: what the last run left open is closed or goes on.
    await hall.start()
    return hall


async def _open_metrics(
    settings: Settings,
    media: MediaProcesses,
    space: Space,
    tls: Tls | None,
    stack: AsyncExitStack,
) -> Metrics | None:
    if settings.metrics_port == 0:
        return None
    metrics = Metrics(media, space)
    if tls is not None:
        metrics.add(CertificateCollector(tls))
    stack.push_async_callback(metrics.stop)
    try:
        await metrics.start(settings.metrics_host, settings.metrics_port)
    except OSError as error:
        where = f"TCP port {settings.metrics_port} of {settings.metrics_host}"
        raise StartError(f"{where} cannot be used: {_reason(error)}.") from error
    return metrics


async def _listen(parts: Context, tls: Tls | None, stack: AsyncExitStack) -> None:
    settings = parts.settings
    app = build(parts)

    async def tell(_app: web.Application) -> None:
        # When nobody new can come in, and before any connection is closed. Stopping twice is fine.
        await parts.hall.stop()

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
    most = descriptors.for_connections()
    connections = parts.connections
    connections.most, connections.most_each = most, max(1, most // CONNECTIONS_SHARE)
    log.info("descriptors", limit=descriptors.limit(), connections=most)
    site = Site(
        runner,
        settings.listen_host,
        settings.listen_port,
        connections,
        peer_key(settings.trusted_proxies),
        tls=None if tls is None else tls.context,
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
