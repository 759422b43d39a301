"""Where a new room goes: to the process with the least to do. Pure.

What a room will cost is not known when it opens. So each that has just been placed counts for
something before it shows in the processor time of its process: otherwise all that open in one
minute, as meetings do at the full hour, would go to the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NEW_SECONDS = 60.0
NEW_ROOM = 0.1
"""The part of a core that a room of this age counts for: about ten people with cameras."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one process has to do: ``cpu`` is the part of a core it has used lately, 0 … 1."""

    cpu: float
    rooms: int
    new_rooms: int


def least(loads: Sequence[Load]) -> int:
    """Return the place of the least loaded; of equals, the one with the fewest rooms."""
    assert loads, "somebody has to take it"
    return min(
        range(len(loads)),
        key=lambda place: (_score(loads[place]), loads[place].rooms, place),
    )


def _score(load: Load) -> float:
    # To a tenth of a core: less is chance, and an empty process should not be passed over for it.
    return round(load.cpu + NEW_ROOM * load.new_rooms, 1)
