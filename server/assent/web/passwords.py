"""Passwords: hashed with Argon2id, never on the event loop, never many at a time.

Whoever is let in already, or comes from a browser that was, waits in a line of their own: guesses
of strangers keep nobody waiting but strangers.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from assent.errors import BadRequest, RateLimited, WeakPassword

MIN_CHARACTERS = 12
MAX_CHARACTERS = 256
# Each takes 64 MiB for a tenth of a second (RFC 9106, second recommended option): two at a time in
# each line bound the memory, and a queue longer than this would take seconds.
_AT_ONCE = 2
_WAITING = 20
# What zxcvbn calls "safely unguessable": somebody who may try a few times a minute needs decades.
MIN_GUESSES: Final = 10**8
# Its estimate takes time that grows with the square of the length; what begins well ends well.
_LOOKED_AT = 72
# Words shorter than this are in too much to be anybody's own.
_SHORTEST_WORD = 3

Result = TypeVar("Result")


class Passwords:
    """Hashes and verifies; make one for the process. Tests hand in cheaper parameters."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = PasswordHasher() if hasher is None else hasher
        self._known, self._strangers = _Line(), _Line()
        self._decoy = self._hasher.hash(secrets.token_urlsafe())

    async def choose(self, password: str, words: Iterable[str]) -> str:
        """Return what to store for a password that somebody wants to have from now on.

        ``words`` are whatever is known of them and of where they are: others would try those first.
        Raises WeakPassword, BadRequest, RateLimited.
        """
        if len(password) < MIN_CHARACTERS:
            raise WeakPassword("short", field="password")
        if len(password) > MAX_CHARACTERS:
            raise BadRequest(
                f"A password has at most {MAX_CHARACTERS} characters.", field="password"
            )
        await self._known.work(_must_be_strong, _normal(password), _words(words))
        return await self.hash(password)

    async def hash(self, password: str) -> str:
        """Return what to store for a password that was judged before; raises RateLimited."""
        return await self._known.work(self._hash, password)

    async def verify(self, stored: str | None, password: str, *, known: bool = False) -> bool:
        """Whether the password is the one that was stored; None stands for an unknown login.

        The unknown login costs as much work as a wrong password, so that the time taken does not
        tell who has an account. ``known`` is true for a browser that was signed in before. Raises
        RateLimited where too many wait.
        """
        if len(password) > MAX_CHARACTERS:
            return False
        line = self._known if known else self._strangers
        fits = await line.work(self._verify, self._decoy if stored is None else stored, password)
        return fits and stored is not None

    def outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than are used now."""
        return self._hasher.check_needs_rehash(stored)

    def _hash(self, password: str) -> str:
        return self._hasher.hash(_normal(password))

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


class _Line:
    """Those who wait for the same two threads."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._waiting = 0

    async def work(self, call: Callable[..., Result], *given: Any) -> Result:
        """Do it when it is one's turn; raises RateLimited where the line is long."""
        if self._waiting >= _WAITING:
            raise RateLimited(retry_after=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(call, *given)
        finally:
            self._waiting -= 1


def _must_be_strong(password: str, words: list[str]) -> None:
    """Raise WeakPassword where few guesses are enough."""
    # Its lists take 15 MB, and passwords are chosen once in a while.
    from zxcvbn import zxcvbn

    def guesses(words: list[str]) -> int:
        # What stands between words makes them no stronger.
        spellings = {password, "".join(re.findall(r"\w", password)) or password}
        return min(
            int(zxcvbn(text[:_LOOKED_AT], user_inputs=words)["guesses"]) for text in spellings
        )

    if guesses(words) < MIN_GUESSES:
        alone = guesses([]) < MIN_GUESSES
        raise WeakPassword("common" if alone else "personal", field="password")


def _words(said: Iterable[str]) -> list[str]:
    """Return names whole, without their spaces, and each word of them."""
    found: dict[str, None] = {}
    for text in said:
        whole = _normal(text).casefold()
        parts = re.findall(r"\w+", whole)
        for word in (whole, "".join(parts), *parts):
            if len(word) >= _SHORTEST_WORD:
                found[word] = None
    return list(found)


def _normal(password: str) -> str:
    """Bring what keyboards spell differently into one form (NIST SP 800-63B, section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
