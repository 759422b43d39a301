"""A row of packets that goes on: whatever is put into it next follows what was there before.

Sequence numbers and timestamps are those of a stream plus an offset. The offsets change only where
the row was interrupted (a pause, another layer, another connection of the publisher), and then so
that the next packet follows the last one: to whoever reads the row, nothing has happened.

That is also what keeps SRTP safe. An SRTP index must never protect two different packets (RFC 3711
section 9.1); a new offset starts above everything sent, and ``base`` keeps out what is older.
"""

from __future__ import annotations

NEVER = 1 << 62
"""A ``base`` that no packet reaches."""

Report = tuple[int, int]
"""Which NTP time, by our clock, is which RTP timestamp, as the last sender report had it."""


class RtpMunger:
    """The offsets of one row. The forwarding loop reads the attributes directly."""

    __slots__ = (
        "_resume_at",
        "_resume_report",
        "_resume_sequence",
        "_resume_timestamp",
        "base",
        "sequence_offset",
        "timestamp_offset",
    )

    def __init__(self, sequence: int, timestamp: int) -> None:
        """Make one that is not started; its first packet will have these numbers."""
        self.base = NEVER
        self.sequence_offset = 0
        self.timestamp_offset = 0
        self._resume_sequence = sequence
        self._resume_timestamp = timestamp
        self._resume_at = 0.0
        self._resume_report: Report | None = None

    @property
    def started(self) -> bool:
        """Whether packets flow."""
        return self.base != NEVER

    def start(
        self, extended: int, timestamp: int, now: float, clock_rate: int, report: Report | None
    ) -> None:
        """Let packets flow, from this one on.

        Between two layers of one picture the timestamps go on exactly, by the ``report`` of each;
        otherwise by the times of arrival.
        """
        self.base = extended
        self.sequence_offset = self._resume_sequence - extended
        elapsed = now - self._resume_at if self._resume_at else 0.0
        next_timestamp = self._resume_timestamp + int(elapsed * clock_rate)
        if report is not None and self._resume_report is not None:
            exact = _translate(timestamp, report, self._resume_report, clock_rate)
            later = ((exact - self._resume_timestamp + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            # A layer may be behind the other by a frame or two, but time never goes back; and a
            # publisher whose reports contradict what arrives is not believed.
            if abs(later - int(elapsed * clock_rate)) < clock_rate:
                next_timestamp = self._resume_timestamp + max(0, later)
        self.timestamp_offset = next_timestamp - timestamp

    def pause(self, top: int, timestamp: int, now: float, report: Report | None) -> None:
        """Stop after packet ``top``, the highest there was; a later start continues after it."""
        if not self.started:
            return
        # One tick of the clock at least, for no two frames have the same timestamp.
        self._resume_sequence = top + 1 + self.sequence_offset
        self._resume_timestamp = timestamp + 1 + self.timestamp_offset
        self._resume_at = now
        self._resume_report = (
            None if report is None else (report[0], report[1] + self.timestamp_offset)
        )
        self.base = NEVER


def _translate(timestamp: int, report: Report, other: Report, clock_rate: int) -> int:
    """Return what the other clock shows at a timestamp of this one."""
    since = ((timestamp - report[1] + 0x80000000) & 0xFFFFFFFF) - 0x80000000
    apart = (report[0] - other[0]) * clock_rate >> 32
    return other[1] + apart + since
