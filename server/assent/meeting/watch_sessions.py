"""Who may fetch what of a recording, for a while: tokens by their hashes, in memory, bounded.

A session is opened with a signature that only the holder of a seed can make, and is worth less
than that: it gives ciphertext and boxes, which open with the seed alone. It ends by itself, and
with the process; a page then opens another.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass

from assent.clock import Clock
from assent.errors import NotWatching
from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode

TOKEN_BYTES = 32
LIFETIME = 2 * 3600.0  # seconds
MOST = 5_000
# Of one person, a page in each of some browsers. One more ends the oldest.
MOST_EACH = 8


@dataclass(frozen=True, slots=True)
class WatchSession:
    """What a token is good for: the generations of one meeting that this person may watch."""

    meeting: str
    person: str
    generations: frozenset[int]
    ends: float  # monotonic
    account: str | None = None  # of the meeting's host, where it is their session


class WatchSessions:
    """The open sessions, the oldest first."""

    def __init__(self, clock: Clock, most: int = MOST, most_each: int = MOST_EACH) -> None:
        self._clock = clock
        self._most = most
        self._most_each = most_each
        self._sessions: OrderedDict[bytes, WatchSession] = OrderedDict()

    def __len__(self) -> int:
        return len(self._sessions)

    def open(
        self, meeting: str, person: str, generations: frozenset[int], account: str | None = None
    ) -> bytes:
        """Return the token of a new session."""
        now = self._clock.monotonic()
        self._forget_ended(now)
        own = [
            token_hash
            for token_hash, each in self._sessions.items()
            if (each.meeting, each.person) == (meeting, person)
        ]
        for token_hash in own[: max(0, len(own) + 1 - self._most_each)]:
            del self._sessions[token_hash]
        while len(self._sessions) >= self._most:
            self._sessions.popitem(last=False)
        token = secrets.token_bytes(TOKEN_BYTES)
        session = WatchSession(meeting, person, generations, now + LIFETIME, account)
        self._sessions[hashlib.sha256(token).digest()] = session
        return token

    def end(self, account: str) -> None:
        """End the sessions that somebody has as the host of a meeting."""
        for token_hash, each in list(self._sessions.items()):
            if each.account == account:
                del self._sessions[token_hash]

    def find(self, token: str) -> WatchSession:
        """Return the session of a token; raises NotWatching."""
        try:
            token_hash = hashlib.sha256(decode(token)).digest()
        except FormatError as error:
            raise NotWatching from error
        session = self._sessions.get(token_hash)
        if session is None or session.ends <= self._clock.monotonic():
            raise NotWatching
        return session

    def _forget_ended(self, now: float) -> None:
        # All last equally long, so that they end in the order in which they began.
        while self._sessions and next(iter(self._sessions.values())).ends <= now:
            self._sessions.popitem(last=False)
