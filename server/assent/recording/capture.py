"""One track while it is recorded: from its packets to the clusters that are stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from assent.media.rtp.rtp import SEQUENCE_AND_TIMESTAMP, payload_end, payload_start
from assent.recording import opus, vp8, webm
from assent.recording.frame import Frame
from assent.recording.reorder import Packet, Reorder
from assent.recording.segmenter import Cluster, Segmenter
from assent.recording.stretch import ClusterMaker
from assent.recording.timeline import StreamClock

Store = Callable[[Callable[[], bytes], int, int, int], None]
"""Takes what makes a plaintext, its start and end in milliseconds, and its size in bytes."""

LIVE = 5.0
"""Seconds without a packet after which a source counts as switched off: no key frame will come.
Slides send seldom."""

_RETIRED = 16


class TrackCapture:
    """Turns the RTP of one person's source into segments; ``counts`` says what was dropped.

    A person who connects anew sends the same source as another stream: :meth:`change` switches to
    it, and what is stored goes on. ``zero`` is when the meeting began, in seconds of the monotonic
    clock; what happened before ``since``, in milliseconds, is not stored, for it was sent before
    the recording began and only arrived after it; nor is what happens from ``until`` on.
    ``cluster`` makes what is stored of its blocks, in a thread. ``asked`` is when a key frame was
    last asked for because nothing of the track can be used without; it is kept for whoever asks.
    """

    __slots__ = (
        "_assembler",
        "_clock",
        "_cluster",
        "_counts",
        "_heard",
        "_reorder",
        "_retired",
        "_segmenter",
        "_since",
        "_started",
        "_store",
        "_until",
        "_zero",
        "asked",
        "ssrc",
        "video",
    )

    def __init__(
        self,
        video: bool,
        zero: float,
        since: float,
        until: float,
        store: Store,
        cluster: ClusterMaker,
        counts: Counter[str],
    ) -> None:
        self.video = video
        self.ssrc = -1
        self.asked = float("-inf")
        self._zero = zero
        self._since = since
        self._until = until
        self._store = store
        self._cluster = cluster
        self._counts = counts
        self._clock: StreamClock | None = None
        self._reorder = Reorder()
        self._assembler = vp8.Assembler()
        self._segmenter = Segmenter()
        self._started = False
        self._heard = float("-inf")
        self._retired: list[int] = []

    def shows(self, now: float) -> bool:
        """Whether pictures are coming, so that a key frame among them is of use."""
        return self.video and now - self._heard < LIVE

    def lacks_key(self, now: float) -> bool:
        """Whether pictures are coming that cannot be used for want of a key frame."""
        return self._assembler.wants_key and self.shows(now)

    def change(self, ssrc: int, clock: StreamClock) -> bool:
        """Switch to another stream; False if it is one that was switched away from."""
        if ssrc in self._retired:
            return False
        if self._clock is not None:
            self._retired = [*self._retired[1 - _RETIRED :], self.ssrc]
            self._take(self._reorder.drain())
            self._tally()
        self.ssrc = ssrc
        self._clock = clock
        self._reorder = Reorder()
        self._assembler = vp8.Assembler()
        return True

    def push(self, packet: bytes, arrival: float) -> None:
        """Take an RTP packet of the current stream."""
        if len(packet) < 12 or packet[0] >> 6 != 2:
            self._counts["malformed"] += 1
            return
        self._heard = arrival
        passed = self._reorder.push(packet[2] << 8 | packet[3], packet, arrival)
        if passed:
            self._take(passed)

    def report(self, ntp: int, timestamp: int, arrival: float) -> None:
        """Take a sender report of the current stream."""
        if self._clock is not None:
            self._clock.report(ntp, timestamp, (arrival - self._zero) * 1000)

    def tick(self, now: float) -> None:
        """Give up what is lost and store what is due; called on a timer."""
        passed = self._reorder.expire(now)
        if passed:
            self._take(passed)
        self._finish(self._segmenter.due(now))

    def flush(self) -> None:
        """Store everything that has arrived."""
        self._take(self._reorder.drain())
        self._finish(self._segmenter.flush())
        self._tally()

    def discard(self) -> None:
        """Forget everything that has arrived and is not yet stored."""
        self._reorder = Reorder()
        self._assembler = vp8.Assembler()
        self._segmenter.discard()

    def _take(self, passed: Iterable[Packet]) -> None:
        for packet, arrival, lost in passed:
            if lost:
                self._assembler.lose()
            start = payload_start(packet)
            end = payload_end(packet, start) if start >= 0 else -1
            if end < 0:
                self._counts["malformed"] += 1
                self._assembler.lose()
                continue
            sequence, timestamp = SEQUENCE_AND_TIMESTAMP.unpack_from(packet, 2)
            payload = packet[start:end]
            if self.video:
                marker = packet[1] & 0x80 != 0
                frame = self._assembler.push(payload, marker, timestamp, arrival, sequence)
                if frame is not None:
                    self._place(frame)
            elif payload:
                duration = opus.duration(payload)
                if duration:
                    self._place(Frame(timestamp, arrival, True, payload, sequence, duration))
                else:
                    self._counts["malformed"] += 1

    def _place(self, frame: Frame) -> None:
        assert self._clock is not None, "packets come after the stream they belong to"
        arrival = (frame.arrival - self._zero) * 1000
        time = self._clock.place(frame.timestamp, arrival, frame.sequence)
        if time < self._since:
            self._counts["before"] += 1
            self._assembler.lose()
            return
        # By the time that it would be stored with: a sender of many frames can move that ahead.
        if self._segmenter.place(time) >= self._until:
            self._counts["after"] += 1
            self._assembler.lose()
            return
        self._finish(
            self._segmenter.add(time, frame.key, frame.data, frame.arrival, frame.duration)
        )

    def _start(self, cluster: Cluster) -> None:
        """Store the track's header as its first segment, by what the first cluster holds."""
        self._started = True
        if self.video:
            width, height = vp8.dimensions(cluster.blocks[0][2])
            header = webm.vp8_header(width, height)
        else:
            header = webm.opus_header(max(opus.channels(block[2]) for block in cluster.blocks))
        self._store(lambda: header, cluster.start, cluster.start, len(header))

    def _finish(self, cluster: Cluster | None) -> None:
        if cluster is not None:
            if not self._started:
                self._start(cluster)
            blocks = cluster.blocks
            self._store(lambda: self._cluster(blocks), cluster.start, cluster.end, cluster.size)

    def _tally(self) -> None:
        """Move what the pieces have counted into the counts of the generation."""
        self._counts["lost"] += self._reorder.lost
        self._counts["late"] += self._reorder.late
        self._counts["broken"] += self._assembler.broken
        self._reorder.lost = self._reorder.late = self._assembler.broken = 0
