"""Carries out what the capture rule says for one meeting.

Each fact becomes an event of :mod:`assent.consent`; the effects that come back are carried out in
one go without awaiting, so that nothing can come between StopCapture and LetIn. Work that needs
time (making a generation durable, writing a closing) runs in tasks that report back with an event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import suppress
from typing import Any, Final, Protocol

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.clock import Clock
from assent.consent import (
    Aged,
    Announce,
    Capture,
    CloseEpoch,
    CutOff,
    Effect,
    EpochFailed,
    EpochReady,
    Event,
    LetIn,
    OpenEpoch,
    Phase,
    StartCapture,
    StopCapture,
    StorageBack,
    StorageFailed,
    advance,
    opened,
)
from assent.media import MediaRoom
from assent.meeting.generation_draft import HostsSaid
from assent.meeting.generations import GenerationLedger, Generations
from assent.meeting.views import ShownCapture
from assent.recording import Recorder
from assent_vault.formats.charter import Charter
from assent_vault.formats.suite import decode
from assent_vault.formats.vault_key import VaultKey
from assent_vault.store.blobs import Blobs

log = structlog.get_logger(__name__)

GENERATION_SECONDS = 300.0  # so long is one at most: what a crash interrupts is short
STORAGE_RETRY = 5.0

_SHOWN: Final[Mapping[Phase, ShownCapture]] = {
    Phase.OFF: "off",
    Phase.PAUSED: "paused",
    Phase.OPENING: "paused",
    Phase.RECORDING: "recording",
    Phase.OVER: "off",
}


class CapturedMeeting(Protocol):
    """What the capture needs of the meeting it belongs to."""

    def changed(self) -> None:
        """What people see has changed."""

    def generation_started(self, number: int, header: bytes, signature: bytes) -> None:
        """Capture of a generation has begun."""

    def generation_ended(self) -> None:
        """Capture has stopped, whether a generation had begun or not."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run work in a task that the meeting waits for when it ends."""


class CaptureController:
    """The recording of one meeting: the rule, its generations, the recorder, the tap."""

    def __init__(
        self,
        meeting: CapturedMeeting,
        meeting_id: str,
        charter: Charter,
        room: MediaRoom,
        ledger: GenerationLedger,
        blobs: Blobs,
        clock: Clock,
        server_key: Ed25519PrivateKey,
        space_problem: str | None,
        hosts: Callable[[], HostsSaid],
    ) -> None:
        """``hosts`` gives what hosts have signed by now."""
        self._meeting = meeting
        self._id = meeting_id
        self._charter = charter
        self._room = room
        self._blobs = blobs
        self._clock = clock
        self._server_key = server_key
        self._generations = Generations(
            meeting_id, charter, ledger, blobs, clock, server_key, hosts
        )
        self._recorder: Recorder | None = None
        self._headers: dict[int, bytes] = {}
        self._aging: asyncio.TimerHandle | None = None
        self.state: Capture = opened(recordable=charter.recording)
        self.vault_key: VaultKey | None = None
        self.began: int | None = None
        self._storage_problem: str | None = None
        self._media_problem: str | None = None
        self._space_problem = space_problem
        self._recovery: asyncio.TimerHandle | None = None
        self._leaving = asyncio.Event()

    async def restore(self) -> None:
        """Close what an earlier run left open, before anything else happens."""
        await self._generations.restore()
        self.state = opened(recordable=self._charter.recording, last=self._generations.last)
        if self.problem is not None:  # it came while we waited
            self.apply(StorageFailed())

    @property
    def shown(self) -> ShownCapture:
        """What everybody sees: off, paused or recording."""
        return _SHOWN[self.state.phase]

    @property
    def problem(self) -> str | None:
        """Why nothing can be recorded at the moment, as a code of PROTOCOL.md."""
        return self._space_problem or self._storage_problem or self._media_problem

    def apply(self, event: Event) -> None:
        """Take one event into account and carry out what follows; raises Illegal."""
        before = self.state
        self.state, effects = advance(before, event)
        for effect in effects:
            self._carry_out(before, effect)

    def _carry_out(self, before: Capture, effect: Effect) -> None:
        match effect:
            case StopCapture():
                self._stop(before)
            case OpenEpoch(number, present):
                self._open(number, present)
            case StartCapture(number):
                self._start(number)
            case CloseEpoch(number):
                # What the media plane lost is missing at its end: say so in the closing.
                interrupted = self._media_problem is not None
                self._meeting.spawn(self._generations.close(number, interrupted=interrupted))
            case LetIn(person):
                self._room.set_forwarding(person, True)
            case CutOff(person):
                self._room.remove(person)
            case Announce():
                self._meeting.changed()

    def _stop(self, before: Capture) -> None:
        self._room.tap = None
        self._meeting.generation_ended()
        if self._aging is not None:
            self._aging.cancel()
            self._aging = None
        if before.epoch is not None and before.epoch.durable:
            self._generations.recording(before.epoch.number).stop()

    def _open(self, number: int, present: Iterable[str]) -> None:
        assert self.began is not None, "somebody is present, so the meeting has begun"
        if self._recorder is None:
            self._recorder = Recorder(
                meeting_id=self._id,
                blobs=self._blobs,
                clock=self._clock,
                began=self.began,
                server_key=self._server_key,
                on_problem=self._storage_failed,
                request_key_frames=self._room.request_key_frames_all,
                request_key_frame=self._room.request_key_frame,
            )
        self._generations.open(
            number,
            self._recorder,
            self.vault_key if self._charter.training else None,
            [decode(person) for person in present],
            self._opened,
        )

    def _opened(self, number: int, header: bytes | None) -> None:
        if header is None:
            wanted = self.state.epoch
            self.apply(EpochFailed(number))
            # A turn that was given up, or overtaken, says nothing of the storage.
            if wanted is not None and wanted.number == number:
                self._storage_failed("storage-unavailable")
            return
        self._headers = {number: header}
        self.apply(EpochReady(number))

    def _start(self, number: int) -> None:
        recording = self._generations.recording(number)
        recording.begin()
        self._room.tap = recording
        loop = asyncio.get_running_loop()
        self._aging = loop.call_later(GENERATION_SECONDS, lambda: self.apply(Aged(number)))
        self._meeting.generation_started(
            self._generations.number(number),
            self._headers[number],
            self._generations.signature(number),
        )

    def _storage_failed(self, code: str) -> None:
        if self._storage_problem is not None:
            return  # known, and being waited for
        log.error("storage-failed", code=code)
        self._storage_problem = code
        self.apply(StorageFailed())
        self._meeting.changed()
        self._meeting.spawn(self._await_storage())

    async def _await_storage(self) -> None:
        """Try to write until it works, then let the rule decide again."""
        attempt = 0
        while self.state.phase is not Phase.OVER:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), STORAGE_RETRY)
                return
            attempt += 1
            key = f"meetings/{self._id}/probes/{self._clock.now()}-{attempt}"
            try:
                await self._blobs.put(key, b"probe")
                await self._blobs.delete(key)
            except Exception as error:  # any failure means: not yet
                log.warning("storage-still-failing", error=type(error).__name__)
                continue
            self._storage_problem = None
            self._recover()
            return

    def space_trouble(self, code: str | None) -> None:
        """Learn that a disk is too full to record, or that it no longer is."""
        before, self._space_problem = self._space_problem, code
        if code is not None and before is None:
            log.error("space-low", code=code)
            self.apply(StorageFailed())
        if code is None and before is not None:
            self._recover()
        self._meeting.changed()

    def media_trouble(self, code: str | None) -> None:
        """Learn that no copies come, or not all of them, or that they can come again.

        To the rule it is all the same why nothing can be recorded: capture stops now.
        """
        if self._recovery is not None:
            self._recovery.cancel()
            self._recovery = None
        if code is None:
            if self._media_problem is not None:
                self._media_problem = None
                self._recover()
            return
        log.error("media-failed", code=code)
        self._media_problem = code
        self.apply(StorageFailed())
        self._meeting.changed()
        if code == "media-overloaded":
            # Nothing is to come back but time for this process to catch up.
            loop = asyncio.get_running_loop()
            self._recovery = loop.call_later(STORAGE_RETRY, lambda: self.media_trouble(None))

    def _recover(self) -> None:
        """Let the rule decide again, once nothing is in the way."""
        if self.problem is None:
            self.apply(StorageBack())
        self._meeting.changed()

    def leave(self) -> None:
        """The server stops; it waits for no storage that does not come back."""
        self._leaving.set()
        self._generations.leave()

    def close(self) -> None:
        """Stop the timers, and let the recorder go; the tasks are the meeting's."""
        self._recorder = None
        if self._recovery is not None:
            self._recovery.cancel()
            self._recovery = None
        if self._aging is not None:
            self._aging.cancel()
            self._aging = None
