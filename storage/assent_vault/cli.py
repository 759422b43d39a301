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
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from assent_vault import arenas, logs, overview, verifying
from assent_vault.asking import ask
from assent_vault.config import VaultSettings
from assent_vault.database import Database
from assent_vault.errors import (
    BlobError,
    ConfigError,
    DatabaseError,
    ExportError,
    KeyringError,
    LogError,
    VaultError,
)
from assent_vault.export import Outcome
from assent_vault.worker import Worker, is_taken, problem_code, unix_ms

log = structlog.get_logger(__name__)

EXIT_DONE, EXIT_FAILED, EXIT_MISTAKEN, EXIT_PARTLY = 0, 1, 2, 3
# A worker whose server was killed leaves within this time; its successor waits for the folder.
_PATIENCE_SECONDS = 10.0
_TEXTS = {
    "nothing-to-export": "No meeting is ready to be exported.",
    "some-meetings-failed": "Some meetings could not be exported; see `assent-vault status`.",
    "database-unavailable": "The database cannot be used.",
    "objects-unavailable": "The object store cannot be used.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "verify":
        return _verify(options)
    config_file: Path | None = options.config
    if config_file is None and os.environ.get("ASSENT_CONFIG"):
        config_file = Path(os.environ["ASSENT_CONFIG"])
    logs.configure(os.environ, sys.stderr)
    commands: dict[str, Callable[[VaultSettings], Coroutine[Any, Any, int]]] = {
        "worker": lambda settings: _worker(settings, embedded=options.embedded),
        "export": lambda settings: _export(settings, options.out.absolute()),
        "status": lambda settings: _show(settings, overview.status),
        "keys": lambda settings: _show(settings, overview.keys),
    }
    try:
        settings = VaultSettings.load(config_file, os.environ)
        return asyncio.run(commands[options.command](settings))
    except ConfigError as error:
        print("The settings cannot be used:", file=sys.stderr)
        for mistake in error.mistakes:
            print(f"  - {mistake}", file=sys.stderr)
        return EXIT_MISTAKEN
    except (DatabaseError, ExportError, LogError) as error:
        return _failed(error.code, str(error))
    except (BlobError, KeyringError) as error:
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


async def _worker(settings: VaultSettings, *, embedded: bool) -> int:
    arenas.share()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if embedded:
        # A thread of its own, which nobody waits for: any kind of standard input will do.
        threading.Thread(target=_wait_for_end, args=(loop, stop), daemon=True).start()
    worker = await _open_worker(settings, stop)
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


async def _open_worker(settings: VaultSettings, stop: asyncio.Event) -> Worker | None:
    """Open the worker, waiting a while for a predecessor to leave; None when told to stop."""
    deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
    while not stop.is_set():
        try:
            return await Worker.open(settings)
        except KeyringError as error:
            if not is_taken(error) or asyncio.get_running_loop().time() > deadline:
                raise
        await asyncio.sleep(0.2)
    return None


# export


async def _export(settings: VaultSettings, out: Path) -> int:
    if await asyncio.to_thread(os.path.lexists, out):
        raise ExportError("folder-exists", "There is something at that place already.")
    worker = None
    # A vault's folder that is not here is not made: it is another machine's.
    if await asyncio.to_thread((settings.vault_dir / "identity.key").exists):
        try:
            worker = await Worker.open(settings)
        except KeyringError as error:
            if not is_taken(error):
                raise
    if worker is not None:
        try:
            outcome = await worker.export_to(out, _progress)
        finally:
            await worker.close()
    else:
        database = Database(settings.database_url)
        try:
            await database.migrate()
            outcome = await ask(database, out, unix_ms, _progress)
        finally:
            await database.close()
    return _tell(outcome)


def _progress(done: int, total: int) -> None:
    print(f"{done} of {total} meetings written", file=sys.stderr, flush=True)


def _tell(outcome: Outcome) -> int:
    if outcome.folder is not None:
        print(f"Exported {outcome.meetings} meeting(s) to {outcome.folder}")
    if outcome.error is None:
        return EXIT_DONE
    _failed(outcome.error, _TEXTS.get(outcome.error, "The export could not be written."))
    return EXIT_PARTLY if outcome.folder is not None else EXIT_FAILED


# verify


def _verify(options: argparse.Namespace) -> int:
    """Check receipts: before any settings are looked for, which it needs none of."""
    problems = verifying.run(options)
    for code, text in problems:
        _failed(code, text)
    return EXIT_FAILED if problems else EXIT_DONE


# status, keys


async def _show(
    settings: VaultSettings, lines: Callable[[Database], Coroutine[Any, Any, list[str]]]
) -> int:
    database = Database(settings.database_url)
    try:
        await database.migrate()
        for line in await lines(database):
            print(line)
    finally:
        await database.close()
    return EXIT_DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="assent-vault",
        description="Keeps the keys of recordings, and exports what everyone has released.",
    )
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="settings in TOML; ASSENT_CONFIG names it as well, ASSENT_<KEY> overrides a key",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    worker = commands.add_parser("worker", parents=[shared], help="run the vault worker")
    worker.add_argument(
        "--embedded", action="store_true", help="leave when standard input ends; for the server"
    )
    export = commands.add_parser(
        "export", parents=[shared], help="write everything that is released into a new folder"
    )
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="the new folder")
    commands.add_parser(
        "status", parents=[shared], help="count meetings, releases, exports and deletions"
    )
    commands.add_parser(
        "keys", parents=[shared], help="list the vault's fingerprint and the meetings' keys"
    )
    verifying.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
