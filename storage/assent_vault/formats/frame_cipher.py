"""Frames as they go over the wire and into recordings: sealed here, and taken apart (format 2).

A sealed frame is ::

    clear prefix ‖ SFrame header ‖ encrypted ‖ tag (16)

- The *clear prefix* is the first bytes of the frame, as long as its codec and byte 0 say: of VP8
  the ten of a key frame's header (RFC 6386, section 9.1; bit 0 of byte 0 is clear) or the three of
  another frame's; of Opus its first byte, and the second one too where the two lowest bits of the
  first are set, which then says how many frames there are (RFC 6716, section 3.2.5); of VP9
  nothing. They are what packetizers, depacketizers, the SFU and the recorder read. It is decided
  from byte 0 and nothing else: what a browser says of a frame's type, at the receiver RTP has
  said.
- What is encrypted is ``u16 ms ‖ the frame's other bytes``: ms within the slot, 0 … 1,999; 0 in a
  live generation.
- Authenticated beside it (SFrame's metadata) is ``u8 codec ‖ clear prefix``; the codec's byte does
  not travel, so that nobody can have a frame taken for another codec's.

Why in this order: the prefix has to be first, because depacketizers look there. Everything after it
is then one SFrame ciphertext as RFC 9605 has it, which says its own length from its first byte, so
that no length needs a byte of its own and none can contradict another. A frame that lost its end in
the network still tells whose it is.

Opening is :mod:`assent_vault.keys.frame_opening`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from assent_vault.errors import FormatError
from assent_vault.formats.frame_key import SLOT_MS, FrameNumber
from assent_vault.formats.sframe import TAG_BYTES, SframeHeader, SframeKey

CODECS: Final = {"opus": 1, "vp8": 2, "vp9": 3}
"""The byte that stands for each codec in what is authenticated."""

MS_BYTES: Final = 2
MAX_FRAME_BYTES: Final = 2 * 1024 * 1024
"""Of a frame before it is sealed, as the recorder has it (``assent.recording.vp8``)."""
MAX_SEALED_BYTES: Final = MAX_FRAME_BYTES + 11 + MS_BYTES + TAG_BYTES
"""A header of ours has 1 byte, 4 to 6 of the key id, and up to 4 of the counter."""

_VP8_KEY_FRAME, _VP8_OTHER = 10, 3


@dataclass(frozen=True, slots=True)
class SealedFrame:
    """A sealed frame that has been taken apart, and not opened. ``metadata`` is authenticated."""

    number: FrameNumber
    prefix: bytes
    metadata: bytes
    ciphertext: bytes


def clear_bytes(codec: str, first: int) -> int:
    """Return how many bytes of a frame stay in the clear, by its codec and its byte 0."""
    if codec == "vp8":
        return _VP8_OTHER if first & 1 else _VP8_KEY_FRAME
    if codec == "opus":
        return 2 if first & 3 == 3 else 1
    return 0


def seal_frame(key: SframeKey, ctr: int, codec: str, ms: int, frame: bytes) -> bytes:
    """Seal a frame, ``ms`` after its slot began. ``ctr`` is of a FrameCounter, and used once.

    Raises FormatError where it is no frame of this codec: an empty one, or one without the bytes
    that stay clear; such a frame is not sent.
    """
    if not 0 <= ms < SLOT_MS:
        raise ValueError("a slot has two seconds")
    prefix = _prefix(codec, frame)
    if len(frame) > MAX_FRAME_BYTES:
        raise FormatError("frame", f"is over {MAX_FRAME_BYTES} bytes")
    plaintext = ms.to_bytes(MS_BYTES, "big") + frame[len(prefix) :]
    return prefix + key.encrypt(ctr, plaintext, _metadata(codec, prefix))


def parse_frame(codec: str, data: bytes) -> SealedFrame:
    """Take a sealed frame apart, to know which key it needs; raises FormatError.

    Believes nothing of it: "Lengths that no sender can produce go to no decoder."
    """
    if len(data) > MAX_SEALED_BYTES:
        raise FormatError("frame", f"is over {MAX_SEALED_BYTES} bytes")
    prefix = _prefix(codec, data)
    ciphertext = data[len(prefix) :]
    header, at = SframeHeader.parse(ciphertext)
    number = FrameNumber.parse(header)
    if len(ciphertext) < at + MS_BYTES + TAG_BYTES:
        raise FormatError("frame", "is cut short")
    return SealedFrame(number, prefix, _metadata(codec, prefix), ciphertext)


def read_ms(plaintext: bytes) -> int:
    """Return the ms that an opened frame begins with; raises FormatError."""
    ms = int.from_bytes(plaintext[:MS_BYTES], "big")
    if len(plaintext) < MS_BYTES or ms >= SLOT_MS:
        raise FormatError("ms", "is not within a slot")
    return ms


def _prefix(codec: str, frame: bytes) -> bytes:
    if not frame:
        raise FormatError("frame", "is empty")
    length = clear_bytes(codec, frame[0])
    if len(frame) < length:
        raise FormatError("frame", "is shorter than what of it stays clear")
    return frame[:length]


def _metadata(codec: str, prefix: bytes) -> bytes:
    return bytes([CODECS[codec]]) + prefix
