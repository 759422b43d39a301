from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from assent.media import Forwarded, MediaStats, TrackInfo
from assent.media.processes import messages as m
from assent.media.processes.channel import MAX_FRAME, MAX_WAITING, Channel
from assent.media.processes.room_methods import write
from support.rtc import until


@dataclass
class Pair:
    """A web process's end, and what a media process's end has heard."""

    here: Channel[m.FromProcess]
    there: Channel[m.ToProcess]
    raw: socket.socket
    heard: list[m.ToProcess] = field(default_factory=list)
    answered: list[m.FromProcess] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    one, other = socket.socketpair()
    here: Channel[m.FromProcess] = Channel(
        m.from_process, lambda said: pair.answered.append(said), lambda: pair.closed.append("here")
    )
    there: Channel[m.ToProcess] = Channel(
        m.to_process, lambda said: pair.heard.append(said), lambda: pair.closed.append("there")
    )
    pair = Pair(here, there, one)
    await here.open(one)
    await there.open(other)
    yield pair
    here.abort()
    there.abort()
    await until(lambda: len(pair.closed) == 2)


DOWN: list[m.ToProcess] = [
    m.Start("::", 7881, ["192.0.2.1"], True),
    m.OpenRoom(1, ["vp8", "h264"]),
    m.AskRoom(1, 7, "publish", write("ada", "v=0", {"0": "camera"})),
    m.TellRoom(1, "renew", write("ada")),
    m.SetTap(1, 5),
    m.TellRoom(1, "request_key_frames_all", write()),
    m.CloseRoom(1),
    m.Ping(9),
    m.Drain(),
]
UP: list[m.FromProcess] = [
    m.Ready(),
    m.Draining(),
    m.Named("abc", True),
    m.CallDone(7, "v=0"),
    m.CallDone(8, None),
    m.Refused(8, "bad-sdp", "why"),
    m.Offered(1, "ada", 2, "v=0", [Forwarded("0", "ben", "camera")]),
    m.LayersChanged(1, "ada", {"camera": 2}),
    m.TracksChanged(1, [TrackInfo("ada", "camera", "vp8", 90000, 2**32 - 1)]),
    m.PeerState(1, "ada", "publish", "failed"),
    m.Speaking(1, ["ada"]),
    m.TapLost(1, 5),
    m.Pong(9, MediaStats(cpu=0.5, counters={"drop-stun": 1}, estimates=[300_000])),
    m.Fault("what", ["where"]),
]


async def test_everything_arrives_as_it_was_and_in_order(pair: Pair) -> None:
    for down in DOWN:
        pair.here.send(down)
    for up in UP:
        pair.there.send(up)
    await until(lambda: len(pair.heard) == len(DOWN) and len(pair.answered) == len(UP))
    assert pair.heard == DOWN
    assert pair.answered == UP


async def test_large_messages_arrive_in_pieces(pair: Pair) -> None:
    large = m.AskRoom(1, 1, "set_answer", write("ada", 1, "x" * (MAX_FRAME - 100)))
    pair.here.send(large)
    await until(lambda: pair.heard)
    assert pair.heard == [large]


@pytest.mark.parametrize(
    "said",
    [
        struct.pack("!I", MAX_FRAME + 1),
        struct.pack("!I", 3) + b"\xc1\xc1\xc1",
        struct.pack("!I", 6) + b"\x91\xa4Nope",
        b"\xff" * 64,
    ],
    ids=["too-long", "no-messagepack", "no-message", "noise"],
)
async def test_what_is_no_message_ends_it(said: bytes) -> None:
    one, other = socket.socketpair()
    closed: list[bool] = []
    heard: list[m.ToProcess] = []
    channel: Channel[m.ToProcess] = Channel(m.to_process, heard.append, lambda: closed.append(True))
    await channel.open(one)
    other.sendall(said)
    await until(lambda: closed)
    assert not heard
    assert other.recv(1) == b""
    other.close()


async def test_nothing_waits_without_bound() -> None:
    one, other = socket.socketpair()  # the other end is never read
    closed: list[bool] = []
    channel: Channel[m.FromProcess] = Channel(
        m.from_process, lambda said: None, lambda: closed.append(True)
    )
    await channel.open(one)
    chunk = m.AskRoom(1, 1, "set_answer", write("ada", 1, "x" * 500_000))
    sent = 0
    while not closed and sent < 10 * MAX_WAITING:
        channel.send(chunk)
        sent += 500_000
        await asyncio.sleep(0)
    assert closed
    assert sent < 2 * MAX_WAITING
    channel.send(chunk)  # into the void
    other.close()


async def test_the_end_of_one_is_the_end_of_the_other(pair: Pair) -> None:
    pair.here.send(m.Drain())
    pair.here.close()
    await until(lambda: len(pair.closed) == 2)
    assert pair.heard == [m.Drain()]
