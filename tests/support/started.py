"""A server whose readiness is asked in a test's own words, so that no built client is needed."""

from __future__ import annotations

import ssl
from typing import Any, Final

import aiohttp

from support.rooms import Link, compose
from support.server import Server
from support.waiting import eventually

MEETING: Final = {
    "title": "T",
    "recording": False,
    "training": False,
    "waiting_room": False,
    "lifetime_hours": 1,
}


class Started(Server):
    """A server whose readiness is asked here, so that no built client is needed."""

    async def reasons(self) -> list[str] | None:
        """Return why it is not ready; None where it does not answer at all."""
        try:
            status, body = await self.get("/readyz")
        except aiohttp.ClientError:
            return None
        return [] if status == 200 else body["reasons"]

    async def _ready(self) -> bool:
        await super()._ready()  # raises where the process has ended
        reasons = await self.reasons()
        return reasons is not None and set(reasons) <= {"client-not-built"}

    async def get(self, path: str, context: ssl.SSLContext | bool = True) -> tuple[int, Any]:
        """GET, and read JSON."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.url + path, ssl=context) as answer,
        ):
            return answer.status, await answer.json()

    async def get_text(self, path: str) -> tuple[int, str]:
        """GET, and read text."""
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, body: Any, cookie: str = "") -> tuple[int, Any, str]:
        """POST as our page does; returns status, body and the cookie that was set."""
        headers = {"Origin": self.url}
        if cookie:
            headers["Cookie"] = f"__Host-assent={cookie}"
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.post(self.url + path, json=body, headers=headers) as answer,
        ):
            morsel = answer.cookies.get("__Host-assent")
            return answer.status, await answer.json(), "" if morsel is None else morsel.value

    async def terms(self, cookie: str) -> dict[str, Any]:
        """Return what a room has to allow for a meeting to be held in it here."""
        headers = {"Cookie": f"__Host-assent={cookie}"}
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
            session.get(f"{self.url}/api/meetings/terms", headers=headers) as answer,
        ):
            found: dict[str, Any] = await answer.json()
            assert answer.status == 200, found
            return found

    async def create(self, wish: dict[str, Any], cookie: str) -> tuple[dict[str, Any], Link]:
        """Make a meeting as a browser does; returns the meeting, and its link."""
        body, link = compose(await self.terms(cookie), wish)
        status, made, _ = await self.post("/api/meetings", body, cookie)
        assert status == 200, made
        meeting: dict[str, Any] = made["meeting"]
        return meeting, link

    async def administrator(self) -> str:
        """Use the link; returns the cookie."""
        await eventually(lambda: self.admin_link, "the link is printed")
        status, body, cookie = await self.post(
            "/api/invitations/accept",
            {
                "token": self.admin_link.partition("#")[2],
                "name": "Ada",
                "login": "ada",
                "password": "correct horse battery",
            },
        )
        assert status == 200, body
        return cookie
