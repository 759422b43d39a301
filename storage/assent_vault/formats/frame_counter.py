"""Counters and stream numbers, which never repeat; and the window that refuses what repeats.

"(generation, person, page, source, stream, CTR) MUST never repeat." So nothing here is ever stored,
copied or set back: what begins anew is another page, or another stream.
"""

from __future__ import annotations

from typing import Final, NoReturn, SupportsIndex

from assent_vault.formats.frame_key import LAYERS, MAX_COUNT, STREAMS, counter

SOUND_WINDOW: Final = 1_024
PICTURE_WINDOW: Final = 64
"""Frames of sound that may come late: 20 seconds of them."""


class FrameCounter:
    """The counter of one transform: for each layer it goes up by one, whatever the slot.

    It goes on through slots and generations, so that a gap means loss. What begins a count anew has
    another stream.
    """

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = [0] * LAYERS

    def take(self, layer: int = 0) -> int:
        """Return the counter (CTR) of the next frame of a layer; once.

        Raises ValueError where there is no such layer, and where all counts of it are used up.
        """
        if not 0 <= layer < LAYERS:
            raise ValueError("there are three layers")
        count = self._next[layer]
        if count > MAX_COUNT:
            raise ValueError("the counter is used up")
        self._next[layer] = count + 1
        return counter(layer, count)

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        """Refuse to be copied or stored: either would repeat."""
        raise TypeError("a counter that is copied or stored repeats")


class StreamNumbers:
    """The stream numbers of a page, in one generation: each is given to one transform.

    A page makes another one for the next generation. Where they are used up, a new generation has
    to come first.
    """

    __slots__ = ("_next",)

    def __init__(self) -> None:
        self._next = 0

    def take(self) -> int:
        """Return a number that nobody has had; raises ValueError where none is left."""
        if self._next >= STREAMS:
            raise ValueError("all streams of this generation are used up")
        self._next += 1
        return self._next - 1


class ReplayWindow:
    """What has come of one layer of one stream of a page, in one generation.

    :meth:`admit` is asked once a frame has opened, never before: a number that nothing vouches for
    must not shut out the real one.
    """

    __slots__ = ("_late", "_newest", "_seen")

    def __init__(self, late: int) -> None:
        self._late = late
        self._newest = -1
        self._seen = 0  # bit k: the frame k before the newest has come

    @classmethod
    def of_pictures(cls) -> ReplayWindow:
        """Return a window for pictures: each count once, and not 64 or more before the newest."""
        return cls(PICTURE_WINDOW)

    @classmethod
    def of_sound(cls) -> ReplayWindow:
        """Return a window for sound: each count once, and not 1,024 or more before the newest."""
        return cls(SOUND_WINDOW)

    def admit(self, count: int) -> bool:
        """Whether a frame with this count may be used; from then on it may not be again."""
        ahead = count - self._newest
        if ahead > 0:
            # More than the window at once leaves nothing of it; and no number of any size is built.
            kept = self._seen << ahead if ahead < self._late else 0
            self._seen = (kept | 1) & ((1 << self._late) - 1)
            self._newest = count
            return True
        if -ahead >= self._late or self._seen >> -ahead & 1:
            return False
        self._seen |= 1 << -ahead
        return True
