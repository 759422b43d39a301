"""When to ask a publisher for a key frame: merged, throttled, repeated until one has come."""

from __future__ import annotations

INTERVAL = 0.5
"""Seconds between two requests for one track. A key frame costs several times an ordinary one, so
what many subscribers ask for at once must come out as one request."""

TRIES = 20


class KeyFrames:
    """The requests of one video stream. Pure: the caller sends the PLI when told to."""

    __slots__ = ("_asked", "_tries", "wanted")

    def __init__(self) -> None:
        self.wanted = False
        self._asked = float("-inf")
        self._tries = 0

    def request(self, now: float) -> bool:
        """Say that somebody needs one; True when the request should leave now."""
        if not self.wanted:
            self.wanted = True
            self._tries = 0
        return self.due(now)

    def due(self, now: float) -> bool:
        """Tell whether to ask, or to ask again: a request or its answer may have been lost."""
        if not self.wanted or now - self._asked < INTERVAL:
            return False
        if self._tries == TRIES:
            self.wanted = False
            return False
        self._tries += 1
        self._asked = now
        return True

    def arrived(self) -> None:
        """Say that a key frame has begun; everybody who asked is served by it."""
        self.wanted = False
