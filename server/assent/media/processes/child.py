"""One media process, seen from the one that has started it: from its first breath to its last.

::

    starting ──Ready──► ready ──drain──► draining
        └──────────────────┴────────────────┴──exit, hang-up, silence──► gone

A process that says nothing for :data:`SILENT` turns of its timer is stuck: it is killed, and never
waited for. So is one that hangs up, on the control channel or on that of the copies, that breaks
the protocol, or that does not take what it is sent. ``gone`` comes at once; :meth:`Child.run`
returns when the kernel has its sockets back.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Literal, Protocol

import msgspec
import structlog

from assent.clock import Clock
from assent.media.codecs import Codec
from assent.media.errors import Closed, MediaError, SdpError, Unavailable, UnknownPeer
from assent.media.forward.tap import Tap
from assent.media.processes import messages as m
from assent.media.processes.channel import Channel
from assent.media.processes.misrouted import Misrouted
from assent.media.processes.placement import NEW_SECONDS, Load
from assent.media.processes.port_dispatcher import PortDispatcher
from assent.media.processes.tap_channel import TapReader
from assent.media.stats import MediaStats
from assent.media.transport.ice import Address

log = structlog.get_logger(__name__)

TURN = 0.5  # seconds between two questions whether the loop turns
SILENT = 6  # turns without an answer; they are not counted while this process itself stands still
START_SECONDS = 60.0
LEAVE_SECONDS = 3.0  # to say goodbye to every browser
CALL_SECONDS = 20.0  # what the process is asked takes a millisecond; it is declared stuck before
MAX_CALLS = 500
MAX_NAMES = 20_000
COPY_BUFFER = 1 << 20  # bytes asked of the kernel for copies on their way

PASSED_ON = ("PATH", "LANG", "TZ", "HOME", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "TMPDIR")
PASSED_ON_PREFIXES = ("LC_", "PYTHON")
"""What a media process may know of our environment. Settings and passwords are not among it."""

State = Literal["starting", "ready", "draining", "gone"]


class RoomHandle(Protocol):
    """A room, as its process knows it."""

    def current(self, generation: int) -> Tap | None:
        """Return the tap if it is still the one of that generation."""

    def told(self, message: m.FromProcess) -> None:
        """Take what the process says of the room."""


class Child:
    """See the module. ``rooms`` is who lives here, by number."""

    def __init__(
        self, dispatcher: PortDispatcher, start: m.Start, clock: Clock, counters: Counter[str]
    ) -> None:
        self.state: State = "starting"
        self.rooms: dict[int, RoomHandle] = {}
        self.pid: int | None = None
        self.figures = MediaStats()  # as it last said, half a second ago at most
        self.changed = asyncio.Event()  # the state has; whoever waits clears it
        self._dispatcher = dispatcher
        self._start = start
        self._clock = clock
        self._lost: Counter[str] = counters
        self._names: set[str] = set()
        self._calls: dict[int, asyncio.Future[str | None]] = {}
        self._last_call = 0
        self._placed: list[float] = []
        self._cpu = 0.0
        self._cpu_before = 0.0
        self._pong_at = 0.0
        self._answered = 0
        self._channel: Channel[m.FromProcess] = Channel(
            m.from_process, self._arrived, lambda: self._fail("hung-up")
        )
        self._tap_reader: TapReader | None = None
        self._misrouted: Misrouted | None = None
        self._over = asyncio.Event()
        self._leaving = False

    # -- what it does ------------------------------------------------------------------------

    @property
    def load(self) -> Load:
        """How much it has to do."""
        since = self._clock.monotonic() - NEW_SECONDS
        self._placed = [placed for placed in self._placed if placed > since]
        return Load(self._cpu, len(self.rooms), len(self._placed))

    def assign(self, number: int, room: RoomHandle, pictures: list[Codec]) -> None:
        """Open a room here."""
        self.rooms[number] = room
        self._placed.append(self._clock.monotonic())
        self.send(m.OpenRoom(number, pictures))

    def unassign(self, number: int) -> None:
        """Close a room here; the last one out ends a process that is draining."""
        if self.rooms.pop(number, None) is None:
            return
        if self._tap_reader is not None:
            self._tap_reader.forget(number)
        self.send(m.CloseRoom(number))
        if self.state == "draining" and not self.rooms:
            self.leave()

    def send(self, message: m.ToProcess) -> None:
        """Ask for something that has no answer."""
        if self.state != "gone":
            self._channel.send(message)

    async def ask(self, room: int, method: str, arguments: msgspec.Raw) -> str | None:
        """Call a method of a room here, and wait for its answer."""
        number, answer = self._call()
        self.send(m.AskRoom(room, number, method, arguments))
        return await self._answer(number, answer)

    def _call(self) -> tuple[int, asyncio.Future[str | None]]:
        if self.state == "gone" or len(self._calls) >= MAX_CALLS:
            raise Unavailable
        self._last_call += 1
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._calls[self._last_call] = answer
        return self._last_call, answer

    async def _answer(self, number: int, answer: asyncio.Future[str | None]) -> str | None:
        try:
            async with asyncio.timeout(CALL_SECONDS):
                return await answer
        except TimeoutError as error:
            raise Unavailable from error
        finally:
            self._calls.pop(number, None)

    def drain(self) -> None:
        """Take no new rooms, and leave with the last."""
        if self.state == "ready":
            log.info("media-process-draining", pid=self.pid, rooms=len(self.rooms))
            self._become("draining")
            if not self.rooms:
                self.leave()

    def leave(self) -> None:
        """Ask it to end; :meth:`run` sees to it that it does."""
        if not self._leaving:
            self._leaving = True
            self.send(m.Drain())
            self._over.set()

    # -- what it says ------------------------------------------------------------------------

    def _arrived(self, message: m.FromProcess) -> None:
        match message:
            case m.Ready():
                self._become("ready")
            case m.Pong(number, figures):
                self._pong(number, figures)
            case m.Named(ufrag, mine):
                self._named(ufrag, mine)
            case m.CallDone(call, said):
                answer = self._calls.pop(call, None)
                if answer is not None and not answer.done():
                    answer.set_result(said)
            case m.Refused(call, reason, text):
                answer = self._calls.pop(call, None)
                if answer is not None and not answer.done():
                    answer.set_exception(_refusal(reason, text))
            case m.Draining():
                self.drain()
            case m.Fault(text, shape):
                log.error("media-fault", what=text, exception="\n  ".join(shape))
            case _:
                room = self.rooms.get(message.room)
                if room is not None:
                    room.told(message)

    def _pong(self, number: int, figures: MediaStats) -> None:
        self._answered = max(self._answered, number)
        now = self._clock.monotonic()
        self.figures = figures
        cpu = figures.cpu
        elapsed = now - self._pong_at
        if elapsed < TURN / 2:
            return  # it has caught up on questions: nothing to divide by
        if self._pong_at:
            self._cpu += ((cpu - self._cpu_before) / elapsed - self._cpu) / 4
        self._pong_at, self._cpu_before = now, cpu

    def _named(self, ufrag: str, mine: bool) -> None:
        if not mine:
            if ufrag in self._names:
                self._names.remove(ufrag)
                del self._dispatcher.names[ufrag]
        elif len(self._names) >= MAX_NAMES or ufrag in self._dispatcher.names:
            self._fail("bad-name")
        elif self._misrouted is not None:
            self._names.add(ufrag)
            self._dispatcher.claim(ufrag, self._misrouted)

    def _take_misrouted(self, datagram: bytes, address: Address, own: socket.socket | None) -> None:
        """A datagram that was for another process, or for nobody."""
        if own is not None:  # only we give connections away
            own.close()
            return
        self._dispatcher.take(datagram, address, self._clock.monotonic())

    def _find(self, room: int, generation: int) -> Tap | None:
        handle = self.rooms.get(room)
        return None if handle is None else handle.current(generation)

    # -- its life ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Start it, and return when it has ended."""
        pairs = [
            socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM),
            socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET),
            socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET),
        ]
        (control, _), (copies, _), (misrouted, _) = pairs
        pairs[1][1].setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, COPY_BUFFER)
        theirs = [pair[1] for pair in pairs]
        try:
            process = await _spawn(
                [*(end.fileno() for end in theirs), self._dispatcher.socket.fileno()]
            )
        except BaseException:
            for end, _ in pairs:
                end.close()
            raise
        finally:
            for end in theirs:
                end.close()
        self.pid = process.pid
        ended = asyncio.create_task(process.wait())
        try:
            self._tap_reader = TapReader(copies, self._find, lambda: self._fail("broken-copies"))
            self._misrouted = Misrouted(misrouted, self._lost, self._take_misrouted)
            await self._channel.open(control)
            self.send(self._start)
            log.info("media-process-started", pid=self.pid)
            await self._watch(ended)
        finally:
            await self._end(process, ended)

    async def _watch(self, ended: asyncio.Task[int]) -> None:
        """Ask again and again whether it turns; returns when it is over."""
        over = asyncio.create_task(self._over.wait())
        began = self._clock.monotonic()
        asked = silent = before = 0
        try:
            while not ended.done() and not over.done():
                asked += 1
                self.send(m.Ping(asked))
                await asyncio.wait({ended, over}, timeout=TURN, return_when=asyncio.FIRST_COMPLETED)
                if self.state == "starting":
                    if self._clock.monotonic() - began > START_SECONDS:
                        self._fail("not-ready")
                    continue
                silent = 0 if self._answered > before else silent + 1
                before = self._answered
                if silent >= SILENT:
                    self._fail("silent")
        finally:
            over.cancel()

    async def _end(self, process: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
        if self._leaving and not ended.done():
            await asyncio.wait({ended}, timeout=LEAVE_SECONDS)
        if not ended.done():
            with suppress(ProcessLookupError):
                process.kill()
        if self.state != "gone":
            self._fail("left" if self._leaving else "ended")
        code = await ended
        log.info("media-process-ended", pid=self.pid, code=code)
        for end in (self._tap_reader, self._misrouted):
            if end is not None:
                end.close()
        self._channel.abort()

    def _fail(self, why: str) -> None:
        """Nothing more is to be expected of it."""
        if self.state == "gone":
            return
        if not self._leaving:
            log.error("media-process-lost", pid=self.pid, why=why, rooms=len(self.rooms))
        for name in self._names:
            self._dispatcher.names.pop(name, None)
        self._names.clear()
        calls, self._calls = self._calls, {}
        for answer in calls.values():
            if not answer.done():
                answer.set_exception(Unavailable())
        self._become("gone")
        self._over.set()

    def _become(self, state: State) -> None:
        self.state = state
        self.changed.set()


def _refusal(reason: str, text: str) -> MediaError:
    match reason:
        case "bad-sdp":
            return SdpError(text)
        case "unknown-peer":
            return UnknownPeer()
        case "closed":
            return Closed()
        case _:
            return MediaError()


async def _spawn(descriptors: Sequence[int]) -> asyncio.subprocess.Process:
    environment = {
        key: value
        for key, value in os.environ.items()
        if key in PASSED_ON or key.startswith(PASSED_ON_PREFIXES)
    }
    return await asyncio.create_subprocess_exec(
        # -P: a folder that happens to be the current one is not where its code comes from.
        *(sys.executable, "-P", "-m", "assent.media.processes.process"),
        *map(str, [os.getpid(), *descriptors]),
        stdin=asyncio.subprocess.DEVNULL,
        pass_fds=descriptors,
        env=environment,
        # Ctrl-C at the terminal is for this process, which then tells the child.
        start_new_session=True,
    )
