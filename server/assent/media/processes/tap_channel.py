"""What a tap gets, on its way from a media process to the process that records.

Records are gathered for :data:`GATHER` and leave together, in packets of a socket that keeps them
apart: to wake the reader costs more than to copy. Each names its room and the *generation* of the
tap: the reader numbers the taps that it sets, so that what was sent for one never reaches another,
however long it was on its way.

Nothing is left out silently. If the reader falls behind by :data:`MAX_WAITING`, the tap that has
more to say ends, is told to have ended, and what its room still has on the way is dropped by the
reader.

::

    record = room u32 · generation u32 · kind u8 · track u16 · arrival f64 · length u32 · content

    TRACK    a TrackInfo; from here on ``track`` is its number under this generation. A person who
             connects anew sends the same source as another track, which takes over its number.
    PACKET   an RTP packet
    REPORT   a sender report: NTP u64, RTP timestamp u32
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable

import msgspec

from assent.media.forward.tap import Tap
from assent.media.track import TrackInfo

BATCH = 60_000  # bytes that leave in one piece
GATHER = 0.005  # seconds
MAX_WAITING = 4 << 20  # bytes: about a second of twenty-five people with their cameras on
MAX_TRACKS = 4096  # under one generation: sources of everybody who is ever there
A_TURN = 8  # pieces read before others get their turn on the loop

TRACK, PACKET, REPORT = range(3)
_RECORD = struct.Struct("!IIBHdI")
_REPORT = struct.Struct("!QI")

_encode = msgspec.msgpack.Encoder().encode
_track = msgspec.msgpack.Decoder(TrackInfo).decode


class TapWriter:
    """The writing end; taps of a media process are made by :meth:`tap`."""

    def __init__(self, packets: socket.socket) -> None:
        self.waiting = 0  # bytes that the kernel has not taken yet
        self._socket = packets
        self._socket.setblocking(False)
        self._parts: list[bytes] = []
        self._size = 0
        self._pieces: deque[bytes] = deque()
        self._loop = asyncio.get_running_loop()
        self._due = False
        self._closed = False

    def tap(self, room: int, generation: int, on_lost: Callable[[], None]) -> WrittenTap:
        """Return a tap; ``on_lost`` is called later, once, if it cannot go on."""
        return WrittenTap(self, room, generation, on_lost)

    def add(self, head: bytes, content: bytes) -> None:
        """Put a record into the piece that leaves next."""
        size = len(head) + len(content)
        if self._size + size > BATCH:
            self._flush()
        if not self._due:
            self._due = True
            self._loop.call_later(GATHER, self._leave)
        self._parts += (head, content)
        self._size += size
        self.waiting += size

    def _leave(self) -> None:
        self._due = False
        self._flush()

    def _flush(self) -> None:
        if not self._parts:
            return
        piece = b"".join(self._parts)
        self._parts.clear()
        self._size = 0
        if self._closed:
            return
        self._pieces.append(piece)
        if len(self._pieces) == 1 and not self._send():
            self._loop.add_writer(self._socket.fileno(), self._writable)

    def _send(self) -> bool:
        """Send what waits; False if some of it has to wait longer."""
        while self._pieces:
            try:
                self._socket.send(self._pieces[0])
            except BlockingIOError:
                return False
            except OSError:
                # What was to be recorded is lost. The reader sees the end of the socket, and takes
                # it for the end of this process.
                self._pieces.clear()
                self.close()
                return True
            self.waiting -= len(self._pieces.popleft())
        return True

    def _writable(self) -> None:
        if self._send() and not self._closed:
            self._loop.remove_writer(self._socket.fileno())

    def close(self) -> None:
        """Release the socket; what waits is gone."""
        if not self._closed:
            self._closed = True
            self._loop.remove_writer(self._socket.fileno())
            self._socket.close()


class WrittenTap:
    """A tap whose copies go through the socket. Implements :class:`assent.media.Tap`."""

    def __init__(
        self, writer: TapWriter, room: int, generation: int, on_lost: Callable[[], None]
    ) -> None:
        self._tap_writer = writer
        self._room = room
        self._generation = generation
        self._on_lost = on_lost
        self._tracks: dict[TrackInfo, int] = {}
        self._sources: dict[tuple[str, str], TrackInfo] = {}
        self._over = False

    def packet(self, track: TrackInfo, packet: bytes, arrival: float) -> None:
        """See Tap.packet."""
        self._add(PACKET, track, packet, arrival)

    def sender_report(self, track: TrackInfo, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        """See Tap.sender_report."""
        self._add(REPORT, track, _REPORT.pack(ntp, rtp_timestamp), arrival)

    def _add(self, kind: int, track: TrackInfo, content: bytes, arrival: float) -> None:
        if self._over:
            return
        number = self._tracks.get(track)
        if number is None and self._tap_writer.waiting <= MAX_WAITING:
            number = self._number(track)
            if number >= 0:
                self._write(TRACK, number, _encode(track), arrival)
        if number is None or number < 0 or self._tap_writer.waiting > MAX_WAITING:
            self._over = True
            asyncio.get_running_loop().call_soon(self._on_lost)
            return
        self._write(kind, number, content, arrival)

    def _number(self, track: TrackInfo) -> int:
        """Return the number of a track that has none: that of its source, or the next, or -1."""
        identity = track.peer, track.source
        former = self._sources.get(identity)
        if former is not None:
            number = self._tracks.pop(former)
        elif len(self._tracks) < MAX_TRACKS:
            number = len(self._tracks)
        else:
            return -1
        self._sources[identity] = track
        self._tracks[track] = number
        return number

    def _write(self, kind: int, number: int, content: bytes, arrival: float) -> None:
        head = _RECORD.pack(self._room, self._generation, kind, number, arrival, len(content))
        self._tap_writer.add(head, content)


class TapReader:
    """The reading end. ``find`` returns the tap of a room's generation, if it is still set.

    ``on_broken`` is called, once, when nothing more can be had of the other end: it has ended, or
    what it sends is no record. Whatever it still had on the way for a tap is missing then.
    """

    def __init__(
        self,
        packets: socket.socket,
        find: Callable[[int, int], Tap | None],
        on_broken: Callable[[], None],
    ) -> None:
        self._socket = packets
        self._socket.setblocking(False)
        self._find = find
        self._on_broken = on_broken
        self._tracks: dict[int, tuple[int, list[TrackInfo]]] = {}  # by room, of one generation
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(packets.fileno(), self._readable)

    def _readable(self) -> None:
        for _ in range(A_TURN):
            try:
                piece = self._socket.recv(2 * BATCH)
            except BlockingIOError:
                return
            except OSError:
                piece = b""
            if not self._taken(piece):
                self._loop.remove_reader(self._socket.fileno())
                self._on_broken()
                return

    def _taken(self, piece: bytes) -> bool:
        try:
            self.take(piece)
        except (struct.error, msgspec.DecodeError, LookupError):
            return False
        return piece != b""

    def take(self, piece: bytes) -> None:
        """Hand out what is in a piece; raises struct.error, DecodeError or LookupError."""
        position = 0
        end = len(piece)
        while position < end:
            room, generation, kind, number, arrival, size = _RECORD.unpack_from(piece, position)
            position += _RECORD.size
            content = piece[position : position + size]
            if len(content) != size:
                raise IndexError(size)
            position += size
            # Asked for each: any of them may be what makes somebody clear the tap.
            tap = self._find(room, generation)
            if tap is None:
                continue
            if kind == PACKET:
                tap.packet(self._known(room, generation)[number], content, arrival)
            elif kind == REPORT:
                ntp, timestamp = _REPORT.unpack(content)
                tap.sender_report(self._known(room, generation)[number], ntp, timestamp, arrival)
            else:
                self._learn(room, generation, number, _track(content))

    def _known(self, room: int, generation: int) -> list[TrackInfo]:
        of, tracks = self._tracks[room]
        if of != generation:
            raise IndexError(generation)
        return tracks

    def _learn(self, room: int, generation: int, number: int, track: TrackInfo) -> None:
        of, tracks = self._tracks.get(room, (generation, []))
        if of != generation:
            tracks = []
        if number > len(tracks) or number >= MAX_TRACKS:
            raise IndexError(number)
        tracks[number : number + 1] = [track]
        self._tracks[room] = (generation, tracks)

    def forget(self, room: int) -> None:
        """Free what is known of a room that is closed."""
        self._tracks.pop(room, None)

    def close(self) -> None:
        """Release the socket; what is on its way is gone."""
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()
