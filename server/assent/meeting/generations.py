"""The recorded generations of one relayed meeting: made, logged, durable, recorded, closed.

The capture rule says when; this carries it out. What a header says of people is read from the rows
and looked at once more in the transaction that logs it (:mod:`.generation_draft`). The row and its
``generation-opened`` are written before any object, so that numbers and headers known to the
database always include every object there is; the documents are durable before anything is
captured; and a closing that cannot be written is tried again until it can be. Whatever fails leaves
nothing captured, and every key forgotten.

Whoever asks for a generation counts *turns*, and a turn may come to nothing. Generations are
numbered when they are logged, so that none is missing there.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.clock import Clock
from assent.meeting.generation_draft import (
    DraftedPerson,
    HostsSaid,
    LastRecorded,
    NotToBeRecorded,
    draft_generation,
)
from assent.recording import GenerationRecording, Recorder, recover
from assent_vault.formats.charter import Charter
from assent_vault.formats.generation_header import parse_generation
from assent_vault.formats.statement import Answer, Enrolment
from assent_vault.formats.vault_key import VaultKey
from assent_vault.ledger.relayed_committing import (
    CommittedGeneration,
    OwnedKeys,
    commit_relayed,
)
from assent_vault.store.blobs import Blobs

log = structlog.get_logger(__name__)

CLOSING_RETRY: Final = 5.0
"""Seconds between two tries; people are told of a failing storage as fast."""
TRIES: Final = 3
"""Headers that are made for one turn, where people answer while one is."""


class HeaderStale(Exception):
    """Somebody was let in, or has answered, since the header was made; nothing was written."""


@dataclass(frozen=True, slots=True)
class AdmittedPerson:
    """Somebody who was ever let in, as the rows have them, with their last answer."""

    enrolment: Enrolment
    answer: Answer | None


class GenerationLedger(Protocol):
    """The rows and the log, as far as generations are concerned."""

    async def stored(self, meeting: str) -> Sequence[tuple[bytes, bool]]:
        """Return the header of every generation, in order, and whether it is closed."""

    async def admitted(self, meeting: str) -> Sequence[AdmittedPerson]:
        """Return everyone who was ever let in, with the last answer that was logged."""

    async def opened(self, committed: CommittedGeneration, now: int) -> None:
        """Write the row, and log it, in one transaction in which ``holds`` was asked.

        Raises HeaderStale where it does not hold any more, MeetingOver when the meeting is.
        """

    async def closed(
        self, meeting: str, number: int, closing: bytes, signature: bytes, now: int
    ) -> None:
        """Note how a generation ended; the first closing stays."""


class Generations:
    """Opens and closes the recorded generations of one meeting, one after the other."""

    def __init__(
        self,
        meeting: str,
        charter: Charter,
        ledger: GenerationLedger,
        blobs: Blobs,
        clock: Clock,
        server_key: Ed25519PrivateKey,
        hosts: Callable[[], HostsSaid],
    ) -> None:
        """``hosts`` gives what hosts have signed by now."""
        self._meeting = meeting
        self._charter = charter
        self._ledger = ledger
        self._blobs = blobs
        self._clock = clock
        self._server_key = server_key
        self._hosts = hosts
        self._before: LastRecorded | None = None
        self._order = asyncio.Lock()
        self._opening: dict[int, asyncio.Task[bytes]] = {}
        self._recordings: dict[int, GenerationRecording] = {}
        # Of what is logged and not closed yet, by turn:
        self._headers: dict[int, bytes] = {}
        self._signatures: dict[int, bytes] = {}
        self._given_up: set[int] = set()
        self._is_certain = True  # that nothing was logged after the last that is known of
        self._leaving = asyncio.Event()

    @property
    def last(self) -> int:
        """The number of the last generation that was logged, 0 for none."""
        return 0 if self._before is None else self._before.number

    async def restore(self) -> None:
        """Find what is logged after the last that is known of, and close what is not closed.

        An earlier run may have left it. Raises where it cannot be closed.
        """
        for header, is_closed in await self._ledger.stored(self._meeting):
            before = _recorded(header)
            if before.number <= self.last:
                continue
            if not is_closed:
                await self._recover(header, before.number)
                log.warning("generation-recovered", number=before.number)
            self._before = before
        self._is_certain = True

    async def _recover(self, header: bytes, number: int) -> None:
        now = self._clock.now()
        closing, signature = await recover(
            self._blobs, self._meeting, header, self._server_key, now
        )
        await self._ledger.closed(self._meeting, number, closing, signature, now)

    def open(
        self,
        turn: int,
        recorder: Recorder,
        vault_key: VaultKey | None,
        present: Collection[bytes],
        done: Callable[[int, bytes | None], None],
    ) -> None:
        """Begin to make a generation durable; calls ``done`` with ``turn`` and its header, or None.

        ``present`` are the ids of those who are in it, and who have all said yes.
        """
        task = asyncio.create_task(self._open(turn, recorder, vault_key, frozenset(present)))
        self._opening[turn] = task

        def finished(task: asyncio.Task[bytes]) -> None:
            failure = None if task.cancelled() else task.exception()
            if failure is not None:
                log.error("generation-not-opened", turn=turn, exc_info=failure)
            done(turn, None if task.cancelled() or failure else task.result())

        task.add_done_callback(finished)

    async def _open(
        self,
        turn: int,
        recorder: Recorder,
        vault_key: VaultKey | None,
        present: frozenset[bytes],
    ) -> bytes:
        async with self._order:
            if not self._is_certain:
                await self.restore()
            committed = await self._log(turn, recorder, vault_key, present)
            header = committed.header.body
            self._headers[turn] = header
            self._signatures[turn] = committed.signature
            self._before = _recorded(header)
            self._recordings[turn] = await recorder.open(committed)
            return header

    async def _log(
        self,
        turn: int,
        recorder: Recorder,
        vault_key: VaultKey | None,
        present: frozenset[bytes],
    ) -> CommittedGeneration:
        """Make a header that holds, and log it; as often as somebody answers meanwhile."""
        for _ in range(TRIES):
            if turn in self._given_up:
                raise NotToBeRecorded("It was given up while it was made.")
            people = await self._ledger.admitted(self._meeting)
            draft = draft_generation(
                self._charter,
                [
                    DraftedPerson(each.enrolment, each.enrolment.person in present, each.answer)
                    for each in people
                ],
                self._hosts(),
                vault_key,
                self._before,
                offset=recorder.elapsed(),
                at=self._clock.now(),
            )
            # Whoever is present and not among them has said nothing that anybody could show.
            if {each.id for each in draft.people if each.present} != present:
                raise NotToBeRecorded("Somebody who is present was never let in.")
            owners = {
                each.enrolment.person: OwnedKeys(each.enrolment.watch, each.enrolment.train)
                for each in people
            }
            # A seal takes 0.3 ms of a core, and there are some for each who was ever let in.
            committed = await asyncio.to_thread(
                commit_relayed, draft, owners, vault_key, self._server_key
            )
            # What fails may have been written all the same.
            self._is_certain = False
            try:
                await self._ledger.opened(committed, self._clock.now())
            except HeaderStale:
                committed.keys.forget()
                self._is_certain = True
                continue
            except BaseException:
                committed.keys.forget()
                raise
            self._is_certain = True
            return committed
        raise HeaderStale

    def leave(self) -> None:
        """The server stops: what cannot be closed now is closed at the next start."""
        self._leaving.set()

    def number(self, turn: int) -> int:
        """Return the number of a generation that has been logged."""
        return _recorded(self._headers[turn]).number

    def signature(self, turn: int) -> bytes:
        """Return the signature of the header of a generation that has been logged."""
        return self._signatures[turn]

    def recording(self, turn: int) -> GenerationRecording:
        """Return the recording of a generation that has been made durable."""
        return self._recordings[turn]

    async def close(self, turn: int, *, interrupted: bool = False) -> None:
        """Write how the generation of ``turn`` ended, trying until it is written.

        ``interrupted`` says that something may be missing at its end.
        """
        opening = self._opening.pop(turn, None)
        if opening is not None:
            self._given_up.add(turn)
            await asyncio.wait([opening])
            self._given_up.discard(turn)
        recording = self._recordings.pop(turn, None)
        header = self._headers.get(turn)
        if header is None:
            return  # the failure came before anything was written
        number = _recorded(header).number
        first = True
        while True:
            try:
                if recording is not None and first:
                    closing, signature = await recording.finish(interrupted)
                    now = self._clock.now()
                    await self._ledger.closed(self._meeting, number, closing, signature, now)
                elif header in [body for body, _ in await self._ledger.stored(self._meeting)]:
                    await self._recover(header, number)
                else:
                    log.warning("generation-is-gone", number=number)
                    break  # its meeting was destroyed meanwhile; nothing may be stored of it
            except Exception:  # whatever it is, the generation stays open and is tried again
                log.exception("generation-not-closed", number=number)
                first = False
                if self._leaving.is_set():
                    break  # the next start closes it: nobody waits for a disk to say goodbye
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._leaving.wait(), CLOSING_RETRY)
            else:
                break
        del self._headers[turn], self._signatures[turn]


def _recorded(header: bytes) -> LastRecorded:
    """Read as much of a stored header as what follows it says of it."""
    parsed = parse_generation(header)
    assert parsed.recorded is not None, "nothing is stored of a live generation"
    return LastRecorded(parsed.recorded.number, parsed.generation, parsed.digest)
