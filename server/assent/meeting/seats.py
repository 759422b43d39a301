"""Seats: what is given to whoever can open the door. Pure; nothing is stored of one.

A seat's token is a random number, when it was handed out and whether it is a host's, with a tag
over them and the meeting that only this server can make. So whoever has the link can have as many
as they like, and costs nobody anything: a seat becomes a row when somebody enrols in it.

::

    16 bytes   random
     6 bytes   when, Unix milliseconds, big-endian
     1 byte    1 for a host's, else 0
    16 bytes   HMAC-SHA-256 over the meeting and the above, its first half (RFC 2104 section 5)
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from assent.errors import BadToken
from assent_vault.errors import FormatError
from assent_vault.formats.suite import decode, encode

UNUSED_MS: Final = 24 * 3_600_000
"""How long a seat waits for somebody to enrol in it; and an enrolment to be let in."""

_RANDOM, _AT, _TAG = 16, 6, 16  # bytes
_SAID = _RANDOM + _AT + 1


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in a meeting: what its token gives. ``at`` is when it was handed out, Unix ms."""

    token_hash: bytes
    meeting: str
    host: bool
    at: int = 0


def hand_out(key: bytes, meeting: str, *, host: bool, now: int) -> str:
    """Return the token of a new seat."""
    said = secrets.token_bytes(_RANDOM) + now.to_bytes(_AT, "big") + bytes([host])
    return encode(said + _tag(key, meeting, said))


def parse(key: bytes, meeting: str, token: str) -> Seat | None:
    """Return the seat of a token, None for a token of another kind; raises BadToken.

    Whether it was left unused for too long is for whoever knows who has enrolled.
    """
    try:
        given = decode(token)
    except FormatError as error:
        raise BadToken from error
    if len(given) != _SAID + _TAG:
        return None
    said, tag = given[:_SAID], given[_SAID:]
    if not hmac.compare_digest(tag, _tag(key, meeting, said)):
        raise BadToken
    at = int.from_bytes(said[_RANDOM:-1], "big")
    return Seat(hashlib.sha256(given).digest(), meeting, bool(said[-1]), at)


def _tag(key: bytes, meeting: str, said: bytes) -> bytes:
    text = b"assent/seat/v1\0" + meeting.encode() + b"\0" + said
    return hmac.digest(key, text, "sha256")[:_TAG]
