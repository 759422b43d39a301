"""The media plane of a server: rooms in processes of their own, which look like rooms in this one.

Theory of operation. There are as many *slots* as settings say, each with one process that takes
new rooms, and perhaps some that are draining. A room lives in one process, and opens in the one
with the least to do. When a process is lost, its rooms are lost at once, and their listeners told;
they come back, empty, in the process that takes its place, and not in one of the others: if it was
something in these rooms that broke it, nobody else is harmed by it. Only where no new process can
be started at all they move.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import count as counting

import structlog

from assent.clock import Clock
from assent.media.codecs import PICTURES, Codec
from assent.media.errors import Closed, Unavailable
from assent.media.processes import messages as m
from assent.media.processes.child import Child
from assent.media.processes.placement import least
from assent.media.processes.port_dispatcher import PortDispatcher, TcpDispatcher, bind_dispatcher
from assent.media.processes.remote_room import RemoteRoom
from assent.media.room_events import RoomListener
from assent.media.stats import MediaStats, descriptors, tasks

log = structlog.get_logger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.1, 10.0  # seconds until the next is started
# A process that has run this long did start well: the next wait is the first again. One that drains
# is waited for as well, or one that always does would be started without end.
STEADY_SECONDS = 30.0
START_SECONDS = 60.0


class ProcessSlot:
    """Keeps one process that takes rooms; those that drain go on beside it."""

    def __init__(self, plane: MediaProcesses) -> None:
        self.child: Child | None = None
        self.orphaned: list[RemoteRoom] = []  # lost here, and waiting for the next process
        self._plane = plane
        self._lives: dict[asyncio.Task[None], Child] = {}
        self._stopping = asyncio.Event()
        self._task = asyncio.create_task(self._keep())

    def children(self) -> list[Child]:
        """Return every process of this slot."""
        return list(self._lives.values())

    async def stop(self) -> None:
        """Let every process leave, and wait until all have."""
        self._stopping.set()
        for child in self._lives.values():
            child.leave()
        await self._task
        if self._lives:
            await asyncio.wait(tuple(self._lives))

    async def _keep(self) -> None:
        wait = FIRST_WAIT
        clock = self._plane.clock
        while not self._stopping.is_set():
            began = clock.monotonic()
            child = self._plane.new_child()
            life = asyncio.create_task(child.run())
            self._lives[life] = child
            life.add_done_callback(self._ended)
            was_ready = await self._follow(child, life)
            if self._stopping.is_set():
                return
            if not was_ready:
                self._plane.reassign(self)
            lasted = clock.monotonic() - began
            wait = FIRST_WAIT if lasted >= STEADY_SECONDS else min(wait * 2, LONGEST_WAIT)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def _follow(self, child: Child, life: asyncio.Task[None]) -> bool:
        """Follow a process until it takes no more rooms; returns whether it ever did."""
        was_ready = False
        while True:
            changed = asyncio.create_task(child.changed.wait())
            await asyncio.wait({changed, life}, return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            child.changed.clear()
            if child.state == "ready" and self.child is not child:
                was_ready = True
                self.child = child
                self._plane.settle(self)
                self._plane.progress.set()
            elif child.state == "draining":
                self.child = None
                return True
            elif child.state == "gone" or life.done():
                if self.child is child:
                    self.child = None
                self._lose(child)
                # Its sockets are the kernel's again before anybody connects to the next one.
                await asyncio.wait({life})
                return was_ready

    def _lose(self, child: Child) -> None:
        rooms, child.rooms = child.rooms, {}
        for room in rooms.values():
            assert isinstance(room, RemoteRoom), "we have put it there"
            room.lose()
            self.orphaned.append(room)

    def _ended(self, life: asyncio.Task[None]) -> None:
        child = self._lives.pop(life)
        if child.rooms:  # it was draining
            self._lose(child)
            self._plane.settle(self)
        if not life.cancelled() and life.exception() is not None:
            log.error("media-process-failed", exc_info=life.exception())


class MediaProcesses:
    """Implements :class:`assent.media.Media`. ``host``, ``port``, ``addresses``: as MediaServer's.

    ``count`` is how many processes there are to be; with ``tcp`` the TCP port of the same number is
    listened on as well.
    """

    def __init__(
        self,
        host: str,
        port: int,
        addresses: Sequence[str],
        count: int,
        clock: Clock,
        *,
        tcp: bool = False,
    ) -> None:
        self.clock = clock
        self.progress = asyncio.Event()  # some process has become ready
        self._host = host
        self._port = port
        self._addresses = list(addresses)
        self._count = count
        self._takes_tcp = tcp
        self._tcp: TcpDispatcher | None = None
        self._dispatcher: PortDispatcher | None = None
        self._slots: list[ProcessSlot] = []
        self._rooms: dict[str, RemoteRoom] = {}
        self._waiting: list[RemoteRoom] = []  # for whichever process comes first
        self._numbers = counting(1)
        self._counters: Counter[str] = Counter()

    @property
    def port(self) -> int:
        """The UDP port that is bound; known after :meth:`start`."""
        return self._dispatcher.port if self._dispatcher is not None else self._port

    async def start(self) -> None:
        """Bind the ports and start every process; returns when all take rooms.

        Raises OSError where a port cannot be had, and Unavailable where no process starts.
        """
        self._dispatcher = PortDispatcher(
            await bind_dispatcher(self._host, self._port), self._counters
        )
        if self._takes_tcp:
            self._tcp = TcpDispatcher(self._dispatcher)
            try:
                await self._tcp.start(self._host, self.port)
            except OSError:
                await self.stop()
                raise
        self._slots = [ProcessSlot(self) for _ in range(self._count)]
        try:
            async with asyncio.timeout(START_SECONDS):
                while not all(slot.child for slot in self._slots):
                    self.progress.clear()
                    await self.progress.wait()
        except TimeoutError:
            if not any(slot.child for slot in self._slots):
                await self.stop()
                raise Unavailable from None

    async def stop(self) -> None:
        """Close every room, tell the browsers, end every process, and release the port."""
        for room in tuple(self._rooms):
            self.close_room(room)
        await asyncio.gather(*(slot.stop() for slot in self._slots))
        self._slots = []
        if self._tcp is not None:
            await self._tcp.close()
            self._tcp = None
        if self._dispatcher is not None:
            self._dispatcher.close()
            self._dispatcher = None

    def open_room(
        self, room: str, listener: RoomListener, pictures: Sequence[Codec] = PICTURES
    ) -> RemoteRoom:
        """Make the room of that name; there must be none. Where nothing runs it is lost at once."""
        if self._dispatcher is None:
            raise Closed
        assert room not in self._rooms, "a meeting has one room"
        opened = RemoteRoom(listener, pictures)
        self._rooms[room] = opened
        if not self._assign(opened):
            opened.lose()
            self._waiting.append(opened)
        return opened

    def close_room(self, room: str) -> None:
        """Remove all peers of a room and forget it; unknown rooms are ignored."""
        found = self._rooms.pop(room, None)
        if found is not None:
            found.close()
            for waiting in (self._waiting, *(slot.orphaned for slot in self._slots)):
                if found in waiting:
                    waiting.remove(found)

    def counters(self) -> Mapping[str, int]:
        """Return what has been received, sent and dropped by all that run now, and by the front."""
        total = Counter(self._counters)
        for child in self.children():
            total.update(child.figures.counters)
        return total

    def figures(self) -> list[MediaStats]:
        """Return how each process is doing, and last what the front, which is here, has counted."""
        front = MediaStats(counters=dict(self._counters), tasks=tasks(), descriptors=descriptors())
        return [*(child.figures for child in self.children()), front]

    def children(self) -> list[Child]:
        """Return every process there is."""
        return [child for slot in self._slots for child in slot.children()]

    def drain(self, number: int) -> None:
        """Let the process of that slot take no more rooms; another one takes its slot."""
        child = self._slots[number].child
        if child is not None:
            child.drain()

    def problems(self) -> list[str]:
        """Return why no media can be carried, empty where it can."""
        ready = any(slot.child for slot in self._slots)
        return [] if ready else ["media-not-running"]

    # -- what the slots need ----------------------------------------------------------------

    def new_child(self) -> Child:
        """Make a process that does not run yet."""
        assert self._dispatcher is not None, "started"
        start = m.Start(self._host, self.port, self._addresses, self._takes_tcp)
        return Child(self._dispatcher, start, self.clock, self._counters)

    def enter(self, room: RemoteRoom, slot: ProcessSlot) -> None:
        """Put a room into the process of a slot."""
        assert slot.child is not None, "it is ready"
        room.enter(slot.child, next(self._numbers))

    def settle(self, slot: ProcessSlot) -> None:
        """Let in who waits for the process of a slot, or for any, if it is there."""
        if slot.child is not None:
            orphaned = slot.orphaned + self._waiting
            slot.orphaned, self._waiting = [], []
            for room in orphaned:
                self.enter(room, slot)

    def reassign(self, slot: ProcessSlot) -> None:
        """Move those who wait at a slot whose process does not even start."""
        orphaned, slot.orphaned = slot.orphaned, []
        self._waiting += [room for room in orphaned if not self._assign(room)]

    def _assign(self, room: RemoteRoom) -> bool:
        slots = [slot for slot in self._slots if slot.child is not None]
        if not slots:
            return False
        loads = [slot.child.load for slot in slots if slot.child is not None]
        self.enter(room, slots[least(loads)])
        return True
