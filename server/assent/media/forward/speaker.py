"""Who speaks, from the audio levels that publishers put into their packets (RFC 6464).

Levels come as -dBov: 0 is the loudest, 127 silence. A score is the smoothed loudness, quick to
rise and slow to fall, so that a pause for breath does not end a turn; there is one threshold to
begin and a lower one to stop.
"""

from __future__ import annotations

INTERVAL = 0.2
"""Seconds between two rounds: "at most five times a second"."""

BEGIN = 127 - 45  # dB above silence
STOP = 127 - 55  # dB above silence
RISE = 0.7
FALL = 0.12


class SpeakerDetector:
    """The speakers of one room. ``observe`` for each audio packet, ``update`` each interval."""

    __slots__ = ("_counts", "_scores", "_speaking", "_sums")

    def __init__(self) -> None:
        self._sums: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        self._scores: dict[str, float] = {}
        self._speaking: list[str] = []

    def observe(self, peer: str, level: int) -> None:
        """Count one packet of a peer; ``level`` is the extension's byte, voice flag and all."""
        self._sums[peer] = self._sums.get(peer, 0) + 127 - (level & 0x7F)
        self._counts[peer] = self._counts.get(peer, 0) + 1

    def update(self) -> list[str] | None:
        """End a round; returns the speakers, loudest first, if they or the loudest changed."""
        scores: dict[str, float] = {}
        for peer in self._scores.keys() | self._sums.keys():
            # No packet in a round (discontinuous transmission, mute) is silence.
            mean = self._sums.get(peer, 0) / self._counts.get(peer, 1)
            old = self._scores.get(peer, 0.0)
            score = old + (mean - old) * (RISE if mean > old else FALL)
            if score > 1:
                scores[peer] = score
        self._scores = scores
        self._sums.clear()
        self._counts.clear()
        speaking = [
            peer
            for peer, score in scores.items()
            if score >= (STOP if peer in self._speaking else BEGIN)
        ]
        speaking.sort(key=lambda peer: (-scores[peer], peer))
        before = self._speaking
        self._speaking = speaking
        if set(speaking) == set(before) and speaking[:1] == before[:1]:
            return None
        return list(speaking)

    def forget(self, peer: str) -> None:
        """Drop a peer that may no longer be heard; the next round says so if it was speaking."""
        for table in (self._sums, self._counts, self._scores):
            table.pop(peer, None)
