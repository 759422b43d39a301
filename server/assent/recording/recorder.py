"""The recorder of a meeting, and the recording of one generation.

Theory of operation
-------------------

:meth:`Recorder.open` makes the documents of a generation durable; only then is there a
:class:`GenerationRecording`, which captures nothing yet. ``begin`` and ``stop`` are plain calls
between two packets: what is handed in before the one or after the other is never stored.

::

    open ──► ready ──begin──► capturing ──stop──► stopped ──finish──► closed
               └────────────────stop───────────────┘

What had *arrived* before ``stop``, but was waiting to be put in order or to be sealed, is stored:
it was said while everyone agreed. ``drop_person`` takes even that back, as far as it has not been
handed to the store.

Anything unforeseen ends the generation: it stops by itself, ``on_problem`` is told once, and its
closing says that it was interrupted.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from assent.clock import Clock
from assent.media import SOUND, SOURCES, Codec, Source, TrackInfo
from assent.recording.capture import TrackCapture
from assent.recording.clocks import Clocks
from assent.recording.errors import StorageStalled
from assent.recording.generation_stretch import GenerationStretch
from assent.recording.sealer import Sealer
from assent.recording.stretch import RecordedStretch
from assent_vault.formats import objects
from assent_vault.formats.suite import encode
from assent_vault.formats.track import SOURCES as RECORDABLE
from assent_vault.ledger.relayed_committing import CommittedGeneration
from assent_vault.store.blobs import Blobs

log = structlog.get_logger(__name__)

PROBLEM = "storage-unavailable"

PICTURES: tuple[Codec, ...] = ("vp8",)
"""The video codecs that can be recorded, and so all that a recordable meeting may use."""

RECORDED: Mapping[str, Codec] = {
    each: PICTURES[0] if SOURCES[each].video else SOUND for each in RECORDABLE
}
"""The codec that each source is recorded in: those that FORMAT.md section 2 names, no others."""

TICK = 0.1
"""Seconds between two looks for what is lost, due or overdue."""

ASK_AGAIN = 0.5
"""Seconds between two requests for a key frame of a track that cannot go on without one."""

KEY_FRAME_INTERVAL = 10.0
"""Seconds between two requests for key frames: one costs what seconds of ordinary frames do.

Whoever watches can begin nowhere else, so that there is one at least that often while pictures
come; and no more often, however many are wanted.
"""

OPENING = 4.0
"""Seconds in which header and boxes must be durable; the people are waiting."""

FINISHING = 10.0
"""Seconds in which what is on its way, and then the closing, must be stored."""


class Recorder:
    """Records one meeting, generation by generation, on one timeline."""

    def __init__(
        self,
        meeting_id: str,
        blobs: Blobs,
        clock: Clock,
        began: int,
        server_key: Ed25519PrivateKey,
        on_problem: Callable[[str], None],
        request_key_frames: Callable[[], None],
        request_key_frame: Callable[[str, Source], None],
    ) -> None:
        """``began`` is when the meeting began, in Unix milliseconds.

        ``on_problem`` gets a code of PROTOCOL.md, at most once for each generation and never from
        inside a call to it. ``request_key_frames`` asks every publisher for one,
        ``request_key_frame`` one of them, by peer and source.
        """
        self._meeting = meeting_id
        self._blobs = blobs
        self._clock = clock
        self._server_key = server_key
        self._on_problem = on_problem
        self._request_key_frames = request_key_frames
        self._request_key_frame = request_key_frame
        # Read once for the whole meeting: the wall clock may be set while it goes on.
        self._clocks = Clocks(clock.monotonic() - (clock.now() - began) / 1000)

    def elapsed(self) -> int:
        """Return the milliseconds since the meeting began, on the timeline that segments are on."""
        return max(0, round(self._clocks.meeting_time(self._clock.monotonic())))

    async def open(self, committed: CommittedGeneration) -> GenerationRecording:
        """Make the documents of a generation durable; its ``generation-opened`` is in the log.

        Raises BlobError or StorageStalled; then its keys are forgotten, and nothing was captured.
        """
        header = committed.header
        assert encode(header.meeting) == self._meeting, "a generation of another meeting"
        stretch = GenerationStretch(header, committed.keys, self._server_key)
        names = (
            objects.generation_header_key,
            objects.generation_signature_key,
            objects.generation_boxes_key,
            objects.generation_pairs_key,
            objects.generation_outer_key,
        )
        documents = (
            header.body,
            committed.signature,
            committed.boxes,
            committed.pairs,
            committed.outer,
        )
        keys = [name(self._meeting, stretch.number) for name in names]
        return await self._begin(stretch, dict(zip(keys, documents, strict=True)))

    async def _begin(
        self, stretch: RecordedStretch, documents: dict[str, bytes]
    ) -> GenerationRecording:
        try:
            async with asyncio.timeout(OPENING):
                await self._put(documents)
        except TimeoutError as error:
            stretch.forget()
            raise StorageStalled("The keys of a generation could not be stored in time.") from error
        except BaseException:
            stretch.forget()
            raise
        return GenerationRecording(
            stretch,
            self._blobs,
            self._clock,
            self._clocks,
            self._on_problem,
            self._request_key_frames,
            self._request_key_frame,
        )

    async def _put(self, documents: dict[str, bytes]) -> None:
        """Store all at once, and wait for all: what has failed leaves nothing on its way."""
        done = await asyncio.gather(
            *(self._blobs.put(*each) for each in documents.items()), return_exceptions=True
        )
        for failure in done:
            if failure is not None:
                raise failure


class GenerationRecording:
    """One generation, a :class:`assent.media.Tap`; ``counts`` says what was dropped, and why.

    Made by :meth:`Recorder.open`, when header and boxes are durable, and by nothing else.
    """

    def __init__(
        self,
        stretch: RecordedStretch,
        blobs: Blobs,
        clock: Clock,
        clocks: Clocks,
        on_problem: Callable[[str], None],
        request_key_frames: Callable[[], None],
        request_key_frame: Callable[[str, Source], None],
    ) -> None:
        self._stretch = stretch
        self._blobs = blobs
        self._clock = clock
        self._clocks = clocks
        self._on_problem = on_problem
        self._request_key_frames = request_key_frames
        self._request_key_frame = request_key_frame
        # Nobody else is recorded, whatever packets come: the header is who can be heard in it.
        self._present = set(stretch.present)
        self._tracks: dict[tuple[str, Source], TrackCapture] = {}
        self._sealer = Sealer(stretch, blobs, clock, self._failed)
        self._opened = clock.monotonic()
        self._since = 0.0
        self._asked = 0.0
        self._capturing = False
        self._stopped: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._closing: tuple[bytes, bytes] | None = None
        self.counts: Counter[str] = Counter()

    # -- beginning and stopping --------------------------------------------------------------

    def begin(self) -> None:
        """From now on packets count. Once for each generation."""
        assert not self._capturing, "a generation begins once"
        assert self._stopped is None, "a generation that has stopped is over"
        now = self._clock.monotonic()
        self._since = max(0.0, self._clocks.meeting_time(now))
        self._capturing = True
        self._asked = now  # a room has whoever taps it begin with key frames
        self._schedule()

    def stop(self) -> None:
        """Capture not one packet more; what has arrived is still sealed. Idempotent."""
        if self._stopped is not None:
            return
        self._capturing = False
        self._stopped = self._clock.monotonic()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for track in self._tracks.values():
            if self._sealer.failed:
                break
            try:
                track.flush()
            except Exception as error:  # a mistake of ours must not keep anybody from stopping
                self._sealer.fail("flush", error)
        self._tracks = {}

    def drop_person(self, person: str) -> None:
        """Forget what a person has said and shown in it, as far as it is not stored yet.

        Nothing more of them is captured. What is already handed to the store is listed in the
        closing, and deleted with their other tracks by whoever deletes those.
        """
        self._present.discard(person)
        for identity in [identity for identity in self._tracks if identity[0] == person]:
            self._tracks.pop(identity).discard()
        self._sealer.drop(person)

    async def finish(self, interrupted: bool = False) -> tuple[bytes, bytes]:
        """Store what is left, and how the generation ended; return the closing and its signature.

        Raises BlobError or StorageStalled when that cannot be stored. It may then be called again,
        or :func:`assent.recording.recover` be used.
        """
        self.stop()
        try:
            async with asyncio.timeout(FINISHING):
                await self._sealer.drain()
                if self._closing is None:
                    self._closing = await asyncio.to_thread(self._close, interrupted)
                closing, signature = self._closing
                key, signature_key = self._stretch.closing_keys
                await self._blobs.put(key, closing)
                await self._blobs.put(signature_key, signature)
        except TimeoutError as error:
            self._sealer.fail("stalled")
            raise StorageStalled("A generation could not be closed in time.") from error
        finally:
            self._sealer.forget_keys()
            self._stretch.forget()
        log.info(
            "generation-recorded",
            number=self._stretch.number,
            segments=len(self._sealer.entries),
            bytes=sum(entry.size for entry in self._sealer.entries),
            **self.counts,
        )
        return closing, signature

    def _close(self, interrupted: bool) -> tuple[bytes, bytes]:
        """Write and sign the closing. In a thread: it can be megabytes."""
        assert self._stopped is not None, "a generation is closed after it has stopped"
        # By the monotonic clock: the wall clock may have been set in between.
        lasted = max(0, round((self._stopped - self._opened) * 1000))
        return self._stretch.close(lasted, interrupted or self._sealer.failed, self._sealer.entries)

    # -- the tap -----------------------------------------------------------------------------

    def packet(self, track: TrackInfo, packet: bytes, arrival: float) -> None:
        """See Tap.packet."""
        if not self._capturing:
            return
        try:
            capture = self._tracks.get((track.peer, track.source))
            if capture is None or capture.ssrc != track.ssrc:
                capture = self._switch(capture, track)
                if capture is None:
                    self.counts["foreign"] += 1
                    return
            capture.push(packet, arrival)
        except Exception as error:  # a mistake of ours must not reach the media path
            self._sealer.fail("packet", error)

    def sender_report(self, track: TrackInfo, ntp: int, rtp_timestamp: int, arrival: float) -> None:
        """See Tap.sender_report."""
        if not self._capturing:
            return
        try:
            capture = self._tracks.get((track.peer, track.source))
            if capture is not None and capture.ssrc == track.ssrc:
                capture.report(ntp, rtp_timestamp, arrival)
        except Exception as error:
            self._sealer.fail("report", error)

    def _switch(self, capture: TrackCapture | None, track: TrackInfo) -> TrackCapture | None:
        """Return what captures this stream, new or switched to it; None if nothing may."""
        if track.peer not in self._present or RECORDED.get(track.source) != track.codec:
            return None
        if capture is None:
            name = f"{track.peer}.{track.source}"
            lane = self._sealer.open_lane(
                track.peer, name, track.codec, self._stretch.lane_key(name)
            )
            capture = TrackCapture(
                track.codec != SOUND,
                self._clocks.zero,
                self._since,
                self._stretch.until,
                partial(self._sealer.submit, lane),
                self._stretch.cluster_maker(track.peer, track.source, track.codec),
                self.counts,
            )
            self._tracks[track.peer, track.source] = capture
        clock = self._clocks.stream(track.peer, track.source, track.ssrc, track.clock_rate)
        return capture if capture.change(track.ssrc, clock) else None

    # -- the timer ---------------------------------------------------------------------------

    def _schedule(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(TICK, self._again)

    def _again(self) -> None:
        self.tick()
        if self._capturing:
            self._schedule()

    def tick(self) -> None:
        """Give up what is lost, store what is due, ask for what is needed; called on a timer."""
        now = self._clock.monotonic()
        try:
            for (person, source), track in self._tracks.items():
                track.tick(now)
                if track.lacks_key(now) and now - track.asked >= ASK_AGAIN:
                    track.asked = now
                    self._request_key_frame(person, source)
            self._sealer.check(now)
            if any(track.shows(now) for track in self._tracks.values()):
                self._ask(now)
        except Exception as error:
            self._sealer.fail("timer", error)

    def _ask(self, now: float) -> None:
        """Ask for key frames, unless that was done a moment ago."""
        if now - self._asked >= KEY_FRAME_INTERVAL:
            self._asked = now
            self._request_key_frames()

    def _failed(self) -> None:
        """Stop, because nothing can be stored any more, and say so from outside of any call."""
        self.stop()
        self._stretch.forget()
        asyncio.get_running_loop().call_soon(self._on_problem, PROBLEM)
