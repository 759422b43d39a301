"""How much one peer may send: packets and bytes in a short window."""

from __future__ import annotations

WINDOW = 0.25  # seconds


class RateWindow:
    """A fixed window: two subtractions a packet, and a flood is cut at most a window late.

    ``packets`` and ``octets`` are allowed per second.
    """

    __slots__ = ("_end", "_octets", "_octets_left", "_packets", "_packets_left")

    def __init__(self, packets: int, octets: int) -> None:
        self._packets = max(1, int(packets * WINDOW))
        self._octets = max(1, int(octets * WINDOW))
        self._packets_left = 0
        self._octets_left = 0
        self._end = float("-inf")

    def spend(self, size: int, now: float) -> bool:
        """Tell whether one more packet of ``size`` bytes is within the budget, and count it."""
        if now >= self._end:
            self._end = now + WINDOW
            self._packets_left = self._packets
            self._octets_left = self._octets
        self._packets_left -= 1
        self._octets_left -= size
        return self._packets_left >= 0 and self._octets_left >= 0
