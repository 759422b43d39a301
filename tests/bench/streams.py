"""What the publishers of a load say and show: VP8 and Opus, encoded once, to be sent in a loop.

A loop is a row of RTP packets as a browser would send them, with when each is due. A frame leaves
as one burst, because that is how browsers send (their pacer lets a frame of this size pass).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import numpy as np

MID_ID, LEVEL_ID, RID_ID = 3, 5, 6  # as RawPeer offers them
NUMBER_ID = 7  # the transport-wide number, where it is offered
MAX_PAYLOAD = 1120
STAMP = 8  # bytes at the end of a payload, which the load overwrites with the time of sending


@dataclass(frozen=True, slots=True)
class Loop:
    """Packets, when each is due in nanoseconds, its timestamp, and how long all of it lasts.

    ``number_at`` is where in each packet the transport-wide number is to be written, 0 for nowhere.
    """

    packets: Sequence[bytes]
    due: Sequence[int]
    timestamps: Sequence[int]
    period: int
    period_timestamp: int
    number_at: int = 0

    @property
    def rate(self) -> float:
        """Packets a second."""
        return len(self.packets) / self.period * 1e9

    @property
    def bitrate(self) -> float:
        """RTP bits a second, without SRTP and UDP."""
        return sum(map(len, self.packets)) * 8 / self.period * 1e9


def header(payload_type: int, marker: bool, elements: bytes) -> bytes:
    """Return an RTP header whose numbers are filled in when it leaves."""
    elements += bytes(-len(elements) % 4)
    return (
        struct.pack("!BBHLL", 0x90, payload_type | (0x80 if marker else 0), 0, 0, 0)
        + struct.pack("!HH", 0xBEDE, len(elements) // 4)
        + elements
    )


def element(id_: int, content: bytes) -> bytes:
    """Return an element of a header extension (RFC 8285 section 4.2)."""
    return bytes((id_ << 4 | len(content) - 1,)) + content


NUMBER = element(NUMBER_ID, bytes(2))
"""The transport-wide number, which comes first where it is sent."""
NUMBER_AT = 12 + 4 + 1


def video_frames(bitrate: int, seconds: float, width: int, height: int, fps: int) -> list[bytes]:
    """Encode a moving picture as VP8: a key frame and what follows it."""
    encoder = av.CodecContext.create("libvpx", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.bit_rate = bitrate
    encoder.time_base = Fraction(1, fps)
    encoder.framerate = Fraction(fps)
    encoder.gop_size = 10_000
    encoder.options = {
        "deadline": "realtime",
        "cpu-used": "-8",  # less than zero: as fast as that, however busy the machine is
        "lag-in-frames": "0",
        "minrate": str(bitrate),
        "maxrate": str(bitrate),
        "bufsize": str(bitrate // 2),
        "error-resilient": "1",
    }
    encoder.thread_count = 1  # the same bytes on every machine
    random = np.random.default_rng(7)
    grain = random.integers(60, 190, (-(-height // 16), width // 16), dtype=np.uint8)
    grain = grain.repeat(16, axis=0).repeat(16, axis=1)[:height]
    plane = np.full((height // 2, width), 128, np.uint8)
    frames: list[bytes] = []
    for number in range(round(seconds * fps)):
        # Blocks that drift, and a band of noise that changes with every frame.
        luma = np.roll(grain, (number * 3, number * 5), (0, 1))
        band = luma[: height // 8]
        band[:] = random.integers(90, 160, band.shape, dtype=np.uint8)
        picture: Any = av.VideoFrame.from_ndarray(np.vstack([luma, plane]), format="yuv420p")
        picture.pts = number
        frames += [bytes(packet) for packet in encoder.encode(picture)]
    return frames + [bytes(packet) for packet in encoder.encode(None)]


def sound_frames(seconds: float, bitrate: int = 32_000) -> list[bytes]:
    """Encode something like a voice as Opus, in frames of 20 ms."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = 48000, "mono", "s16"
    encoder.bit_rate = bitrate
    encoder.options = {"frame_duration": "20", "application": "voip"}
    frames: list[bytes] = []
    for number in range(round(seconds * 50)):
        times = (number * 960 + np.arange(960)) / 48000
        loud = 0.2 + 0.15 * math.sin(number / 6)
        overtones = np.arange(1, 8)[:, None]
        sound = loud * (np.sin(2 * math.pi * 140 * overtones * times) / overtones).sum(axis=0)
        sample = av.AudioFrame.from_ndarray((sound * 9000).astype(np.int16)[None, :], "s16", "mono")
        sample.sample_rate = 48000
        sample.pts = number * 960
        frames += [bytes(packet) for packet in encoder.encode(sample)]
    return frames


def split(frame: bytes) -> list[bytes]:
    """Cut a frame into parts that differ by a byte at most, the longer last, as browsers do."""
    count = -(-len(frame) // MAX_PAYLOAD)
    size, longer = divmod(len(frame), count)
    parts, position = [], 0
    for number in range(count):
        end = position + size + (number >= count - longer)
        parts.append(frame[position:end])
        position = end
    return parts


def video_loop(
    frames: Sequence[bytes],
    fps: int,
    mid: str,
    payload_type: int = 100,
    *,
    rid: str = "",
    numbered: bool = False,
) -> Loop:
    """Return the packets of a picture (RFC 7741), with picture ids of 15 bits.

    With a ``rid`` it is one layer of the picture; ``numbered`` has transport-wide numbers.
    """
    elements = (NUMBER if numbered else b"") + element(MID_ID, mid.encode())
    if rid:
        elements += element(RID_ID, rid.encode())
    packets: list[bytes] = []
    due: list[int] = []
    timestamps: list[int] = []
    for number, frame in enumerate(frames):
        parts = split(frame)
        for place, part in enumerate(parts):
            last = place == len(parts) - 1
            start = 0x10 if place == 0 else 0
            descriptor = struct.pack("!BBH", 0x80 | start, 0x80, 0x8000 | number & 0x7FFF)
            head = header(payload_type, last, elements)
            packets.append(head + descriptor + part.ljust(STAMP, b"\0"))
            due.append(round(number / fps * 1e9))
            timestamps.append(number * 90000 // fps)
    seconds = len(frames) / fps
    period, ticks = round(seconds * 1e9), len(frames) * 90000 // fps
    return Loop(packets, due, timestamps, period, ticks, NUMBER_AT if numbered else 0)


def sound_loop(
    frames: Sequence[bytes], mid: str, payload_type: int = 109, *, numbered: bool = False
) -> Loop:
    """Return the packets of a voice, with its level in each; see :func:`video_loop`."""
    elements = (NUMBER if numbered else b"") + element(MID_ID, mid.encode())
    elements += element(LEVEL_ID, bytes((0x80 | 30,)))
    packets = []
    for frame in frames:
        packets.append(header(payload_type, False, elements) + frame.ljust(STAMP, b"\0"))
    due = [number * 20_000_000 for number in range(len(frames))]
    timestamps = [number * 960 for number in range(len(frames))]
    number_at = NUMBER_AT if numbered else 0
    return Loop(packets, due, timestamps, len(frames) * 20_000_000, len(frames) * 960, number_at)
