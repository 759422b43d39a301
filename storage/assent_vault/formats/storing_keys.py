"""Keys that a relayed generation is stored under, while it is: E and O (FORMAT-2.md section 14).

Each frame is encrypted under a key of its slot, which follows from ``E``; each segment under a key
of its track, which follows from ``O``, the outer one. Both are the server's to draw and to forget.
"""

from __future__ import annotations

from assent_vault.formats import suite
from assent_vault.formats.frame_key import KeyId, Sender, frame_key
from assent_vault.formats.generation_header import GenerationHeader
from assent_vault.formats.sframe import SframeKey
from assent_vault.formats.slot_keys import slot_secret


def outer_track_key(outer: bytes, header: bytes, track: str) -> bytes:
    """Return what the segments of a track are sealed under; ``outer`` is O, ``header`` is H."""
    suite.exactly(suite.KEY_BYTES, outer)
    suite.exactly(suite.DIGEST_BYTES, header)
    return suite.hkdf(outer, header, b"assent/track/v2\0" + track.encode("ascii"))


class StoringKeys:
    """E and O of one generation; ``forget`` them when it closes. Threads may share it.

    What is asked for once they are forgotten raises ValueError: nothing is ever encrypted under
    what is left of a key.
    """

    __slots__ = ("_generation", "_header", "_keys", "_place")

    def __init__(self, header: GenerationHeader, secret_key: bytes, outer: bytes) -> None:
        suite.exactly(suite.KEY_BYTES, secret_key, outer)
        self._header = header.digest
        self._place = header.place
        self._generation = header.generation
        self._keys: tuple[bytearray, bytearray] | None = bytearray(secret_key), bytearray(outer)

    def track_key(self, track: str) -> bytes:
        """Return the key of a track's segments, by the track's name."""
        return outer_track_key(self._copies()[1], self._header, track)

    def frame_key(self, sender: Sender, slot: int, stream: int) -> SframeKey:
        """Return the key of one stream of a sender, in one slot."""
        secret = slot_secret(self._copies()[0], self._place, slot)
        return frame_key(secret, self._header, sender, KeyId(self._generation, slot, stream))

    def forget(self) -> None:
        """Overwrite both. Copies that Python has made stay until their memory is used again."""
        keys, self._keys = self._keys, None
        for key in keys or ():
            key[:] = bytes(len(key))

    def _copies(self) -> tuple[bytes, bytes]:
        keys = self._keys
        found = None if keys is None else (bytes(keys[0]), bytes(keys[1]))
        # Asked after they were copied: overwriting begins when there are none any more, so that
        # what was copied while there still are is no zeros.
        if found is None or self._keys is None:
            raise ValueError("the generation is closed, and its keys are forgotten")
        return found

    def __repr__(self) -> str:
        return "StoringKeys(forgotten)" if self._keys is None else "StoringKeys(…)"
