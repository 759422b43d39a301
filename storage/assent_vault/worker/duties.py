"""Duties: kinds of work that are done again and again, side by side, until told to stop.

Each has rounds of its own, so that a long export does not keep a new meeting waiting for its key,
and one that fails does not keep the others from theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from assent_vault.worker.problems import problem_code

log = structlog.get_logger(__name__)

# With a longer one than is waited for a sign of life, a fault would be told as a death.
_LONGEST_PAUSE_SECONDS: Final = 15.0


@dataclass(frozen=True, slots=True)
class Duty:
    """One kind of work: ``do`` is one round of it, ``pause`` the seconds between two."""

    name: str
    do: Callable[[], Awaitable[object]]
    pause: float


class Duties:
    """Does all duties, and knows what keeps them from being done."""

    def __init__(self) -> None:
        self._problems: dict[str, str] = {}

    def problem(self) -> str | None:
        """Return the code of the first of the problems there are; None where there is none."""
        return next((self._problems[name] for name in sorted(self._problems)), None)

    async def run(self, duties: Iterable[Duty], stop: asyncio.Event) -> None:
        """Do all duties until ``stop`` is set; each is then left where it can be taken up again."""
        doing = [asyncio.create_task(self._keep_doing(duty)) for duty in duties]
        log.info("worker-ready")
        try:
            await stop.wait()
        finally:
            for each in doing:
                each.cancel()
            await asyncio.gather(*doing, return_exceptions=True)
            log.info("worker-stopped")

    async def _keep_doing(self, duty: Duty) -> None:
        """Do a duty again and again. One that fails is done again after a longer pause."""
        wait = duty.pause
        while True:
            try:
                await duty.do()
            # Whatever it was, the next round may do better, and nothing was released by it.
            except Exception as error:
                code = problem_code(error)
                wait = min(max(wait * 2, duty.pause), _LONGEST_PAUSE_SECONDS)
                if self._problems.get(duty.name) != code:
                    log.exception("duty-failed", duty=duty.name, code=code)
                self._problems[duty.name] = code
            else:
                wait = duty.pause
                if self._problems.pop(duty.name, None) is not None:
                    log.info("duty-recovered", duty=duty.name)
            await asyncio.sleep(wait)
