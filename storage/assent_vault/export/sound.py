"""A track of sound as one Ogg Opus file without holes, over a meeting's whole timeline.

Theory of operation. Decoders close holes, and speakers whose holes are closed drift apart. So where
a track has nothing (before its first sound and after its last, between generations, while it is
off, silent with nothing sent, or lost) packets of silence are laid, and no packet is encoded anew.
What a decoder gives out after the codec's delay begins at 0 and has as many samples as the
timeline.

A cursor, in samples, tells how far the file has come; each packet belongs at its own time. Silence
is laid in steps of 2.5 ms, so that what follows a hole is within 1.25 ms of its place. Packets that
follow one another are left as they are, until their sender's clock has gone off by more than EASY
where it is quiet, or LIMIT where it is not: where it lags silence is laid, where it leads a packet
goes, with silence for what that is too much. All other packets that begin more than LIMIT
before the cursor go: of two that overlap it is the later one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Protocol

from assent_vault.export import opus
from assent_vault.export.container import Out
from assent_vault.export.ogg import OggStream
from assent_vault.formats import webm

GAP_MS: Final = 100
"""Milliseconds without anything that count as a gap: some packets of sound."""
MOST: Final = 100_000
"""Gaps, and changes of size, that are listed of a track, so that a manifest stays bounded whatever
somebody has sent: the last gap then takes in all that would follow."""
LOST: Final = 1000
"""Milliseconds: a shorter hole in a generation is taken for loss, a longer one for being off."""
LIMIT: Final = 4 * opus.MS
"""Samples that a packet may be from its place: two people's sound is then within 10 ms."""
EASY: Final = 2 * opus.MS
"""Samples that it may be from its place where it is quiet, and nobody hears that it is moved."""

_FOLLOWS: Final = 2 * opus.MS
"""Samples: times are whole milliseconds, so two packets in a row may seem so far apart."""
_SERIAL: Final = 1
_MEMORY: Final = 64  # packets over which it is told how large they usually are


@dataclass(slots=True)
class Filled:
    """Milliseconds of silence that were laid, by why: they are the same samples in each decoder."""

    before: int = 0
    between: int = 0
    dtx: int = 0
    lost: int = 0
    off: int = 0
    drift: int = 0
    after: int = 0

    @property
    def whole(self) -> int:
        """All of it."""
        return (
            self.before + self.between + self.dtx + self.lost + self.off + self.drift + self.after
        )


@dataclass(slots=True)
class LeftOut:
    """Packets that are not in the file, and how many milliseconds of sound they had."""

    packets: int = 0
    duration: int = 0


@dataclass(slots=True)
class Sound:
    """What came out of a track of sound. Times are milliseconds on the timeline.

    ``first`` and ``last`` are where the first sound begins and the last one ends. ``drift`` is what
    the sender's clock has gained, which is taken out, in ``corrections`` places outside of holes.
    ``holes`` are those that were taken for loss. ``late`` came after its turn, ``overlapped`` began
    before another was over, ``outside`` is after the timeline's end, ``invalid`` no Opus.
    """

    samples: int = 0
    channels: int = 1
    packets: int = 0
    first: int = 0
    last: int = 0
    gaps: list[tuple[int, int]] = field(default_factory=list)
    filled: Filled = field(default_factory=Filled)
    holes: int = 0
    late: LeftOut = field(default_factory=LeftOut)
    overlapped: LeftOut = field(default_factory=LeftOut)
    outside: LeftOut = field(default_factory=LeftOut)
    invalid: int = 0
    drift: int = 0
    corrections: int = 0


class Ear(Protocol):
    """Gets all that is laid into a file, in its order. Samples are at 48 kHz."""

    def packet(self, data: bytes, samples: int, /) -> None:
        """Take a packet that somebody sent."""

    def silence(self, samples: int, /) -> None:
        """Take a stretch that was laid."""


class SoundFile:
    """Writes one track to ``out``, an empty file, over ``length`` milliseconds.

    ``ear`` hears what is written.
    """

    def __init__(self, out: Out, length: int, ear: Ear | None = None) -> None:
        self._ogg = OggStream(out, _SERIAL)
        self._ear = ear
        self._end = length * opus.MS
        self._cursor = 0
        self._last = 0  # where the packet before belongs
        self._next: int | None = None  # where one that follows it belongs; None after silence
        self._heard = 0  # where sound ends that was heard so far
        self._silent = False  # an encoder that sends nothing has said so
        self._paused = False  # a generation has ended
        self._usual = 0.0  # bytes of a packet of 20 ms
        self._stereo = False
        self._counted: dict[str, int] = {}  # samples of silence, by why
        self._drift = 0
        self._said = Sound()
        self._ogg.head(opus.opus_head(1, webm.CODEC_DELAY))
        self._ogg.head(opus.opus_tags())

    def add(self, data: bytes, at: int, *, key: bool = True) -> None:
        """Take the next packet, whose first sample was said at ``at``, and lay it in its place.

        ``key`` is of pictures: a packet of sound is understood without those before.
        """
        del key
        packet = opus.parse(data)
        if packet is None:
            self._said.invalid += 1
            return
        position = at * opus.MS
        if packet.empty:
            # Nothing is in it, and decoders make different things up from it.
            self._silent, self._next = True, None
            return
        if position < 0 or (self._said.packets and position < self._last):
            self._leave_out(self._said.late, packet.samples)
            return
        if position >= self._end:
            self._leave_out(self._said.outside, packet.samples)
            return
        size = len(data) * 20 * opus.MS / packet.samples
        quiet = size < self._usual / 2
        self._usual += (size - self._usual) / (_MEMORY if self._usual else 1)
        if self._next is not None and abs(position - self._next) <= _FOLLOWS:
            fits = self._follow(position, packet.samples, quiet)
        else:
            fits = self._jump(position)
        self._last = position
        self._next = position + packet.samples
        self._silent = self._paused = False
        if not fits:
            self._leave_out(self._said.overlapped, packet.samples)
            return
        if not self._said.packets:
            self._said.first = at
        self._said.packets += 1
        self._stereo = self._stereo or packet.stereo
        self._heard = max(self._heard, position + packet.samples)
        self._lay(data, packet.samples)
        if self._ear is not None:
            self._ear.packet(data, packet.samples)

    def _follow(self, position: int, samples: int, quiet: bool) -> bool:
        """Take out what a sender's clock has gone off; tell whether the packet has room."""
        assert self._next is not None, "there is one that it follows"
        self._drift += self._next - position
        lag = position - self._cursor
        if lag > LIMIT or (quiet and lag > EASY):
            # Where a packet has gone for it just before, this is what that was too much.
            self._said.corrections += lag < samples // 2
            self._fill("drift", lag)
        elif lag < -LIMIT or (quiet and lag < -EASY):
            self._said.corrections += 1
            return False
        return True

    def _jump(self, position: int) -> bool:
        """Fill the hole before a packet; tell whether there is room for it."""
        hole = position - self._cursor
        if hole < -LIMIT:
            return False
        if position - self._heard >= GAP_MS * opus.MS and self._said.packets:
            self._add_gap(self._heard // opus.MS, position // opus.MS)
        if self._said.packets == 0:
            why = "before"
        elif self._paused:
            why = "between"
        elif self._silent:
            why = "dtx"
        elif hole < LOST * opus.MS:
            why = "lost"
            self._said.holes += hole >= opus.STEP
        else:
            why = "off"
        self._fill(why, hole)
        return True

    def _fill(self, why: str, samples: int) -> None:
        """Lay silence, as near to so many samples as there are packets for."""
        steps = max(0, (samples + opus.STEP // 2) // opus.STEP)
        for data, lasts in opus.silence(steps):
            self._lay(data, lasts)
        if self._ear is not None and steps:
            self._ear.silence(steps * opus.STEP)
        self._counted[why] = self._counted.get(why, 0) + steps * opus.STEP

    def _lay(self, data: bytes, samples: int) -> None:
        self._cursor += samples
        self._ogg.add(data, self._cursor)

    @staticmethod
    def _leave_out(counted: LeftOut, samples: int) -> None:
        counted.packets += 1
        counted.duration += samples

    def _add_gap(self, start: int, end: int) -> None:
        gaps = self._said.gaps
        if len(gaps) < MOST:
            gaps.append((start, end))
        else:
            gaps[-1] = (gaps[-1][0], end)

    def pause(self, end: int) -> None:
        """Take note that a generation ends: what follows it is after a pause.

        ``end`` is of pictures: a packet of sound says itself how long it is.
        """
        del end
        self._paused, self._next = True, None

    def finish(self) -> Sound | None:
        """Fill up to the end; return what came out, or None where there was no sound at all."""
        said = self._said
        if not said.packets:
            return None
        whole = webm.CODEC_DELAY + self._end
        missing = -(-(whole - self._cursor) // opus.STEP)
        self._fill("after", missing * opus.STEP)
        self._ogg.finish(whole)
        if self._stereo:
            said.channels = 2
            self._ogg.rewrite_head(opus.opus_head(2, webm.CODEC_DELAY))
        said.samples = self._end
        said.last = min(self._heard, self._end) // opus.MS
        said.drift = round(self._drift / opus.MS)
        for left_out in (said.late, said.overlapped, said.outside):
            left_out.duration = round(left_out.duration / opus.MS)
        for why, samples in self._counted.items():
            setattr(said.filled, why, round(samples / opus.MS))
        return said
