"""VP8: from RTP payloads to whole frames that a decoder can use (RFC 7741, RFC 6386).

Theory of operation. A frame is put together from the packets between one that begins it and the one
with the marker bit, provided that nothing in between was lost. Each frame is decoded with the help
of those before it, so that after any loss every further frame would be decoded wrongly: nothing is
passed on until a key frame, which needs no other, has come whole. ``wants_key`` says so.
"""

from __future__ import annotations

from assent.recording.frame import Frame

MAX_FRAME = 2 * 1024 * 1024
"""Bytes in one frame. A key frame of 4K screen sharing is far below."""

MAX_PARTS = 4096
"""Packets in one frame: of the largest, if each held half of what packets hold. A frame can be cut
into single bytes, which take fifty times their size while they wait for the rest."""

_KEY_HEADER = 10
_START_CODE = b"\x9d\x01\x2a"


def descriptor(payload: bytes) -> int:
    """Return the length of the payload descriptor (RFC 7741 section 4.2), -1 if it is cut off."""
    if not payload:
        return -1
    size = 1
    if payload[0] & 0x80:  # X
        if len(payload) < 3:
            return -1
        extended = payload[1]
        size = 2
        if extended & 0x80:  # I: "If the M bit is set, the PictureID field MUST contain 15 bits"
            size += 2 if payload[2] & 0x80 else 1
        if extended & 0x40:  # L: TL0PICIDX
            size += 1
        if extended & 0x30:  # T or K: one octet for both
            size += 1
    return size if size < len(payload) else -1


def dimensions(frame: bytes) -> tuple[int, int]:
    """Return width and height of a key frame in pixels (RFC 6386 section 9.1), (0, 0) if malformed.

    The two bits above each, which ask for upscaling, are left out as every decoder does.
    """
    if len(frame) < _KEY_HEADER or frame[0] & 0x01 or frame[3:6] != _START_CODE:
        return 0, 0
    width = (frame[6] | frame[7] << 8) & 0x3FFF
    height = (frame[8] | frame[9] << 8) & 0x3FFF
    return (width, height) if width and height else (0, 0)


def whole(frame: bytes) -> bool:
    """Tell whether the frame's own header fits what there is of it (RFC 6386 section 9.1).

    A first partition longer than the frame is what decoders refuse as truncated.
    """
    if len(frame) < 3:
        return False
    first = (frame[0] | frame[1] << 8 | frame[2] << 16) >> 5
    if frame[0] & 0x01:
        return first <= len(frame) - 3
    return dimensions(frame) != (0, 0) and first <= len(frame) - _KEY_HEADER


class Assembler:
    """Puts the frames of one stream together. Packets must come in order."""

    __slots__ = ("_arrival", "_parts", "_size", "_timestamp", "broken", "wants_key")

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._timestamp = 0
        self._arrival = 0.0
        self.wants_key = True
        self.broken = 0  # frames that were begun or finished, and could not be used

    def lose(self) -> None:
        """Say that packets are missing here."""
        if self._parts:
            self.broken += 1
            self._parts = []
        self.wants_key = True

    def push(
        self, payload: bytes, marker: bool, timestamp: int, arrival: float, sequence: int
    ) -> Frame | None:
        """Take the next payload; return the frame that it completes, if a decoder can use it."""
        if not payload:
            return None  # nothing but padding, sent to probe the path
        size = descriptor(payload)
        if size < 0:
            self.lose()
            return None
        # "S: Start of VP8 partition", PID 0: the beginning of a frame.
        if payload[0] & 0x10 and not payload[0] & 0x07:
            if self._parts:
                self.lose()  # "The marker bit MUST be set for the very last packet" of a frame
            self._timestamp = timestamp
            self._arrival = arrival
            self._size = 0
        elif not self._parts:
            self.wants_key = True  # the middle of a frame whose beginning is not there
            return None
        elif timestamp != self._timestamp:
            self.lose()
            return None
        # What comes late was sent again; the earliest packet tells when the frame was sent.
        elif arrival < self._arrival:
            self._arrival = arrival
        self._parts.append(payload[size:])
        self._size += len(payload) - size
        if self._size > MAX_FRAME or len(self._parts) > MAX_PARTS:
            self.lose()
            return None
        return self._finish(sequence) if marker else None

    def _finish(self, sequence: int) -> Frame | None:
        data = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        self._parts = []
        if not whole(data):
            self.broken += 1
            self.wants_key = True
            return None
        key = not data[0] & 0x01
        if self.wants_key and not key:
            return None
        self.wants_key = False
        return Frame(self._timestamp, self._arrival, key, data, sequence)
