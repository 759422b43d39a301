"""The way of copies: whole, in order, for whom they were made, or ended; never with a hole."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media import TrackInfo
from assent.media.processes.tap_channel import (
    MAX_TRACKS,
    MAX_WAITING,
    TapReader,
    TapWriter,
)
from support.rtc import Tape, until

ADA = TrackInfo("ada", "microphone", "opus", 48000, 11)
BEN = TrackInfo("ben", "camera", "vp8", 90000, 22)


@dataclass
class Line:
    """A media process's end and the reader of it; ``set`` is which tap is set for which room."""

    copier: TapWriter
    reader: TapReader
    set: dict[int, tuple[int, Tape]] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)
    broken: int = 0

    def find(self, room: int, generation: int) -> Tape | None:
        of, tape = self.set.get(room, (0, None))
        return tape if of == generation else None


def line_on(ends: tuple[socket.socket, socket.socket]) -> Line:
    def broken() -> None:
        line.broken += 1

    line = Line(TapWriter(ends[0]), TapReader(ends[1], lambda r, g: line.find(r, g), broken))
    return line


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = line_on(socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    yield line
    line.copier.close()
    line.reader.close()


async def test_packets_and_reports_arrive_as_they_were(line: Line) -> None:
    tape = Tape()
    line.set[3] = (1, tape)
    tap = line.copier.tap(3, 1, lambda: line.lost.append(1))
    sent = []
    for number in range(300):
        track = (ADA, BEN)[number % 2]
        sent.append((track, bytes([number & 0xFF]) * (number * 5), number / 7))
        tap.packet(*sent[-1])
    tap.sender_report(ADA, 2**64 - 1, 2**32 - 1, 5.5)
    await until(lambda: tape.reports)
    assert tape.packets == sent
    assert tape.reports == [(ADA, 2**64 - 1, 2**32 - 1, 5.5)]
    assert not line.lost


async def test_what_was_sent_for_one_tap_never_reaches_another(line: Line) -> None:
    before = line.copier.tap(3, 1, lambda: None)
    before.packet(ADA, b"before", 1.0)  # on its way when the tap is set again
    tape, elsewhere = Tape(), Tape()
    line.set[3] = (2, tape)
    line.set[4] = (1, elsewhere)
    after = line.copier.tap(3, 2, lambda: None)
    before.packet(ADA, b"still before", 2.0)
    after.packet(ADA, b"after", 3.0)
    await until(lambda: tape.packets)
    assert tape.packets == [(ADA, b"after", 3.0)]
    assert not elsewhere.packets


async def test_clearing_takes_effect_between_two_packets_of_one_piece(line: Line) -> None:
    class Clearing(Tape):
        def packet(self, track: TrackInfo, packet: bytes, arrival: float) -> None:
            super().packet(track, packet, arrival)
            line.set.clear()

    tape = Clearing()
    line.set[3] = (1, tape)
    tap = line.copier.tap(3, 1, lambda: None)
    for number in range(5):
        tap.packet(ADA, bytes([number]), 0.0)
    await until(lambda: tape.packets)
    await asyncio.sleep(0.05)
    assert tape.packets == [(ADA, b"\0", 0.0)]


async def test_a_reader_that_falls_behind_ends_the_tap_and_leaves_no_hole() -> None:
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    copier = TapWriter(ends[0])
    lost: list[int] = []
    tap = copier.tap(1, 1, lambda: lost.append(1))
    most = 2 * MAX_WAITING // 1000
    sent = 0
    while not lost and sent < most:
        for _ in range(50):
            tap.packet(ADA, sent.to_bytes(4, "big") + bytes(996), 0.0)
            sent += 1
        await asyncio.sleep(0)
    assert lost == [1]
    assert copier.waiting < MAX_WAITING + 100_000
    # Somebody reads again: what was taken before the end comes, and of this tap nothing after it.
    tape = Tape()
    reader = TapReader(ends[1], lambda room, generation: tape, lambda: None)
    tap.packet(ADA, b"after the end", 0.0)
    await until(lambda: copier.waiting == 0)
    await until(lambda: tape.packets)
    await asyncio.sleep(0.05)
    numbers = [int.from_bytes(packet[:4], "big") for _, packet, _ in tape.packets]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) < sent
    # The next one begins anew.
    line = Tape()
    reader._find = lambda room, generation: line if generation == 2 else None
    copier.tap(1, 2, lambda: lost.append(2)).packet(ADA, b"new", 0.0)
    await until(lambda: line.packets)
    assert lost == [1]
    copier.close()
    reader.close()


async def test_tracks_are_bounded(line: Line) -> None:
    tap = line.copier.tap(1, 1, lambda: line.lost.append(1))
    for ssrc in range(MAX_TRACKS + 1):
        tap.packet(TrackInfo(f"p{ssrc}", "camera", "vp8", 90000, 1), b"", 0.0)
        if ssrc % 100 == 0:
            await asyncio.sleep(0)
    await until(lambda: line.lost)


async def test_who_connects_again_and_again_does_not_end_the_tap(line: Line) -> None:
    """Each connection has SSRCs of its own; a recording is not to end of them."""
    tape = Tape()
    line.set[1] = (1, tape)
    tap = line.copier.tap(1, 1, lambda: line.lost.append(1))
    tap.packet(ADA, b"ada", 0.0)
    for ssrc in range(2 * MAX_TRACKS):
        tap.packet(TrackInfo("ben", "camera", "vp8", 90000, ssrc), b"ben", 0.0)
        if ssrc % 100 == 0:
            tap.packet(ADA, b"ada", 0.0)
            await asyncio.sleep(0)
    await until(lambda: line.lost or len(tape.packets) == 2 * MAX_TRACKS + 1 + 82)
    assert not line.lost
    assert [track.ssrc for track, _, _ in tape.packets if track.peer == "ben"] == [
        *range(2 * MAX_TRACKS)
    ]
    assert {track for track, packet, _ in tape.packets if packet == b"ada"} == {ADA}
    assert len(tap._tracks) == len(tap._sources) == 2
    assert [len(known) for _, known in line.reader._tracks.values()] == [2]


async def test_the_end_of_the_other_side_is_noticed_once(line: Line) -> None:
    line.copier.close()
    await until(lambda: line.broken)
    await asyncio.sleep(0.05)
    assert line.broken == 1


async def test_a_socket_that_takes_no_more_is_closed_so_that_the_reader_notices(line: Line) -> None:
    line.set[1] = (1, Tape())
    line.copier._socket.shutdown(socket.SHUT_WR)
    line.reader._loop.remove_reader(line.reader._socket.fileno())  # the end is not to be seen yet
    line.copier.tap(1, 1, lambda: None).packet(ADA, b"lost", 0.0)
    await until(lambda: line.copier._socket.fileno() < 0)
    line.reader._readable()
    assert line.broken == 1


@pytest.mark.parametrize(
    "piece",
    [
        b"\0",
        struct.pack("!IIBHdI", 1, 1, 1, 0, 0.0, 0),
        struct.pack("!IIBHdI", 1, 1, 0, 0, 0.0, 3) + b"abc",
        struct.pack("!IIBHdI", 1, 1, 0, 0, 0.0, 9) + b"abc",
    ],
    ids=["short", "track-unknown", "no-track", "cut-off"],
)
async def test_what_is_no_record_is_noticed(line: Line, piece: bytes) -> None:
    line.set[1] = (1, Tape())
    line.copier._socket.send(piece)
    await until(lambda: line.broken)


@given(piece=st.binary(max_size=200))
async def test_no_piece_does_anything_unforeseen(piece: bytes) -> None:
    ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    line = line_on(ends)
    line.set = {room: (1, Tape()) for room in range(4)}
    if piece:
        line.copier._socket.send(piece)
        line.reader._readable()
    line.copier.close()
    line.reader.close()
