"""Relays for networks that let nothing else through: TURN, with credentials that run out.

The form is that of the TURN REST API (draft-uberti-behave-turn-rest-00) as coturn's
``use-auth-secret`` takes it: a user name that begins with the Unix time at which it ends, and as
password an HMAC-SHA1 of it. The secret is shared with the relay and never leaves the server; the
user name says nothing of the person, for the relay writes it into its log.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

LIFETIME_MS = 12 * 3_600_000
"""A meeting of a working day; who comes back gets new ones."""


@dataclass(frozen=True, slots=True)
class RelayServer:
    """What a browser is told of the relays; the attributes are those of ``RTCIceServer``."""

    urls: tuple[str, ...]
    username: str
    credential: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Relay:
    """The operator's relays, none by default."""

    urls: Sequence[str] = ()
    secret: str = field(default="", repr=False)

    def servers(self, now: int) -> tuple[RelayServer, ...]:
        """Return them with credentials for one person; ``now`` in Unix milliseconds."""
        if not self.urls:
            return ()
        assert self.secret, "a relay without a secret would serve everybody"
        username = f"{(now + LIFETIME_MS) // 1000}:{secrets.token_hex(8)}"
        # SHA-1 is what the relay computes; as an HMAC it holds (RFC 6151 says so of MD5 even).
        mac = hmac.digest(self.secret.encode(), username.encode(), hashlib.sha1)
        return (RelayServer(tuple(self.urls), username, base64.b64encode(mac).decode()),)
