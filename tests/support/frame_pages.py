"""Pages that send each other encrypted frames, in real browsers, with nothing between but a test.

The page is ``client-web/tests/browser/frames``, built as the product's are and served under the
product's policy.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from assent.web.headers import content_security_policy
from support.fresh import Fresh

CLIENT: Final = Path(__file__).resolve().parents[2] / "client-web"
PAGE: Final = CLIENT / "tests" / "browser" / "frames"


async def built(folder: Path) -> Path:
    """Build the page into a folder, and return that."""
    process = await asyncio.create_subprocess_exec(
        *("npx", "vite", "build", "--logLevel", "error"),
        *("--config", str(PAGE / "vite.config.ts"), "--outDir", str(folder)),
        cwd=CLIENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return folder


@contextlib.asynccontextmanager
async def served(folder: Path) -> AsyncIterator[str]:
    """Serve the page under the policy of ours; gives its address."""
    app = web.Application()
    app.router.add_static("/assets/", folder / "assets")
    url = ""

    async def index(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(folder / "index.html")

    app.router.add_get("/", index)

    async def sign(_request: web.BaseRequest, response: web.StreamResponse) -> None:
        response.headers["Content-Security-Policy"] = content_security_policy(url)

    app.on_response_prepare.append(sign)
    runner = web.AppRunner(app)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://localhost:{listening.getsockname()[1]}"
        await web.SockSite(runner, listening).start()
        try:
            yield url
        finally:
            await runner.cleanup()


class FramePage:
    """One page, in whatever browser."""

    def __init__(self, page: Fresh) -> None:
        self._page = page

    async def do(self, what: str, *arguments: Any) -> Any:
        """Call one of what the page offers."""
        source = "(what, ...all) => trial[what](...all)"
        return await self._page.evaluate(source, what, *arguments)

    async def offer(self, **wish: Any) -> str:
        """Publish, and return the offer."""
        return _only_offered(_reachable(await self.do("offer", wish)))

    async def answer(self, offer: str, *, layers: int = 1, spy: bool = False) -> str:
        """Answer an offer; as a spy, frames are looked at as they come."""
        return _reachable(await self.do("answer", offer, layers, spy))

    async def state(self) -> dict[str, Any]:
        """Return what the page sees, hears and counts."""
        found: dict[str, Any] = await self.do("state")
        return found

    async def counted(self, field: str, kind: str) -> float:
        """Return what the browser counts of a kind of media, in all its layers."""
        rows = (await self.state())["rtp"]
        return float(sum(row.get(field) or 0 for row in rows if row["kind"] == kind))

    async def dropped(self) -> dict[str, int]:
        """Return how much was dropped, by source and code."""
        counts: dict[str, int] = {}
        for row in (await self.state())["drops"]:
            name = f"{row['source']} {row['code']}"
            counts[name] = counts.get(name, 0) + row["count"]
        return counts


async def meet(sender: FramePage, receiver: FramePage, *, spy: bool = False, **wish: Any) -> None:
    """Connect two pages."""
    offer = await sender.offer(**wish)
    answer = await receiver.answer(offer, layers=wish.get("layers", 1), spy=spy)
    await sender.do("accept", answer)


def _reachable(description: str) -> str:
    """Name our own address where a browser hides it behind a name that only it can resolve."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
            address = probe.getsockname()[0]
        except OSError:
            address = "127.0.0.1"
    return re.sub(r"[0-9a-f-]{36}\.local", address, description)


def _only_offered(description: str) -> str:
    """Leave out what Firefox says of codecs that it does not offer: Chromium refuses it."""
    lines = description.split("\r\n")
    offered = {one for line in lines if line.startswith("m=") for one in line.split()[3:]}
    feedback = re.compile(r"a=rtcp-fb:(\d+) ")
    return "\r\n".join(
        line for line in lines if not (found := feedback.match(line)) or found[1] in offered
    )
