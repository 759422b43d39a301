"""When to ask a publisher for a key frame: merged, throttled, repeated until one has come."""

from __future__ import annotations

INTERVAL = 0.5
"""Seconds between two requests for one track. A key frame costs several times an ordinary one, so
what many subscribers ask for at once must come out as one request."""

TRIES = 20

HASTE = 0.15
"""Seconds between the first requests for somebody who cannot wait, and HASTY of them: a sender that
has made a key frame a moment ago lets the first pass by (libwebrtc: 300 ms)."""
HASTY = 4


class KeyFrames:
    """The requests of one video stream. Pure: the caller sends the PLI when told to."""

    __slots__ = ("_asked", "_hasty", "_tries", "wanted")

    def __init__(self) -> None:
        self.wanted = False
        self._asked = float("-inf")
        self._tries = 0
        self._hasty = 0

    def request(self, now: float) -> bool:
        """Say that somebody needs one; True when the request should leave now."""
        if not self.wanted:
            self.wanted = True
            self._tries = 0
        return self.due(now)

    def insist(self, now: float) -> None:
        """Say that one is needed right now, whatever was asked for a moment ago; it then leaves.

        For what the server decides, and seldom: what peers ask for goes through :meth:`request`.
        """
        self.wanted = True
        self._tries = 1
        self._hasty = HASTY - 1
        self._asked = now

    def due(self, now: float) -> bool:
        """Tell whether to ask, or to ask again: a request or its answer may have been lost."""
        if not self.wanted or now - self._asked < (HASTE if self._hasty else INTERVAL):
            return False
        self._hasty = max(0, self._hasty - 1)
        if self._tries == TRIES:
            self.wanted = False
            return False
        self._tries += 1
        self._asked = now
        return True

    def arrived(self) -> None:
        """Say that a key frame has begun; everybody who asked is served by it."""
        self.wanted = False
        self._hasty = 0
