"""Encrypts the frames of one track of a relayed generation, when its clusters are made.

Slot and milliseconds of a frame are those of its block (FORMAT-2.md section 14). "(generation,
person, page, source, stream, CTR) MUST NOT repeat": a track of a generation has one of these, with
one stream and one counter that only rises. It works in the threads that make clusters, one after
the other, and never on the event loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from assent_vault.formats.frame_cipher import seal_frame
from assent_vault.formats.frame_counter import FrameCounter
from assent_vault.formats.frame_key import SLOT_MS, SLOTS, Sender
from assent_vault.formats.sframe import SframeKey
from assent_vault.formats.storing_keys import StoringKeys
from assent_vault.formats.webm import Block, cluster

STREAM: Final = 0


class FrameSealer:
    """See the module. ``offset`` is that of the header, in milliseconds since the meeting began."""

    __slots__ = ("_codec", "_counter", "_key", "_keys", "_offset", "_sender", "_slot")

    def __init__(self, keys: StoringKeys, sender: Sender, codec: str, offset: int) -> None:
        self._keys = keys
        self._sender = sender
        self._codec = codec
        self._offset = offset
        self._counter = FrameCounter()
        self._slot = -1
        self._key: SframeKey | None = None

    def cluster(self, blocks: Sequence[Block]) -> bytes:
        """Return a cluster of these blocks, each encrypted.

        Raises ValueError once the keys are forgotten, and for a block out of the generation;
        FormatError for one that is no frame of the codec.
        """
        sealed = []
        for time, is_key, frame, duration in blocks:
            slot, ms = divmod(time - self._offset, SLOT_MS)
            if not 0 <= slot < SLOTS:
                raise ValueError("a frame is of no slot of this generation")
            key = self._key_of(slot)
            data = seal_frame(key, self._counter.take(), self._codec, ms, frame)
            sealed.append((time, is_key, data, duration))
        return cluster(sealed)

    def _key_of(self, slot: int) -> SframeKey:
        """Return the key of a slot; a track's frames hardly ever go back to one."""
        if self._key is None or slot != self._slot:
            self._key = self._keys.frame_key(self._sender, slot, STREAM)
            self._slot = slot
        return self._key
