"""How one incoming stream is arriving: order, loss, jitter, and what to ask for again.

Theory of operation. Sequence numbers of 16 bits are extended to integers that never wrap
(RFC 3550 appendix A.1). A gap puts what it skipped into ``missing``; an old packet counts only if
it is in there. Everything else that is old is a duplicate, or was given up. Hence every extended
number is passed on **at most once**, which is what makes it safe to derive the sequence number
toward a subscriber from it: the same SRTP index is never used for two different packets.

What is missing is asked for again on a timer: first after a moment in which mere reordering sorts
itself out, then at growing intervals, and at most :data:`TRIES` times.
"""

from __future__ import annotations

from assent.media.rate_window import RateWindow
from assent.media.rtp.rtcp import Block

DUPLICATE = -1

FIRST_WAIT = 0.010  # seconds
RETRY = 0.040  # seconds, times the number of tries; ten last 1.8, longer than a jitter buffer waits
TRIES = 10
MAX_ASKED = 128  # sequence numbers in one NACK: 512 bytes at worst

MAX_SKIPPED = 2000
"""Numbers a second that may be skipped and are still asked for: more than a connection may send. A
stream of gaps would have us note and forget hundreds of numbers for each packet."""

FURTHEST = 1 << 40
"""Extended number beyond which a stream goes on one by one. Thirty years of packets are below it;
who skips half the range each time gets there in hours, and SRTP indices have 48 bits."""


class Reception:
    """The state of one incoming SSRC. ``clock_rate`` in Hz; ``patience`` bounds what is missing."""

    __slots__ = (
        "_clock_rate",
        "_expected_before",
        "_first",
        "_jitter",
        "_patience",
        "_received",
        "_received_before",
        "_skipped",
        "_transit",
        "fraction_lost",
        "highest",
        "missing",
        "overruns",
    )

    def __init__(self, clock_rate: int, patience: int) -> None:
        self._clock_rate = clock_rate
        self._patience = patience
        self._first = -1
        self._received = 0
        self._expected_before = 0
        self._received_before = 0
        self._skipped = RateWindow(1 << 30, MAX_SKIPPED)
        self._transit = 0
        self._jitter = 0.0
        self.highest = -1
        self.missing: dict[int, tuple[float, int]] = {}  # extended number: when to ask, times asked
        self.overruns = 0  # gaps too long to repair: a video stream needs a key frame then
        self.fraction_lost = 0  # of 256, in the interval of the last report

    def receive(self, sequence: int, timestamp: int, now: float) -> int:
        """Take note of a packet; returns its extended sequence number or DUPLICATE."""
        highest = self.highest
        if highest < 0:
            # One cycle in hand, so that packets older than the first one stay positive.
            extended = self._first = self.highest = sequence + 0x10000
            self._transit = int(now * self._clock_rate) - timestamp
        else:
            delta = (sequence - highest) & 0xFFFF
            if delta == 1:
                extended = self.highest = highest + 1
            elif delta == 0:
                return DUPLICATE
            elif delta < 0x8000:
                if highest > FURTHEST:
                    return DUPLICATE
                extended = self.highest = highest + delta
                self._skip(highest + 1, extended, now)
            else:
                extended = highest + delta - 0x10000
                asked = self.missing.pop(extended, None)
                if asked is None:
                    return DUPLICATE
                if asked[1]:
                    # Asked for, so sent again: audio has no SSRC of its own for that.
                    return extended
        self._received += 1
        # RFC 3550 appendix A.8; differences modulo 2**32, because timestamps wrap.
        transit = int(now * self._clock_rate) - timestamp
        difference = (transit - self._transit) & 0xFFFFFFFF
        self._transit = transit
        if difference & 0x80000000:
            difference = 0x100000000 - difference
        self._jitter += (difference - self._jitter) / 16
        return extended

    def recover(self, sequence: int) -> int:
        """Take note of a retransmission; returns the extended number or DUPLICATE.

        Only what is missing is wanted: senders also repeat packets merely to probe the path. What
        was sent again does not count as received, here and above: the reports tell the sender
        what the path lost, and from that it chooses how much redundancy to send.
        """
        if self.highest < 0:
            return DUPLICATE
        extended = self.highest - ((self.highest - sequence) & 0xFFFF)
        return DUPLICATE if self.missing.pop(extended, None) is None else extended

    def _skip(self, first: int, end: int, now: float) -> None:
        if end - first > self._patience or not self._skipped.spend(end - first, now):
            self.missing.clear()
            self.overruns += 1
            return
        due = (now + FIRST_WAIT, 0)
        for extended in range(first, end):
            self.missing[extended] = due
        while len(self.missing) > self._patience:
            del self.missing[next(iter(self.missing))]

    def due(self, now: float) -> list[int]:
        """Return the sequence numbers to ask for now, in order, and count the tries."""
        asked = []
        for extended in sorted(self.missing):
            when, tries = self.missing[extended]
            if when > now:
                continue
            if tries == TRIES:
                del self.missing[extended]
                continue
            self.missing[extended] = (now + RETRY * (tries + 1), tries + 1)
            asked.append(extended & 0xFFFF)
            if len(asked) == MAX_ASKED:
                break
        return asked

    def block(self, ssrc: int, last_report: int, delay: int) -> Block | None:
        """Return the report block of the interval since the last one; None before any packet."""
        if self.highest < 0:
            return None
        expected = self.highest - self._first + 1
        of_interval = expected - self._expected_before
        lost = of_interval - (self._received - self._received_before)
        self._expected_before = expected
        self._received_before = self._received
        # Appendix A.3: duplicates and late packets can make the loss negative; that reports as 0.
        self.fraction_lost = min(255, (lost << 8) // of_interval) if lost > 0 < of_interval else 0
        return Block(
            ssrc,
            self.fraction_lost,
            expected - self._received,
            self.highest - 0x10000,
            int(self._jitter),
            last_report,
            delay,
        )
