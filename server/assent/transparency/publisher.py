"""Signs the log's heads and decides which one is shown.

Theory of operation. The database has the log; the publisher reads on in it, a round every second or
when somebody needs an entry covered, and keeps the right edge of the tree in memory: a head that it
signs extends every one that it has signed before, by construction. Each head is written to a file
beside the log's key before anybody is shown it, witnesses included, and at start the entries in
the database must lead to the head in that file. A head is shown when the witnesses that could be
reached have cosigned it, which is bounded in time.

What goes wrong while it runs leaves the head that is shown as it is, and is tried again.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from assent.clock import Clock
from assent.errors import StartError
from assent.transparency.log_key import LogKey
from assent.transparency.witnesses import Witnesses
from assent_vault.errors import LogError
from assent_vault.ledger import checkpoint as checkpoints
from assent_vault.ledger.checkpoint import Checkpoint, Head
from assent_vault.store import log_rows
from assent_vault.store.database import Database
from assent_vault.store.head_file import HeadFile
from assent_vault.store.log_tree import Tree

log = structlog.get_logger(__name__)

NAME: Final = "log.head"
ROUND_SECONDS: Final = 1.0
# How often a witness that could not be reached is asked again though there is nothing new.
AGAIN_SECONDS: Final = 60.0


class LogPublisher:
    """The log's face to the world. ``start`` it before anything else, ``stop`` it."""

    def __init__(
        self,
        database: Database,
        key: LogKey,
        folder: Path,
        witnesses: Witnesses,
        clock: Clock,
    ) -> None:
        self._database = database
        self._key = key
        self._path = folder / NAME
        self._file = HeadFile(self._path)
        self._witnesses = witnesses
        self._clock = clock
        self._tree = Tree()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._problem: str | None = None
        self._shown: Checkpoint | None = None
        self.shown_at = 0

    @property
    def shown(self) -> Checkpoint:
        """The checkpoint that everybody is shown."""
        assert self._shown is not None, "started"
        return self._shown

    @property
    def witnesses(self) -> Witnesses:
        """The witnesses that are asked."""
        return self._witnesses

    def problems(self) -> list[str]:
        """Why the log does not go on; empty when it does."""
        return [] if self._problem is None else [self._problem]

    async def start(self) -> None:
        """Compare the log with what was shown before, and show its head; raises StartError."""
        try:
            await self._advance(await self._remembered())
            await self._show()
        except LogError as error:
            raise StartError(f"{error.code}: {error}") from error
        except OSError as error:
            raise StartError(f"{self._path} cannot be used: {error.strerror}.") from error
        self._task = asyncio.create_task(self._run())

    async def begin(self) -> Head:
        """Remember the log as it is now as the first head of a new key; raises StartError."""
        try:
            await self._advance(None)
            signed = checkpoints.sign(self._key.signer, self._tree.head)
            await asyncio.to_thread(self._file.write, signed.to_bytes())
        except LogError as error:
            raise StartError(f"{error.code}: {error}") from error
        except OSError as error:
            raise StartError(f"{self._path} cannot be used: {error.strerror}.") from error
        return self._tree.head

    async def stop(self) -> None:
        """Stop publishing."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _remembered(self) -> Head | None:
        content = await asyncio.to_thread(self._file.read)
        if content is None:
            # It was written at the first start, before anything could be in the log.
            async with self._database.read() as session:
                if await log_rows.size(session):
                    raise LogError(
                        "log-head-missing",
                        f"The head of the log is remembered in {self._path}, which is missing."
                        " Bring it back from a backup, or begin another log: assent new-log.",
                    )
            return None
        return checkpoints.verify(content, self._key.signer.verifier).head

    async def _run(self) -> None:
        pause = 0.0
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            pause += ROUND_SECONDS
            try:
                again = pause >= AGAIN_SECONDS and self._is_uncosigned()
                if again:
                    pause = 0.0
                await self.update(again=again)
            except (LogError, SQLAlchemyError, OSError):
                continue  # told by ``problems``

    def _is_uncosigned(self) -> bool:
        return any(standing.problem is not None for _, standing in self._witnesses.standing())

    async def update(self, *, again: bool = False) -> Checkpoint:
        """Show the log as it is now; raises LogError, SQLAlchemyError or OSError if it cannot."""
        async with self._turn:
            try:
                await self._advance(None)
                if again or self._tree.head != self.shown.head:
                    await self._show()
            except (LogError, SQLAlchemyError, OSError) as error:
                code = error.code if isinstance(error, LogError) else "log-not-published"
                if code != self._problem:
                    log.exception("log-not-published", code=code)
                self._problem = code
                raise
            self._problem = None
            return self.shown

    async def covering(self, index: int) -> Checkpoint:
        """Return a checkpoint that an entry is under; raises as ``update`` does."""
        if index < self.shown.head.size:
            return self.shown
        return await self.update()

    async def _advance(self, through: Head | None) -> None:
        async with self._database.read() as session:
            await self._tree.advance(session, through)

    async def _show(self) -> None:
        signed = checkpoints.sign(self._key.signer, self._tree.head)
        # Durable before anybody sees it, so that no one ever holds a head that is not remembered.
        await asyncio.to_thread(self._file.write, signed.to_bytes())
        cosignatures = await self._witnesses.cosign(signed)
        note = replace(signed.note, signatures=(*signed.note.signatures, *cosignatures))
        self._shown = replace(signed, note=note)
        self.shown_at = self._clock.now()
