"""A certificate that is renewed under a running server, and signals that end nothing."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import signal
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from assent import cli
from assent.config import Settings
from assent.tls import Tls
from support.certificates import write_certificate
from support.ports import free_port
from support.started import MEETING, Started
from support.waiting import HANG, eventually


class Secure(Started):
    """A server with TLS of its own; its certificate is not checked, only looked at."""

    unchecked: ssl.SSLContext

    def prepare(self, **given: Any) -> None:
        """Write the first certificate, and the settings that name it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        certificate, key = write_certificate(self.folder, **given)
        self.url = self.url.replace("http:", "https:")
        self.metrics_port = free_port()
        self.unchecked = ssl.create_default_context()
        self.unchecked.check_hostname = False
        self.unchecked.verify_mode = ssl.CERT_NONE
        self.environment |= {
            "ASSENT_PUBLIC_URL": self.url,
            "ASSENT_TLS_CERTIFICATE": str(certificate),
            "ASSENT_TLS_KEY": str(key),
            "ASSENT_METRICS_PORT": str(self.metrics_port),
        }

    def renew(self, **given: Any) -> bytes:
        """Write another certificate over the first; returns its digest."""
        path, _ = write_certificate(self.folder, **given)
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(path.read_text())).digest()

    async def shows(self) -> bytes:
        """Return the digest of what a new connection is shown."""
        _, writer = await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=self.unchecked, server_hostname="localhost"
        )
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return hashlib.sha256(shown).digest()

    async def said(self) -> dict[str, Any]:
        """Return what it says of being ready."""
        return (await self.get("/readyz", self.unchecked))[1]

    async def reasons(self) -> list[str] | None:
        """See the parent."""
        try:
            return (await self.said()).get("reasons", [])
        except aiohttp.ClientError:
            return None

    async def metrics(self) -> str:
        """Return the numbers."""
        url = f"http://127.0.0.1:{self.metrics_port}/metrics"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return await answer.text()

    async def _ready(self) -> bool:
        reasons = await self.reasons()
        return reasons is not None and set(reasons) <= {"client-not-built", "certificate-expired"}


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[Secure]:
    server = Secure(tmp_path)
    yield server
    await server.close()


async def test_a_renewed_certificate_is_shown_and_a_broken_one_is_not(secure: Secure) -> None:
    secure.prepare(days=(-10, 5))
    first = secure.renew(days=(-10, 5))
    await secure.start()
    assert await secure.shows() == first
    assert (await secure.said())["warnings"] == ["certificate-expires-very-soon"]
    numbers = await secure.metrics()
    assert re.search(r"^assent_certificate_expiry_timestamp_seconds 1\.\d+e\+09$", numbers, re.M)
    assert 'assent_certificate_problem{code="certificate-expires-very-soon"} 1.0' in numbers

    # When told to.
    second = secure.renew(days=(-1, 90))
    os.kill(secure.pid, signal.SIGHUP)

    async def shown(wanted: bytes) -> bool:
        return await secure.shows() == wanted

    await eventually(lambda: shown(second), "the renewed certificate is shown")
    assert "warnings" not in await secure.said()

    # By itself, when the files have changed.
    third = secure.renew(days=(-1, 91))
    await eventually(lambda: shown(third), "the next one is shown without a word")

    # One that cannot be used is said, and the old one stays.
    key = secure.folder / "server.key"
    good = key.read_bytes()
    write_certificate(secure.folder, "other")
    key.write_bytes((secure.folder / "other.key").read_bytes())
    os.kill(secure.pid, signal.SIGHUP)

    async def warns() -> bool:
        return (await secure.said()).get("warnings") == ["certificate-not-taken"]

    await eventually(warns, "it says that the new one cannot be used")
    assert await secure.shows() == third
    assert 'assent_certificate_problem{code="certificate-not-taken"} 1.0' in await secure.metrics()
    key.write_bytes(good)
    await eventually(lambda: warns_no_more(secure), "it heals by itself")

    # Nor is one taken that browsers would refuse while they take the one there is.
    secure.renew(days=(-90, -1))
    os.kill(secure.pid, signal.SIGHUP)
    await eventually(warns, "it says that the new one cannot be used")
    assert await secure.shows() == third
    assert await secure.stop() == 0


async def warns_no_more(secure: Secure) -> bool:
    return "warnings" not in await secure.said()


async def test_with_an_expired_certificate_it_is_not_ready(secure: Secure) -> None:
    secure.prepare(days=(-90, -1), hosts=("elsewhere.example",))
    await secure.start()
    said = await secure.said()
    assert "certificate-expired" in said["reasons"]
    assert said["warnings"] == ["certificate-wrong-name"]
    good = secure.renew(days=(-1, 90))
    os.kill(secure.pid, signal.SIGHUP)

    async def mended() -> bool:
        said = await secure.said()
        return "certificate-expired" not in said.get("reasons", []) and "warnings" not in said

    await eventually(mended, "the renewed one mends it")
    assert await secure.shows() == good


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"days": (-90, -1)}, 2, "tls_certificate has expired"),
        ({"days": (1, 90)}, 2, "tls_certificate is not valid yet"),
        ({"hosts": ("else.example",), "days": (-1, 90)}, 2, "is not for localhost"),
        ({"days": (-1, 20)}, 0, "Warning: tls_certificate expires in 19 days."),
        ({"days": (-1, 5)}, 0, "Warning: tls_certificate expires in 4 days: renew it now."),
        ({"days": (-1, 90)}, 0, ""),
    ],
)
def test_the_settings_are_checked_with_the_certificate(
    given: dict[str, Any],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    certificate, key = write_certificate(tmp_path, **given)
    for name in list(os.environ):
        if name.startswith("ASSENT_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("ASSENT_PUBLIC_URL", "https://localhost")
    monkeypatch.setenv("ASSENT_TLS_CERTIFICATE", str(certificate))
    monkeypatch.setenv("ASSENT_TLS_KEY", str(key))
    assert cli.main(["check-config"]) == code
    error = capsys.readouterr().err
    assert said in error
    assert bool(said) is bool(error)


def test_behind_a_proxy_the_name_is_the_proxys_concern(tmp_path: Path) -> None:
    certificate, key = write_certificate(tmp_path, hosts=("inside.example",), days=(-1, 90))
    environ = {
        "ASSENT_PUBLIC_URL": "https://localhost",
        "ASSENT_TLS_CERTIFICATE": str(certificate),
        "ASSENT_TLS_KEY": str(key),
    }
    assert Tls(Settings.load(None, environ)).codes() == ["certificate-wrong-name"]
    proxied = environ | {"ASSENT_TRUSTED_PROXIES": "10.0.0.1"}
    assert Tls(Settings.load(None, proxied)).codes() == []


async def test_no_signal_but_those_that_stop_it_ends_anything(tmp_path: Path) -> None:
    """To the server, its worker and its media process alike: a terminal tells all of them."""
    server = Started(tmp_path)
    await server.start()
    try:
        cookie = await server.administrator()
        meeting, link = await server.create(MEETING, cookie)
        path = f"/api/meetings/{meeting['id']}"
        _, seat, _ = await server.post(f"{path}/seat", {"door": link.door})
        worker = await eventually(server.worker_pid, "the worker runs")
        media = server.media_pids()
        assert media
        async with (
            asyncio.timeout(HANG),
            aiohttp.ClientSession(headers={"Origin": server.url}) as session,
            session.ws_connect(f"{server.url}{path}/socket") as socket,
        ):
            await socket.send_json({"type": "hello", "protocol": 1, "token": seat["token"]})
            assert (await socket.receive_json())["type"] == "welcome"
            for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGPIPE):
                for process in (server.pid, worker, *media):
                    os.kill(process, number)
            for process in media:
                os.kill(process, signal.SIGQUIT)  # as Ctrl-\ does to all; the server ends them
                os.kill(process, signal.SIGINT)
            # Each has taken them by the time that it has done something else.
            status, _ = await server.get("/readyz")
            assert status in (200, 503)
            await socket.send_json({"type": "leave", "id": 1})
            assert (await socket.receive_json())["type"] in ("room", "goodbye", "ok")
            assert server.worker_pid() == worker
            assert server.media_pids() == media
        # Twice, and by the third of its signals: it still says goodbye and closes what is open.
        _, seat, _ = await server.post(f"{path}/seat", {"door": link.door})
        async with (
            asyncio.timeout(HANG),
            aiohttp.ClientSession(headers={"Origin": server.url}) as session,
            session.ws_connect(f"{server.url}{path}/socket") as socket,
        ):
            await socket.send_json({"type": "hello", "protocol": 1, "token": seat["token"]})
            assert (await socket.receive_json())["type"] == "welcome"
            for number in (signal.SIGQUIT, signal.SIGINT, signal.SIGINT, signal.SIGHUP):
                os.kill(server.pid, number)
            heard = [frame.data async for frame in socket]
            assert '"restarting"' in heard[-1]
        assert await server.stop() == 0
    finally:
        await server.close()
