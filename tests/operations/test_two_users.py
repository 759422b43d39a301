"""Server and vault worker as two users of one machine, through everything that they do together."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from assent_vault.formats.statement import Will
from support.agreed_meeting import agreed_meeting
from support.commands import EXPORT
from support.data_folder import files
from support.postgres import PostgresServer
from support.started import Started
from support.users import needs_users, prefix, run_as
from support.waiting import eventually

pytestmark = needs_users

SERVER: Final = 61001
VAULT: Final = 61002
GROUP: Final = 61000
PATIENCE: Final = 240.0  # two programs start, one of them after the other
# Looks into a folder, and reads what is named in it; says what it could.
_READ: Final = """
import os, sys
for path in sys.argv[1:]:
    try:
        os.listdir(path) if os.path.isdir(path) else open(path, "rb").read()
    except PermissionError:
        continue
    print(path)
"""


class TwoUsers(Started):
    """A server of one user, and a vault worker of another; each starts when it is told to."""

    patience = PATIENCE

    def __init__(self, folder: Path, database_url: str | None, vault_url: str | None) -> None:
        super().__init__(folder, database_url)
        self.own, self.vaults, self.exports = (
            folder / name for name in ("server", "vault", "exports")
        )
        # As the README says: what is shared is the group's, what is not is one user's.
        for path, user, group, mode in (
            (folder, 0, 0, 0o755),
            (self.data, 0, GROUP, 0o2770),
            # As a careless hand leaves them; each closes its own.
            (self.own, SERVER, GROUP, 0o2770),
            (self.vaults, VAULT, GROUP, 0o2770),
            (self.exports, VAULT, GROUP, 0o700),
        ):
            path.mkdir(exist_ok=True)
            os.chown(path, user, group)
            path.chmod(mode)
        self.environment |= {
            "ASSENT_WORKER": "external",
            "ASSENT_SERVER_DIR": str(self.own),
            "ASSENT_VAULT_DIR": str(self.vaults),
            "ASSENT_EXPORTS_DIR": str(self.exports),
            "HOME": "/",
        }
        self._vault_environment = dict(self.environment)
        if vault_url is not None:
            self._vault_environment["ASSENT_DATABASE_URL"] = vault_url
        self._worker: asyncio.subprocess.Process | None = None

    def command(self) -> list[str]:
        """Start as the server's user."""
        return [*prefix(SERVER, GROUP), *super().command()]

    async def start_worker(self) -> None:
        """Start the worker, as the vault's user."""
        with (self.folder / "worker.log").open("ab") as log:
            self._worker = await self._vault("worker", stderr=log)

    async def says_ready(self) -> bool:
        """Whether the worker has got to its work."""
        assert self._worker is not None, "started"
        said = (self.folder / "worker.log").read_text()
        assert self._worker.returncode is None, said
        return '"worker-ready"' in said

    async def answers(self) -> bool:
        """Whether the server answers at all."""
        try:
            return (await self.get("/healthz"))[0] == 200
        except aiohttp.ClientError:
            return False

    async def say(self, *arguments: str) -> tuple[int, str]:
        """Run a command of the vault, as its user."""
        child = await self._vault(*arguments, stderr=asyncio.subprocess.STDOUT)
        async with asyncio.timeout(PATIENCE):
            out, _ = await child.communicate()
        assert child.returncode is not None, "communicate waits for the end"
        return child.returncode, out.decode()

    async def close(self) -> None:
        """Stop both."""
        await super().close()
        if self._worker is not None and self._worker.returncode is None:
            self._worker.terminate()
            await self._worker.wait()

    async def _vault(self, *arguments: str, stderr: object) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(*prefix(VAULT, GROUP), sys.executable, "-m", "assent_vault.cli", *arguments),
            cwd="/",
            env=self._vault_environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,  # type: ignore[arg-type]
        )


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder that everybody can reach, which pytest's own is not."""
    folder = Path(tempfile.mkdtemp(prefix="assent-users-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@asynccontextmanager
async def roles(postgres: PostgresServer, place: Path) -> AsyncIterator[tuple[str, str]]:
    """Give the URLs of two roles, made and given their rights as the README says."""
    with postgres.two_roles() as (owner, server_url, vault_url):
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "assent_vault.cli", "migrate"),
            *("--server-role", "assent_server", "--vault-role", "assent_vault"),
            cwd=place,
            env={**os.environ, "ASSENT_DATABASE_URL": owner},
        )
        assert await child.wait() == 0
        yield server_url, vault_url


@pytest.mark.parametrize("first", ["server", "vault"])
async def test_two_users_with_one_file(place: Path, first: str) -> None:
    server = TwoUsers(place, None, None)
    try:
        if first == "server":
            starting = asyncio.create_task(server.start())
            await eventually(server.answers, "the server answers", PATIENCE)
            await server.start_worker()
            await starting
        else:
            await server.start_worker()
            await eventually(server.says_ready, "the worker is ready", PATIENCE)
            await server.start()
        await release(server, place)
        for path in server.data.rglob("*"):
            found = path.stat()
            assert found.st_gid == GROUP, path
            assert not found.st_mode & 0o007, path
            if path.is_file() and path.suffix != ".before-upgrade":
                assert found.st_mode & stat.S_IRGRP, path
    finally:
        print(server.tail(), server.tail_of(server.folder / "worker.log"))
        await server.close()


async def test_two_users_with_two_roles(postgres: PostgresServer, place: Path) -> None:
    async with roles(postgres, place) as (server_url, vault_url):
        server = TwoUsers(place, server_url, vault_url)
        try:
            await server.start_worker()
            await eventually(server.says_ready, "the worker is ready", PATIENCE)
            await server.start()
            await release(server, place)
        finally:
            print(server.tail(), server.tail_of(server.folder / "worker.log"))
            await server.close()


async def release(server: TwoUsers, place: Path) -> None:
    """Record a meeting, export it, and take it back; and see that neither user sees too much."""
    async with agreed_meeting(server) as (_, guest):

        async def exported() -> bool:
            code, _ = await server.say(*EXPORT, "--out", str(server.exports / "one"))
            return code == 0

        await eventually(exported, "it is released and exported", PATIENCE)
        manifest = json.loads((server.exports / "one" / "MANIFEST.json").read_bytes())
        assert any(file["path"].endswith((".opus", ".webm")) for file in manifest["files"])
        assert files(server.data / "objects" / "meetings")
        # The vault removes what the server has written.
        status, body, _ = await server.post(
            "/api/answers", guest.answer_afterwards(Will.WITHDRAWN, Will.WITHDRAWN)
        )
        assert status == 200, body

        def gone() -> bool:
            return not [path for path in files(server.data / "objects") if "track" in str(path)]

        await eventually(gone, "what was recorded of the guest is gone")
    assert (await server.say("healthcheck")) == (0, "")
    asked = await asyncio.create_subprocess_exec(
        *(*prefix(SERVER, GROUP), sys.executable, "-m", "assent.cli", "healthcheck"),
        cwd="/",
        env=server.environment,
    )
    assert await asked.wait() == 0

    own = [server.own, *server.own.rglob("*")]
    vaults = [server.vaults, *server.vaults.rglob("*"), server.exports, server.exports / "one"]
    assert {"identity.key", "log.key", "log.head"} <= {path.name for path in own}
    assert {"identity.key", "log.head", "meetings"} <= {path.name for path in vaults}
    for user, theirs, others in ((SERVER, own, vaults), (VAULT, vaults, own)):
        read = run_as(user, GROUP, _READ, *map(str, theirs + others)).stdout.splitlines()
        assert set(read) >= {str(path) for path in theirs}
        assert not set(read) & {str(path) for path in others}
