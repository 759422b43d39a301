"""What speakers are called in a data set: names that mean nothing outside of it."""

from __future__ import annotations

import hashlib
import hmac
import secrets

_KEY_BYTES = 32
_NAME_BYTES = 10  # 80 bits: no two speakers of any data set will share a name


class Pseudonyms:
    """Gives each person of each meeting a name. One object for one export.

    The key is random, and forgotten when the export is done: nobody can find out again who was
    given which name, nor link the speakers of two exports by their names.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @staticmethod
    def draw() -> bytes:
        """Draw the key of an export."""
        return secrets.token_bytes(_KEY_BYTES)

    def speaker(self, meeting: bytes, person: bytes) -> str:
        """Return the name of a person, from the ids of meeting and person."""
        found = hmac.digest(self._key, meeting + person, hashlib.sha256)
        return f"speaker-{found[:_NAME_BYTES].hex()}"
