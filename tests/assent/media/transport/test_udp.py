"""The one socket: what leaves in one call, and what happens where the kernel cannot do that."""

from __future__ import annotations

import errno
import socket
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assent.media.transport.connection import Connection
from assent.media.transport.udp import MAX_OCTETS, MAX_SEGMENTS, Udp
from support.rtc import no_fault, until


@pytest.fixture
async def udp() -> AsyncIterator[Udp]:
    udp = Udp("127.0.0.1", 0, Counter(), no_fault)
    try:
        yield udp
    finally:
        await udp.close()


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        receiver.settimeout(10)
        yield receiver


def packets(*sizes: int) -> list[bytes]:
    return [bytes([number]) * size for number, size in enumerate(sizes, 1)]


class Calls:
    """A socket that only takes notes, and refuses what it is told to."""

    def __init__(self, error: int = 0) -> None:
        self.error = error
        self.calls: list[list[bytes]] = []
        self.refused = 0

    def sendto(self, packet: bytes, address: Any) -> int:
        self.calls.append([packet])
        return len(packet)

    def sendmsg(self, parts: Sequence[bytes], ancillary: Any, flags: int, address: Any) -> int:
        if self.error:
            self.refused += 1
            raise OSError(self.error, "refused")
        [(level, kind, size)] = ancillary
        assert (level, kind) == (17, 103)
        assert int.from_bytes(size, "little") == len(parts[0])
        self.calls.append(list(parts))
        return sum(map(len, parts))


def on(udp: Udp, calls: Calls) -> None:
    udp._loop.remove_reader(udp._socket.fileno())
    udp._socket.close()
    udp._socket = cast("Any", calls)
    udp.sendto = calls.sendto  # type: ignore[assignment]
    udp.segments = True


@pytest.fixture
async def noted() -> tuple[Udp, Calls]:
    udp = Udp("127.0.0.1", 0, Counter(), no_fault)
    calls = Calls()
    on(udp, calls)
    return udp, calls


@pytest.mark.parametrize("segments", [True, False])
async def test_datagrams_arrive_one_by_one_and_in_order(
    udp: Udp, receiver: socket.socket, segments: bool
) -> None:
    if segments and not udp.segments:
        pytest.skip("this kernel does not segment")
    udp.segments = segments
    sent = packets(100, 100, 100, 90, 100, 200, 200, 50, 60, 60)
    udp.send_all(sent, receiver.getsockname())
    assert [receiver.recv(2048) for _ in sent] == sent
    assert udp.counters == {}


async def test_what_is_equally_long_leaves_in_one_call(noted: tuple[Udp, Calls]) -> None:
    udp, calls = noted
    udp.send_all(packets(100, 100, 100, 90, 100, 200, 200, 50, 60, 60), ("192.0.2.1", 1))
    # A shorter one may end a call; a longer one begins the next.
    assert [[len(part) for part in call] for call in calls.calls] == [
        [100, 100, 100, 90],
        [100],
        [200, 200, 50],
        [60, 60],
    ]


runs = st.tuples(st.sampled_from([12, 13, 1100, 1300]), st.integers(1, 150))


@given(runs=st.lists(runs, max_size=5))
async def test_no_call_is_larger_than_it_may_be(runs: list[tuple[int, int]]) -> None:
    sizes = [size for size, count in runs for _ in range(count)]
    calls = Calls()
    udp = object.__new__(Udp)
    udp.segments = True
    udp._ancillary = {}
    udp._socket = cast("Any", calls)
    udp.sendto = calls.sendto  # type: ignore[assignment]
    sent = [bytes([number & 0xFF]) * size for number, size in enumerate(sizes)]
    udp.send_all(sent, ("192.0.2.1", 1))
    assert [part for call in calls.calls for part in call] == sent
    for call in calls.calls:
        assert len(call) <= MAX_SEGMENTS
        assert sum(map(len, call)) <= MAX_OCTETS
        assert {len(part) for part in call[:-1]} <= {len(call[0])}
        assert len(call[-1]) <= len(call[0])


@pytest.mark.parametrize(
    ("error", "given_up"),
    [(errno.EIO, True), (errno.EOPNOTSUPP, True), (errno.EINVAL, False), (errno.EMSGSIZE, False)],
)
async def test_where_a_call_is_refused_they_go_one_by_one(
    noted: tuple[Udp, Calls], error: int, given_up: bool
) -> None:
    udp, calls = noted
    calls.error = error
    sent = packets(100, 100, 100)
    for _ in range(2):
        udp.send_all(sent, ("192.0.2.1", 1))
    assert calls.calls == [[packet] for packet in sent] * 2
    assert calls.refused == (1 if given_up else 2)
    assert udp.counters == {}


async def test_what_the_kernel_has_no_room_for_is_counted_and_gone(
    noted: tuple[Udp, Calls],
) -> None:
    udp, calls = noted
    calls.error = errno.EAGAIN
    udp.send_all(packets(100, 100, 100), ("192.0.2.1", 1))
    assert calls.calls == []
    assert udp.counters == {"send-failed": 3}


class Waiting:
    """As much of a connection as a turn's end needs."""

    def __init__(self, address: tuple[Any, ...]) -> None:
        self.address = address
        self.queue: list[bytes] = []


async def test_a_turn_ends_with_every_queue_empty(udp: Udp, receiver: socket.socket) -> None:
    one, gone = Waiting(receiver.getsockname()), Waiting(())
    for waiting in (one, gone):
        waiting.queue += packets(50, 50)
        udp.outgoing.append(cast("Connection", waiting))
    udp.waiting = 4
    udp.flush()
    assert [receiver.recv(2048) for _ in range(2)] == packets(50, 50)
    assert (one.queue, gone.queue, udp.outgoing, udp.waiting) == ([], [], [], 0)


async def test_a_turn_is_over_when_enough_has_gathered(
    udp: Udp, receiver: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    handled: list[int] = []
    turns: list[int] = []

    def take(datagram: bytes, address: Any, now: float) -> None:
        handled.append(datagram[0])
        udp.waiting += 300

    def flush() -> None:
        turns.append(len(handled))
        udp.waiting = 0

    monkeypatch.setattr(udp, "_take", take)
    monkeypatch.setattr(udp, "flush", flush)
    for number in range(5):
        receiver.sendto(bytes([number]), ("127.0.0.1", udp.port))
    await until(lambda: len(handled) == 5 and turns[-1:] == [5])
    assert handled == [0, 1, 2, 3, 4]
    assert turns == [2, 4, 5]
