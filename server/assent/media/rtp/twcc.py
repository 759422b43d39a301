"""Transport-wide feedback: when each packet of a connection arrived, told to whoever sent it.

draft-holmer-rmcat-transport-wide-cc-extensions-01. Every packet carries a 16-bit number that
counts all the packets of a transport; the receiver says every 100 ms or so which of them arrived,
and when, in ticks of 250 µs. Both directions are here: :class:`Arrivals` collects what publishers
send and writes the feedback; :func:`parse` reads what subscribers write.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct

TICK = 0.000250
"""Seconds in the unit of receive deltas."""

_TICKS_PER_REFERENCE = 256  # the reference time counts 64 ms
_REFERENCE_MASK = 0xFFFFFF

MAX_STATUSES = 4096
"""Packets that one feedback may speak of. The format allows 65,535, which a hostile dozen bytes
could claim; at 900 packets a second this is more than four seconds."""

MAX_PENDING = 1024
"""Packets that may wait to be told of; a flood beyond that goes untold."""

MAX_WRITTEN = 400
"""Packets that one of our own feedbacks speaks of: about 900 bytes at worst."""

MAX_FEEDBACKS = 4
"""Feedbacks written at once. Numbers that lie far apart, as no path makes them, need one each."""

_HEAD = Struct("!HH3sB")
_DELTA = Struct("!h")

NOT_RECEIVED, SMALL, LARGE = 0, 1, 2

Arrival = tuple[int, int]
"""Transport-wide sequence number (16 bits), and arrival in ticks (modulo 2**32) or LOST."""

LOST = -1


class MalformedFeedback(ValueError):
    """The bytes contradict themselves; nothing in them is believed."""


def parse(body: bytes) -> list[Arrival]:
    """Read what follows the two SSRCs of the RTCP packet (section 3.1 of the draft).

    Returns one entry for each packet spoken of, in order of sequence numbers. Raises
    MalformedFeedback.
    """
    if len(body) < 8:
        raise MalformedFeedback("shorter than its head")
    base, count, reference, _ = _HEAD.unpack_from(body)
    if count > MAX_STATUSES:
        raise MalformedFeedback("too many packets")
    statuses: list[int] = []
    position = 8
    while len(statuses) < count:
        if position + 2 > len(body):
            raise MalformedFeedback("chunks end early")
        chunk = body[position] << 8 | body[position + 1]
        position += 2
        if not chunk & 0x8000:  # run length
            statuses += [chunk >> 13 & 3] * min(chunk & 0x1FFF, count - len(statuses))
            if not chunk & 0x1FFF:
                raise MalformedFeedback("an empty run")
        elif chunk & 0x4000:  # seven symbols of two bits
            statuses += [chunk >> shift & 3 for shift in range(12, -1, -2)]
        else:  # fourteen symbols of one bit
            statuses += [chunk >> shift & 1 for shift in range(13, -1, -1)]
    del statuses[count:]
    at = int.from_bytes(reference, "big") * _TICKS_PER_REFERENCE
    arrivals: list[Arrival] = []
    for index, status in enumerate(statuses):
        sequence = (base + index) & 0xFFFF
        if status == NOT_RECEIVED:
            arrivals.append((sequence, LOST))
            continue
        if status == SMALL:
            if position >= len(body):
                raise MalformedFeedback("deltas end early")
            at += body[position]
            position += 1
        elif status == LARGE:
            if position + 2 > len(body):
                raise MalformedFeedback("deltas end early")
            at += _DELTA.unpack_from(body, position)[0]
            position += 2
        else:
            raise MalformedFeedback("a reserved symbol")
        arrivals.append((sequence, at & 0xFFFFFFFF))
    return arrivals


class Arrivals:
    """What has arrived on one connection and is not told yet. Pure: the caller has the clock."""

    __slots__ = ("_count", "_highest", "_next", "_pending")

    def __init__(self) -> None:
        self._pending: dict[int, float] = {}
        self._highest = -1
        self._next = -1  # extended number that the next feedback begins with
        self._count = 0

    def receive(self, sequence: int, now: float) -> None:
        """Take note of a packet's transport-wide sequence number. Called for every packet."""
        highest = self._highest
        if highest < 0:
            extended = sequence + 0x10000
            self._highest = self._next = extended
        else:
            extended = highest + ((sequence - highest + 0x8000) & 0xFFFF) - 0x8000
            if extended > highest:
                self._highest = extended
        if len(self._pending) < MAX_PENDING:
            self._pending.setdefault(extended, now)

    def feedback(self) -> list[bytes]:
        """Return what to say now, nothing where nothing came; each is to follow the two SSRCs.

        What does not fit into so many as are written at once goes untold.
        """
        written: list[bytes] = []
        while self._pending and len(written) < MAX_FEEDBACKS:
            first = min(self._pending)
            # What came late was told as lost; that it came after all is told as well, for the
            # sender takes the last word. But the gap before a jump is not spelled out.
            start = min(first, max(self._next, first - MAX_WRITTEN // 2))
            end = min(self._highest + 1, start + MAX_WRITTEN)
            written.append(self._write(start, end))
        self._pending.clear()
        return written

    def _write(self, start: int, end: int) -> bytes:
        pending = self._pending
        statuses: list[int] = []
        deltas = bytearray()
        reference = -1
        at = 0
        for extended in range(start, end):
            arrived = pending.get(extended)
            if arrived is None:
                statuses.append(NOT_RECEIVED)
                continue
            ticks = int(arrived / TICK)
            if reference < 0:
                reference = ticks // _TICKS_PER_REFERENCE
                at = reference * _TICKS_PER_REFERENCE
            delta = ticks - at
            if not -0x8000 <= delta <= 0x7FFF:
                break  # eight seconds apart: the rest has a reference of its own
            if 0 <= delta <= 0xFF:
                statuses.append(SMALL)
                deltas.append(delta)
            else:
                statuses.append(LARGE)
                deltas += _DELTA.pack(delta)
            del pending[extended]
            at = ticks
        self._next = max(self._next, start + len(statuses))
        self._count = (self._count + 1) & 0xFF
        body = _HEAD.pack(
            start & 0xFFFF,
            len(statuses),
            (reference & _REFERENCE_MASK).to_bytes(3, "big"),
            self._count,
        )
        body += _chunks(statuses) + deltas
        return body + bytes(-len(body) % 4)


def _chunks(statuses: Sequence[int]) -> bytes:
    """Write the statuses as runs where they are alike, and as vectors of seven where not."""
    out = bytearray()
    position = 0
    while position < len(statuses):
        symbol = statuses[position]
        end = position + 1
        while end < len(statuses) and statuses[end] == symbol:
            end += 1
        if end - position >= 7 or end == len(statuses):
            out += (symbol << 13 | end - position).to_bytes(2, "big")
            position = end
            continue
        vector = 0xC000
        for index, status in enumerate(statuses[position : position + 7]):
            vector |= status << 12 - 2 * index
        out += vector.to_bytes(2, "big")
        position += 7
    return bytes(out)
