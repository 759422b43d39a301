"""A server that may start with something amiss, as long as it answers."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

from support.server import Server
from support.waiting import HANG


class Troubled(Server):
    """Make it like any other server."""

    _needs_ready = True

    async def start_troubled(self) -> None:
        """Start, and wait until it says whether it is ready."""
        self._needs_ready = False
        try:
            await self.start()
        finally:
            self._needs_ready = True

    async def _ready(self) -> bool:
        return await super()._ready() or (not self._needs_ready and self.reasons() is not None)

    def reasons(self) -> list[str] | None:
        """Return why it is not ready, None where it does not answer."""
        address = urlsplit(self.url)
        asked = HTTPConnection(address.hostname or "", address.port, timeout=HANG)
        try:
            asked.request("GET", "/readyz")
            return list(json.loads(asked.getresponse().read()).get("reasons", []))
        except OSError:
            return None
        finally:
            asked.close()
