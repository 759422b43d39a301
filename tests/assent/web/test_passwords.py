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
        await cheap().choose(password, [])
    assert caught.value.field == "password"
    assert caught.value.reason == "short"


COMMON = [
    "123456789012", "password1234", "qwertyuiop12", "aaaaaaaaaaaa", "iloveyou1234",
    "abcdefghijkl", "1q2w3e4r5t6y", "passwordpassword", "PASSWORD1234", "Passw0rd!2024",
]  # fmt: skip


@pytest.mark.parametrize("password", COMMON)
async def test_those_that_are_tried_first_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as caught:
        await cheap().choose(password, ["ada"])
    assert caught.value.to_wire()["reason"] == "common"


@pytest.mark.parametrize(
    "password",
    ["wolkenstein2", "Wolkenstein!", "wolkensteinhorvath", "horvath-wolkenstein", "assentbayreuth"],
)
async def test_what_is_known_of_somebody_is_no_password(password: str) -> None:
    words = ["hwolk", "Horváth Horvath Wolkenstein", "assent", "meet.example.org", "Uni Bayreuth"]
    with pytest.raises(WeakPassword) as caught:
        await cheap().choose(password, words)
    assert caught.value.reason == "personal"
    assert await cheap().choose(password + " lantern gravel", words)


async def test_choosing_is_no_way_to_keep_the_machine_busy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of no text more is looked at than is enough: what it costs grows with its square."""
    looked_at = []

    def look(password: str, user_inputs: list[str]) -> dict[str, int]:
        looked_at.append(len(password) + len(user_inputs))
        return {"guesses": 10**9}

    monkeypatch.setattr("zxcvbn.zxcvbn", look)
    assert await cheap().choose("aB3!x9" * 42, [])
    assert max(looked_at) <= 72


async def test_endless_ones_are_refused_and_fit_nothing() -> None:
    passwords = cheap()
    with pytest.raises(BadRequest):
        await passwords.choose("x" * 257, [])
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


async def test_a_line_of_strangers_keeps_no_known_browser_waiting() -> None:
    passwords = cheap()
    stored = await passwords.hash(GOOD)
    guesses = [asyncio.create_task(passwords.verify(stored, str(n))) for n in range(50)]
    await asyncio.sleep(0)
    assert await passwords.verify(stored, GOOD, known=True)
    assert await passwords.hash(GOOD)
    done = await asyncio.gather(*guesses, return_exceptions=True)
    assert any(isinstance(result, RateLimited) for result in done)


def test_the_real_parameters_are_costly_enough() -> None:
    hasher = Passwords()._hasher
    # OWASP: at least 19 MiB with two passes; RFC 9106 second option: 64 MiB with three.
    assert hasher.memory_cost >= 64 * 1024
    assert hasher.time_cost >= 3
