"""A database that goes away under a running server, and comes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import aiohttp

from assent_vault.formats.suite import encode
from support.broken_line import BrokenLine
from support.postgres import PostgresServer
from support.rooms import compose
from support.started import MEETING, Started
from support.waiting import HANG, eventually

UNAVAILABLE = "database-unavailable"


async def test_it_is_said_as_what_it_is_and_heals_by_itself(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    name = postgres.new_database()
    line = BrokenLine(postgres.url(name))
    line.mend()
    server = Started(tmp_path, line.url)
    try:
        await server.start()
        cookie = await server.administrator()
        meeting, link = await server.create(MEETING, cookie)
        wish, _ = compose(await server.terms(cookie), MEETING)
        path = f"/api/meetings/{meeting['id']}"
        _, seat, _ = await server.post(f"{path}/seat", {"door": link.door})
        asked: list[tuple[str, str, Any]] = [
            ("POST", "/api/sign-in", {"login": "ada", "password": "correct horse battery"}),
            ("GET", "/api/me", None),
            ("GET", "/api/meetings", None),
            ("POST", "/api/meetings", wish),
            ("POST", f"{path}/seat", {"door": link.door}),
            ("POST", "/api/invitations/inspect", {"token": encode(bytes(32))}),
            ("GET", f"/api/notices/{encode(bytes(32))}", None),
            ("GET", "/api/admin/exports", None),
            ("GET", "/api/info", None),
        ]
        async with asyncio.timeout(HANG), aiohttp.ClientSession() as session:

            async def ask(method: str, where: str, body: Any) -> tuple[int, Any, str | None]:
                headers = {"Origin": server.url, "Cookie": f"__Host-assent={cookie}"}
                async with session.request(
                    method, server.url + where, json=body, headers=headers
                ) as answer:
                    return answer.status, await answer.json(), answer.headers.get("Retry-After")

            async def greet() -> tuple[dict[str, Any], int | None]:
                async with session.ws_connect(
                    f"{server.url}{path}/socket", headers={"Origin": server.url}
                ) as socket:
                    hello = {"type": "hello", "protocol": 1, "token": seat["token"]}
                    await socket.send_json(hello)
                    said = await socket.receive_json()
                    if said["type"] == "error":
                        await socket.receive()
                    return said, socket.close_code

            assert (await greet())[0]["type"] == "welcome"
            line.cut()
            for method, where, body in asked:
                status, said, after = await ask(method, where, body)
                assert (status, said["error"]["code"]) == (503, UNAVAILABLE), where
                assert after is not None
                assert int(after) > 0
            said, closed = await greet()
            assert (said["error"]["code"], closed) == (UNAVAILABLE, 1013)
            status, said, after = await ask("GET", "/readyz", None)
            assert status == 503
            assert UNAVAILABLE in said["reasons"]
            assert after is not None
            assert (await ask("GET", "/healthz", None))[0] == 200

            line.mend()
            for method, where, body in asked:
                status, said, _ = await ask(method, where, body)
                assert status < 500, (where, said)
            assert (await greet())[0]["type"] == "welcome"
            await eventually(server._ready, "it is ready again, the worker too")
        log = server.log.read_text()
        assert "Traceback" not in log
        assert postgres.url(name).split(":")[2].split("@")[0] not in log  # the password
    finally:
        await server.close()
        line.close()
        postgres.drop_database(name)
