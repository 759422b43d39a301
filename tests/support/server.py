"""The real server as a process of its own: started, killed, started again on the same ports."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import re
import resource
import signal
import sqlite3
import sys
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from ssl import _create_unverified_context
from typing import Any
from urllib.parse import urlsplit

import psycopg

from assent_vault.formats.suite import encode
from support.certificates import write_certificate
from support.namespaces import Namespace
from support.ports import BOTH, free_port
from support.waiting import HANG, eventually

ROOT = Path(__file__).resolve().parents[2]
LAUNCHERS = Path(__file__).resolve().parents[1] / "end_to_end" / "launchers"


class ServerFailed(Exception):
    """The server has ended by itself; the message holds what it said."""


class Server:
    """One ``assent serve`` with its data folder.

    ``folder`` is kept over restarts, like the ports. ``launcher`` names a script beside the tests
    that changes something in the program before it runs, ``watcher`` a folder there with a module
    that watches every process from inside; without them it is the product as it is. ``inside`` is a
    network to run in, and the address there, with TLS; without it that is this machine's loopback.
    ``descriptors`` is how many it may have, and no more, as ``ulimit -n`` sets it.
    """

    patience = HANG
    """Seconds until a start is taken to hang."""

    def __init__(
        self,
        folder: Path,
        database_url: str | None = None,
        launcher: str | None = None,
        watcher: str | None = None,
        settings: Mapping[str, str | int] | None = None,
        inside: tuple[Namespace, str] | None = None,
        descriptors: int | None = None,
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.exports = folder / "exports"
        self.log = folder / "log"
        self.printed = folder / "printed"
        self.port = free_port()
        self.media_port = free_port(*BOTH)
        self._inside = None if inside is None else inside[0]
        host = "localhost" if inside is None else inside[1]
        self.url = f"{'http' if inside is None else 'https'}://{host}:{self.port}"
        self.database_url = database_url or f"sqlite:///{self.data / 'assent.db'}"
        self.admin_link = ""
        self._launcher = launcher
        self._descriptors = descriptors
        self._process: asyncio.subprocess.Process | None = None
        self._said: asyncio.Task[None] | None = None
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        paths = [ROOT / "server", ROOT / "storage"]
        if watcher is not None:
            paths.insert(0, LAUNCHERS / watcher)
        self.environment = {
            # A setting of whoever runs the tests must not reach the server under test.
            **{key: value for key, value in os.environ.items() if not key.startswith("ASSENT_")},
            "PYTHONPATH": os.pathsep.join(map(str, paths)),
            "PYTHON_COUNT_CODECS_INTO": str(folder / "codecs") if watcher == "counting" else "",
            "PYTHONDONTWRITEBYTECODE": "1",
            "ASSENT_LISTEN_PORT": str(self.port),
            "ASSENT_PUBLIC_URL": self.url,
            "ASSENT_MEDIA_PORT": str(self.media_port),
            "ASSENT_DATA_DIR": str(self.data),
            "ASSENT_DATABASE_URL": self.database_url,
            "ASSENT_EXPORTS_DIR": str(self.exports),
            "ASSENT_COOLING_OFF_SECONDS": "2",
            "ASSENT_POLL_INTERVAL_MS": "200",
            "ASSENT_LOG_FORMAT": "json",
            **({} if inside is None else self._public(host)),
            **{f"ASSENT_{key.upper()}": str(value) for key, value in (settings or {}).items()},
        }

    def _public(self, host: str) -> dict[str, str]:
        """Return what a server must be told that others than this machine reach."""
        self.folder.mkdir(parents=True, exist_ok=True)
        certificate, key = write_certificate(self.folder)
        return {
            "ASSENT_LISTEN_HOST": host,
            "ASSENT_MEDIA_HOST": host,
            "ASSENT_TLS_CERTIFICATE": str(certificate),
            "ASSENT_TLS_KEY": str(key),
            "ASSENT_OPERATOR_NAME": "Tests",
            "ASSENT_OPERATOR_CONTACT": "tests@example.org",
        }

    @property
    def pid(self) -> int:
        """The process id of the server."""
        assert self._process is not None, "not started"
        return self._process.pid

    @property
    def vault(self) -> Path:
        """The folder of the vault's private keys."""
        return Path(self.environment.get("ASSENT_VAULT_DIR", str(self.data / "vault")))

    def command(self) -> list[str]:
        """Return the command that starts it."""
        program = (
            [sys.executable, "-m", "assent.cli"]
            if self._launcher is None
            else [sys.executable, str(LAUNCHERS / f"{self._launcher}.py")]
        )
        return [*(() if self._inside is None else self._inside.prefix), *program, "serve"]

    async def start(self) -> None:
        """Start and wait until it is ready, worker included."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command(),
                cwd=self.folder,
                env=self.environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                preexec_fn=self._prepare,
            )
        assert self._process.stdout is not None, "asked for a pipe"
        self._said = asyncio.create_task(self._listen(self._process.stdout))
        await eventually(self._ready, "the server is ready", self.patience)

    def _prepare(self) -> None:
        _die_with_parent()
        if self._descriptors is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (self._descriptors, self._descriptors))

    async def stop(self) -> int:
        """Ask it to stop, wait until it has, and return its exit code."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> None:
        """End it as a power cut would: no goodbye, nothing closed."""
        await self._end(signal.SIGKILL)

    async def close(self) -> None:
        """Stop it where it still runs."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(TimeoutError):
                await self.stop()

    def worker_pid(self) -> int | None:
        """Return the process id of the vault worker, None while there is none."""
        return next(iter(self._children(b"assent_vault")), None)

    def media_pids(self) -> list[int]:
        """Return the process ids of the media processes there are."""
        return self._children(b"assent.media.processes")

    def _children(self, command: bytes) -> list[int]:
        found = []
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children")
        for child in children.read_text().split():
            with contextlib.suppress(OSError):
                if command in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
        return found

    async def kill_worker(self) -> None:
        """End the worker without a word; the server starts another."""
        os.kill(await eventually(self.worker_pid, "the worker runs"), signal.SIGKILL)

    async def vault_command(
        self, *arguments: str, module: str = "assent_vault.cli"
    ) -> tuple[int, str]:
        """Run ``assent-vault`` against the same data; returns exit code and what it said.

        With ``module`` it is another command of ours.
        """
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module),
            *arguments,
            cwd=self.folder,
            env=self.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(HANG):
            output, _ = await process.communicate()
        assert process.returncode is not None, "communicate waits for the end"
        return process.returncode, output.decode(errors="replace")

    def query(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Read or change the database behind the server's back; ``?`` stands for each value."""
        if self.database_url.startswith("postgresql"):
            with psycopg.connect(self.database_url, autocommit=True) as connection:
                cursor = connection.execute(statement.replace("?", "%s"), values)
                return cursor.fetchall() if cursor.description else []
        with contextlib.closing(
            sqlite3.connect(self.data / "assent.db", timeout=30, isolation_level=None)
        ) as plain:
            return list(plain.execute(statement, values))

    def tail(self) -> str:
        """Return the end of its log."""
        return self.tail_of(self.log)

    @staticmethod
    def tail_of(log: Path, lines: int = 60) -> str:
        """Return the end of a server's log, without who asked for what."""
        if not log.exists():
            return "(no log)"
        said = log.read_text(errors="replace").splitlines()
        return "\n".join([line for line in said if '"event": "request"' not in line][-lines:])

    async def _ready(self) -> bool:
        if self._process is None or self._process.returncode is not None:
            raise ServerFailed(self.tail())
        address = urlsplit(self.url)
        assert address.hostname is not None, "the server has a name"
        asked = (
            HTTPConnection(address.hostname, address.port, timeout=HANG)
            if self._inside is None
            else HTTPSConnection(
                address.hostname, address.port, timeout=HANG, context=_create_unverified_context()
            )
        )
        try:
            # All at once, so that nothing else of the loop's is in that network meanwhile.
            with self._inside.entered() if self._inside else contextlib.nullcontext():
                asked.connect()
            asked.request("GET", "/readyz")
            return asked.getresponse().status == 200
        except OSError:
            return False
        finally:
            asked.close()

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None, "not started"
        if self._process.returncode is None:
            self._process.send_signal(how)
        async with asyncio.timeout(HANG):
            code = await self._process.wait()
            if self._said is not None:
                await self._said  # ends when the worker has let go of the pipe as well
        return code

    async def _listen(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            text = line.decode(errors="replace").rstrip()
            with self.printed.open("ab") as printed:
                printed.write(line)
            if link := re.search(r"http\S+/invitation#\S+", text):
                self.admin_link = link[0]


def _die_with_parent() -> None:
    """Ask Linux to end the server when the tests die without a word."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def meeting_of(link: str) -> str:
    """Return the id of the meeting a link leads to."""
    found = re.search(r"/[mr]/([A-Za-z0-9_-]{22})", link)
    assert found is not None, "not a link of a meeting"
    return found[1]


def spelt(secret: bytes) -> bytes:
    """Return how a secret is written in a link, for searching files for it."""
    return encode(secret).encode()
