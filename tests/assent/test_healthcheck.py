"""The health command asks where the settings say that the server listens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from assent.config import Settings
from assent.healthcheck import ask, reached_at
from support.certificates import write_certificate
from support.ports import free_port


@asynccontextmanager
async def answering(
    settings: Settings, answer: Callable[[web.Request], Awaitable[web.Response]]
) -> AsyncIterator[None]:
    """Serve where the settings say, with their TLS."""
    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(
        runner, settings.listen_host, settings.listen_port, ssl_context=settings.tls()
    )
    await site.start()
    try:
        yield
    finally:
        await runner.cleanup()


def settings_for(folder: Path, host: str, *, tls: bool) -> Settings:
    given = {"ASSENT_LISTEN_PORT": str(free_port()), "ASSENT_LISTEN_HOST": host}
    if tls:
        # Expired, and of another name: that is said elsewhere, and is no death.
        certificate, key = write_certificate(folder, days=(-9, -1), hosts=("else.example",))
        given |= {"ASSENT_TLS_CERTIFICATE": str(certificate), "ASSENT_TLS_KEY": str(key)}
    return Settings.load(None, given)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])
async def test_it_asks_where_the_server_listens(tmp_path: Path, host: str, tls: bool) -> None:
    settings = settings_for(tmp_path, host, tls=tls)
    asked: list[str] = []

    async def well(request: web.Request) -> web.Response:
        asked.append(request.path)
        return web.json_response({"ok": True})

    assert "does not answer" in await asyncio.to_thread(ask, settings)
    async with answering(settings, well):
        assert await asyncio.to_thread(ask, settings) == ""
        assert await asyncio.to_thread(ask, settings, ready=True) == ""
    assert asked == ["/healthz", "/readyz"]


async def test_what_is_wrong_is_told(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, "127.0.0.1", tls=False)
    answers = [
        web.json_response({"ready": False, "reasons": ["worker-silent"]}, status=503),
        web.json_response({}, status=500),
        web.json_response([], status=500),
        web.Response(text="not JSON"),
    ]
    said = ["it is not ready: worker-silent", "it answers 500", "it answers 500"]

    async def answer(_request: web.Request) -> web.Response:
        return answers.pop(0)

    async with answering(settings, answer):
        for expected in said:
            assert await asyncio.to_thread(ask, settings, ready=True) == expected
        assert "does not answer" in await asyncio.to_thread(ask, settings)


def test_an_address_of_everything_is_asked_at_the_loopback() -> None:
    assert reached_at("0.0.0.0") == "127.0.0.1"
    assert reached_at("::") == "::1"
    assert reached_at("192.0.2.1") == "192.0.2.1"
