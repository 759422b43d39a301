"""Takes people's answers, and sees to it that none is lost that the database does not take.

An answer that cannot be stored is refused with ``try-again``, and whoever has signed it sends it
again. Where it takes something back it is held besides, verbatim, in the object store's reserve
(``owed.py``), before its sender is told anything: from then on the meeting is not
released. What is held is stored as soon as that can be done, whether it is sent again or not, and
after a restart, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import structlog

from assent.clock import Clock
from assent.errors import Refusal, StaleStatement, TryAgain
from assent.meeting.answer_store import AnswerStore
from assent_vault.errors import VaultError
from assent_vault.formats import statement as statements
from assent_vault.formats.statement import Answer, Will
from assent_vault.ledger.documents import ServerSigned
from assent_vault.store.blobs import Blobs
from assent_vault.store.owed import OwedAnswer, Reserve, takes_back

log = structlog.get_logger(__name__)

ROUND_SECONDS: Final = 1.0
STORE_SECONDS: Final = 15.0
"""How long an answer may wait for the database; less than a browser waits for us."""

MOST_UNVERIFIED: Final = 1024
"""Answers that are kept in memory while the database cannot even be read, to see whose they are."""

UNAVAILABLE: Final = "answers-reserve-unavailable"

Taken = Callable[[Answer], None]


class Owing:
    """Everybody's answers on their way into the database. ``start`` it, ``stop`` it."""

    def __init__(self, store: AnswerStore, blobs: Blobs, clock: Clock, taken: Taken) -> None:
        self._store = store
        self._clock = clock
        self._taken = taken
        self._reserve = Reserve(blobs)
        self._is_open = False
        self._tried = False
        self._held: list[OwedAnswer] = []
        # Bodies of those in memory alone: not in the reserve yet, or nobody's perhaps.
        self._unwritten: set[bytes] = set()
        self._unverified: set[bytes] = set()
        self._said = False  # in the log, since an answer was stored last
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Find what an earlier run has held, and begin to store it."""
        await self._open()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop storing; what is held stays held."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @property
    def problem(self) -> str | None:
        """Why nothing may be recorded: there is no place for answers that cannot be stored."""
        return UNAVAILABLE if self._tried and not self._is_open else None

    @property
    def count(self) -> int:
        """How many answers are held."""
        return len(self._held)

    def problems(self) -> list[str]:
        """Return why the server is not ready, as stable codes."""
        found = [] if self.problem is None else [self.problem]
        if self._held:
            found.append("answers-owed")
        if self._reserve.unreadable:
            found.append("answers-owed-unreadable")
        return found

    def stops(self, meeting: str, person: str) -> bool:
        """Whether a person has taken back their yes to recording, and it is not stored yet."""
        return any(
            (each.meeting, each.person) == (meeting, person) and each.said.recording is not Will.YES
            for each in self._held
        )

    async def answer(
        self, body: bytes, signature: bytes, sealed: bytes | None, *, verified: bool = False
    ) -> tuple[Answer, ServerSigned | None]:
        """Take an answer as the store does; raises Refusal, and TryAgain where it is not stored.

        ``verified`` says that the caller has checked it against all that was said before.
        """
        try:
            async with asyncio.timeout(STORE_SECONDS):
                return await self._store.answer(body, signature, sealed, self._clock.now())
        except Refusal:
            raise
        # Whatever it was: what somebody has signed is not lost by it.
        except Exception as error:
            log.exception("answer-not-stored")
            held = takes_back(body, signature, sealed)
            if held is not None:
                await self._hold(held, verified=verified or await self._is_genuine(held))
            raise TryAgain from error

    async def _is_genuine(self, held: OwedAnswer) -> bool:
        """Whether an answer is the person's; raises Refusal where it is not.

        False where not even that can be found out. A stranger's word takes no room in the reserve.
        """
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await self._store.verify(held.body, held.signature)
        except Refusal:
            raise
        except Exception as error:
            log.warning("answer-not-verified", error=type(error).__name__)
            return False
        return True

    async def _hold(self, held: OwedAnswer, *, verified: bool) -> None:
        if held not in self._held:
            if not verified and len(self._unverified) >= MOST_UNVERIFIED:
                log.error("answer-not-held")
                return
            self._held.append(held)
        if verified:
            self._unwritten.add(held.body)
            await self._write_down(held)
        else:
            self._unverified.add(held.body)

    async def _write_down(self, held: OwedAnswer) -> None:
        """Put an answer into the reserve; where that fails, it is tried again."""
        if not self._is_open:
            return
        async with self._turn:
            try:
                await self._reserve.hold(held)
            except (VaultError, OSError):
                log.exception("answer-not-held")
            else:
                self._unwritten.discard(held.body)

    async def _open(self) -> None:
        self._tried = True
        try:
            found = await self._reserve.open()
        except (VaultError, OSError):
            log.exception("answers-reserve-unavailable")
            return
        self._is_open = True
        self._held += [each for each in found if each not in self._held]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.settle()
            except Exception:  # a round that fails is made good by the next
                log.exception("answers-not-settled")

    async def settle(self) -> None:
        """Try to store everything that is held."""
        if not self._is_open:
            await self._open()
        # First those that take back more: of two that do not follow each other one stands.
        for held in sorted(self._held, key=lambda each: each.said.recording is Will.YES):
            if held.body in self._unwritten:
                await self._write_down(held)
            if not await self._store_one(held):
                return  # nor would the others be stored
        if not self._held and self._is_open:
            await self._reserve.all_stored()

    async def _store_one(self, held: OwedAnswer) -> bool:
        """Store one answer; False where the database still takes nothing."""
        try:
            async with asyncio.timeout(STORE_SECONDS):
                said, _ = await self._store.answer(
                    held.body, held.signature, None, self._clock.now()
                )
        except StaleStatement:
            if not await self._is_made_good(held):
                return True  # whoever has signed it says so again; until then it blocks
        except Refusal as refusal:
            log.warning("owed-answer-refused", code=refusal.code)
        except Exception as error:
            if not self._said:
                log.warning("answers-still-owed", error=type(error).__name__)
            self._said = True
            return False
        else:
            self._said = False
            log.info("owed-answer-stored")
            self._taken(said)
        await self._release(held)
        return True

    async def _is_made_good(self, held: OwedAnswer) -> bool:
        """Whether the person has meanwhile taken back as much in another answer."""
        try:
            record = await self._store.record(held.meeting, held.person)
        except Refusal:
            return True  # there is nothing of theirs any more
        since = [
            statements.parse_answer(each.body)
            for each in record.answers
            if each.sequence >= held.said.sequence
        ]
        return all(
            any(getattr(each, purpose) is Will.WITHDRAWN for each in since)
            for purpose in ("recording", "training")
            if getattr(held.said, purpose) is Will.WITHDRAWN
        )

    async def _release(self, held: OwedAnswer) -> None:
        async with self._turn:
            if self._is_open:
                await self._reserve.release(held)
            self._held = [each for each in self._held if each != held]
            self._unwritten.discard(held.body)
            self._unverified.discard(held.body)
