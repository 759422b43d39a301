"""The other figures of the SFU, without a comparison: ``make bench-sfu BENCH="--figures …"``."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench import crowd
from bench.scene import Scene, Size
from bench.sfus import Assent
from bench.streams import Loop

FEW = 25  # watchers, from whom the half is reckoned
HALF = 0.5  # of a core
MOST = 150  # watchers: what the load can receive on a core of its own
TURNS = 3  # without and with recording
ROOMS, ROOM = 10, 5  # of idle people
PEOPLE = (10, 16, 25, 30, 36, 42, 48, 54, 60)


@dataclass(frozen=True, slots=True)
class How:
    """With what, where and how long to measure."""

    loops: tuple[Loop, Loop]
    cores: set[int]
    seconds: float
    warm_up: float = 3.0
    minutes: float = 1.0


async def half_load(how: How) -> dict[str, Any]:
    """Delay and the longest stall of the event loop at half of one core."""
    watchers = FEW
    found: dict[str, Any] = {}
    # A packet costs less the more watch, so the half is reckoned twice: from a few, and from there.
    for last in (False, False, True):
        sfu = Assent()
        try:
            await sfu.start(how.cores)
            scene = Scene(sfu, Size("half", 4, watchers), *how.loops)
            await scene.enter()
            await sfu.call("watch")
            seconds = 60 * how.minutes if last else how.seconds
            figures = await scene.measure(seconds, how.warm_up)
            stats = await sfu.call("stats")
            await scene.leave()
        finally:
            await sfu.stop()
        if not last:
            watchers = min(MOST, max(1, round(watchers * HALF * 100 / figures.cpu_percent)))
        found = {
            "watchers_of_four": watchers,
            "cpu_percent": round(figures.cpu_percent, 1),
            "delay_ms_p50": round(figures.delay_ms_p50, 2),
            "delay_ms_p99": round(figures.delay_ms_p99, 2),
            "loss": round(figures.loss, 5),
            "longest_stall_ms": round(1000 * stats["stall"], 2),
            "minutes": round(seconds / 60, 2),
            "generator_late_ms": round(figures.generator_late_ms, 2),
        }
    return found


async def memory(how: How) -> dict[str, Any]:
    """What one more person takes who publishes and subscribes and is silent."""
    sfu = Assent()
    try:
        await sfu.start(how.cores)
        scenes = []
        before = 0
        for number in range(ROOMS + 1):
            sfu.room = f"room{number}"
            scenes.append(Scene(sfu, Size("idle", ROOM, 0), *how.loops))
            await scenes[-1].enter()
            await asyncio.sleep(0.2)
            # What the first room takes is taken once: buffers, and code on its first use.
            if number == 0:
                before = (await sfu.call("stats"))["resident"]
        after = (await sfu.call("stats"))["resident"]
        for scene in scenes:
            await scene.leave()
        return {
            "people": ROOMS * ROOM,
            "in_rooms_of": ROOM,
            "kbytes_each": round((after - before) / (ROOMS * ROOM) / 1024, 1),
        }
    finally:
        await sfu.stop()


async def recording(how: How) -> dict[str, Any]:
    """What recording every track costs the media process in addition, in turns with and without.

    As ``assent serve`` has it: the media process copies, and who talks to it seals and stores.
    """
    sfu = Assent(processes=1)
    try:
        await sfu.start(how.cores)
        sfu.media_only = True
        names = (await sfu.call("people", count=10))["names"]
        scene = Scene(sfu, Size("recorded", 10, 0), *how.loops, names=names)
        await scene.enter()
        costs: dict[bool, list[float]] = {False: [], True: []}
        for on in (False, True) * TURNS:
            await sfu.call("record", on=on)
            figures = await scene.measure(how.seconds, how.warm_up)
            costs[on].append(figures.cpu_percent)
        stored = (await sfu.call("record", on=False))["stored"]
        await scene.leave()
    finally:
        await sfu.stop()
    without, with_it = median(costs[False]), median(costs[True])
    return {
        "size": "10x10",
        "of": "the media process",
        "cpu_percent_without": round(without, 2),
        "cpu_percent_with": round(with_it, 2),
        "extra_percent": round(100 * (with_it / without - 1), 1),
        "stored_mbytes": round(stored / 1e6, 1),
    }


async def people(how: How) -> dict[str, Any]:
    """How many can be in one room on one core, all of them publishing, each showing nine."""
    found: dict[str, Any] = {"people": 0}
    sent = crowd.streams()
    tried = []
    for number in PEOPLE:
        sfu = Assent()
        try:
            await sfu.start(how.cores)
            room = crowd.Crowd(sfu, number, sent)
            await room.enter()
            held = await room.measure(how.seconds)
            await room.leave()
        finally:
            await sfu.stop()
        print(f"{number} people: {held.rounded()}", flush=True)
        tried.append(held.rounded())
        if not room.holds(held):
            # It may be the load that cannot go on: it has but one core.
            found["load_was_late"] = held.generator_late_ms > crowd.BEARABLE_DELAY / 2
            break
        found["people"] = number
    return {"everybody_shows": crowd.NINE, **found, "rooms": tried}


ALL: dict[str, Callable[[How], Awaitable[dict[str, Any]]]] = {
    "half-load": half_load,
    "memory": memory,
    "recording": recording,
    "people": people,
}


async def measure(names: Sequence[str], how: How) -> dict[str, Any]:
    """Measure these figures, one after another."""
    result = {}
    for name in names:
        result[name] = await ALL[name](how)
        print(f"{name}: {result[name]}", flush=True)
    return result
