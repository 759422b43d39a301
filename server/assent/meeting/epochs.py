"""The epochs of one meeting: makes them durable, hands out their recordings, writes their closings.

The capture rule says when; this carries it out. An epoch's row is written before its objects, so
that numbers and headers known to the database always include every object there is, and a closing
that cannot be written is tried again until it can be.

Whoever asks for an epoch counts *turns*, and a turn may come to nothing. Epochs are numbered when
they are written, so that in the log each follows the one before: a number that is missing there
would be an epoch that somebody was not shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.clock import Clock
from assent.meeting.epoch_store import EpochStore
from assent.meeting.person import Person
from assent.recording import EpochRecording, Recorder, recover
from assent_vault.formats.charter import Charter
from assent_vault.formats.epoch import HeaderPerson, build_header
from assent_vault.formats.suite import digest
from assent_vault.formats.vault_key import VaultKey
from assent_vault.store.blobs import Blobs

log = structlog.get_logger(__name__)

CLOSING_RETRY = 5.0  # seconds; people are told of a failing storage as fast


class Epochs:
    """Opens and closes the epochs of one meeting, one after the other."""

    def __init__(
        self,
        meeting: str,
        charter: Charter,
        store: EpochStore,
        blobs: Blobs,
        clock: Clock,
        server_key: Ed25519PrivateKey,
    ) -> None:
        self._meeting = meeting
        self._charter = charter
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._server_key = server_key
        self._previous: bytes | None = None
        self._order = asyncio.Lock()
        self._opening: dict[int, asyncio.Task[bytes]] = {}
        self._recordings: dict[int, EpochRecording] = {}
        self._numbers: dict[int, int] = {}  # of what is written and not closed yet, by turn
        self._is_certain = True  # that nothing was written after the last that is known of
        self._leaving = asyncio.Event()
        self.last = 0

    async def restore(self) -> None:
        """Find what is written after the last epoch that is known of, and close what is not.

        An earlier run may have left it. Raises where it cannot be closed.
        """
        for number, header, closed in await self._store.of(self._meeting):
            if number <= self.last:
                continue
            if not closed:
                closing, signature = await recover(
                    self._blobs, self._meeting, number, header, self._server_key, self._clock.now()
                )
                await self._store.closed(
                    self._meeting, number, closing, signature, self._clock.now()
                )
                log.warning("epoch-recovered", epoch=number)
            self.last = number
            self._previous = digest(header)
        self._is_certain = True

    def open(
        self,
        turn: int,
        recorder: Recorder,
        vault_key: VaultKey | None,
        people: Sequence[Person],
        done: Callable[[int, bytes | None], None],
    ) -> None:
        """Begin to make an epoch durable; calls ``done`` with ``turn`` and its header, or None.

        ``people`` is everyone ever let in, as they are right now.
        """
        members = [
            HeaderPerson(
                id=person.enrolment.person,
                enrolment=person.enrolment.digest,
                watch=person.enrolment.watch,
                train=person.enrolment.train,
                present=person.present,
                watches=person.present or person.host,
            )
            for person in people
        ]
        task = asyncio.create_task(self._open(turn, recorder, vault_key, members))
        self._opening[turn] = task

        def finished(task: asyncio.Task[bytes]) -> None:
            failure = None if task.cancelled() else task.exception()
            if failure is not None:
                log.error("epoch-not-opened", turn=turn, exc_info=failure)
            done(turn, None if task.cancelled() or failure else task.result())

        task.add_done_callback(finished)

    async def _open(
        self,
        turn: int,
        recorder: Recorder,
        vault_key: VaultKey | None,
        members: list[HeaderPerson],
    ) -> bytes:
        async with self._order:
            if not self._is_certain:
                await self.restore()
            number = self.last + 1
            now = self._clock.now()
            header = build_header(
                meeting=self._charter.meeting,
                epoch=number,
                began=now,
                offset=recorder.elapsed(),
                previous=self._previous,
                charter=self._charter,
                vault_key=vault_key,
                people=members,
            )
            # What fails may have been written all the same.
            self._is_certain = False
            await self._store.opened(self._meeting, number, header, now)
            self._is_certain = True
            self._numbers[turn] = self.last = number
            self._previous = digest(header)
            self._recordings[turn] = await recorder.open(header, vault_key)
            return header

    def leave(self) -> None:
        """The server stops: what cannot be closed now is closed at the next start."""
        self._leaving.set()

    def number(self, turn: int) -> int:
        """Return the number of an epoch that has been made durable."""
        return self._numbers[turn]

    def recording(self, turn: int) -> EpochRecording:
        """Return the recording of an epoch that has been made durable."""
        return self._recordings[turn]

    async def close(self, turn: int, *, interrupted: bool = False) -> None:
        """Write how the epoch of ``turn`` ended, trying until it is written.

        ``interrupted`` says that something may be missing at its end.
        """
        opening = self._opening.pop(turn, None)
        if opening is not None:
            await asyncio.wait([opening])
        recording = self._recordings.pop(turn, None)
        number = self._numbers.get(turn)
        if number is None:
            return  # the failure came before anything was written
        first = True
        while True:
            try:
                if recording is not None and first:
                    closing, signature = await recording.finish(interrupted)
                else:
                    stored = {row[0]: row[1] for row in await self._store.of(self._meeting)}
                    header = stored.get(number)
                    if header is None:
                        log.warning("epoch-is-gone", epoch=number)
                        break  # its meeting was destroyed meanwhile; nothing may be stored of it
                    closing, signature = await recover(
                        self._blobs,
                        self._meeting,
                        number,
                        header,
                        self._server_key,
                        self._clock.now(),
                    )
                await self._store.closed(
                    self._meeting, number, closing, signature, self._clock.now()
                )
            except Exception:  # whatever it is, the epoch stays open and is tried again
                log.exception("epoch-not-closed", epoch=number)
                first = False
                if self._leaving.is_set():
                    break  # the next start closes it: nobody waits for a disk to say goodbye
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._leaving.wait(), CLOSING_RETRY)
            else:
                break
        del self._numbers[turn]
