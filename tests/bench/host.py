"""This SFU in a process of its own, for a load: the media server, and nothing of the meeting.

Commands come as lines of JSON, answers and what the room tells go back the same way. The event
loop is the one of ``assent serve``. Run by :mod:`bench.sfus`.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from assent import gc_freeze, logs
from assent.cli import _loop_factory
from assent.clock import SystemClock
from assent.media import Forwarded, MediaProcesses, MediaRoom, MediaServer, Role, State
from assent.media.sources import Source
from bench.taping import Taping
from support.ports import BOTH, free_port

LAG = 0.002
"""Seconds between two looks at whether the loop is on time."""


def say(message: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class Teller:
    """A listener of one room that passes on what a load needs."""

    def __init__(self, room: str) -> None:
        self._room = room

    def on_offer(self, peer: str, generation: int, sdp: str, tracks: Sequence[Forwarded]) -> None:
        say({"offer": peer, "room": self._room, "generation": generation, "sdp": sdp})

    def on_layers(self, peer: str, wanted: Mapping[Source, int]) -> None:
        pass

    def on_tracks_changed(self) -> None:
        pass

    def on_peer_state(self, peer: str, role: Role, state: State) -> None:
        pass

    def on_speakers(self, peers: Sequence[str]) -> None:
        pass

    def on_tap_lost(self) -> None:
        raise RuntimeError("what was to be recorded was lost")

    def on_lost(self) -> None:
        raise RuntimeError("a media process was lost")

    def on_back(self) -> None:
        pass


class Lag:
    """The longest time that the loop did nothing else but one thing."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._due = monotonic() + LAG
        self._loop = asyncio.get_running_loop()
        self._loop.call_later(LAG, self._look)

    def _look(self) -> None:
        now = monotonic()
        self.longest = max(self.longest, now - self._due)
        self._due = now + LAG
        self._loop.call_later(LAG, self._look)


async def serve() -> None:
    """Answer commands until the input ends."""
    logs.configure("warning", "console", sys.stderr)  # what is said here is for the load
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 24)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    faults: list[str] = []
    server: MediaServer | MediaProcesses
    if processes := int(os.environ.get("ASSENT_BENCH_PROCESSES", "0")):
        tcp = bool(os.environ.get("ASSENT_BENCH_TCP"))
        server = MediaProcesses(
            sys.argv[1], free_port(*BOTH) if tcp else 0, [], processes, SystemClock(), tcp=tcp
        )
    else:
        server = MediaServer(
            sys.argv[1], 0, [], lambda text, error: faults.append(f"{text}: {error!r}")
        )
    await server.start()
    gc_freeze.set_aside()  # as the product does
    rooms: dict[str, MediaRoom] = {}
    lag: Lag | None = None
    taping: Taping | None = None
    front, media = [], [os.getpid()]
    if isinstance(server, MediaProcesses):
        front = media
        media = [child.pid for child in server.children() if child.pid is not None]
    say({"ready": server.port, "front": front, "media": media})
    while line := await reader.readline():
        command = json.loads(line)
        result: dict[str, Any] = {"done": command["id"]}
        name = command["room"]
        if name not in rooms:
            rooms[name] = server.open_room(name, Teller(name))
        room = rooms[name]
        match command["do"]:
            case "publish":
                room.set_forwarding(command["peer"], True)
                result["sdp"] = await room.publish(
                    command["peer"], command["sdp"], command["sources"]
                )
            case "subscribe":
                room.subscribe(command["peer"])
            case "describe":
                await room.set_answer(command["peer"], command["generation"], command["sdp"])
            case "show":
                room.show(
                    command["peer"], dict.fromkeys(map(tuple, command["what"]), command["lines"])
                )
            case "watch":
                lag = lag or Lag()
                lag.longest = 0.0
            case "stats":
                result["counters"] = dict(server.counters())
                result["stall"] = lag.longest if lag else None
                result["resident"] = resident()
                result["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
                result["faults"] = faults
                result["layers"], result["estimates"] = pictures(server)
            case "people":
                taping = Taping(command["count"])
                result["names"] = taping.names
            case "record":
                assert taping is not None, "who is recorded is said before"
                if command["on"]:
                    await taping.begin(room)
                else:
                    result["stored"] = await taping.end(room)
        say(result)
    await server.stop()
    if taping is not None:
        taping.close()


def pictures(server: MediaServer | MediaProcesses) -> tuple[dict[str, int], list[int]]:
    """Return how many pictures are sent in which layer, and the estimates of all paths."""
    layers: dict[str, int] = {}
    estimates: list[int] = []
    for figures in server.figures():
        estimates += figures.estimates
        for layer, number in figures.layers.items():
            layers[layer] = layers.get(layer, 0) + number
    return layers, estimates


def resident() -> int:
    """Return the bytes of memory that this process alone keeps (its proportional share)."""
    with open("/proc/self/smaps_rollup") as file:  # noqa: PTH123
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    if os.environ.get("ASSENT_BENCH_PROFILE"):
        import cProfile
        import pstats

        profile = cProfile.Profile()
        profile.enable()
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve())
        profile.disable()
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)
    else:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve())
