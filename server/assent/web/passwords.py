"""Passwords: hashed with Argon2id, never on the event loop, never many at a time."""

from __future__ import annotations

import asyncio
import secrets
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assent.errors import BadRequest, RateLimited, WeakPassword

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
# Each takes 64 MiB for a tenth of a second (RFC 9106, second recommended option): two at a time
# bound the memory, and a queue longer than this would take seconds.
_AT_ONCE = 2
_WAITING = 20

Result = TypeVar("Result")


class Passwords:
    """Hashes and verifies; make one for the process. Tests hand in cheaper parameters."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = PasswordHasher() if hasher is None else hasher
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0
        self._decoy = self._hasher.hash(secrets.token_urlsafe())

    async def hash(self, password: str) -> str:
        """Return what to store for a new password; raises WeakPassword, BadRequest, RateLimited."""
        if len(password) < MIN_CHARACTERS:
            raise WeakPassword(field="password")
        if len(password) > MAX_CHARACTERS:
            raise BadRequest(
                f"A password has at most {MAX_CHARACTERS} characters.", field="password"
            )
        return await self._work(self._hash, password)

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether the password is the one that was stored; None stands for an unknown login.

        The unknown login costs as much work as a wrong password, so that the time taken does not
        tell who has an account.
        """
        if len(password) > MAX_CHARACTERS:
            return False
        fits = await self._work(self._verify, self._decoy if stored is None else stored, password)
        return fits and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(stored)

    async def _work(self, call: Callable[..., Result], *given: str) -> Result:
        if self._waiting >= _WAITING:
            raise RateLimited(retry_after=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(call, *given)
        finally:
            self._waiting -= 1

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_normal(password))

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def _normal(password: str) -> str:
    """Bring what keyboards spell differently into one form (NIST SP 800-63B, section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
