"""What the server has stored of a meeting, read from outside: what, of whom, how long."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from assent_vault.formats.generation_closing import GenerationClosing, parse_generation_closing
from assent_vault.formats.generation_header import parse_generation
from assent_vault.formats.suite import encode
from support.server import Server
from support.waiting import eventually

TOLERANCE: Final = 0.1  # seconds that a duration may be off


class StoredGeneration:
    """One generation, from its objects."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.header = parse_generation((folder / "header.json").read_bytes())
        assert self.header.recorded is not None, "it is stored"
        self.began, self.offset = self.header.at, self.header.recorded.offset
        self.people = {encode(person.id) for person in self.header.people if person.present}

    @property
    def closing(self) -> GenerationClosing | None:
        """What the server signed when it ended; None while it has not."""
        path = self.folder / "close.json"
        return parse_generation_closing(path.read_bytes()) if path.exists() else None

    @property
    def interrupted(self) -> bool:
        """Whether a crash has ended it."""
        closing = self.closing
        assert closing is not None, "it is still open"
        return closing.interrupted

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        closing = self.closing
        assert closing is not None, "it is still open"
        return (closing.ended - self.began) / 1000

    @property
    def last(self) -> float:
        """When the last stored segment ends, in seconds since 1970; the beginning without any."""
        closing = self.closing
        assert closing is not None, "it is still open"
        end = max((segment.end for segment in closing.segments), default=self.offset)
        return (self.began + end - self.offset) / 1000

    def sources(self, person: str) -> set[str]:
        """Return what was recorded of a person, by the closing."""
        closing = self.closing
        assert closing is not None, "it is still open"
        return {
            segment.track.partition(".")[2]
            for segment in closing.segments
            if segment.track.startswith(person)
        }

    def stored_sources(self, person: str) -> set[str]:
        """Return what is still there of a person, by the objects."""
        return {
            path.name.partition(".")[2]
            for path in (self.folder / "tracks").glob(f"{person}.*")
            if any(path.iterdir())
        }

    @property
    def segments(self) -> list[Path]:
        """The objects of all tracks."""
        return sorted(self.folder.glob("tracks/*/*.segment"))


class Recording:
    """All generations of one meeting, as they are stored at this moment."""

    def __init__(self, server: Server, meeting: str) -> None:
        self.folder = server.data / "objects" / "meetings" / meeting

    @property
    def generations(self) -> list[StoredGeneration]:
        """The generations, in order."""
        return [
            StoredGeneration(path.parent)
            for path in sorted(self.folder.glob("generations/*/header.json"))
        ]

    async def is_gone(self, person: str) -> None:
        """Wait until nothing is stored of a person any more."""

        def gone() -> bool:
            return not any(each.stored_sources(person) for each in self.generations)

        await eventually(gone, "nothing is stored of somebody who has withdrawn")

    async def is_closed(self) -> None:
        """Wait until every generation is closed; people are told that a meeting is over before."""

        def closed() -> bool:
            return all(each.closing is not None for each in self.generations)

        await eventually(closed, "every generation is closed")

    async def grows(self, generations: int, segments: int) -> None:
        """Wait until there are so many generations, and so many segments in the last of them."""

        def grown() -> bool:
            found = self.generations
            return len(found) >= generations and len(found[-1].segments) >= segments

        await eventually(grown, f"{segments} segments are stored in generation {generations}")
