"""The SFUs under load: this one and Janus, started for a bench and stopped after it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from bench.load import Missing, own_address
from bench.machine import before_others
from support.ports import free_port

PATIENCE = 60.0
TESTS = Path(__file__).parents[1]
Answer = Callable[[str], Awaitable[None]]


class Sfu(Protocol):
    """What a load does with an SFU."""

    name: str
    version: str

    async def start(self, cores: set[int]) -> None:
        """Start it on these cores."""

    def pids(self) -> list[int]:
        """Return every process of it."""

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, str]) -> str:
        """Take an offer, return the answer."""

    async def subscribe(self, peer: str, publishers: Sequence[str]) -> tuple[str, Answer]:
        """Return an offer of everything by these, and who takes its answer."""

    async def stop(self) -> None:
        """End it."""


PINNED = """
import json, os, sys
os.sched_setaffinity(0, json.loads(sys.argv[1]))
os.execvp(sys.argv[2], sys.argv[2:])
"""


async def _spawn(command: Sequence[str], cores: set[int], **how: Any) -> Any:
    # The affinity is set by the child itself, before it becomes what it is to be.
    pinned = [sys.executable, "-c", PINNED, json.dumps(sorted(cores)), *command]
    return await asyncio.create_subprocess_exec(*pinned, **how)


async def _end(process: Any) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 15)
        except TimeoutError:
            process.kill()
            await process.wait()


class Assent:
    """This SFU: bench.host in a process of its own.

    With ``processes`` rooms are in so many media processes, as in ``assent serve``; without, it is
    what ASSENT_BENCH_PROCESSES says; with ``tcp`` they take TCP, too. ``media_only`` leaves out of
    ``pids`` who talks to them.
    """

    name = "assent"

    def __init__(self, processes: int = 0, *, tcp: bool = False) -> None:
        self.media_only = False
        self._settings: dict[str, str] = {}
        if processes:
            self._settings["ASSENT_BENCH_PROCESSES"] = str(processes)
        if tcp:
            self._settings["ASSENT_BENCH_TCP"] = "1"
        self._front: list[int] = []
        self.version = "this one"
        self.room = "bench"
        self.port = 0
        self._process: Any = None
        self._pids: list[int] = []
        self._reader: asyncio.Task[None] | None = None
        self._calls: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._offers: dict[tuple[str, str], asyncio.Queue[dict[str, Any]]] = {}
        self._ready: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._answers: set[asyncio.Task[None]] = set()

    async def start(self, cores: set[int]) -> None:
        """Start it and wait for its port."""
        self._process = await _spawn(
            [sys.executable, "-m", "bench.host", own_address()],
            cores,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=1 << 24,
            env={**os.environ, "PYTHONPATH": str(TESTS), **self._settings},
        )
        self._reader = asyncio.create_task(self._read())
        self.port = await asyncio.wait_for(self._ready, PATIENCE)
        for pid in self._pids:
            with suppress(OSError):  # media processes have sessions of their own
                before_others(pid)

    async def _read(self) -> None:
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "ready" in message:
                self._front, self._pids = message["front"], message["media"]
                self._ready.set_result(message["ready"])
            elif "done" in message:
                self._calls.pop(message["done"]).set_result(message)
            elif "offer" in message:
                key = message["room"], message["offer"]
                self._offers.setdefault(key, asyncio.Queue()).put_nowait(message)
        for call in self._calls.values():
            call.set_exception(RuntimeError("the SFU has ended"))

    async def call(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Give a command and return its result."""
        number = secrets.randbits(48)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._calls[number] = future
        self._process.stdin.write(
            json.dumps({"do": do, "id": number, "room": self.room, **arguments}).encode() + b"\n"
        )
        await self._process.stdin.drain()
        return await asyncio.wait_for(future, PATIENCE)

    def pids(self) -> list[int]:
        """Return its processes."""
        return self._pids if self.media_only else [*self._front, *self._pids]

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, str]) -> str:
        """Take an offer, return the answer."""
        result = await self.call("publish", peer=peer, sdp=sdp, sources=dict(sources))
        return str(result["sdp"])

    async def subscribe(self, peer: str, publishers: Sequence[str]) -> tuple[str, Answer]:
        """Return the offer of everything there is."""
        offers = self._offers.setdefault((self.room, peer), asyncio.Queue())
        await self.call("subscribe", peer=peer)
        offer = await asyncio.wait_for(offers.get(), PATIENCE)

        async def answer(sdp: str) -> None:
            await self.call("describe", peer=peer, generation=offer["generation"], sdp=sdp)

        return str(offer["sdp"]), answer

    async def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.stdin.close()
            try:
                await asyncio.wait_for(self._process.wait(), 15)
            except TimeoutError:
                await _end(self._process)
        if self._reader is not None:
            await self._reader


JANUS = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{plugins}"
  transports_folder = "{transports}"
  events_folder = "{folder}"
  loggers_folder = "{folder}"
  debug_level = 3
  session_timeout = 0
  {loops}
}}
nat: {{ ice_lite = true, ice_enforce_list = "{host}" }}
media: {{ ipv6 = false }}
plugins: {{ disable = "{unwanted}" }}
transports: {{ disable = "{silent}" }}
"""
WEBSOCKETS = 'general: {{ ws = true, ws_port = {port}, ws_ip = "127.0.0.1", ws_logging = "" }}\n'


class Janus:
    """Janus with its VideoRoom: Debian's package, a configuration of its own, free ports."""

    name = "janus"

    def __init__(self, event_loops: int = 0) -> None:
        self.version = ""
        self.event_loops = event_loops
        self._folder = Path(tempfile.mkdtemp(prefix="assent-bench-janus-"))
        self._process: Any = None
        self._http: aiohttp.ClientSession | None = None
        self._socket: Any = None
        self._reader: asyncio.Task[None] | None = None
        self._session = 0
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._feeds: dict[str, tuple[int, asyncio.Event]] = {}
        self._connected: dict[int, asyncio.Event] = {}
        self._log = self._folder / "log"

    async def start(self, cores: set[int]) -> None:
        """Start it, with one room."""
        program = shutil.which("janus")
        if program is None:
            raise Missing("Janus is not installed (Debian: apt-get install janus)")
        asked = await asyncio.create_subprocess_exec(program, "--version", stdout=subprocess.PIPE)
        listed, _ = await asked.communicate()
        found = re.search(r"\(([\d.]+)\)", listed.decode())
        self.version = found[1] if found else "?"
        places = sorted(Path("/usr/lib").glob("*/janus")) + sorted(Path("/usr/lib").glob("janus"))
        if not places:
            raise Missing("Janus has no plug-ins where Debian has them")
        port = free_port()
        plugins = [p.name for p in (places[0] / "plugins").glob("*.so")]
        transports = [p.name for p in (places[0] / "transports").glob("*.so")]
        (self._folder / "janus.jcfg").write_text(
            JANUS.format(
                folder=self._folder,
                host=own_address(),
                plugins=places[0] / "plugins",
                transports=places[0] / "transports",
                loops=f"event_loops = {self.event_loops}" if self.event_loops else "",
                unwanted=",".join(p for p in plugins if "videoroom" not in p),
                silent=",".join(t for t in transports if "websockets" not in t),
            )
        )
        (self._folder / "janus.transport.websockets.jcfg").write_text(WEBSOCKETS.format(port=port))
        with self._log.open("wb") as log:
            self._process = await _spawn(
                [program, "-C", str(self._folder / "janus.jcfg"), "-F", str(self._folder)],
                cores,
                stdout=log,
                stderr=log,
            )
        self._http = aiohttp.ClientSession()
        for _ in range(100):
            try:
                self._socket = await self._http.ws_connect(
                    f"http://127.0.0.1:{port}/", protocols=("janus-protocol",), max_msg_size=1 << 24
                )
                break
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
        else:
            raise Missing(f"Janus does not start:\n{self._log.read_text()[-2000:]}")
        self._reader = asyncio.create_task(self._read())
        self._session = (await self._ask({"janus": "create"}))["data"]["id"]
        handle = await self._attach()
        await self._plugin(
            handle,
            {
                "request": "create",
                "room": 1,
                "publishers": 500,
                "videocodec": "vp8",
                "audiocodec": "opus",
                "bitrate": 0,
            },
        )

    async def _read(self) -> None:
        async for message in self._socket:
            if message.type is not aiohttp.WSMsgType.TEXT:
                continue
            event = json.loads(message.data)
            if event.get("janus") == "webrtcup" and event["sender"] in self._connected:
                self._connected[event["sender"]].set()
            future = self._answers.get(event.get("transaction", ""))
            if event.get("janus") == "ack" or future is None or future.done():
                continue
            future.set_result(event)

    async def _ask(self, message: dict[str, Any]) -> dict[str, Any]:
        transaction = secrets.token_hex(6)
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[transaction] = future
        await self._socket.send_json({**message, "transaction": transaction})
        try:
            event = await asyncio.wait_for(future, PATIENCE)
        finally:
            del self._answers[transaction]
        data = event.get("plugindata", {}).get("data", {})
        if event["janus"] == "error" or "error" in data:
            raise RuntimeError(f"Janus refuses: {event}")
        return event

    async def _attach(self) -> int:
        event = await self._ask(
            {"janus": "attach", "plugin": "janus.plugin.videoroom", "session_id": self._session}
        )
        return int(event["data"]["id"])

    async def _plugin(
        self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None
    ) -> dict[str, Any]:
        return await self._ask(
            {
                "janus": "message",
                "session_id": self._session,
                "handle_id": handle,
                "body": body,
                **({"jsep": jsep} if jsep else {}),
            }
        )

    def pids(self) -> list[int]:
        """Return its process."""
        return [self._process.pid]

    async def publish(self, peer: str, sdp: str, sources: Mapping[str, str]) -> str:
        """Join as a publisher and offer."""
        handle = await self._attach()
        connected = self._connected[handle] = asyncio.Event()
        joined = await self._plugin(
            handle, {"request": "join", "ptype": "publisher", "room": 1, "display": peer}
        )
        self._feeds[peer] = joined["plugindata"]["data"]["id"], connected
        # Where it may choose it is the client of the handshake, which is what our peers are.
        offer = sdp.replace("a=setup:actpass", "a=setup:active")
        event = await self._plugin(handle, {"request": "publish"}, {"type": "offer", "sdp": offer})
        return str(event["jsep"]["sdp"])

    async def subscribe(self, peer: str, publishers: Sequence[str]) -> tuple[str, Answer]:
        """Join as a subscriber of everything by these, on one connection."""
        # To Janus, who is not connected yet is nobody; our own end of it may be a little earlier.
        streams = []
        for name in publishers:
            feed, connected = self._feeds[name]
            await asyncio.wait_for(connected.wait(), PATIENCE)
            streams.append({"feed": feed})
        handle = await self._attach()
        event = await self._plugin(
            handle, {"request": "join", "ptype": "subscriber", "room": 1, "streams": streams}
        )

        async def answer(sdp: str) -> None:
            await self._plugin(handle, {"request": "start"}, {"type": "answer", "sdp": sdp})

        return str(event["jsep"]["sdp"]), answer

    async def stop(self) -> None:
        """End it, and forget its configuration."""
        if self._http is not None:
            await self._http.close()
        if self._reader is not None:
            await self._reader
        if self._process is not None:
            await _end(self._process)
        shutil.rmtree(self._folder, ignore_errors=True)
