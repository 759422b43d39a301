"""Waiting for what must come about, without saying how fast."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, Final, TypeVar, overload

T = TypeVar("T")

HANG: Final = 180.0  # seconds; nothing takes a tenth of it, and what takes longer hangs


@overload
async def eventually(
    check: Callable[[], Awaitable[T | None]], what: str, hang: float = HANG
) -> T: ...
@overload
async def eventually(check: Callable[[], T | None], what: str, hang: float = HANG) -> T: ...
async def eventually(check: Callable[[], Any], what: str, hang: float = HANG) -> Any:
    """Ask again until the answer is true, and return it; fails where it never is.

    ``what`` is the sentence that did not come true.
    """
    try:
        async with asyncio.timeout(hang):
            while True:
                answer = check()
                value = await answer if isawaitable(answer) else answer
                if value:
                    return value
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"never came true: {what}") from None
