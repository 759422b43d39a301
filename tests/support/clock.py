"""A clock that a test moves by hand."""

from __future__ import annotations

from dataclasses import dataclass

from assent.clock import SystemClock


class JumpingClock(SystemClock):
    """The machine's clocks, of which somebody sets the one on the wall."""

    __slots__ = ("jump",)

    def __init__(self) -> None:
        self.jump = 0

    def now(self) -> int:
        """Whole Unix milliseconds, and what it was set by."""
        return super().now() + self.jump


@dataclass(slots=True)
class ManualClock:
    """Both times stand still until ``pass_`` moves them together.

    With ``doubt`` that much of what ``now`` says has come for certain is taken off, in seconds.
    """

    unix_ms: int = 1_750_000_000_000
    seconds: float = 1_000.0
    doubt: float = 0

    def now(self) -> int:
        """Whole Unix milliseconds."""
        return self.unix_ms

    def surely(self) -> int:
        """Whole Unix milliseconds that have come, whatever the wall says."""
        return self.unix_ms - round(self.doubt * 1000)

    def monotonic(self) -> float:
        """Seconds since an arbitrary point."""
        return self.seconds

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.unix_ms += round(seconds * 1000)
        self.seconds += seconds
