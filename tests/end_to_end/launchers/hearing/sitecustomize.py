"""Writes down everything that a server hears: bodies, headers, addresses, messages of sockets.

Python imports a module of this name by itself, so the server runs unchanged, and tells on itself:
whatever its routes get to read goes into the file that ``HEAR_INTO`` names as well, one record of
JSON text a line.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any


def _listen(path: str) -> None:
    from aiohttp import web

    def note(kind: str, data: bytes) -> None:
        with Path(path).open("a", encoding="ascii") as file:
            record = {"kind": kind, "data": base64.b64encode(data).decode()}
            file.write(json.dumps(record) + "\n")

    read = web.BaseRequest.read
    receive = web.WebSocketResponse.receive
    prepare = web.Application._handle

    async def hear_body(self: Any) -> bytes:
        data = await read(self)
        note("body", data)
        return data

    async def hear_message(self: Any, *arguments: Any, **more: Any) -> Any:
        message = await receive(self, *arguments, **more)
        if isinstance(message.data, str):
            note("message", message.data.encode())
        elif isinstance(message.data, bytes):
            note("message", message.data)
        return message

    async def hear_request(self: Any, request: Any) -> Any:
        head = request.raw_path + "\n" + "\n".join(f"{k}: {v}" for k, v in request.headers.items())
        note("head", head.encode())
        return await prepare(self, request)

    web.BaseRequest.read = hear_body  # type: ignore[method-assign]
    web.WebSocketResponse.receive = hear_message  # type: ignore[method-assign]
    web.Application._handle = hear_request  # type: ignore[method-assign]


if os.environ.get("HEAR_INTO"):
    _listen(os.environ["HEAR_INTO"])
