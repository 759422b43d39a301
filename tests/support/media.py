"""Pictures and tones that belong to one person each, and the means to recognise them again.

A person's camera shows a field of their own colour with a square that moves across it; their
microphone gives beeps at a pitch of their own. Chromium plays both from files in place of devices.
Whoever receives a picture or a sound can then be asked *whose* it is, and not only whether there
is one; so a test notices when media reaches the wrong place, or the right one frozen or silent.
"""

from __future__ import annotations

import math
import wave
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import av
import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

WIDTH: Final = 320
HEIGHT: Final = 240
RATE: Final = 15  # frames a second
LOOP: Final = 2  # seconds of picture and sound, over and over
SQUARE: Final = 48  # pixels along its side
SOUND_RATE: Final = 48_000

# Far apart, also after the chroma subsampling and the quantisers of a low-bitrate VP8.
COLOURS: Final[dict[str, tuple[int, int, int]]] = {
    "red": (200, 30, 30),
    "green": (30, 180, 30),
    "blue": (40, 50, 210),
    "yellow": (210, 200, 30),
    "magenta": (200, 40, 200),
    "cyan": (30, 190, 200),
}

# No one is near a multiple of another, whose overtones could be taken for it.
TONES: Final = (440, 620, 1000, 1330, 1700, 2150)

# Of the levels 0 … 1; what is under it is silence. Opus in DTX gives exact zeros or faint noise.
SILENCE: Final = 0.003


@dataclass(frozen=True, slots=True)
class Signs:
    """What a person is recognised by: the colour of their picture and the pitch of their sound."""

    colour: str
    tone: int


def signs() -> Iterator[Signs]:
    """Give out signs, different ones each time; there are as many as colours."""
    for colour, tone in zip(COLOURS, TONES, strict=True):
        yield Signs(colour, tone)


class Camera:
    """A file that Chromium plays as a camera; what it shows can be changed while it plays.

    Chromium reads the file frame by frame, so what is written over it is seen within one loop.
    """

    def __init__(self, path: Path, colour: str) -> None:
        self.path = path
        self.colour = colour
        path.write_bytes(_y4m(colour))

    def show(self, colour: str) -> None:
        """Change the colour from here on; in place, for Chromium keeps the file open."""
        self.colour = colour
        with self.path.open("r+b") as file:
            file.write(_y4m(colour))


def write_tone(path: Path, tone: int) -> None:
    """Write a WAV file with beeps of one pitch, which loops without a click.

    Beeps and no steady tone: a browser's noise suppression takes what never changes for noise.
    """
    count = SOUND_RATE * LOOP
    time = np.arange(count) / SOUND_RATE
    # Four beeps in a loop, each 350 ms long with soft edges of 20 ms.
    within = time % 0.5
    envelope = np.clip(np.minimum(within, 0.35 - within) / 0.02, 0.0, 1.0)
    samples = 0.5 * np.sin(2 * math.pi * tone * time) * envelope
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SOUND_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


def dominant_tone(samples: Samples, rate: int) -> float | None:
    """Return the strongest frequency of mono samples in -1 … 1, in Hz; None for silence."""
    if len(samples) == 0 or float(np.sqrt(np.mean(np.square(samples)))) < SILENCE:
        return None
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    spectrum[: int(100 * len(samples) / rate)] = 0  # hum and offset
    return float(np.argmax(spectrum)) * rate / len(samples)


def nearest_tone(frequency: float | None) -> int | None:
    """Return which of the tones it is; None for silence and for what is none of them."""
    if frequency is None:
        return None
    tone = min(TONES, key=lambda candidate: abs(candidate - frequency))
    return tone if abs(tone - frequency) <= max(15.0, 0.02 * tone) else None


def nearest_colour(red: float, green: float, blue: float) -> str | None:
    """Return which of the colours it is; None for black, grey and what is between two of them."""
    distances = sorted(
        (math.dist((red, green, blue), colour), name) for name, colour in COLOURS.items()
    )
    (first, name), (second, _) = distances[:2]
    return name if first < 90 and first < 0.6 * second else None


@dataclass(frozen=True, slots=True)
class Heard:
    """What an audio file turned out to hold."""

    seconds: float  # from the first sample's time to the last one's end
    start: float  # time of the first sample
    tones: frozenset[int | None]  # of each half second; None is silence or none of ours


@dataclass(frozen=True, slots=True)
class Seen:
    """What a video file turned out to hold."""

    seconds: float
    start: float
    frames: int
    colours: frozenset[str | None]  # of each frame; None is none of ours
    still: float  # longest time in seconds without a change of picture


def listen(path: Path) -> Heard:
    """Decode the whole of an audio file, with no mercy for errors, and say what is heard."""
    chunks: list[tuple[float, Samples]] = []
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in container.decode(stream):
            data: npt.NDArray[Any] = frame.to_ndarray()
            if np.issubdtype(data.dtype, np.signedinteger):
                data = data.astype(np.float32) / float(np.iinfo(data.dtype.name).max)
            if not frame.format.is_planar:
                data = data.reshape(-1, frame.layout.nb_channels).T
            assert frame.time is not None, "a frame without a time"
            chunks.append((frame.time, data.mean(axis=0).astype(np.float32)))
            rate = frame.sample_rate
    assert chunks, f"{path.name} holds no sound"
    tones: set[int | None] = set()
    for block in _half_seconds([samples for _, samples in chunks], rate):
        frequency = dominant_tone(block, rate)
        if frequency is not None:
            tones.add(nearest_tone(frequency))
    last, samples = chunks[-1]
    start = chunks[0][0]
    return Heard(last + len(samples) / rate - start, start, frozenset(tones))


def look(path: Path) -> Seen:
    """Decode the whole of a video file, with no mercy for errors, and say what is seen."""
    times: list[float] = []
    changed: list[float] = []
    colours: set[str | None] = set()
    before: Pixels | None = None
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in container.decode(stream):
            assert frame.time is not None, "a frame without a time"
            times.append(frame.time)
            small = frame.reformat(width=32, height=24, format="rgb24")
            pixels: Pixels = small.to_ndarray().astype(np.uint8)
            colours.add(picture_colour(pixels))
            if before is None or _differ(before, pixels):
                changed.append(frame.time)
                before = pixels
    assert times, f"{path.name} holds no picture"
    moments = [*changed, times[-1]]
    still = max((later - earlier for earlier, later in pairwise(moments)), default=0.0)
    return Seen(times[-1] - times[0] + 1 / RATE, times[0], len(times), frozenset(colours), still)


def picture_colour(pixels: Pixels) -> str | None:
    """Return whose colour a picture has, by its median, which the square does not move."""
    red, green, blue = np.median(pixels.reshape(-1, 3), axis=0)
    return nearest_colour(float(red), float(green), float(blue))


_LAID = {bytes([toc, 0xFF, 0xFE]) for toc in (0xE0, 0xE8, 0xF0, 0xF8)}
"""FORMAT.md section 15.1."""


def packets(path: Path) -> Iterator[tuple[float, bytes]]:
    """Yield time in seconds and bytes of each packet of a file's only stream, undecoded.

    Silence that an export has laid where there was nothing is none of them.
    """
    with av.open(str(path)) as container:
        for packet in container.demux(container.streams[0]):
            if packet.pts is not None and packet.time_base is not None:
                if path.suffix == ".opus" and bytes(packet) in _LAID:
                    continue
                yield float(packet.pts * packet.time_base), bytes(packet)


def end_of(path: Path) -> float:
    """Return when the last packet of a file's only stream is over, by its duration, in seconds."""
    with av.open(str(path)) as container:
        return max(
            float((packet.pts + (packet.duration or 0)) * packet.time_base)
            for packet in container.demux(container.streams[0])
            if packet.pts is not None and packet.time_base is not None
        )


def stretches(path: Path, gap: float = 0.7) -> list[tuple[float, float]]:
    """Return from when to when a file has packets, in seconds; ``gap`` parts two stretches."""
    times = [time for time, _ in packets(path)]
    found: list[tuple[float, float]] = []
    for time in times:
        if found and time - found[-1][1] <= gap:
            found[-1] = (found[-1][0], time)
        else:
            found.append((time, time))
    return found


def _differ(one: Pixels, other: Pixels) -> bool:
    return int(np.abs(one.astype(np.int16) - other.astype(np.int16)).max()) > 40


def _half_seconds(chunks: Iterable[Samples], rate: int) -> Iterator[Samples]:
    """Yield whole half seconds; what is left over at the end is too short to tell a pitch."""
    everything = np.concatenate(list(chunks))
    step = rate // 2
    for begin in range(0, len(everything) - step + 1, step):
        yield everything[begin : begin + step]


def _y4m(colour: str) -> bytes:
    """Return a picture file with a dark square crossing a field of the colour."""
    header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420\n".encode()
    count = RATE * LOOP
    parts = [header]
    for number in range(count):
        pixels = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        pixels[:] = COLOURS[colour]
        left = round((WIDTH - SQUARE) * number / count)
        top = (HEIGHT - SQUARE) // 2
        pixels[top : top + SQUARE, left : left + SQUARE] = (10, 10, 10)
        frame: Any = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")
        parts += [b"FRAME\n", frame.to_ndarray().tobytes()]
    return b"".join(parts)
