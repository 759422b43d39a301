"""Puts the packets of one stream back into order, and waits a moment for the missing ones.

Theory of operation. ``_next`` is the sequence number that is due, extended beyond 16 bits
(RFC 3550 appendix A.1). What is due is passed on at once. What is ahead of it is held, for at most
:data:`PATIENCE` since the oldest of it arrived and at most :data:`HELD` packets; then the missing
ones are given up, and the next one that is passed on says that something before it was lost. What
is behind has been passed on or given up: it is dropped.

A source is believed once two packets in a row have come ("a source is not considered valid until
MIN_SEQUENTIAL packets with sequential sequence numbers have been received"): a stray
retransmission of what was said before the recording began is thus not taken for its beginning.
"""

from __future__ import annotations

from collections.abc import Sequence

PATIENCE = 0.4
"""Seconds. A retransmission takes one round trip and a NACK that may be late by one timer."""

HELD = 512
"""Packets. At 1,500 bytes 0.75 MB, and 0.4 s of more than 15 Mbit/s."""

MAX_JUMP = 3000
"""Numbers ahead that can be loss (RFC 3550 appendix A.1, MAX_DROPOUT). More is a new beginning."""

MAX_BEHIND = 512
"""Numbers behind that can be a late packet. Two in a row further behind are a new beginning."""

Packet = tuple[bytes, float, bool]
"""A packet, its arrival in seconds, and whether something right before it is lost."""

_NOTHING: tuple[Packet, ...] = ()


class Reorder:
    """The order of one stream. Pure: the caller says what time it is.

    ``lost`` and ``late`` count packets. Everything that is passed on comes back from the call
    that made it possible.
    """

    __slots__ = ("_bad", "_first", "_held", "_next", "late", "lost")

    def __init__(self) -> None:
        self._next = -1
        self._first: tuple[int, bytes, float] | None = None
        self._held: dict[int, tuple[bytes, float]] = {}  # in order of arrival
        self._bad = -1
        self.lost = 0
        self.late = 0

    def push(self, sequence: int, packet: bytes, arrival: float) -> Sequence[Packet]:
        """Take the packet with this 16-bit number; return what can be passed on now."""
        due = self._next
        if due < 0:
            return self._prove(sequence, packet, arrival)
        ahead = (sequence - due) & 0xFFFF
        if ahead == 0:
            self._next = due + 1
            if not self._held:
                return ((packet, arrival, False),)
            return self._run([(packet, arrival, False)])
        if ahead < 0x8000:
            if ahead > MAX_JUMP:
                return self._restart(sequence, packet, arrival, ahead)
            self._held.setdefault(due + ahead, (packet, arrival))
            return self.expire(arrival) if len(self._held) <= HELD else self._give_up()
        return self._behind(sequence, packet, arrival, 0x10000 - ahead)

    def expire(self, now: float) -> Sequence[Packet]:
        """Give up what has been waited for long enough; return what can be passed on."""
        if not self._held:
            return _NOTHING
        passed: list[Packet] = []
        # Packets are held in order of arrival, so the first one has waited longest.
        while self._held and now - next(iter(self._held.values()))[1] >= PATIENCE:
            passed += self._give_up()
        return passed

    def drain(self) -> Sequence[Packet]:
        """Pass on everything that is held, as if nothing more would come."""
        passed: list[Packet] = []
        while self._held:
            passed += self._give_up()
        return passed

    def _prove(self, sequence: int, packet: bytes, arrival: float) -> Sequence[Packet]:
        """Wait for two packets in a row before anything is passed on."""
        first = self._first
        if first is None or sequence != (first[0] + 1) & 0xFFFF:
            if first is not None:
                self.lost += 1
            # Of two that are not in a row the newer one may yet be the beginning.
            if first is None or (sequence - first[0]) & 0xFFFF < 0x8000:
                self._first = (sequence, packet, arrival)
            return _NOTHING
        self._first = None
        # One cycle in hand, so that numbers behind the first stay positive.
        self._next = sequence + 0x10001
        return ((first[1], first[2], True), (packet, arrival, False))

    def _give_up(self) -> list[Packet]:
        """Skip to the lowest packet that is held, and pass on what follows it."""
        lowest = min(self._held)
        packet, arrival = self._held.pop(lowest)
        self.lost += lowest - self._next
        self._next = lowest + 1
        return self._run([(packet, arrival, True)])

    def _run(self, passed: list[Packet]) -> list[Packet]:
        while (following := self._held.pop(self._next, None)) is not None:
            passed.append((*following, False))
            self._next += 1
        return passed

    def _restart(
        self, sequence: int, packet: bytes, arrival: float, lost: int = 0
    ) -> Sequence[Packet]:
        passed = [*self.drain(), (packet, arrival, True)]
        self.lost += lost
        self._next = sequence + 0x10001
        self._bad = -1
        return passed

    def _behind(
        self, sequence: int, packet: bytes, arrival: float, behind: int
    ) -> Sequence[Packet]:
        self.late += 1
        if behind <= MAX_BEHIND:
            return _NOTHING
        if sequence == self._bad:
            # "Two sequential packets -- assume that the other side restarted without telling us
            # so just re-sync (i.e., pretend this was the first packet)." (RFC 3550 appendix A.1)
            return self._restart(sequence, packet, arrival)
        self._bad = (sequence + 1) & 0xFFFF
        return _NOTHING
