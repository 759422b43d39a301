"""The whole server as a process: started, asked, stopped, killed, started again."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sqlite3
import ssl
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from support.certificates import write_certificate
from support.server import ServerFailed
from support.started import MEETING, Started
from support.waiting import HANG, eventually


@pytest.fixture
async def server(tmp_path: Path, database_url: str) -> AsyncIterator[Started]:
    server = Started(tmp_path, database_url)
    yield server
    await server.close()


@pytest.fixture
async def plain(tmp_path: Path) -> AsyncIterator[Started]:
    """Give a server on SQLite, for what does not depend on the database."""
    server = Started(tmp_path)
    yield server
    await server.close()


async def test_from_the_first_start_to_a_meeting(server: Started) -> None:
    await server.start()
    cookie = await server.administrator()
    meeting, link = await server.create(MEETING | {"recording": True, "training": True}, cookie)
    path = f"/api/meetings/{meeting['id']}/seat"
    status, seat, _ = await server.post(path, {"door": link.door})
    assert status == 200
    assert seat["vault_key"] is not None  # the embedded worker made it while the host waited
    assert await server.stop() == 0
    first_link = server.admin_link
    server.admin_link = ""
    await server.start()
    status, again, _ = await server.post(path, {"door": link.door})
    assert status == 200
    assert again["charter"] == seat["charter"]
    token = first_link.partition("#")[2]
    status, _, _ = await server.post("/api/invitations/inspect", {"token": token})
    assert status == 403
    assert server.admin_link == ""  # there is an administrator


async def test_the_link_is_new_at_every_start_until_somebody_used_it(plain: Started) -> None:
    await plain.start()
    await eventually(lambda: plain.admin_link, "the link is printed")
    first, plain.admin_link = plain.admin_link, ""
    await plain.stop()
    await plain.start()
    await eventually(lambda: plain.admin_link, "another link is printed")
    assert plain.admin_link != first
    status, _, _ = await plain.post("/api/invitations/inspect", {"token": first.partition("#")[2]})
    assert status == 403


async def test_no_secret_reaches_the_log(plain: Started) -> None:
    await plain.start()
    cookie = await plain.administrator()
    await plain.stop()
    log = plain.log.read_text()
    assert '"request"' in log
    for secret in (plain.admin_link.partition("#")[2], cookie, "ada", "correct horse"):
        assert secret not in log


async def test_nobody_else_can_read_the_data(plain: Started) -> None:
    await plain.start()
    await plain.stop()
    for path in (plain.data, *plain.data.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


async def test_the_worker_leaves_with_the_server_however_it_ends(plain: Started) -> None:
    await plain.start()
    worker = await eventually(plain.worker_pid, "the worker runs")
    await plain.kill()
    await eventually(lambda: not alive(worker), "the worker has left")
    await plain.start()
    worker = await eventually(plain.worker_pid, "the worker runs")
    await plain.stop()
    assert not alive(worker)


async def test_a_worker_that_was_killed_is_replaced(plain: Started) -> None:
    await plain.start()
    first = await eventually(plain.worker_pid, "the worker runs")
    os.kill(first, signal.SIGKILL)
    await eventually(lambda: plain.worker_pid() not in (None, first), "there is another")
    await eventually(plain._ready, "it is ready again")


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


async def test_both_signals_stop_it_cleanly_and_people_are_told(plain: Started) -> None:
    await plain.start()
    cookie = await plain.administrator()
    meeting, link = await plain.create(MEETING, cookie)
    path = f"/api/meetings/{meeting['id']}"
    for number in (signal.SIGINT, signal.SIGTERM):
        _, seat, _ = await plain.post(f"{path}/seat", {"door": link.door})
        async with (
            asyncio.timeout(HANG),
            aiohttp.ClientSession(headers={"Origin": plain.url}) as session,
            session.ws_connect(f"{plain.url}{path}/socket") as socket,
        ):
            await socket.send_json({"type": "hello", "protocol": 1, "token": seat["token"]})
            assert (await socket.receive_json())["type"] == "welcome"
            os.kill(plain.pid, number)
            heard = [frame.data async for frame in socket]
            assert '"restarting"' in heard[-1]
        assert await plain.stop() == 0
        await plain.start()


async def refused(server: Started) -> str:
    """Start a server that should not start; returns what it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "assent.cli", "serve"),
        cwd=server.folder,
        env=server.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(HANG):
        out, err = await process.communicate()
    assert process.returncode == 1
    assert out == b""
    said = err.decode()
    assert "Traceback" not in said
    return said


async def test_two_servers_do_not_share_a_data_folder(plain: Started) -> None:
    await plain.start()
    assert "Another server is using the folder" in await refused(plain)
    assert await plain.reasons() is not None


@pytest.mark.parametrize(
    ("kind", "name", "called"),
    [
        (socket.SOCK_STREAM, "LISTEN", "TCP"),
        (socket.SOCK_DGRAM, "MEDIA", "UDP or TCP"),
        (socket.SOCK_STREAM, "MEDIA", "UDP or TCP"),
        (socket.SOCK_STREAM, "METRICS", "TCP"),
    ],
)
async def test_a_port_that_is_taken_is_named(
    plain: Started, kind: socket.SocketKind, name: str, called: str
) -> None:
    plain.folder.mkdir(exist_ok=True)
    with socket.socket(type=kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        plain.environment |= {f"ASSENT_{name}_PORT": str(port), f"ASSENT_{name}_HOST": "127.0.0.1"}
        if name == "LISTEN":
            plain.environment["ASSENT_PUBLIC_URL"] = f"http://localhost:{port}"
        said = await refused(plain)
    assert f"{called} port {port}" in said
    assert "something else is listening" in said


async def test_it_begins_anew_without_its_database(plain: Started) -> None:
    """Not by itself: what is remembered of the log has to be moved away first."""
    await plain.start()
    wish = MEETING | {"recording": True, "training": True}
    await plain.create(wish, await plain.administrator())
    await plain.stop()
    for path in plain.data.glob("assent.db*"):
        path.unlink()
    assert "log-rolled-back" in await refused(plain)
    for name in ("server/log.key", "server/log.head", "vault/log.head"):
        (plain.data / name).rename(plain.folder / name.replace("/", "-"))
    plain.admin_link = ""
    await plain.start()
    await eventually(plain._ready, "it is ready, and so is its worker")
    meeting, link = await plain.create(wish, await plain.administrator())
    path = f"/api/meetings/{meeting['id']}/seat"
    status, seat, _ = await plain.post(path, {"door": link.door})
    assert (status, seat["vault_key"] is not None) == (200, True)


async def test_there_is_a_media_process_for_each_core_but_one(plain: Started) -> None:
    await plain.start()
    cores = os.cpu_count() or 1
    assert len(plain.media_pids()) == max(1, cores - 1)


async def test_a_lost_key_is_missed(plain: Started) -> None:
    await plain.start()
    cookie = await plain.administrator()
    await plain.create(MEETING, cookie)
    await plain.stop()
    path = plain.data / "server" / "identity.key"
    kept = path.read_bytes()
    path.unlink()
    assert "Assent cannot start. server-identity-missing: " in await refused(plain)
    assert not path.exists()
    path.write_bytes(bytes(32))
    assert "Assent cannot start. server-other-identity: " in await refused(plain)
    path.write_bytes(kept)
    await plain.start()


async def test_an_older_database_is_refused(plain: Started) -> None:
    """Also after a kill, which may come between an entry and the head that covers it."""
    await plain.start()
    cookie = await plain.administrator()
    await plain.kill()
    file = plain.data / "assent.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    older = file.read_bytes()
    await plain.start()
    await plain.create(MEETING, cookie)

    ((entries,),) = plain.query("SELECT count(*) FROM log_entries")

    async def shown() -> bool:
        _, log = await plain.get_text("/log/checkpoint")
        return int(log.split("\n")[1]) >= entries

    await eventually(shown, "the head covers the meeting")
    assert await plain.stop() == 0
    newest = file.read_bytes()
    file.write_bytes(older)
    with pytest.raises(ServerFailed, match="log-rolled-back"):
        await plain.start()
    file.write_bytes(newest)
    await plain.start()


async def test_it_serves_tls_of_its_own(plain: Started) -> None:
    plain.folder.mkdir(exist_ok=True)
    certificate, key = write_certificate(plain.folder)
    plain.url = plain.url.replace("http:", "https:")
    plain.environment |= {
        "ASSENT_PUBLIC_URL": plain.url,
        "ASSENT_TLS_CERTIFICATE": str(certificate),
        "ASSENT_TLS_KEY": str(key),
    }
    trusting = ssl.create_default_context(cafile=str(certificate))

    class Trusting(Started):
        async def get(self, path: str, context: ssl.SSLContext | bool = True) -> tuple[int, Any]:
            return await super().get(path, trusting)

    plain.__class__ = Trusting
    await plain.start()
    async with (
        aiohttp.ClientSession() as session,
        session.get(plain.url + "/healthz", ssl=trusting) as answer,
    ):
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    with pytest.raises(aiohttp.ClientError):
        await Started.get(plain, "/healthz")  # by nobody that this machine trusts


async def test_what_is_no_http_gets_nothing_of_our_insides(plain: Started) -> None:
    await plain.start()
    for said in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"A" * 20_000):
        reader, writer = await asyncio.open_connection("127.0.0.1", plain.port)
        writer.write(said + b"\r\n\r\n")
        async with asyncio.timeout(HANG):
            answer = await reader.read(65536)
        writer.close()
        assert b"Traceback" not in answer
        assert b"aiohttp" not in answer
        assert not re.search(rb"/[a-z-]+/[a-z_]+\.py", answer)
    assert await plain.reasons() is not None
