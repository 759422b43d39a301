"""Names of tracks: whose, and from which source (FORMAT.md section 2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from assent_vault.errors import FormatError
from assent_vault.formats import suite

SOURCES: Final = (
    "microphone",
    "camera",
    "screen",
    "screen-audio",
    "device-microphone",
    "device-camera",
)

SOUNDS: Final = frozenset({"microphone", "screen-audio", "device-microphone"})
"""Sources that are sound; the others are pictures."""


@dataclass(frozen=True, slots=True)
class Track:
    """A track of a person, by its two parts; ``str`` gives its name."""

    person: bytes
    source: str

    @classmethod
    def parse(cls, name: str, *, field: str = "track") -> Self:
        """Read a track's name; raises FormatError."""
        person, dot, source = name.partition(".")
        if not dot or source not in SOURCES:
            raise FormatError(field, "is not the name of a track")
        return cls(suite.decode(person, suite.DIGEST_BYTES, field=field), source)

    def __str__(self) -> str:
        return f"{suite.encode(self.person)}.{self.source}"
