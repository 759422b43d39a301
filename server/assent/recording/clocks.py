"""The clocks of all streams of a meeting; they outlive its generations."""

from __future__ import annotations

from collections import OrderedDict

from assent.media.sources import Source
from assent.recording.timeline import PeerClock, StreamClock

MOST = 1024
"""Streams and publishers that are remembered; those not heard of for longest are forgotten."""

MOST_EACH = 16
"""Streams of one publisher's source: each connection makes one, and nobody's push out another's."""


class Clocks:
    """Finds the clock of a stream.

    ``zero`` is when the meeting began, in seconds of the monotonic clock. What a generation has
    learnt of a publisher's clock serves the next one, so that it does not begin by guessing.
    """

    def __init__(self, zero: float) -> None:
        self.zero = zero
        self._peers: OrderedDict[str, PeerClock] = OrderedDict()
        self._streams: OrderedDict[tuple[str, str, int], StreamClock] = OrderedDict()
        self._mine: dict[tuple[str, str], list[int]] = {}  # SSRCs, the newest last

    def meeting_time(self, monotonic: float) -> float:
        """Return milliseconds since the meeting began."""
        return (monotonic - self.zero) * 1000

    def stream(self, peer: str, source: Source, ssrc: int, rate: int) -> StreamClock:
        """Return the clock of a stream whose timestamps tick at ``rate`` Hz."""
        identity = (peer, source, ssrc)
        clock = self._streams.get(identity)
        if clock is None:
            clock = StreamClock(rate, self._peer(peer))
            self._streams[identity] = clock
            mine = self._mine.setdefault((peer, source), [])
            mine.append(ssrc)
            if len(mine) > MOST_EACH:
                del self._streams[peer, source, mine.pop(0)]
            if len(self._streams) > MOST:
                self._forget()
        self._streams.move_to_end(identity)
        return clock

    def _forget(self) -> None:
        (peer, source, ssrc), _ = self._streams.popitem(last=False)
        mine = self._mine[peer, source]
        mine.remove(ssrc)
        if not mine:
            del self._mine[peer, source]

    def _peer(self, peer: str) -> PeerClock:
        clock = self._peers.setdefault(peer, PeerClock())
        self._peers.move_to_end(peer)
        if len(self._peers) > MOST:
            self._peers.popitem(last=False)
        return clock
