"""What a person's other devices prove themselves with: tokens drawn from the person's session.

Pure. Only the hash of a token is kept, and only in memory, so that it ends with the server's run,
too.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Literal

from assent.errors import BadToken
from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode, encode

TOKEN_BYTES = 32
LIFETIME_MS = 12 * 3_600_000
"""As long as a relay's credentials: a meeting of a working day."""

Line = Literal["device", "view"]
"""What a device does: publish, or watch. It may do both, each once."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a device: its name, which is a secret, and our user name in its ICE."""

    id: str = field(repr=False)
    username: str


@dataclass(slots=True)
class DeviceToken:
    """What a person has drawn, and the sessions begun with it, by what they do."""

    person: str
    token_hash: bytes = field(repr=False)
    expires_at: int  # Unix milliseconds
    sessions: dict[Line, Session] = field(default_factory=dict, repr=False)


class DeviceTokens:
    """What has been drawn in one meeting; at most one a person."""

    def __init__(self) -> None:
        self._by_hash: dict[bytes, DeviceToken] = {}
        self._by_person: dict[str, DeviceToken] = {}

    def draw(self, person: str, now: int) -> tuple[str, int]:
        """Make a token, which is told this once, and when it ends; one drawn before ends now."""
        self.revoke(person)
        token = secrets.token_bytes(TOKEN_BYTES)
        drawn = DeviceToken(person, hashlib.sha256(token).digest(), now + LIFETIME_MS)
        self._by_hash[drawn.token_hash] = self._by_person[person] = drawn
        return encode(token), drawn.expires_at

    def revoke(self, person: str) -> None:
        """End a person's pass, if there is one."""
        drawn = self._by_person.pop(person, None)
        if drawn is not None:
            del self._by_hash[drawn.token_hash]

    def find(self, token: str, now: int) -> DeviceToken:
        """Return the pass of a token; raises BadToken."""
        try:
            token_hash = hashlib.sha256(decode(token, TOKEN_BYTES)).digest()
        except FormatError as error:
            raise BadToken from error
        drawn = self._by_hash.get(token_hash)
        if drawn is None or now >= drawn.expires_at:
            raise BadToken
        return drawn

    def of(self, person: str) -> DeviceToken | None:
        """Return what a person has drawn."""
        return self._by_person.get(person)

    def expired(self, now: int) -> list[str]:
        """Return whose passes have ended by themselves."""
        return [one.person for one in self._by_person.values() if now >= one.expires_at]
