"""A real PostgreSQL server for tests: its own folder, its own port, gone when the tests are.

Nothing is skipped where PostgreSQL is missing: the tests that need it fail and say how to get it.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from support.ports import free_port

_INSTALL = (
    "These tests need the programs of PostgreSQL (initdb, postgres), 13 or newer. Install them with"
    " `apt install postgresql`, `dnf install postgresql-server` or `brew install postgresql`, or"
    " name their folder in the variable ASSENT_TEST_POSTGRES. No running server is needed."
)
_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql*/bin",
    "/usr/local/opt/postgresql*/bin",
)


class PostgresMissing(Exception):
    """The programs of PostgreSQL were not found; the message says how to install them."""


def find_programs() -> Path:
    """Return the folder with PostgreSQL's programs, the newest one; raises PostgresMissing."""
    candidates = []
    if named := os.environ.get("ASSENT_TEST_POSTGRES"):
        candidates.append(Path(named))
    for place in _PLACES:
        found = Path("/").glob(place.lstrip("/"))
        candidates.extend(sorted(found, key=lambda path: (len(str(path)), str(path)), reverse=True))
    if on_path := shutil.which("initdb"):
        candidates.append(Path(on_path).parent)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise PostgresMissing(_INSTALL)


def _unprivileged() -> dict[str, Any]:
    """Return how to start a child as somebody else where we are root, which PostgreSQL refuses."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise PostgresMissing("There is no unprivileged user to run PostgreSQL as.")


def _die_with_parent() -> None:
    """Ask Linux to stop the server when the tests die without a word."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGINT)


class PostgresServer:
    """A running server. ``new_database`` gives the URL of an empty database of its own."""

    def __init__(self, port: int, password: str) -> None:
        self._port = port
        self._password = password
        self._names = (f"assent_{number}" for number in itertools.count(1))

    def url(self, name: str) -> str:
        """Return the URL of a database."""
        return f"postgresql://assent:{self._password}@127.0.0.1:{self._port}/{name}"

    def connect(self, name: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        """Return a plain connection, for what a test does behind the program's back."""
        return psycopg.connect(self.url(name), autocommit=True, connect_timeout=5)

    def new_database(self, name: str | None = None, *, template: str = "template0") -> str:
        """Make a database, empty or a copy of ``template``, and return its name."""
        name = name or next(self._names)
        with self.connect() as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )
        return name

    def drop_database(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        with self.connect() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )

    @contextlib.contextmanager
    def two_roles(self) -> Iterator[tuple[str, str, str]]:
        """Give the URLs of an empty database for its owner, and for two roles without rights."""
        name = self.new_database()
        roles = ("assent_server", "assent_vault")
        try:
            with self.connect() as connection:
                for role in roles:
                    connection.execute(
                        sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                            sql.Identifier(role), sql.Literal(self._password)
                        )
                    )
            owner = self.url(name)
            server, vault = (owner.replace("//assent:", f"//{role}:") for role in roles)
            yield owner, server, vault
        finally:
            self.drop_database(name)
            with self.connect() as connection:
                connection.execute("DROP ROLE IF EXISTS assent_server, assent_vault")


@contextlib.contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server in a temporary folder on a free port of the loopback; stop it at the end."""
    programs = find_programs()
    as_somebody = _unprivileged()
    password = secrets.token_hex(16)
    home = Path(tempfile.mkdtemp(prefix="assent-postgres-"))
    try:
        secret = home / "password"
        secret.write_text(password)
        if as_somebody:
            os.chown(home, as_somebody["user"], as_somebody["group"])
            os.chown(secret, as_somebody["user"], as_somebody["group"])
        subprocess.run(
            [
                programs / "initdb",
                f"--pgdata={home / 'data'}",
                "--username=assent",
                "--auth=scram-sha-256",
                f"--pwfile={secret}",
                "--encoding=UTF8",
                "--no-locale",
                "--no-sync",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=home,
            **as_somebody,
        )
        process, port = _start(programs, home, as_somebody)
        try:
            yield PostgresServer(port, password)
        finally:
            process.send_signal(signal.SIGINT)  # "fast": disconnects everyone
            process.wait(60)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(
    programs: Path, home: Path, as_somebody: dict[str, Any]
) -> tuple[subprocess.Popen[bytes], int]:
    for _ in range(5):  # somebody may take the free port before the server does
        port = free_port()
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 100,
            "shared_buffers": "32MB",
            # What a test loses when the power fails nobody misses.
            "fsync": "off",
            "full_page_writes": "off",
        }
        with (home / "log").open("wb") as log:
            process = subprocess.Popen(
                [
                    programs / "postgres",
                    f"-D{home / 'data'}",
                    *(f"-c{name}={value}" for name, value in settings.items()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=home,
                preexec_fn=_die_with_parent,
                **as_somebody,
            )
        if _answers(process, port):
            return process, port
    raise RuntimeError("PostgreSQL does not start:\n" + (home / "log").read_text())


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the server takes connections; False when it has ended instead."""
    while process.poll() is None:
        try:
            psycopg.connect(f"postgresql://nobody:x@127.0.0.1:{port}/postgres", connect_timeout=5)
        except psycopg.OperationalError as error:
            if "authentication failed" in str(error):
                return True
        time.sleep(0.05)
    return False
