"""When a frame happened, in milliseconds since the meeting began: one timeline for all tracks.

Theory of operation
-------------------

Three clocks tick at slightly different rates: the *stream's* (its RTP timestamps), the
*publisher's* (the NTP times of its sender reports) and the *meeting's* (when packets arrive here).
A stream's frames are placed by its own clock plus a shift::

    time = timestamp / rate + shift

which is why loss is a gap and nothing else: what is missing never moves what follows. The shift
follows, slowly, where it should be, so that three clocks that drift stay together:

- A sender report says how stream and publisher relate (``_relation``), the same for every network
  delay. That alone keeps sound and picture of a person together.
- Packets say how publisher and meeting relate, up to how long they were on their way. The least of
  a minute is the truest, and one value serves all streams of the publisher (:class:`PeerClock`), so
  that an error in it shifts all of them alike.
- Without a recent report that makes sense, the stream's own least delayed packets have to do.

Timestamps are somebody else's numbers. They wrap, and they may jump. Each is unwrapped to what is
nearest to the one expected after the time that has passed, so that wrapping needs no rule of its
own. One that goes on as the sequence number does is believed, however long it was on its way: a
path may hold for a while and lose nothing. One that goes back, or that is far from its arrival
without being such, is not believed: its frame is placed where it arrived, and nothing else changes.
When several in a row agree with each other, the stream has jumped, and it is placed anew by its
arrival, still without a shift of what happened when.

A sender whose timestamps stand while it sends nothing looks like a path that holds, until its next
report says that its stream and its clock are apart by as much as its frames seem to be late.
"""

from __future__ import annotations

from collections import deque

EARLY = 500.0
"""Milliseconds by which a frame can seem to arrive before it happened: a wrong first guess."""

LATE = 2000.0
"""Milliseconds that a frame can have been on its way whatever its number. More is believed of one
that goes on from the last."""

MAX_DROPOUT = 3000
"""Packets that can be lost between two that go on (RFC 3550 appendix A.1)."""

SHORTEST = 2.5
"""Milliseconds from a frame to the next, at least: of sound that is the shortest that Opus has."""

AGREEING = 5
"""Frames in a row that a jump takes to be believed."""

SPREAD = 500.0
"""Milliseconds by which the delays of such frames may differ."""

SLEW = 0.005
"""Milliseconds of correction in a millisecond, at least: fifty times what bad clocks drift."""

SETTLING = 8000.0
"""Milliseconds in which a large error shrinks to a third; corrections of 40 ms or less are slower
than that only by SLEW."""

YOUNG = 2000.0
"""Milliseconds in which a stream is not slewed but set: there is nothing yet to be smooth with."""

IDLE = 10_000.0
"""Milliseconds of silence after which a stream is young again."""

REPORT_VALID = 60_000.0
"""Milliseconds: a clock that is off by 100 ppm is off by 6 ms after it."""

DISAGREEMENT = 400.0
"""Milliseconds by which sound and picture can leave a publisher apart. More is a wrong report."""

_BUCKET = 5000.0
_BUCKETS = 12


class LeastOfMinute:
    """The least of the values of the last minute; ``inf`` without any."""

    __slots__ = ("_buckets", "_current", "value")

    def __init__(self) -> None:
        self._buckets: deque[tuple[int, float]] = deque()
        self._current = -1
        self.value = float("inf")

    def add(self, now: float, value: float) -> None:
        """Take a value; ``now`` in milliseconds."""
        bucket = int(now // _BUCKET)
        if not self._buckets or bucket > self._current:
            self._current = bucket
            self._buckets.append((bucket, value))
            while bucket - self._buckets[0][0] >= _BUCKETS:
                self._buckets.popleft()
            self.value = min(least for _, least in self._buckets)
        elif value < self._buckets[-1][1]:
            self._buckets[-1] = (self._current, value)
            self.value = min(self.value, value)


class PeerClock:
    """How a publisher's clock relates to the meeting's, shared by all of its streams."""

    __slots__ = ("least",)

    def __init__(self) -> None:
        self.least = LeastOfMinute()


class StreamClock:
    """How one stream's timestamps relate to the meeting's clock. Pure.

    Frames come in the order of their sequence numbers. ``arrival`` is always in milliseconds since
    the meeting began. ``jumps`` counts how often the stream was placed anew, ``odd`` the
    timestamps that were not believed.
    """

    __slots__ = (
        "_arrival",
        "_before",
        "_begun",
        "_late",
        "_least",
        "_peer",
        "_per_ms",
        "_relation",
        "_reported",
        "_sequence",
        "_shift",
        "_suspects",
        "_ticks",
        "_waiting",
        "_young_until",
        "jumps",
        "odd",
    )

    def __init__(self, rate: int, peer: PeerClock) -> None:
        self._per_ms = rate / 1000
        self._peer = peer
        self._begun = False
        self._ticks = 0  # the last timestamp that was believed, unwrapped
        self._arrival = 0.0  # when it arrived
        self._sequence = 0  # of the packet that had it
        self._late = 0.0  # by how much it seemed to be late
        self._shift = 0.0
        self._young_until = 0.0
        self._least = LeastOfMinute()  # of arrival - stream
        self._before = float("-inf")  # arrival - stream, of the last frame
        self._relation: float | None = None  # publisher - stream
        self._reported = 0.0
        self._waiting: tuple[float, int, float] | None = None  # a report before any frame
        self._suspects: list[tuple[int, float]] = []
        self.jumps = 0
        self.odd = 0

    def report(self, ntp: int, timestamp: int, arrival: float) -> None:
        """Take a sender report: 64 bits of NTP time belong to this timestamp.

        "A sender that has no notion of wallclock or elapsed time MAY set the NTP timestamp to
        zero" (RFC 3550 section 6.4.1).
        """
        if ntp == 0:
            return
        published = ntp * 1000 / 2**32
        if not self._begun:
            self._waiting = (published, timestamp, arrival)
            return
        relation = published - self._unwrap(timestamp, arrival) / self._per_ms
        known = self._relation
        if known is not None and self._has_stood(relation - known):
            self.jumps += 1
            self._least = LeastOfMinute()
            self._before = float("-inf")
            self._young_until = arrival + YOUNG
        # Reports jitter by what a sender's task switches take; more is news.
        if known is not None and abs(relation - known) < 100:
            relation = known + (relation - known) / 4
        self._relation = relation
        self._reported = arrival

    def _has_stood(self, apart: float) -> bool:
        """Tell whether the stream's clock stood still, by what it has moved against its sender's.

        What a path holds arrives late as well, but its reports say the same as before.
        """
        return apart > DISAGREEMENT and abs(apart - self._late) <= DISAGREEMENT

    def place(self, timestamp: int, arrival: float, sequence: int) -> float:
        """Return when the frame with this timestamp happened.

        ``sequence`` is the 16-bit number of the last packet of the frame.
        """
        if not self._begun:
            self._sequence = sequence
            return self._begin(timestamp, arrival)
        ticks = self._unwrap(timestamp, arrival)
        media = ticks / self._per_ms
        delay = arrival - media - self._shift
        if (
            ticks < self._ticks
            or delay < -EARLY
            or (delay > LATE and not self._goes_on(ticks, sequence))
        ):
            return self._suspect(ticks, arrival, sequence)
        self._sequence = sequence
        self._late = delay
        if self._suspects:
            self._suspects.clear()
        elapsed = arrival - self._arrival
        if elapsed > IDLE:
            self._young_until = arrival + YOUNG
        self._ticks = ticks
        if elapsed > 0:
            self._arrival = arrival
        target = self._target(media, arrival)
        error = target - self._shift
        if arrival < self._young_until:
            self._shift = target
        elif elapsed > 0:
            most = elapsed * max(SLEW, abs(error) / SETTLING)
            self._shift += max(-most, min(most, error))
        # The shift may have moved since the frame was judged by it.
        return min(media + self._shift, arrival + EARLY)

    def _goes_on(self, ticks: int, sequence: int) -> bool:
        """Tell whether a timestamp goes on as the sequence number does."""
        step = (sequence - self._sequence) & 0xFFFF
        return 0 < step <= MAX_DROPOUT and ticks - self._ticks >= SHORTEST * self._per_ms

    def _begin(self, timestamp: int, arrival: float) -> float:
        self._begun = True
        self._ticks = timestamp
        self._arrival = arrival
        self._young_until = arrival + YOUNG
        if self._waiting is not None:
            published, reported, at = self._waiting
            self._waiting = None
            ticks = self._ticks + _signed(reported - timestamp)
            self._relation = published - ticks / self._per_ms
            self._reported = at
        media = self._ticks / self._per_ms
        self._shift = self._target(media, arrival)
        return media + self._shift

    def _target(self, media: float, arrival: float) -> float:
        """Return where the shift should be, having taken this frame into account."""
        least = self._least
        # The larger of two in a row: a single timestamp that is a little ahead of its time would
        # otherwise count for a minute.
        shift = max(arrival - media, self._before)
        self._before = arrival - media
        least.add(arrival, shift)
        relation = self._relation
        if relation is None or arrival - self._reported > REPORT_VALID:
            return least.value
        shared = self._peer.least
        shared.add(arrival, shift - relation)
        by_report = relation + shared.value
        return by_report if abs(by_report - least.value) <= DISAGREEMENT else least.value

    def _suspect(self, ticks: int, arrival: float, sequence: int) -> float:
        """Place a frame whose timestamp makes no sense, and see whether the stream has jumped."""
        self.odd += 1
        suspects = self._suspects
        if suspects and ticks < suspects[-1][0]:
            suspects.clear()
        suspects.append((ticks, arrival))
        if len(suspects) < AGREEING:
            return arrival
        delays = [at - then / self._per_ms for then, at in suspects]
        if max(delays) - min(delays) > SPREAD:
            del suspects[0]
            return arrival
        self.jumps += 1
        suspects.clear()
        self._ticks = ticks
        self._sequence = sequence
        self._arrival = arrival
        self._young_until = arrival + YOUNG
        self._relation = None
        self._shift = self._before = min(delays)
        self._least = LeastOfMinute()
        self._least.add(arrival, self._shift)
        return ticks / self._per_ms + self._shift

    def _unwrap(self, timestamp: int, arrival: float) -> int:
        expected = self._ticks + round((arrival - self._arrival) * self._per_ms)
        return expected + _signed(timestamp - expected)


def _signed(difference: int) -> int:
    """Return the difference of two 32-bit numbers that is nearest to zero."""
    return ((difference + 2**31) & 0xFFFFFFFF) - 2**31
