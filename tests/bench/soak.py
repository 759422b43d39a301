"""``make soak``: an hour of meetings that come and go, on the real server; nothing may grow.

``assent serve`` with its media processes and vault worker, people who join, leave without a word,
come back, look at one another in changing sizes, and say yes and no to being recorded. Each round
ends with every meeting ended; that is when memory, tasks, threads and descriptors of every process
are counted, for only then do they mean the same. Prints progress, and last one line of JSON. Exits
1 if memory rises by 1 MB an hour beyond doubt in the second half, or is too restless to tell, or
descriptors or tasks grow.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from assent_vault.formats.suite import encode
from bench.caller import Caller, media
from bench.machine import describe
from bench.scene import cpu_seconds
from bench.trend import trend
from support.ports import free_port
from support.rooms import compose
from support.server import Server
from support.waiting import eventually

RESULTS = Path(__file__).with_name("results")
MEETINGS, GUESTS = 2, 2
WARM_UP = 0.1  # of the time until counts are compared; at least two rounds
BEGIN = 0.5  # of the time until memory is: what is filled once, and then stays, has been by then
ALLOWED = 1.0  # MB an hour
DOUBT = 5.0  # MB an hour either way; whoever is in more says nothing
LEAST = 10  # samples that say something about a rise
CROWD = 40  # requests at once; no pool of anything is as large
SETTLE = 7.0  # seconds after the last room has gone; what is let go of then has been, after five
KEPT = ("uss", "pss", "descriptors", "threads", "tasks")  # of each sample
TURNS = 6  # of what people do; then it begins again
QUALITIES = (0, 90, 180, 360, 720)  # lines at which somebody is shown
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Sample:
    """What the processes of an empty server hold, by name."""

    hour: float
    uss: dict[str, float]  # MB that the process alone holds
    pss: dict[str, float]
    descriptors: dict[str, int]
    threads: dict[str, int]
    tasks: dict[str, int]


def memory(pid: int) -> tuple[float, float]:
    """Return what a process alone holds, and its proportional share; in MB."""
    found: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        key, value, *_ = line.split()
        found[key] = int(value)
    return (found["Private_Clean:"] + found["Private_Dirty:"]) / 1024, found["Pss:"] / 1024


class Soak:
    """The server and the meetings on it."""

    def __init__(self, folder: Path, seed: int, pace: float = 1.0) -> None:
        self.metrics_port = free_port()
        settings = {"metrics_port": self.metrics_port}
        self.server = Server(folder, settings=settings)
        self.counts = dict.fromkeys(
            ("meetings", "joins", "rejoins", "leaves", "views", "captures", "pauses", "packets"), 0
        )
        self._random = random.Random(seed)
        self._pace = pace
        self._cookie = ""
        self._http: aiohttp.ClientSession
        self._began = monotonic()

    async def start(self, http: aiohttp.ClientSession) -> None:
        """Start the server and make an account."""
        self._http = http
        await self.server.start()
        link = await eventually(lambda: self.server.admin_link, "the server prints its link")
        body = {"token": link.partition("#")[2], "name": "Ada", "login": "ada"}
        async with self._post("/api/invitations/accept", {**body, "password": PASSWORD}) as answer:
            assert answer.status == 200, await answer.text()
            self._cookie = "; ".join(f"{m.key}={m.value}" for m in answer.cookies.values())
        # As many connections to the database as there can be: later they would look like a leak.
        async with aiohttp.ClientSession() as crowd:  # which hangs up, as this one would not
            await asyncio.gather(*(self._knock(crowd) for _ in range(CROWD)))
        self._began = monotonic()

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        # The cookie is for HTTPS alone, which browsers do not ask of this machine.
        headers = {"Origin": self.server.url, "Cookie": self._cookie}
        return self._http.post(self.server.url + path, json=body, headers=headers)

    async def _knock(self, crowd: aiohttp.ClientSession) -> None:
        url = self.server.url + _of(encode(random.randbytes(16)), "seat")
        body, headers = {"door": encode(random.randbytes(32))}, {"Origin": self.server.url}
        async with crowd.post(url, json=body, headers=headers) as answer:
            assert answer.status == 404, await answer.text()

    async def _json(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._post(path, body) as answer:
            assert answer.status == 200, await answer.text()
            found: dict[str, Any] = await answer.json()
            return found

    async def round(self, seconds: float) -> None:
        """Hold meetings for that long, but until everything has been done in each; end them all."""
        await asyncio.gather(*(self._meeting(seconds) for _ in range(MEETINGS)))

    async def _meeting(self, seconds: float) -> None:
        until = monotonic() + seconds
        wish = {"title": "Soak", "recording": True, "training": False, "waiting_room": False}
        headers = {"Cookie": self._cookie}
        async with self._http.get(f"{self.server.url}/api/meetings/terms", headers=headers) as got:
            body, link = compose(await got.json(), {**wish, "lifetime_hours": 1})
        made = await self._json("/api/meetings", body)
        meeting, door = made["meeting"]["id"], link.door
        self.counts["meetings"] += 1
        host = await self._come("Host", meeting, await self._json(_of(meeting, "host-seat"), {}))
        present = [host]
        try:
            for number in range(GUESTS):
                seat = await self._json(_of(meeting, "seat"), {"door": door})
                present.append(await self._come(f"Guest {number}", meeting, seat))
            await host.arm(recording=True)
            await self._capture(host, "recording")
            self.counts["captures"] += 1
            turn = 0
            while monotonic() < until or turn < TURNS:
                await self._something(turn, meeting, door, present)
                turn += 1
                await asyncio.sleep(self._pace * self._random.uniform(0.5, 1.5))
            await host.end()
        finally:
            for one in present:
                await one.leave(say=False)
                self.counts["packets"] += one.received

    async def _come(self, name: str, meeting: str, seat: dict[str, Any]) -> Caller:
        caller = Caller(name, self._http, self.server, meeting, seat)
        await caller.arrive()
        self.counts["joins"] += 1
        return caller

    async def _something(self, turn: int, meeting: str, door: str, present: list[Caller]) -> None:
        """Do the next of what people do."""
        host = present[0]
        guest = self._random.choice(present[1:])
        match turn % TURNS:
            case 1:  # leaves, or closes the page without a word, and somebody comes
                say = bool(turn & 8)
                await guest.leave(say=say)
                self.counts["packets"] += guest.received
                self.counts["leaves"] += 1
                seat = await self._json(_of(meeting, "seat"), {"door": door})
                place = present.index(guest)
                present[place] = await self._come(guest.name, meeting, seat)
                self.counts["rejoins"] += 1
            case 3:
                await guest.say(recording=False)
                await self._capture(host, "paused")
                self.counts["pauses"] += 1
                await guest.say(recording=True)
            case 5:
                await host.arm(recording=False)
                await self._capture(host, "off")
                await host.arm(recording=True)
                self.counts["captures"] += 1
            case _:
                for one in present:
                    others = [other.id for other in present if other is not one]
                    heights = [(of, self._random.choice(QUALITIES)) for of in others]
                    await one.show([pair for pair in heights if pair[1]])
                    self.counts["views"] += 1

    @staticmethod
    async def _capture(host: Caller, state: str) -> None:
        await eventually(lambda: host.room.get("capture") == state, f"capture is {state}")

    # -- counting ----------------------------------------------------------------------------

    def pids(self) -> dict[str, int]:
        """Return every process of the server by a name that tells which it is."""
        worker = self.server.worker_pid()
        return {
            "web": self.server.pid,
            **({"worker": worker} if worker is not None else {}),
            **{f"media{place}": pid for place, pid in enumerate(self.server.media_pids())},
        }

    async def sample(self) -> Sample:
        """Wait until no room is left, and count."""

        async def empty() -> bool:
            found = await self._gauges("assent_media_rooms")
            return sum(found) == 0

        await eventually(empty, "no room is left")
        await asyncio.sleep(SETTLE)
        pids = self.pids()
        held = {name: memory(pid) for name, pid in pids.items()}
        tasks = [int(count) for count in await self._gauges("assent_media_tasks")]
        *of_media, of_web = tasks  # the front is in the web process, and comes last
        return Sample(
            (monotonic() - self._began) / 3600,
            {name: round(uss, 2) for name, (uss, _) in held.items()},
            {name: round(pss, 2) for name, (_, pss) in held.items()},
            {name: len(os.listdir(f"/proc/{pid}/fd")) for name, pid in pids.items()},  # noqa: PTH208
            {name: len(os.listdir(f"/proc/{pid}/task")) for name, pid in pids.items()},  # noqa: PTH208
            {"web": of_web, **{f"media{n}": count for n, count in enumerate(of_media)}},
        )

    async def _gauges(self, name: str) -> list[float]:
        async with self._http.get(f"http://127.0.0.1:{self.metrics_port}/metrics") as answer:
            text = await answer.text()
        return [
            sample.value
            for family in text_string_to_metric_families(text)
            if family.name == name
            for sample in family.samples
        ]


def _of(meeting: str, what: str) -> str:
    return f"/api/meetings/{meeting}/{what}"


def growth(samples: list[Sample], key: str) -> dict[str, dict[str, int]]:
    """Return least, most and the rise from the first third's most to the last third's least."""
    third = max(1, len(samples) // 3)
    found = {}
    for name in getattr(samples[0], key):
        counts = [getattr(sample, key).get(name, 0) for sample in samples]
        rise = max(0, min(counts[-third:]) - max(counts[:third]))
        found[name] = {"min": min(counts), "max": max(counts), "rise": rise}
    return found


def judge(samples: list[Sample]) -> tuple[dict[str, Any], list[str]]:
    """Return the figures, and what is wrong."""
    rises, problems = _memory([s for s in samples if s.hour >= BEGIN * samples[-1].hour])
    skipped = min(max(2, round(WARM_UP * len(samples))), len(samples) - 1)
    counted = {key: growth(samples[skipped:], key) for key in ("descriptors", "tasks", "threads")}
    problems += [
        f"{key} of {name} grow by {found['rise']}"
        for key in ("descriptors", "tasks")
        for name, found in counted[key].items()
        if found["rise"]
    ]
    return {"samples": len(samples), "mb_per_hour": rises, **counted}, problems


def _memory(steady: list[Sample]) -> tuple[dict[str, Any], list[str]]:
    """Return by what each process's memory rises, and what is wrong with it."""
    rises: dict[str, Any] = {}
    problems = []
    hours = [sample.hour for sample in steady]
    for name in ("all", *steady[0].uss):
        found = trend(
            hours,
            [
                sum(sample.uss.values()) if name == "all" else sample.uss.get(name, 0.0)
                for sample in steady
            ],
        )
        if found is None or len(steady) < LEAST:
            continue
        rise, low, high = (round(value, 2) for value in found)
        rises[name] = {"rise": rise, "low": low, "high": high}
        if low >= ALLOWED:
            problems.append(f"memory of {name} rises by {rise} MB/h ({low} to {high})")
        elif high - low > 2 * DOUBT:
            problems.append(f"memory of {name} is too restless to judge ({low} to {high} MB/h)")
    return rises, problems


async def soak(
    minutes: float,
    every: float,
    folder: Path,
    seed: int = 1,
    rounds: int = 1,
    pace: float = 1.0,
) -> dict[str, Any]:
    """Run it; returns everything that was found, ``problems`` what is wrong.

    A round takes ``every`` seconds. There are as many as fit into that time, and at least
    ``rounds``. ``pace`` is the mean time between two things that people do, in seconds.
    """
    media()  # encoded before anything is measured
    run = Soak(folder, seed, pace)
    samples: list[Sample] = []
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        try:
            await run.start(http)
            begin, cpu = monotonic(), sum(cpu_seconds(list(run.pids().values())))
            while (monotonic() - begin) / 60 < minutes or len(samples) < rounds:
                await run.round(every - SETTLE)
                samples.append(await run.sample())
                last = samples[-1]
                print(
                    f"{60 * last.hour:5.1f} min: {sum(last.uss.values()):7.2f} MB {last.uss} "
                    f"descriptors {last.descriptors} tasks {last.tasks}",
                    flush=True,
                )
            spent = sum(cpu_seconds(list(run.pids().values()))) - cpu
            elapsed = monotonic() - begin
        finally:
            await run.server.close()
    figures, problems = judge(samples)
    return {
        "machine": describe(),
        "minutes": round(elapsed / 60, 1),
        "cpu_percent": round(100 * spent / elapsed, 1),
        "did": run.counts,
        **figures,
        "series": [
            {"minute": round(60 * s.hour, 2), **{key: getattr(s, key) for key in KEPT}}
            for s in samples
        ],
        "problems": problems,
    }


def main() -> int:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="make soak BENCH='…'", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=60.0, help="seconds of a round")
    parser.add_argument("--no-results", action="store_true", help="leave the results' files alone")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="assent-soak-") as folder:
        found = asyncio.run(soak(arguments.minutes, arguments.every, Path(folder)))
    if not arguments.no_results:
        RESULTS.mkdir(exist_ok=True)
        file = RESULTS / f"soak-{found['machine']['date']}.json"
        file.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found))
    return 1 if found["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
