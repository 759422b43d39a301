"""What is asked of a media process is carried out in slices, between which media has its turn."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator

import pytest

from assent.media.processes import messages as m
from assent.media.processes import process as processes
from assent.media.processes.channel import Channel
from assent.media.processes.process import ENOUGH, MediaProcess
from assent.media.processes.room_methods import write
from support.rtc import until


class Asker:
    """The web process's end of a process that runs in here, and what it has answered."""

    def __init__(self) -> None:
        pairs = [socket.socketpair() for _ in range(4)]
        self._own = [own for own, _ in pairs]
        self.process = MediaProcess(*(theirs for _, theirs in pairs))
        self.answers: list[m.FromProcess] = []
        self.channel = Channel(m.from_process, self.answers.append, lambda: None)

    async def open(self) -> None:
        await self.channel.open(self._own[0])

    def close(self) -> None:
        for end in self._own[1:]:
            end.close()
        for end in (self.process._misrouted, self.process._front):
            end.close()


@pytest.fixture
async def asker() -> AsyncIterator[Asker]:
    asker = Asker()
    await asker.open()
    yield asker
    asker.channel.abort()
    await asyncio.sleep(0)
    asker.close()


async def test_media_has_its_turn_whatever_is_asked_for(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each takes a slice, by the clock; a process that is asked for a thousand goes on turning."""
    clock = itertools.count(0.0, processes.SLICE)
    monkeypatch.setattr(processes, "monotonic", lambda: next(clock), raising=False)
    turns = 0
    done: list[int] = []

    async def carry_out(message: m.ToProcess) -> None:
        assert isinstance(message, m.CloseRoom)
        done.append(turns)

    monkeypatch.setattr(asker.process, "_carry_out", carry_out)
    for number in range(200):
        asker.process._arrived(m.CloseRoom(number))
    running = asyncio.create_task(asker.process.run())
    while len(done) < 200:
        turns += 1
        await asyncio.sleep(0)
    assert done[-1] - done[0] >= 50
    asker.process._hung_up()
    await running


async def test_much_that_is_asked_for_waits_outside_and_nothing_is_taken_for_stuck(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    going_on = asyncio.Event()
    done: list[m.ToProcess] = []

    async def carry_out(message: m.ToProcess) -> None:
        await going_on.wait()
        done.append(message)

    monkeypatch.setattr(asker.process, "_carry_out", carry_out)
    running = asyncio.create_task(asker.process.run())
    offer = "x" * 2_000
    asker.channel.send(m.Ping(1))
    for number in range(ENOUGH + 500):
        asker.channel.send(m.AskRoom(1, number, "publish", write("ada", offer, {})))
    await until(lambda: asker.process._queue.qsize() >= ENOUGH)
    for _ in range(50):
        await asyncio.sleep(0)
    # One reading more than enough, and the rest is still with whoever asks.
    assert asker.process._queue.qsize() < ENOUGH + 400
    assert asker.answers == [m.Pong(1, asker.answers[0].figures)]  # type: ignore[union-attr]
    going_on.set()
    await until(lambda: len(done) == ENOUGH + 500)
    assert [message.call for message in done] == [*range(ENOUGH + 500)]  # type: ignore[union-attr]
    asker.process._hung_up()
    await running


@pytest.mark.parametrize(
    "message",
    [
        m.TellRoom(1, "close", write()),
        m.TellRoom(1, "renew", write(7)),
        m.TellRoom(1, "publish", write("ada", "v=0", {})),
        m.AskRoom(1, 1, "renew", write("ada")),
        m.AskRoom(1, 1, "publish", write("ada", "v=0")),
    ],
)
async def test_what_no_room_can_be_asked_ends_the_conversation(
    asker: Asker, message: m.ToProcess
) -> None:
    running = asyncio.create_task(asker.process.run())
    asker.channel.send(message)
    await running
    assert asker.answers == []
