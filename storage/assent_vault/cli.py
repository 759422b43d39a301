"""The command ``assent-vault``: arguments to calls, no logic.

Exit codes: 0 done, 1 it could not be done, 2 wrong arguments or settings, 3 some of it was done.
What went wrong is told on standard error as ``assent-vault: <code>: <text>``; codes are stable.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from assent_vault import (
    dataset_command,
    export_command,
    export_values,
    logs,
    malloc,
    recalls_command,
    status,
    verify_command,
)
from assent_vault.arguments import parser
from assent_vault.clock.timekeeper import confirm, unix_ms
from assent_vault.config import VaultSettings
from assent_vault.errors import (
    AdoptError,
    BlobError,
    ConfigError,
    DatabaseError,
    ExportError,
    KeyringError,
    LogError,
    VaultError,
)
from assent_vault.files import folders
from assent_vault.store.blobs import open_blobs
from assent_vault.store.database import Database
from assent_vault.store.heartbeat import is_silent, last_heartbeat
from assent_vault.worker import orphans
from assent_vault.worker.adopting import Adoption, adopt
from assent_vault.worker.orphans import KnownPlaces, Unsure
from assent_vault.worker.problems import is_taken, problem_code
from assent_vault.worker.worker import Worker

log = structlog.get_logger(__name__)

EXIT_DONE, EXIT_FAILED, EXIT_MISTAKEN, EXIT_PARTLY = 0, 1, 2, 3
# A worker whose server was killed leaves within this time; its successor waits for the folder.
_PATIENCE_SECONDS = 10.0
_TEXTS = {
    "nothing-to-export": "No meeting is ready to be exported.",
    "former-unknown": "The log has no such data set.",
    "too-many-meetings": "More meetings than go into one data set: name some, or their days.",
    "some-meetings-failed": "Some meetings could not be exported; see `assent-vault status`.",
    "database-unavailable": "The database cannot be used.",
    "objects-unavailable": "The object store cannot be used.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args(export_values.joined(given))
    if options.command in _OFFLINE:
        return _check(_OFFLINE[options.command](options))
    if options.command == "export" and (wrong := export_command.mistake(options)):
        parser().error(wrong)
    os.umask(folders.UMASK)
    config_file: Path | None = options.config
    if config_file is None and os.environ.get("ASSENT_CONFIG"):
        config_file = Path(os.environ["ASSENT_CONFIG"])
    commands: dict[str, Callable[[VaultSettings], Coroutine[Any, Any, int]]] = {
        "worker": lambda settings: _worker(
            settings, embedded=options.embedded, shares=options.exports_only
        ),
        "export": lambda settings: _export(settings, options),
        "status": lambda settings: _show(settings, status.status),
        "keys": lambda settings: _show(settings, status.keys),
        "sweep-orphans": lambda settings: _sweep_orphans(
            settings, yes=options.yes, sure=options.database_is_right
        ),
        "confirm-clock": lambda settings: _confirm_clock(settings, yes=options.yes),
        "adopt": lambda settings: _adopt(settings, yes=options.yes),
        "recalls": lambda settings: _recalls(settings, options),
        "migrate": lambda settings: _migrate(settings, options.server_role, options.vault_role),
        "healthcheck": _healthcheck,
    }
    try:
        settings = VaultSettings.load(config_file, os.environ)
        logs.configure(settings.log_level, settings.log_format, sys.stderr)
        return asyncio.run(commands[options.command](settings))
    except ConfigError as error:
        print("The settings cannot be used:", file=sys.stderr)
        for mistake in error.mistakes:
            print(f"  - {mistake}", file=sys.stderr)
        return EXIT_MISTAKEN
    except (AdoptError, DatabaseError, ExportError, KeyringError, LogError) as error:
        return _failed(error.code, str(error))
    except BlobError as error:
        return _failed(problem_code(error), str(error))
    except (SQLAlchemyError, VaultError, OSError) as error:
        code = problem_code(error)
        return _failed(code, _TEXTS.get(code, type(error).__name__))
    except KeyboardInterrupt:
        return _failed("interrupted", "Stopped by the keyboard.")


def _failed(code: str, text: str) -> int:
    print(f"assent-vault: {code}: {text}", file=sys.stderr)
    return EXIT_FAILED


# worker


async def _worker(settings: VaultSettings, *, embedded: bool, shares: bool) -> int:
    malloc.share()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        loop.add_signal_handler(number, stop.set)
    for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, signal.SIG_IGN)  # there is nothing to be read again
    if embedded:
        # A thread of its own, which nobody waits for: any kind of standard input will do.
        threading.Thread(target=_wait_for_end, args=(loop, stop), daemon=True).start()
    worker = await _open_worker(settings, stop, shares=shares)
    if worker is not None:
        try:
            gc.collect()
            gc.freeze()  # what it has started with is never garbage, and need not be searched
            gc.collect()
            await worker.run(stop)
        finally:
            await worker.close()
    return EXIT_DONE


def _wait_for_end(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """Wait until standard input ends, which it does when the server has, however it did."""
    try:
        while os.read(0, 4096):
            pass
    except OSError:
        pass  # no standard input is as good as one that has ended
    try:
        loop.call_soon_threadsafe(stop.set)
    except RuntimeError:
        return  # the loop has ended already


async def _open_worker(
    settings: VaultSettings, stop: asyncio.Event, *, shares: bool
) -> Worker | None:
    """Open the worker, waiting a while for a predecessor to leave; None when told to stop."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while not stop.is_set():
        try:
            return await Worker.open(settings, shares=shares)
        except KeyringError as error:
            if not is_taken(error) or asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.2)
    return None


# export


async def _export(settings: VaultSettings, options: argparse.Namespace) -> int:
    if options.dry_run:
        await export_command.look(settings, options)
        return EXIT_DONE
    outcome = await export_command.export(settings, options)
    export_command.tell(outcome, options)
    if outcome.error is None:
        return EXIT_DONE
    _failed(outcome.error, _TEXTS.get(outcome.error, "The export could not be written."))
    return EXIT_PARTLY if outcome.folder is not None else EXIT_FAILED


# adopt


async def _adopt(settings: VaultSettings, *, yes: bool) -> int:
    def agreed(found: Adoption) -> bool:
        print(f"This vault cannot work on the database: {found.reason}.")
        for key in found.former:
            print(f"The database has belonged to {status.fingerprint(key)}")
        print(
            f"If you go on, {found.meetings} meeting(s) can never be released for training any"
            " more, and the keys that are here for them are destroyed. People can still watch them,"
            " and what they take back, and the end of retention, is carried out again."
        )
        if yes:
            return True
        if not sys.stdin.isatty():
            print("Nothing was done. To go on, say --yes.")
            return False
        return input("Type adopt to go on: ").strip() == "adopt"

    done = await adopt(settings, unix_ms, agreed)
    if done is None:
        return EXIT_FAILED
    print(f"{done.meetings} meeting(s) taken over by {status.fingerprint(done.vault)}")
    return EXIT_DONE


# verify, check-dataset: before any settings are looked for, which they need none of


_OFFLINE: Final[dict[str, Callable[[argparse.Namespace], list[tuple[str, str]]]]] = {
    "verify": verify_command.run,
    "check-dataset": dataset_command.run,
}


def _check(problems: list[tuple[str, str]]) -> int:
    for code, text in problems:
        _failed(code, text)
    return EXIT_FAILED if problems else EXIT_DONE


# status, keys


async def _show(
    settings: VaultSettings, lines: Callable[[Database], Coroutine[Any, Any, list[str]]]
) -> int:
    database = Database(settings.database_url)
    try:
        await database.require_current()
        for line in await lines(database):
            print(line)
    finally:
        await database.close()
    return EXIT_DONE


# recalls


async def _recalls(settings: VaultSettings, options: argparse.Namespace) -> int:
    database = Database(settings.database_url)
    try:
        await database.require_current()
        await recalls_command.print_recalls(database, options)
    finally:
        await database.close()
    return EXIT_DONE


# sweep-orphans


async def _sweep_orphans(settings: VaultSettings, *, yes: bool, sure: bool) -> int:
    database = Database(settings.database_url)
    blobs = None
    try:
        await database.require_current()
        blobs = await asyncio.to_thread(open_blobs, settings.objects_url)
        here = await asyncio.to_thread(settings.vault_dir.is_dir)
        places = KnownPlaces(
            database, blobs, settings.vault_dir if here else None, settings.exports_dir
        )
        try:
            await places.check()
        except Unsure as error:
            if not sure:
                hint = "--database-is-right takes away whatever it does not know all the same."
                return _failed(error.code, f"{error} {hint}")
        found = await places.find()
        for line in orphans.lines(found) or ["Nothing is left over."]:
            print(line)
        if not found:
            return EXIT_DONE
        if not yes and not _agrees("Take all of this away, for good? [y/N] "):
            return _failed("not-confirmed", "Nothing was taken away; --yes does not ask.")
        removed = [one for one in found if await places.remove(one)]
        print(f"Taken away: {len(removed)} of {len(found)}.")
        return EXIT_DONE
    finally:
        if blobs is not None:
            await blobs.close()
        await database.close()


# confirm-clock


async def _confirm_clock(settings: VaultSettings, *, yes: bool) -> int:
    now = unix_ms()
    print(f"The clock of this machine says {status.utc(now)}.")
    if not yes and not _agrees("Is that right? Whatever is due by then is destroyed. [y/N] "):
        return _failed("not-confirmed", "Nothing was confirmed; --yes confirms without asking.")
    database = Database(settings.database_url)
    try:
        await database.require_current()
        async with database.write() as session:
            await confirm(session, now)
    finally:
        await database.close()
    print("Confirmed. The server and the vault worker believe it within seconds, if theirs agree.")
    return EXIT_DONE


def _agrees(question: str) -> bool:
    """Ask whoever sits at the terminal; nobody does not agree."""
    if not sys.stdin.isatty():
        return False
    print(question, end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


# migrate, healthcheck


async def _migrate(settings: VaultSettings, server: str | None, vault: str | None) -> int:
    if (server is None) != (vault is None):
        return _mistaken("--server-role and --vault-role belong together.")
    database = Database(settings.database_url)
    try:
        await database.migrate()
        if server is not None and vault is not None:
            await database.grant(server, vault)
    finally:
        await database.close()
    print("The database is of this version.")
    return EXIT_DONE


def _mistaken(text: str) -> int:
    print(f"assent-vault: {text}", file=sys.stderr)
    return EXIT_MISTAKEN


async def _healthcheck(settings: VaultSettings) -> int:
    """Ask by the database, for the worker listens to nobody."""
    database = Database(settings.database_url)
    try:
        await database.require_current()
        async with database.read() as session:
            beat = await last_heartbeat(session)
    finally:
        await database.close()
    if beat is None or is_silent(beat, unix_ms()):
        return _failed("worker-silent", "The vault worker gives no sign of life.")
    if beat.problem is not None:
        return _failed(beat.problem, "The vault worker cannot do all of its work.")
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
