"""Now and then: what is over is forgotten, and how full the disks are written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Final

import structlog
from aiohttp import web

from assent.web import disk_samples
from assent.web.context import CONTEXT

SECONDS: Final = 600.0

log = structlog.get_logger(__name__)


async def housekeeping(app: web.Application) -> AsyncIterator[None]:
    """Run beside the application for as long as it does."""
    task = asyncio.create_task(_for_ever(app))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def _for_ever(app: web.Application) -> None:
    while True:
        try:
            await app[CONTEXT].accounts.forget_expired()
            await disk_samples.sample(app[CONTEXT])
        except Exception:  # the next time makes it good
            log.exception("housekeeping-failed")
        await asyncio.sleep(SECONDS)
