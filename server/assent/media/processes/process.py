"""A media process: ``python -m assent.media.processes.process``, started by the web process.

It runs a :class:`assent.media.MediaServer` for somebody who asks over a socket. It is given four
sockets and nothing else: no settings, no database, no keys, no files. It ends when its control
channel closes and, where Linux can see to that, when the process that started it does, however that
ended.

It writes no log. What should never happen is told to the web process, as the places where it
happened and not what was being worked on.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import logging
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Mapping, Sequence
from time import monotonic, process_time
from typing import Any

import msgspec

from assent import gc_freeze
from assent.media.errors import Closed, MediaError, SdpError, UnknownPeer
from assent.media.processes import messages as m
from assent.media.processes import room_methods
from assent.media.processes.channel import Channel
from assent.media.processes.room_methods import NoSuchCall
from assent.media.processes.shared import SharedUdp
from assent.media.processes.tap_channel import TapWriter
from assent.media.room import Room
from assent.media.room_events import Role, State
from assent.media.server import MediaServer
from assent.media.sources import Source
from assent.media.stats import MediaStats
from assent.media.track import Forwarded

PR_SET_PDEATHSIG = 1
MAX_QUEUE = 10_000  # messages not yet carried out; each takes a millisecond, or a few
ENOUGH = 1000  # of them, after which no more is read until most are done
SLICE = 0.004  # seconds after which media gets its turn, whatever is still asked for
MAX_FRAMES = 12  # of a traceback: the innermost


class MediaProcess:
    """Carries out what comes over the control channel, one message after the other."""

    def __init__(
        self,
        control: socket.socket,
        copies: socket.socket,
        misrouted: socket.socket,
        front: socket.socket,
    ) -> None:
        self._control = control
        self._misrouted = misrouted
        self._front = front
        self._tap_writer = TapWriter(copies)
        self._channel = Channel(m.to_process, self._arrived, self._hung_up)
        self._queue: asyncio.Queue[m.ToProcess | None] = asyncio.Queue(MAX_QUEUE)
        self._server: MediaServer | None = None
        self._rooms: dict[int, Room] = {}

    async def run(self) -> None:
        """Serve until told to leave, or until nobody is there any more."""
        await self._channel.open(self._control)
        began = monotonic()
        try:
            while (message := await self._queue.get()) is not None:
                if isinstance(message, m.Drain):
                    break
                try:
                    await self._carry_out(message)
                except NoSuchCall:
                    self._channel.abort()
                except Exception as error:
                    self.fault("a message could not be carried out", error)
                if self._queue.qsize() < ENOUGH / 2:
                    self._channel.resume()
                # A full queue is never waited for, and would have the loop for itself.
                if monotonic() - began > SLICE:
                    await asyncio.sleep(0)
                    began = monotonic()
        finally:
            if self._server is not None:
                await self._server.stop()
            self._channel.close()
            self._tap_writer.close()

    def _arrived(self, message: m.ToProcess) -> None:
        if isinstance(message, m.Ping):
            # The loop turns, however much there is to do: a process is not stuck because somebody
            # asks for much.
            self._pong(message.number)
            return
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            self._channel.abort()
        if self._queue.qsize() >= ENOUGH:
            self._channel.pause()

    def _hung_up(self) -> None:
        while not self._queue.empty():  # what was asked for is of no use to anybody now
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    async def _carry_out(self, message: m.ToProcess) -> None:
        match message:
            case m.Start():
                await self._start(message)
            case m.OpenRoom(room, pictures):
                assert self._server is not None, "started"
                teller = _Teller(room, self._channel)
                teller.room = self._server.open_room(str(room), teller, pictures)
                self._rooms[room] = teller.room
            case m.CloseRoom(room):
                if self._server is not None and self._rooms.pop(room, None) is not None:
                    self._server.close_room(str(room))
            case m.AskRoom(room, call, method, arguments):
                await self._ask(room, call, method, arguments)
            case m.TellRoom(room, method, arguments):
                found = self._rooms.get(room)
                given = room_methods.read(method, arguments, answered=False)
                if found is not None:
                    getattr(found, method)(*given)
            case m.SetTap(room, generation):
                found = self._rooms.get(room)
                if found is not None:
                    self._set_tap(found, room, generation)
            case m.Drain() | m.Ping():
                raise AssertionError("these are not carried out in their turn")

    async def _start(self, start: m.Start) -> None:
        server = MediaServer(
            start.host,
            start.port,
            start.addresses,
            self.fault,
            tcp=start.tcp,
            open_udp=lambda counters, on_fault: SharedUdp(
                self._front, self._misrouted, counters, on_fault, self._named, server.adopt
            ),
        )
        await server.start()
        self._server = server
        gc_freeze.set_aside()
        self._channel.send(m.Ready())

    def _named(self, ufrag: str, mine: bool) -> None:
        self._channel.send(m.Named(ufrag, mine))

    def _pong(self, number: int) -> None:
        figures = MediaStats(cpu=process_time())
        if self._server is not None:
            [figures] = self._server.figures()
        self._channel.send(m.Pong(number, figures))

    async def _ask(self, number: int, call: int, method: str, arguments: msgspec.Raw) -> None:
        given = room_methods.read(method, arguments, answered=True)
        try:
            answer = await getattr(self._room(number), method)(*given)
        except Exception as error:
            self._refuse(call, error)
        else:
            self._channel.send(m.CallDone(call, answer))

    def _room(self, number: int) -> Room:
        found = self._rooms.get(number)
        if found is None:
            raise Closed
        return found

    def _refuse(self, call: int, error: Exception) -> None:
        match error:
            case SdpError():
                self._channel.send(m.Refused(call, "bad-sdp", error.message))
            case UnknownPeer():
                self._channel.send(m.Refused(call, "unknown-peer", ""))
            case Closed():
                self._channel.send(m.Refused(call, "closed", ""))
            case _:
                if not isinstance(error, MediaError):
                    self.fault("a call failed", error)
                self._channel.send(m.Refused(call, "failed", ""))

    def _set_tap(self, room: Room, number: int, generation: int) -> None:
        if generation == 0:
            room.tap = None
            return

        def lost() -> None:
            if room.tap is tap:
                room.tap = None
                self._channel.send(m.TapLost(number, generation))

        tap = self._tap_writer.tap(number, generation, lost)
        room.tap = tap

    def drain(self) -> None:
        """Ask to be let go; the web process decides when."""
        self._channel.send(m.Draining())

    def fault(self, text: str, error: BaseException | None) -> None:
        """Tell of what should never happen: where, and never what it was about."""
        self._channel.send(m.Fault(text, [] if error is None else places(error)))


class _Teller:
    """Tells the web process what a room tells. Implements ``RoomListener``."""

    def __init__(self, number: int, channel: Channel[m.ToProcess]) -> None:
        self._number = number
        self._channel = channel
        self.room: Room | None = None

    def on_offer(self, peer: str, generation: int, sdp: str, tracks: Sequence[Forwarded]) -> None:
        self._channel.send(m.Offered(self._number, peer, generation, sdp, list(tracks)))

    def on_layers(self, peer: str, wanted: Mapping[Source, int]) -> None:
        self._channel.send(m.LayersChanged(self._number, peer, dict(wanted)))

    def on_tracks_changed(self) -> None:
        assert self.room is not None, "told later than it was opened"
        self._channel.send(m.TracksChanged(self._number, self.room.tracks()))

    def on_peer_state(self, peer: str, role: Role, state: State) -> None:
        self._channel.send(m.PeerState(self._number, peer, role, state))

    def on_speakers(self, peers: Sequence[str]) -> None:
        self._channel.send(m.Speaking(self._number, list(peers)))

    def on_tap_lost(self) -> None:
        raise AssertionError("taps in here report for themselves")

    def on_lost(self) -> None:
        raise AssertionError("in here a room is lost with everything else")

    def on_back(self) -> None:
        raise AssertionError("in here a room is lost with everything else")


def places(error: BaseException) -> list[str]:
    """Return the type of an exception and the places it passed through, never its message."""
    frames = traceback.extract_tb(error.__traceback__)[-MAX_FRAMES:]
    return [
        f"{type(error).__module__}.{type(error).__qualname__}",
        *(
            f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}"
            for frame in frames
        ),
    ]


class _Silence(logging.Handler):
    """Tells that a library has something to say, and where, but not what: it may be data."""

    def __init__(self, process: MediaProcess) -> None:
        super().__init__(logging.WARNING)
        self._process = process

    def emit(self, record: logging.LogRecord) -> None:
        self._process.fault(f"{record.name} warns at {record.module}:{record.lineno}", None)


async def _serve(sockets: Sequence[socket.socket]) -> None:
    process = MediaProcess(*sockets)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, process.drain)

    def failed(_loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
        process.fault("nobody awaited a failure", told.get("exception"))

    loop.set_exception_handler(failed)
    logging.basicConfig(handlers=[_Silence(process)], level=logging.WARNING, force=True)
    await process.run()


def _confine(parent: int) -> None:
    """End with the parent, write no memory to a disk, and have as many sockets as there may be."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)  # it has ended already
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main(arguments: Sequence[str]) -> None:
    """Run; ``arguments`` are the parent's process id and the descriptors of the four sockets."""
    parent, *descriptors = map(int, arguments)
    _confine(parent)
    # What a terminal says to all its processes is for the parent, and nothing else ends a call.
    for number in (
        signal.SIGINT,
        signal.SIGQUIT,
        signal.SIGHUP,
        signal.SIGUSR1,
        signal.SIGUSR2,
    ):
        signal.signal(number, signal.SIG_IGN)
    sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(sockets))


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:  # not made for this system; asyncio's own loop does the same, slower
        return None
    return uvloop.Loop


if __name__ == "__main__":
    main(sys.argv[1:])
