"""``make bench-insider``: one person who sends absurd values, and what another meeting hears of it.

A real media process on the loopback has two meetings. In the one a voice and a picture are sent and
received by the load, in C. In the other somebody who was let in sends well-formed packets with
hostile values, of every kind in :data:`support.insider.KINDS` and TCP links besides, each for a
while, in turn; and one more says once that something arrived days ahead, and the truth ever
after. First the same runs without them. Measured are, of the media process, time for each
packet and memory, and of the other meeting's voice, loss and delay.

Prints progress, and last one line of JSON. Exits 1 where the process's time for a packet, its
memory or what the others hear depends on what is said.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import sys
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import mean
from time import monotonic
from typing import Any

import numpy as np
import pylibsrtp

from assent.media.sdp import sdp
from assent.media.sdp.subscription import PAYLOAD_TYPES
from bench.load import Load, Peer, own_address
from bench.machine import describe
from bench.scene import cpu_seconds
from bench.sfus import Assent
from bench.streams import Loop, sound_frames, sound_loop, video_frames, video_loop
from support.insider import DAY, KINDS, REDUNDANT, Insider, Send, numbered
from support.rtc_raw import RawPeer, RawTrack

RATE = 400  # hostile packets a second
TICK = 0.01
REPORT_EVERY = 0.05  # seconds between honest reports: what was said before must not make them dear
SLICE = 2.0  # seconds of one kind
SOUND = PAYLOAD_TYPES["opus"][0]
PLACES = 40  # addresses that somebody seems to be at
LINKS = 100  # TCP connections that are held open

# What must hold, of the same run without anybody hostile.
MOST_CPU_SHARE = 0.25  # of one core, for all that the insider sends
MOST_GROWTH = 30_000_000  # bytes of memory, after the first round
MOST_LOSS = 0.005  # of the other meeting's voice


@dataclass(frozen=True, slots=True)
class Window:
    """What was seen in one part of a run."""

    seconds: float
    cpu: float  # seconds of the media process
    memory: int  # bytes, its proportional share at the end
    packets: int  # that were sent to it by the load
    hostile: int
    sound_lost: float  # of the other meeting's voice
    delay_ms_p99: float  # of what the other meeting sends
    delay_ms_most: float
    generator_late_ms: float

    @property
    def cpu_us_per_packet(self) -> float:
        """Time for each packet that was sent to the process, hostile or not."""
        return self.cpu / (self.packets + self.hostile) * 1e6


class Watched(Peer):
    """A peer that looks at what it is sent, and does not open it."""

    def __init__(self) -> None:
        super().__init__()
        self.got: Callable[[bytes], None] = lambda datagram: None

    def _readable(self) -> None:
        for _ in range(64):
            try:
                datagram = self.socket.recv(2048)
            except OSError:
                return
            if datagram and datagram[0] >= 128:
                self.got(datagram)
            elif datagram:
                self.receive(datagram)


class Meetings:
    """Two rooms of one media process, with whom the load plays, and an insider in the second."""

    def __init__(self, sfu: Assent, sound: Loop, video: Loop, numbered_video: Loop) -> None:
        self._sfu = sfu
        self._sound, self._video, self._numbered = sound, video, numbered_video
        self._peers: list[Peer] = []
        self._load = Load(3, 4, sample=1)
        self._elsewhere: list[socket.socket] = []
        self._links: deque[asyncio.StreamWriter] = deque()
        self._tasks: set[asyncio.Task[Any]] = set()
        self.insider: Insider | None = None
        self.patient: Insider | None = None  # says one absurd thing, and the truth ever after
        self.sent: Counter[str] = Counter()
        self._staying: asyncio.Task[None] | None = None
        self._bob = 0
        self._position = 0  # of the row of kinds, which goes on over windows

    @property
    def pid(self) -> int:
        """The media process."""
        (pid,) = self._sfu._pids
        return pid

    async def enter(self) -> None:
        """Connect everybody."""
        await self._publish("calm", "alice", 1000, self._video, numbered_too=False)
        _, peer = await self._watch("calm", "bob", Peer())
        self._bob = self._load.add_peer(peer)
        await self._publish("theirs", "carol", 2000, self._numbered, numbered_too=True)
        await self._let_in()

    async def _publish(
        self, room: str, name: str, ssrc: int, video: Loop, *, numbered_too: bool
    ) -> None:
        self._sfu.room = room
        peer = Peer()
        self._peers.append(peer)
        sound, picture = RawTrack("0", "microphone", ssrc), RawTrack("1", "camera", ssrc + 1)
        offer = peer.offer_text([sound, picture], numbered=numbered_too)
        answer = await self._sfu.publish(name, offer, {"0": "microphone", "1": "camera"})
        await peer.join(answer)
        number = self._load.add_peer(peer)
        self._load.add_track(number, sound.ssrc, self._sound, 0.0)
        self._load.add_track(number, picture.ssrc, video, 0.005)

    async def _watch(self, room: str, name: str, peer: Peer) -> tuple[str, Peer]:
        self._sfu.room = room
        self._peers.append(peer)
        offer, answer = await self._sfu.subscribe(name, [])
        await answer(peer.answer_text(offer, reports=True))
        await peer.join(offer)
        return offer, peer

    async def _let_in(self) -> None:
        publishing, subscribing = Watched(), Watched()
        self._peers.append(publishing)
        self._sfu.room = "theirs"
        sound = RawTrack("0", "microphone", 31, red=REDUNDANT)
        picture = RawTrack("1", "camera", 42, 43)
        offer = publishing._with_candidate(numbered(publishing.offer([sound, picture])))
        sources = {"0": "microphone", "1": "camera"}
        await publishing.join(await self._sfu.publish("mallory", offer, sources))
        text, _ = await self._watch("theirs", "mallory", subscribing)
        sections = [one for one in sdp.parse(text, 256).sections if one.direction == "sendonly"]
        ssrcs = {section.kind: section.ssrcs[0] for section in sections}
        self._elsewhere = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(PLACES)]
        for own in self._elsewhere:
            own.setblocking(False)
            own.connect((own_address(), self._sfu.port))

        def elsewhere(datagram: bytes, number: int) -> None:
            try:
                self._elsewhere[number % PLACES].send(datagram)
            except OSError:
                return

        self.insider = Insider(
            publishing,
            subscribing,
            sound,
            picture,
            heard=ssrcs["audio"],
            seen=ssrcs["video"],
            now=monotonic,
            show=self._show,
            elsewhere=elsewhere,
        )
        subscribing.got = self.insider.got
        other = Watched()
        text, _ = await self._watch("theirs", "trudy", other)
        sections = [one for one in sdp.parse(text, 256).sections if one.direction == "sendonly"]
        seen = next(one.ssrcs[0] for one in sections if one.kind == "video")
        self.patient = replace(self.insider, subscribing=other, seen=seen, numbers=deque())
        other.got = self.patient.got
        self._staying = asyncio.create_task(self._stay())

    def _show(self, shown: dict[tuple[str, str], int]) -> None:
        self._sfu.room = "theirs"
        if len(self._tasks) < 20:
            what = [list(place) for place in shown]
            lines = max(shown.values())
            self._spawn(self._sfu.call("show", peer="mallory", what=what, lines=lines))

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _link(self, peer: RawPeer) -> None:
        """Open one more TCP connection, with a valid check on it."""
        check = bytes(peer.check(nominate=False))
        try:
            _, writer = await asyncio.open_connection(own_address(), self._sfu.port)
        except OSError:
            return
        writer.write(len(check).to_bytes(2, "big") + check + bytes(200))
        self._links.append(writer)
        while len(self._links) > LINKS:
            self._links.popleft().close()

    async def attack(self, seconds: float) -> None:
        """Send every kind in turn until the time is over."""
        insider, patient = self.insider, self.patient
        assert insider is not None, "let in"
        assert patient is not None, "let in"

        def links(of: Insider, count: int) -> None:
            if count % 8 == 0 and len(self._tasks) < 20:
                self._spawn(self._link((of.publishing, of.subscribing)[count % 16 == 0]))

        # Others' kinds come here: what is sent over the socket of a page is not a media process's.
        kinds: dict[str, Send] = {**KINDS, "links": links}
        names = list(kinds)
        began = told = monotonic()
        sent = 0
        while (now := monotonic()) - began < seconds:
            while sent < (now - began) * RATE:
                name = names[int(self._position / (RATE * SLICE)) % len(names)]
                sent += 1
                self._position += 1
                try:
                    kinds[name](insider, self.sent[name])
                except pylibsrtp.Error:
                    continue  # older than our own end will send
                self.sent[name] += 1
            if now - told > REPORT_EVERY:
                told = now
                if patient.numbers and not patient.reports:
                    number, at = patient.newest()
                    patient.arrivals(number, [at + 5 * DAY])
                patient.truth()
            await asyncio.sleep(TICK)

    async def _stay(self) -> None:
        """Check again and again, or the insiders are gone after half a minute."""
        assert self.insider is not None, "let in"
        assert self.patient is not None, "let in"
        while True:
            for one in (
                self.insider.publishing,
                self.insider.subscribing,
                self.patient.subscribing,
            ):
                one.transmit(bytes(one.check()))
            await asyncio.sleep(1.0)

    async def window(self, seconds: float, *, hostile: bool) -> Window:
        """Run the load for a while, and tell what was seen."""
        self._load.reset()
        sent = sum(self.sent.values())
        cpu, began = sum(cpu_seconds([self.pid])), monotonic()
        running = self._load.run(seconds)
        if hostile:
            await asyncio.gather(running, self.attack(seconds))
        else:
            await running
        elapsed = monotonic() - began
        cpu = sum(cpu_seconds([self.pid])) - cpu
        totals = self._load.totals()
        (sound,) = [s for s in self._load.streams(self._bob) if s.payload_type == SOUND]
        delays = totals.delays / 1000 if len(totals.delays) else np.array([float("nan")])
        return Window(
            seconds=elapsed,
            cpu=cpu,
            memory=memory(self.pid),
            packets=totals.sent,
            hostile=sum(self.sent.values()) - sent,
            sound_lost=max(0.0, 1 - sound.arrived / sound.expected) if sound.expected else 1.0,
            delay_ms_p99=float(np.percentile(delays, 99)),
            delay_ms_most=float(np.max(delays)),
            generator_late_ms=totals.late,
        )

    async def leave(self) -> None:
        """Let everybody go."""
        if self._staying is not None:
            self._staying.cancel()
        self._load.free()
        for writer in self._links:
            writer.close()
        for own in self._elsewhere:
            own.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        for peer in self._peers:
            await peer.end()


def memory(pid: int) -> int:
    """Return the bytes of a process: its proportional share."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def summary(windows: list[Window]) -> dict[str, float]:
    """Return the means of a run."""
    seconds = sum(one.seconds for one in windows)
    return {
        "seconds": round(seconds, 1),
        "cpu_percent": round(100 * sum(one.cpu for one in windows) / seconds, 2),
        "cpu_us_per_packet": round(
            1e6 * sum(w.cpu for w in windows) / sum(w.packets + w.hostile for w in windows), 2
        ),
        "packets": sum(one.packets for one in windows),
        "hostile": sum(one.hostile for one in windows),
        "memory_mbytes": round(windows[-1].memory / 1e6, 2),
        "sound_lost": round(mean(one.sound_lost for one in windows), 5),
        "delay_ms_p99": round(mean(one.delay_ms_p99 for one in windows), 2),
        "delay_ms_most": round(max(one.delay_ms_most for one in windows), 1),
        "generator_late_ms": round(max(one.generator_late_ms for one in windows), 1),
    }


def judge(calm: list[Window], hostile: list[Window]) -> tuple[dict[str, float], list[str]]:
    """Return the ratios of the second run to the first, and what is not as it must be."""
    before, after = summary(calm), summary(hostile)
    usual = sum(one.cpu for one in calm) / sum(one.seconds for one in calm)

    def dear(windows: list[Window]) -> float:
        more = sum(one.cpu - usual * one.seconds for one in windows)
        return 1e6 * more / max(1, sum(one.hostile for one in windows))

    third = max(1, len(hostile) // 3)
    share = sum(one.cpu for one in hostile) / sum(one.seconds for one in hostile) - usual
    ratios = {
        "cpu_per_packet": round(after["cpu_us_per_packet"] / before["cpu_us_per_packet"], 3),
        "memory": round(after["memory_mbytes"] / before["memory_mbytes"], 3),
        "sound_arrived": round((1 - after["sound_lost"]) / max(1e-9, 1 - before["sound_lost"]), 5),
        "delay_p99": round(after["delay_ms_p99"] / before["delay_ms_p99"], 3),
        "cpu_share_of_insider": round(share, 4),
        "cpu_us_per_hostile_packet_first": round(dear(hostile[:third]), 1),
        "cpu_us_per_hostile_packet_last": round(dear(hostile[-third:]), 1),
        "memory_growth_mbytes": round((hostile[-1].memory - hostile[0].memory) / 1e6, 2),
    }
    problems = []
    if share > MOST_CPU_SHARE:
        problems.append("one person takes too much of the media process")
    if dear(hostile[-third:]) > 2 * dear(hostile[:third]) + 100:
        problems.append("a packet costs more the longer it goes on")
    if hostile[-1].memory - hostile[0].memory > MOST_GROWTH:
        problems.append("memory grows")
    if after["sound_lost"] > before["sound_lost"] + MOST_LOSS:
        problems.append("the other meeting loses sound")
    return ratios, problems


async def run(
    minutes: float,
    calm_minutes: float,
    window: float,
    cores: set[int] | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Measure both runs; returns the figures."""
    seconds = 2.0
    sound = sound_loop(sound_frames(seconds), "0")
    frames = video_frames(1_000_000, seconds, 640, 360, 30)
    video = video_loop(frames, 30, "1")
    sfu = Assent(1, tcp=True)
    try:
        await sfu.start(cores or os.sched_getaffinity(0))
        meetings = Meetings(sfu, sound, video, video_loop(frames, 30, "1", numbered=True))
        try:
            await meetings.enter()
            await meetings.window(min(window, 5.0), hostile=False)
            runs: dict[bool, list[Window]] = {False: [], True: []}
            for hostile, length in ((False, calm_minutes), (True, minutes)):
                for number in range(max(1, round(length * 60 / window))):
                    one = await meetings.window(window, hostile=hostile)
                    runs[hostile].append(one)
                    kind = "insider" if hostile else "without"
                    tell(f"{kind} {number + 1}: {json.dumps(_rounded(one))}")
            sfu.room = "theirs"
            counters = (await sfu.call("stats"))["counters"]
        finally:
            await meetings.leave()
    finally:
        await sfu.stop()
    ratios, problems = judge(runs[False], runs[True])
    # What comes from nobody costs nothing: then nothing was measured.
    if counters.get("drop-stranger", 0) > 0.2 * sum(meetings.sent.values()):
        problems.append("the insider was not in the meeting")
    return {
        "without": summary(runs[False]),
        "insider": summary(runs[True]),
        "ratios": ratios,
        "problems": problems,
        "kinds": len(meetings.sent),
        "dropped": {name: count for name, count in counters.items() if name.startswith("drop")},
    }


def _rounded(window: Window) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in asdict(window).items()}


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="make bench-insider")
    parser.add_argument("--minutes", type=float, default=10.0, help="with the insider")
    parser.add_argument("--calm", type=float, help="without; a fifth of that")
    parser.add_argument("--window", type=float, default=30.0, metavar="SECONDS")
    options = parser.parse_args()
    calm = options.minutes / 5 if options.calm is None else options.calm
    result = asyncio.run(
        run(options.minutes, calm, options.window, tell=lambda line: print(line, flush=True))
    )
    result["machine"] = describe()
    print(json.dumps(result))
    return 1 if result["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
