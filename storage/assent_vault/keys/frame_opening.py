"""Opening sealed frames (format 2), which :mod:`assent_vault.formats.frame_cipher` describes."""

from __future__ import annotations

from dataclasses import dataclass

from assent_vault.formats.frame_cipher import MS_BYTES, SealedFrame, read_ms
from assent_vault.formats.sframe import SframeKey


@dataclass(frozen=True, slots=True)
class OpenedFrame:
    """A frame as its sender's encoder had made it, and its time within its slot."""

    frame: bytes
    ms: int


def open_frame(key: SframeKey, sealed: SealedFrame) -> OpenedFrame:
    """Open a frame with the key that its number names.

    Raises SealError where it does not open, FormatError where its sender broke the format. Whether
    it has come before is for :class:`~assent_vault.formats.frame_counter.ReplayWindow` to say,
    afterwards.
    """
    _, plaintext = key.decrypt(sealed.ciphertext, sealed.metadata)
    ms = read_ms(plaintext)
    return OpenedFrame(sealed.prefix + plaintext[MS_BYTES:], ms)
