"""Is a queue growing on the path? From send and arrival times alone, before anything is lost.

The delay-based detector of Google congestion control (draft-ietf-rmcat-gcc-02 sections 5.1 to 5.4),
with the trendline in place of the Kalman filter, as browsers have it. Packets sent within 5 ms are
one group; a group that takes longer to arrive than the one before took adds to a sum; the slope of
that sum over the last twenty groups, scaled, is compared with a threshold that adapts itself, so
that a competing TCP flow does not starve us.
"""

from __future__ import annotations

from collections import deque
from typing import Literal

State = Literal["normal", "overuse", "underuse"]

GROUP = 0.005  # seconds of sending that make a group
BURST = 0.100  # seconds that a group may last at most, while what queued up elsewhere comes at once
WINDOW = 20  # groups
SMOOTHING = 0.9
GAIN = 4.0
MAX_COUNT = 60  # groups
OVERUSE_TIME = 0.010  # seconds above the threshold until it counts (section 5.4)
STALL = 3.0  # seconds without groups, after which the past says nothing

# Section 5.4: "gamma" grows with K_u above and shrinks with K_d below it; milliseconds here.
UP, DOWN = 0.0087, 0.039
FIRST_THRESHOLD, LEAST_THRESHOLD, MOST_THRESHOLD = 12.5, 6.0, 600.0  # milliseconds
OUTLIER = 15.0  # milliseconds


class Trendline:
    """The state of one path. ``add`` packets in the order they were sent; times in seconds."""

    __slots__ = (
        "_accumulated",
        "_adapted_at",
        "_count",
        "_first_arrival",
        "_first_sent",
        "_group_arrived",
        "_group_began",
        "_group_sent",
        "_history",
        "_origin",
        "_over_count",
        "_over_time",
        "_previous",
        "_slope",
        "_smoothed",
        "_threshold",
        "state",
    )

    def __init__(self) -> None:
        self.state: State = "normal"
        self._threshold = FIRST_THRESHOLD
        self._adapted_at = -1.0
        self._reset()

    def _reset(self) -> None:
        self.state = "normal"
        self._previous: tuple[float, float] | None = None  # last send and arrival of a group
        self._first_sent = -1.0  # of the group that is being collected
        self._group_sent = self._group_arrived = self._group_began = 0.0
        self._history: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._accumulated = self._smoothed = 0.0
        self._count = 0
        self._origin = 0.0
        self._over_time = -1.0
        self._over_count = 0
        self._slope = 0.0

    def add(self, sent: float, arrived: float) -> None:
        """Take one packet that has arrived."""
        if self._first_sent < 0:
            self._begin(sent, arrived)
            return
        if sent < self._group_sent - 1.0 or arrived - self._group_arrived > STALL:
            self._reset()
            self._begin(sent, arrived)
            return
        if self._belongs(sent, arrived):
            self._group_sent = max(self._group_sent, sent)
            self._group_arrived = max(self._group_arrived, arrived)
            return
        if sent < self._first_sent:
            return  # from an earlier group; that one has been judged
        if self._previous is not None:
            before_sent, before_arrived = self._previous
            self._judge(
                (self._group_sent - before_sent) * 1000,
                (self._group_arrived - before_arrived) * 1000,
                self._group_arrived * 1000,
            )
        self._previous = self._group_sent, self._group_arrived
        self._begin(sent, arrived)

    def _begin(self, sent: float, arrived: float) -> None:
        self._first_sent = self._group_sent = sent
        self._group_began = self._group_arrived = arrived

    def _belongs(self, sent: float, arrived: float) -> bool:
        if 0 <= sent - self._first_sent <= GROUP:
            return True
        # "A packet which has an inter-arrival time less than burst_time and an inter-group delay
        # variation less than 0 is considered part of the current group" (section 5.2).
        gap = arrived - self._group_arrived
        return (
            gap <= GROUP
            and gap - (sent - self._group_sent) < 0
            and arrived - self._group_began < BURST
        )

    def _judge(self, sent: float, arrived: float, now: float) -> None:
        """Compare two groups; everything in milliseconds."""
        if not self._history:
            self._origin = now
        self._count = min(self._count + 1, MAX_COUNT)
        self._accumulated += arrived - sent
        self._smoothed = SMOOTHING * self._smoothed + (1 - SMOOTHING) * self._accumulated
        self._history.append((now - self._origin, self._smoothed))
        slope = _slope(self._history) if len(self._history) == WINDOW else self._slope
        value = self._count * slope * GAIN
        if value > self._threshold:
            self._over_time = sent / 2 if self._over_time < 0 else self._over_time + sent
            self._over_count += 1
            if (
                self._over_time > OVERUSE_TIME * 1000
                and self._over_count > 1
                and slope >= self._slope
            ):
                self._over_time, self._over_count = 0.0, 0
                self.state = "overuse"
        else:
            self._over_time, self._over_count = -1.0, 0
            self.state = "underuse" if value < -self._threshold else "normal"
        self._slope = slope
        self._adapt(abs(value), now)

    def _adapt(self, value: float, now: float) -> None:
        elapsed = min(now - self._adapted_at, 100.0) if self._adapted_at >= 0 else 0.0
        self._adapted_at = now
        if value > self._threshold + OUTLIER:
            return  # "SHOULD NOT be updated" for sudden large jumps, such as a change of route
        speed = DOWN if value < self._threshold else UP
        self._threshold += speed * (value - self._threshold) * max(elapsed, 0.0)
        self._threshold = min(max(self._threshold, LEAST_THRESHOLD), MOST_THRESHOLD)


def _slope(points: deque[tuple[float, float]]) -> float:
    """Return the least-squares slope."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    over = sum((x - mean_x) * (y - mean_y) for x, y in points)
    under = sum((x - mean_x) ** 2 for x, _ in points)
    return over / under if under else 0.0
