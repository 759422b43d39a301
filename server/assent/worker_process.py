"""The vault worker as a child process: started, watched, started again, stopped.

The server never loads what the worker does: the code that can open a recording runs in the child
alone. The child's standard input is a pipe that nobody writes to; when this process ends, however
it ends, the pipe closes and the child leaves by itself.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import structlog

from assent.clock import Clock

log = structlog.get_logger(__name__)

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
# Who has run this long did start well: the next wait is the first again.
STEADY_SECONDS = 60.0
# The worker finishes the step it is at; each is short, or can be taken up again later.
LEAVE_SECONDS = 10.0


def worker_command(config_file: Path | None) -> list[str]:
    """Return the command line of the embedded worker."""
    command = [sys.executable, "-m", "assent_vault.cli", "worker", "--embedded"]
    return command if config_file is None else [*command, "--config", str(config_file)]


class WorkerProcess:
    """Keeps one child running until it is told to stop."""

    def __init__(self, command: Sequence[str], clock: Clock) -> None:
        self._command = tuple(command)
        self._clock = clock
        self._child: asyncio.subprocess.Process | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether there is a child at this moment."""
        return self._child is not None and self._child.returncode is None

    @property
    def pid(self) -> int | None:
        """The child's process id, None while there is none."""
        return self._child.pid if self._child is not None and self.running else None

    def problems(self) -> list[str]:
        """Return why the server is not ready because of the worker."""
        return [] if self.running else ["worker-not-running"]

    def start(self) -> None:
        """Begin to keep a child running."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Let the child leave, make it leave if it does not, and wait until it has."""
        self._stopping.set()
        if self._task is not None:
            await self._task

    async def _keep(self) -> None:
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            began = self._clock.monotonic()
            try:
                await self._run_once()
            except OSError:
                log.exception("worker-not-started")
            if self._stopping.is_set():
                return
            lasted = self._clock.monotonic() - began
            wait = FIRST_WAIT if lasted >= STEADY_SECONDS else min(wait * 2, LONGEST_WAIT)
            code = None if self._child is None else self._child.returncode
            log.error("worker-exited", code=code, seconds=round(lasted, 1), again_in=wait)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)

    async def _run_once(self) -> None:
        self._child = None
        child = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            # Ctrl-C at the terminal is for this process, which then tells the child.
            start_new_session=True,
        )
        self._child = child
        log.info("worker-started", pid=child.pid)
        ended = asyncio.create_task(child.wait())
        stopped = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({ended, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                await self._leave(child, ended)
        finally:
            stopped.cancel()
            if not ended.done():
                child.kill()
            await ended

    async def _leave(self, child: asyncio.subprocess.Process, ended: asyncio.Task[int]) -> None:
        assert child.stdin is not None, "asked for a pipe"
        child.stdin.close()
        await asyncio.wait({ended}, timeout=LEAVE_SECONDS)
        if not ended.done():
            child.terminate()
            await asyncio.wait({ended}, timeout=LEAVE_SECONDS)
        if not ended.done():
            log.error("worker-killed")
            child.kill()
