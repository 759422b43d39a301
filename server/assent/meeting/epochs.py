"""The epochs of one meeting: makes them durable, hands out their recordings, writes their closings.

The capture rule says when; this carries it out. An epoch's row is written before its objects, so
that numbers and headers known to the database always include every object there is, and a closing
that cannot be written is tried again until it can be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.clock import Clock
from assent.meeting.person import Person
from assent.meeting.store import Store
from assent.recording import EpochRecording, Recorder, recover
from assent_vault.blobs import Blobs
from assent_vault.charter import Charter
from assent_vault.epoch import HeaderPerson, build_header
from assent_vault.suite import digest
from assent_vault.vault_key import VaultKey

log = structlog.get_logger(__name__)

CLOSING_RETRY = 5.0  # seconds; people are told of a failing storage as fast


class Epochs:
    """Opens and closes the epochs of one meeting, one after the other."""

    def __init__(
        self,
        meeting: str,
        charter: Charter,
        store: Store,
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
        self._written: set[int] = set()
        self.last = 0

    async def restore(self) -> None:
        """Find what an earlier run left, and close what it could not; raises if it cannot be."""
        for number, header, closed in await self._store.epochs(self._meeting):
            self.last = number
            self._previous = digest(header)
            if not closed:
                closing, signature = await recover(
                    self._blobs, self._meeting, number, header, self._server_key, self._clock.now()
                )
                await self._store.epoch_closed(
                    self._meeting, number, closing, signature, self._clock.now()
                )
                log.warning("epoch-recovered", epoch=number)

    def open(
        self,
        number: int,
        recorder: Recorder,
        vault_key: VaultKey | None,
        people: Sequence[Person],
        done: Callable[[int, bytes | None], None],
    ) -> None:
        """Begin to make epoch ``number`` durable; calls ``done`` with its header, None on failure.

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
        task = asyncio.create_task(self._open(number, recorder, vault_key, members))
        self._opening[number] = task

        def finished(task: asyncio.Task[bytes]) -> None:
            failure = None if task.cancelled() else task.exception()
            if failure is not None:
                log.error("epoch-not-opened", epoch=number, exc_info=failure)
            done(number, None if task.cancelled() or failure else task.result())

        task.add_done_callback(finished)

    async def _open(
        self,
        number: int,
        recorder: Recorder,
        vault_key: VaultKey | None,
        members: list[HeaderPerson],
    ) -> bytes:
        async with self._order:
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
            await self._store.epoch_opened(self._meeting, number, header, now)
            self._written.add(number)
            self._previous = digest(header)
            self._recordings[number] = await recorder.open(header, vault_key)
            return header

    def recording(self, number: int) -> EpochRecording:
        """Return the recording of an epoch that has been made durable."""
        return self._recordings[number]

    async def close(self, number: int, *, interrupted: bool = False) -> None:
        """Write how epoch ``number`` ended, trying until it is written.

        ``interrupted`` says that something may be missing at its end.
        """
        opening = self._opening.pop(number, None)
        if opening is not None:
            await asyncio.wait([opening])
        recording = self._recordings.pop(number, None)
        if number not in self._written:
            return  # the failure came before anything was written
        first = True
        while True:
            try:
                if recording is not None and first:
                    closing, signature = await recording.finish(interrupted)
                else:
                    stored = {row[0]: row[1] for row in await self._store.epochs(self._meeting)}
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
                await self._store.epoch_closed(
                    self._meeting, number, closing, signature, self._clock.now()
                )
            except Exception:  # whatever it is, the epoch stays open and is tried again
                log.exception("epoch-not-closed", epoch=number)
                first = False
                await asyncio.sleep(CLOSING_RETRY)
            else:
                break
        self._written.discard(number)
