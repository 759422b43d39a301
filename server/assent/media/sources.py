"""Sources: every source of media that there is, and what each of them is. The one place for it.

:mod:`assent.signalling.typescript_tracks` writes the client's list from this one. FORMAT.md section
2 has its own, for the vault does not know the server; a test holds the two to each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

BrowserSource = Literal["microphone", "camera", "screen", "screen-audio"]
DeviceSource = Literal["device-microphone", "device-camera"]
Source = Literal[BrowserSource, DeviceSource]


@dataclass(frozen=True, slots=True)
class SourceTraits:
    """What a source is."""

    video: bool
    voice: bool = False  # a peer may be heard speaking in it
    screen: bool = False  # a shared screen, or the sound of what is on it
    device: bool = False  # of another device: an encoder or a room system of the peer's


SOURCES: Final[Mapping[Source, SourceTraits]] = {
    "microphone": SourceTraits(video=False, voice=True),
    "camera": SourceTraits(video=True),
    "screen": SourceTraits(video=True, screen=True),
    "screen-audio": SourceTraits(video=False, screen=True),
    "device-microphone": SourceTraits(video=False, voice=True, device=True),
    "device-camera": SourceTraits(video=True, device=True),
}
"""Every source there is. A peer has each of them at most once."""

DEVICE: Final = frozenset(each for each in SOURCES if SOURCES[each].device)
"""Sources of a peer's second publishing connection."""

BROWSER: Final = frozenset(SOURCES) - DEVICE
"""Sources of a peer's browser."""

VOICES: Final = frozenset(each for each in SOURCES if SOURCES[each].voice)
