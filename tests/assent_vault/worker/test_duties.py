"""Duties go on side by side; one that fails is told, done again, and holds up no other."""

from __future__ import annotations

import asyncio

from assent_vault.errors import BlobUnavailable
from assent_vault.worker.duties import Duties, Duty


async def test_one_that_fails_is_told_until_it_was_done() -> None:
    duties, stop = Duties(), asyncio.Event()
    told: list[str | None] = []
    rounds = 0

    async def fails_twice() -> None:
        nonlocal rounds
        rounds += 1
        if rounds <= 2:
            raise BlobUnavailable("The object store cannot be used (EIO).")

    async def looks() -> None:
        if not told or told[-1] != duties.problem():
            told.append(duties.problem())
        if rounds > 2 and duties.problem() is None:
            stop.set()

    await duties.run((Duty("fails", fails_twice, 0.001), Duty("looks", looks, 0)), stop)
    assert told[-2:] == ["objects-unavailable", None]


async def test_the_first_by_name_is_told() -> None:
    duties, stop = Duties(), asyncio.Event()
    failed: set[str] = set()

    def failing(name: str, error: Exception) -> Duty:
        async def do() -> None:
            failed.add(name)
            if len(failed) == 2:
                stop.set()
            raise error

        return Duty(name, do, 60)

    await duties.run((failing("b", OSError()), failing("a", BlobUnavailable("away"))), stop)
    assert duties.problem() == "objects-unavailable"
