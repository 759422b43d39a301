"""A thousand connections that ask nothing, while somebody is recorded; without any browser."""

from __future__ import annotations

from pathlib import Path

import aiohttp

from assent_vault.formats import charter as charters
from assent_vault.formats import room as rooms
from assent_vault.formats.statement import Will
from assent_vault.formats.suite import decode
from support.people import Person
from support.ports import free_port
from support.rooms import compose
from support.seat import Participant
from support.server import Server
from support.started import MEETING
from support.strangers import stranger
from support.waiting import eventually

IDLE = 1100
ACCOUNT = {"name": "Ada", "login": "ada", "password": "correct horse battery"}


def generations(server: Server) -> int:
    return len(list((server.data / "objects").glob("meetings/*/generations/*/boxes.json")))


async def test_a_meeting_goes_on_being_recorded(tmp_path: Path) -> None:
    """Every new stretch opens files, and every answer is stored: none may fail."""
    metrics = free_port()
    server = Server(tmp_path / "server", settings={"metrics_port": metrics}, descriptors=1024)
    await server.start()
    try:
        cookies = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=server.url)
        async with (
            aiohttp.ClientSession(cookie_jar=cookies) as http,
            stranger(server, "127.0.0.3") as idle,
            stranger(server, "127.0.0.2") as newcomer,
        ):
            headers = {"Origin": server.url}

            async def post(path: str, **body: object) -> dict[str, object]:
                async with http.post(server.url + path, json=body, headers=headers) as raw:
                    answer: dict[str, object] = await raw.json()
                    assert raw.status == 200, answer
                    return answer

            token = server.admin_link.partition("#")[2]
            await post("/api/invitations/accept", token=token, **ACCOUNT)
            async with http.get(f"{server.url}/api/meetings/terms") as raw:
                wish, _ = compose(await raw.json(), MEETING | {"recording": True})
            made = await post("/api/meetings", **wish)
            meeting = made["meeting"]["id"]  # type: ignore[index]
            seat = await post(f"/api/meetings/{meeting}/host-seat")
            charter = charters.parse(decode(str(seat["charter"])))
            socket = f"{server.url}/api/meetings/{meeting}/socket"
            async with http.ws_connect(socket, headers=headers, heartbeat=5) as ws:
                await ws.send_json({"type": "hello", "protocol": 1, "token": seat["token"]})
                room = rooms.parse(decode(str(seat["room"])))
                host = Participant(ws, Person(charter, None), charter.notices["en"], room)
                await host.enter("Ada")
                await host.answer(Will.YES)
                await host.arm()
                await eventually(lambda: generations(server) == 1, "it is being recorded")
                await idle.connect(IDLE)
                await idle.connect(IDLE, metrics)
                await idle.connect(IDLE, server.media_port)
                for number in range(2, 8):
                    await host.answer(Will.WITHDRAWN)
                    await host.answer(Will.YES)
                    await eventually(lambda n=number: generations(server) >= n, "and again")
                    assert await newcomer.get("/api/info") == 200
                open_files = sum(1 for _ in Path(f"/proc/{server.pid}/fd").iterdir())
                print(f"open: {open_files}; standing: {idle.standing()}")
                assert open_files < 1024 - 128
                assert "storage-unavailable" not in str(host.heard)
        assert "EMFILE" not in server.log.read_text()
        assert "Too many open files" not in server.log.read_text()
    finally:
        await server.close()
