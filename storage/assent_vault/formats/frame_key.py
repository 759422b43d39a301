"""Keys of frames: whose page, which source and slot; and what a key id says (format 2).

Frames are encrypted with SFrame, AES-256-GCM. Keys differ rather than counters: there is one for
each slot of two seconds, header, person, page, source and *stream*, the number that a page's main
thread gives to each of its transforms, never twice in a generation::

    base key = HKDF-SHA256(key = S_i, salt = H, 32 bytes,
               info = "assent/frame/v2" ‖ 0x00 ‖ person (32) ‖ page (32) ‖ source ‖ u8 stream)
    KID      = generation · 2^24 + slot · 2^8 + stream                              48 bits
    CTR      = 4 · n + layer                                                        32 bits

``S_i`` is the slot's secret (:mod:`.slot_keys`), ``H`` the digest of the generation's header,
``page`` the digest of the page's document (32 zero bytes in relayed meetings), ``source`` the name
of the source in ASCII (its length follows from the whole, everything else being of one length).
Slots are 0 … 255, in a live generation 0 alone. ``n`` counts the frames of one layer (0, 1, 2;
sound is layer 0) of one transform from 0, whatever the slot and the generation; it is below 2^30.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from assent_vault.errors import FormatError
from assent_vault.formats import suite
from assent_vault.formats.sframe import SframeHeader, SframeKey
from assent_vault.formats.track import SOURCES

SLOT_MS: Final = 2_000
SLOTS: Final = 256
"""After slot 255 a sender MUST stop: the trees have no more leaves."""
MAX_GENERATION: Final = (1 << 24) - 1
STREAMS: Final = 256
LAYERS: Final = 3
MAX_COUNT: Final = (1 << 30) - 1

_STRIDE: Final = 4  # counters of one layer are so far apart


@dataclass(frozen=True, slots=True)
class KeyId:
    """Which key: the generation's number (from 1), the slot and the stream."""

    generation: int
    slot: int
    stream: int

    def __int__(self) -> int:
        return self.generation << 24 | self.slot << 8 | self.stream

    def check(self) -> None:
        """Raise ValueError unless each part fits."""
        if not (
            1 <= self.generation <= MAX_GENERATION
            and 0 <= self.slot < SLOTS
            and 0 <= self.stream < STREAMS
        ):
            raise ValueError("a key id has a generation from 1, a slot and a stream")

    @classmethod
    def parse(cls, kid: int) -> Self:
        """Read a key id of SFrame; raises FormatError."""
        found = cls(kid >> 24, kid >> 8 & 0xFFFF, kid & 0xFF)
        try:
            found.check()
        except ValueError as error:
            raise FormatError("kid", "is no generation, slot and stream") from error
        return found


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose frames: ``person`` and ``page`` are digests, ``source`` is a name of :mod:`.track`."""

    person: bytes
    page: bytes
    source: str


@dataclass(frozen=True, slots=True)
class FrameNumber:
    """What a frame's header says: its key, its layer, and its count within that layer."""

    key: KeyId
    layer: int
    count: int

    @classmethod
    def parse(cls, header: SframeHeader) -> Self:
        """Read an SFrame header as one of ours; raises FormatError."""
        count, layer = divmod(header.ctr, _STRIDE)
        if layer >= LAYERS or count > MAX_COUNT:
            raise FormatError("ctr", "is no frame of a layer")
        return cls(KeyId.parse(header.kid), layer, count)


def counter(layer: int, count: int) -> int:
    """Return the counter of the ``count``-th frame (from 0) of a layer."""
    if not (0 <= layer < LAYERS and 0 <= count <= MAX_COUNT):
        raise ValueError("a counter has a layer of three, and a count of 30 bits")
    return _STRIDE * count + layer


def frame_key(slot_secret: bytes, header: bytes, sender: Sender, key: KeyId) -> SframeKey:
    """Return the SFrame key of one stream of a sender, in one slot; ``header`` is H."""
    return SframeKey(frame_base_key(slot_secret, header, sender, key), int(key))


def frame_base_key(slot_secret: bytes, header: bytes, sender: Sender, key: KeyId) -> bytes:
    """Return the base key that SFrame derives from, 32 bytes."""
    key.check()
    if sender.source not in SOURCES:
        raise ValueError("only a source has frames")
    suite.exactly(suite.DIGEST_BYTES, header, sender.person, sender.page)
    suite.exactly(suite.KEY_BYTES, slot_secret)
    info = b"assent/frame/v2\0" + sender.person + sender.page + sender.source.encode("ascii")
    return suite.hkdf(slot_secret, header, info + bytes([key.stream]))
