"""Passwords: what is stored, what fits, and what an outsider can learn from it."""

from __future__ import annotations

import asyncio
from typing import Literal

import pytest
from argon2 import PasswordHasher

from assent.errors import BadRequest, RateLimited, WeakPassword
from assent.web.passwords import Passwords

GOOD = "correct horse battery"


def cheap() -> Passwords:
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


async def test_a_password_fits_its_hash_alone() -> None:
    passwords = cheap()
    stored = await passwords.hash(GOOD)
    assert stored.startswith("$argon2id$")
    assert GOOD not in stored
    assert await passwords.verify(stored, GOOD)
    assert not await passwords.verify(stored, GOOD + "!")
    assert await passwords.hash(GOOD) != stored


async def test_keyboards_that_spell_differently_agree() -> None:
    passwords = cheap()
    stored = await passwords.hash("Zo\u00eb likes \ufb01sh a lot")
    assert await passwords.verify(stored, "Zoe\u0308 likes fish a lot")


@pytest.mark.parametrize("password", ["", "short", "x" * 11])
async def test_short_ones_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        await cheap().hash(password)
    assert caught.value.field == "password"


async def test_endless_ones_are_refused_and_fit_nothing() -> None:
    passwords = cheap()
    with pytest.raises(BadRequest):
        await passwords.hash("x" * 257)
    assert not await passwords.verify(await passwords.hash(GOOD), "x" * 1_000_000)


async def test_an_unknown_login_fits_nothing_and_costs_the_same() -> None:
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            self.verified += 1
            return super().verify(hash, password)

    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)
    assert not await passwords.verify(None, GOOD)
    assert hasher.verified == 1


async def test_a_damaged_hash_fits_nothing() -> None:
    assert not await cheap().verify("not a hash", GOOD)


async def test_hashes_of_older_parameters_are_told() -> None:
    stored = await cheap().hash(GOOD)
    assert not cheap().outdated(stored)
    assert Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)).outdated(stored)


async def test_the_line_has_an_end() -> None:
    passwords = cheap()
    attempts = [passwords.hash(GOOD) for _ in range(50)]
    done = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [result for result in done if isinstance(result, RateLimited)]
    assert len(refused) == 30
    assert await passwords.hash(GOOD)


def test_the_real_parameters_are_costly_enough() -> None:
    hasher = Passwords()._hasher
    # OWASP: at least 19 MiB with two passes; RFC 9106 second option: 64 MiB with three.
    assert hasher.memory_cost >= 64 * 1024
    assert hasher.time_cost >= 3
